package store

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
)

// Whatever steps come, after each of them at most keep stay, the first and the newest among them, in order, and no gap is longer than the
// longest between two steps that followed each other, or 2/(keep−1) of the way.
func TestThinningSpreadsEvenly(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	next := map[string]func(step, i int) int{
		"regular":    func(step, _ int) int { return step + 7 },
		"random":     func(step, _ int) int { return step + 1 + rng.IntN(100) },
		"bursts":     func(step, _ int) int { return step + 1 + rng.IntN(2)*rng.IntN(500) },
		"longer":     func(step, i int) int { return step + 1 + i*i },
		"shorter":    func(step, i int) int { return step + 1 + 100_000/(1+i*i) },
		"one leap":   func(step, i int) int { return step + 1 + (i/77)*(77/max(1, i))*10_000 },
		"from far":   func(step, i int) int { return step + 1 + max(0, 1_000_000-i*1_000_000) },
		"two speeds": func(step, i int) int { return step + 1 + (i/150)*40 },
	}
	for name, advance := range next {
		for _, keep := range []int{2, 3, 5, 24, 64} {
			var kept []int
			step, first, longest := rng.IntN(3), -1, 0
			for i := range 400 {
				if before := len(kept); before > 0 {
					longest = max(longest, step-kept[before-1])
				} else {
					first = step
				}
				kept = append(kept, step)
				gone := map[int]bool{}
				for _, index := range thin(kept, keep) {
					gone[kept[index]] = true
				}
				var left []int
				for _, s := range kept {
					if !gone[s] {
						left = append(left, s)
					}
				}
				kept = left
				if len(kept) != min(i+1, keep) || kept[0] != first || kept[len(kept)-1] != step {
					t.Fatalf("%s, %d of %d: %d kept from %d to %d, want from %d to %d", name, keep, i+1, len(kept), kept[0], kept[len(kept)-1], first, step)
				}
				if keep > 2 {
					for j := 1; j < len(kept); j++ {
						if gap := kept[j] - kept[j-1]; gap > max(longest, 2*(step-first)/(keep-1)) {
							t.Fatalf("%s, %d of %d: a gap of %d after %d; the longest that came was %d, the way %d", name, keep, i+1, gap, kept[j-1], longest, step-first)
						}
					}
				}
				step = advance(step, i)
			}
		}
	}
}

func TestThinningAllAtOnceIsSpreadToo(t *testing.T) {
	steps := make([]int, 1000)
	for i := range steps {
		steps[i] = i * i
	}
	gone := thin(steps, 10)
	seen := map[int]bool{}
	for _, i := range gone {
		if i <= 0 || i >= 999 || seen[i] {
			t.Fatalf("index %d goes", i)
		}
		seen[i] = true
	}
	if len(gone) != 990 {
		t.Errorf("%d go, want 990", len(gone))
	}
	for _, few := range [][]int{nil, {5}, {5, 9}} {
		if gone := thin(few, 0); len(gone) != 0 {
			t.Errorf("of %v goes %v", few, gone)
		}
	}
}

func TestParametersStayWithinTheirBudget(t *testing.T) {
	of := func(sizes ...int64) (all []Moment) {
		for i, bytes := range sizes {
			m := Moment{Step: 10 * i}
			if bytes > 0 {
				m.Parameters = &Blob{Bytes: bytes}
			}
			all = append(all, m)
		}
		return all
	}
	for _, c := range []struct {
		moments []Moment
		budget  int64
		want    []int
	}{
		{of(5, 5, 5), 15, nil},
		{of(5, 5, 5), 14, []int{10}},
		{of(5, 0, 5, 5, 5), 15, []int{30}}, // the one with the closest neighbors
		{of(5, 5, 5), 9, []int{10, 0}},
		{of(5, 5, 5), 3, []int{10, 0}}, // never the newest
		{of(5), 3, nil},
		{nil, 0, nil},
	} {
		if got := overBudget(c.moments, c.budget); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%d moments within %d: %v go, want %v", len(c.moments), c.budget, got, c.want)
		}
	}
}

func TestHistoryOfARun(t *testing.T) {
	s := open(t, t.TempDir())
	create(t, s, "r")
	if _, err := s.Moment(ctx, "r", 1); err != ErrNotFound {
		t.Errorf("a moment before the first: %v", err)
	}
	const steps = 3 * momentsKept
	for step := 1; step <= steps; step++ {
		if err := appendStep(s, "r", step); err != nil {
			t.Fatal(err)
		}
	}
	wholeHistory(t, s, "r", map[string]bool{})
	moments, err := s.Moments(ctx, "r")
	if err != nil || len(moments) != momentsKept {
		t.Fatalf("%d moments, %v", len(moments), err)
	}
	// A moment keeps its finest slice; what was thinned out gets none; the newest slice of the run stays what it is.
	kept := moments[len(moments)/2].Step
	gone := 0
	for _, m := range moments {
		if m.Step == gone+1 {
			gone++
		}
	}
	gone++ // the first that is not there
	for _, step := range []int{kept, gone} {
		for _, level := range []int{2, 1} {
			sha, err := s.Blobs.Put(fmt.Appendf(nil, "drawn later, %d, level %d", step, level))
			if err != nil {
				t.Fatal(err)
			}
			if err := s.KeepSlice(Slice{Run: "r", Step: step, Level: level, Levels: 4, SHA256: sha}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if m, err := s.Moment(ctx, "r", kept); err != nil || m.Slice == nil || m.Slice.Level != 2 {
		t.Errorf("moment %d: %+v, %v", kept, m, err)
	}
	if _, err := s.Moment(ctx, "r", gone); err != ErrNotFound {
		t.Errorf("moment %d: %v", gone, err)
	}
	if slice, err := s.Slice(ctx, "r"); err != nil || slice.Step != steps {
		t.Errorf("the newest slice is %+v, %v", slice, err)
	}
	// The same step again, with other parameters: the picture of the old ones goes.
	sha, err := s.Blobs.Put([]byte("others"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Append("r", []Event{{Kind: "checkpoint", Step: kept, Body: []byte("{}"), Checkpoint: &Checkpoint{Step: kept, SHA256: sha, Bytes: 6}}}, nil)
	if m, found := s.Moment(ctx, "r", kept); err != nil || found != nil || m.Slice != nil || m.Parameters.SHA256 != sha {
		t.Errorf("moment %d after its second coming: %+v, %v, %v", kept, m, err, found)
	}
}

// A data folder of the format before this one has two checkpoints and one slice a run: they are its history.
func TestFoldersFromBeforeTheHistory(t *testing.T) {
	folder := t.TempDir()
	s := open(t, folder)
	create(t, s, "r")
	create(t, s, "empty")
	for step := 1; step <= 9; step++ {
		content, err := s.Blobs.Put(fmt.Appendf(nil, "checkpoint %d", step))
		if err != nil {
			t.Fatal(err)
		}
		body := fmt.Appendf(nil, `{"kind":"checkpoint","time":%d,"step":%d}`, 1000+step, step)
		if _, err := s.Append("r", []Event{{Kind: "checkpoint", Step: step, Body: body, Checkpoint: &Checkpoint{Step: step, SHA256: content, Bytes: 12}}}, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := putSlice(s, "r", 7, 2); err != nil { // of a checkpoint that is gone by now
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	rewind(t, folder, 2)
	s = open(t, folder)
	moments, err := s.Moments(ctx, "r")
	if err != nil || len(moments) != 3 {
		t.Fatalf("%d moments, %v", len(moments), err)
	}
	for i, step := range []int{7, 8, 9} {
		m := moments[i]
		if m.Step != step || (m.Slice != nil) != (step == 7) || (m.Parameters != nil) != (step > 7) || step > 7 && m.Time != int64(1000+step) {
			t.Errorf("moment %d: %+v", i, m)
		}
	}
	if m := moments[0].Slice; m == nil || m.Level != 2 || !s.Blobs.Has(m.SHA256) {
		t.Errorf("the slice is %+v", m)
	}
	for _, m := range moments[1:] {
		if !s.Blobs.Has(m.Parameters.SHA256) {
			t.Errorf("the parameters of %d are gone", m.Step)
		}
	}
	if moments, err := s.Moments(ctx, "empty"); err != nil || len(moments) != 0 {
		t.Errorf("a run without checkpoints has %v, %v", moments, err)
	}
}

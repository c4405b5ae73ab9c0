package trainer

import (
	"slices"
	"testing"
)

func TestBatchesAreCutForTheEngine(t *testing.T) {
	for _, test := range []struct {
		name            string
		b               int
		measured, whole bool
		want            []int
	}{
		{"small", 5, false, false, []int{5}},
		{"small, in halves", 5, true, false, []int{2, 3}},
		{"one image, measured by a probe", 1, true, false, []int{1}},
		{"a chunk", 128, false, false, []int{128}},
		{"a chunk, in halves", 128, true, false, []int{64, 64}},
		{"chunks and a rest", 300, false, false, []int{128, 128, 44}},
		{"halves, each in chunks", 301, true, false, []int{128, 22, 128, 23}},
		{"batch norm is never cut", 4096, true, true, []int{4096}},
	} {
		if got := cut(nil, test.b, test.measured, test.whole); !slices.Equal(got, test.want) {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
	}
}

func TestBatchNormIsMeasuredSeldomAndOnHalvesOfTwo(t *testing.T) {
	for _, test := range []struct {
		step, b int
		want    bool
	}{{0, 4, true}, {0, 3, false}, {8, 64, false}, {16, 64, true}, {17, 64, false}} {
		if got := measures(test.step, test.b, test.b, 1000, true); got != test.want {
			t.Errorf("%+v: got %v", test, got)
		}
	}
	if measures(0, 1, 1, 1, false) {
		t.Error("the gradients of one image have no spread")
	}
}

// From any place of a run the pieces are those that the unbroken run would still see, and an epoch sees each image once.
func TestPiecesGoOnAnywhere(t *testing.T) {
	cfg := blobJob().Config
	cfg.BatchSize = 30 // hybrid: 30, then all 37
	schedule, err := ScheduleFor(cfg)
	if err != nil {
		t.Fatal(err)
	}
	rest := func(c *Checkpoint) (all [][]int, epochs []int) {
		p := newPieces(c, schedule, false)
		for {
			epoch, indices, ok := p.next()
			if !ok {
				return all, epochs
			}
			all, epochs = append(all, slices.Clone(indices)), append(epochs, epoch)
		}
	}
	c := &Checkpoint{Config: cfg, TrainSize: 37}
	all, epochs := rest(c)
	seen := make([][]int, cfg.Epochs)
	for i, indices := range all {
		seen[epochs[i]] = append(seen[epochs[i]], indices...)
	}
	for epoch, indices := range seen {
		if slices.Sort(indices); len(indices) != 37 || len(slices.Compact(indices)) != 37 {
			t.Errorf("epoch %d: %v", epoch, indices)
		}
	}
	at := 0
	for c.Epoch < cfg.Epochs {
		got, gotEpochs := rest(c)
		if !slices.EqualFunc(got, all[at:], slices.Equal) || !slices.Equal(gotEpochs, epochs[at:]) {
			t.Fatalf("from epoch %d, image %d: got %v, want %v", c.Epoch, c.Index, got, all[at:])
		}
		_, scheduled := schedule(c.Epoch)
		b := min(scheduled, 37-c.Index)
		at += len(cut(nil, b, measures(c.Step, scheduled, b, 37, false), false))
		if c.Step, c.Index = c.Step+1, c.Index+b; c.Index == 37 {
			c.Epoch, c.Index = c.Epoch+1, 0
		}
	}
	if at != len(all) {
		t.Errorf("%d pieces of %d", at, len(all))
	}
}

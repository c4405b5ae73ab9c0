package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"smoothscape/landscape"
)

// spaceLines is what GET /api/fullspace sent, with the last frame of each picture.
type spaceLines struct {
	head   SpaceHead
	frames map[string]SpaceFrame
	count  int // of frames
	end    *spaceEnd
}

func readSpace(t *testing.T, body io.Reader) spaceLines {
	t.Helper()
	got := spaceLines{frames: map[string]SpaceFrame{}}
	scanner := bufio.NewScanner(body)
	scanner.Buffer(nil, 1<<22)
	for scanner.Scan() {
		var kind struct{ Type string }
		var err error
		if err = json.Unmarshal(scanner.Bytes(), &kind); err == nil {
			switch kind.Type {
			case "head":
				err = json.Unmarshal(scanner.Bytes(), &got.head)
			case "frame":
				var f SpaceFrame
				err = json.Unmarshal(scanner.Bytes(), &f)
				got.frames[f.Picture] = f
				got.count++
			case "end":
				got.end = &spaceEnd{}
				err = json.Unmarshal(scanner.Bytes(), got.end)
			}
		}
		if err != nil {
			t.Fatalf("%v in %.200s", err, scanner.Text())
		}
	}
	return got
}

func spaceOf(t *testing.T, s *testServer, query string) spaceLines {
	t.Helper()
	got := s.send(t, "GET", "/api/fullspace"+query, "", nil)
	if got.status != http.StatusOK {
		t.Fatalf("%s: status %d: %.300s", query, got.status, got.body)
	}
	lines := readSpace(t, strings.NewReader(got.body))
	if lines.end == nil || lines.end.Failed != "" {
		t.Fatalf("%s: the end is %+v", query, lines.end)
	}
	return lines
}

// Rastrigin in 50 dimensions, vector Gaussian: the projected picture and f̂ itself against their formulas, and both samplings against f̂ within
// their own errors. With s = δ/√d, f̂ = Σ(xᵢ² + s² + 10 − 10·exp(−2π²s²)·cos2πxᵢ); the projected picture has smoothed but two of the terms.
func TestFullSpaceOfRastrigin(t *testing.T) {
	t.Parallel()
	slow(t)
	s := newTestServer(t, &guard{}, "")
	const d, delta = 50, 0.5
	got := spaceOf(t, s, "?f=rastrigin&dim=50&eta=0.1&b=16&c=20&seed=4")
	if got.head.Delta != delta || got.head.Dim != d || got.head.Kernel.Dim != d || got.head.BaseOf != baseProjected || len(got.head.Nodes) != spaceNodes || len(got.head.Exact) != spaceNodes*spaceNodes {
		t.Fatalf("head %+v", got.head.Kernel)
	}
	s2 := delta * delta / d
	factor := math.Exp(-2 * math.Pi * math.Pi * s2)
	wave := func(x float64) float64 { return x*x + s2 + 10 - 10*factor*math.Cos(2*math.Pi*x) }
	lift := (d - 2) * wave(0)
	full, measured := got.frames[pictureFull], got.frames[pictureMeasured]
	far := map[string]int{}
	for row, y := range got.head.Nodes {
		for col, x := range got.head.Nodes {
			i := row*spaceNodes + col
			want := wave(x) + wave(y)
			if math.Abs(got.head.Base[i]-want) > 1e-4 {
				t.Fatalf("projected at (%g, %g): %g, want %g", x, y, got.head.Base[i], want)
			}
			want += lift
			if math.Abs(got.head.Exact[i]-want) > 1e-4 {
				t.Fatalf("f̂ at (%g, %g): %g, want %g", x, y, got.head.Exact[i], want)
			}
			for _, f := range []SpaceFrame{full, measured} {
				if math.Abs(f.Z[i]-want) > 4*f.StdErr[i] {
					far[f.Picture]++
				}
			}
		}
	}
	for picture, n := range far {
		t.Errorf("%s: %d cells are more than four standard errors from f̂", picture, n)
	}
	if !full.Done || !full.Reached || !full.Antithetic || full.Samples < leastSpaceSamples || *full.RelErr > spaceAccuracy {
		t.Errorf("full: %d samples, %v of the range", full.Samples, *full.RelErr)
	}
	if !measured.Done || !measured.Reached || measured.Antithetic || measured.Samples != spaceVectors {
		t.Errorf("measured: %d samples", measured.Samples)
	}
	// The same view gives the same bits, computed anew; another seed gives others.
	again := spaceOf(t, newTestServer(t, &guard{}, ""), "?f=rastrigin&dim=50&eta=0.1&b=16&c=20&seed=4&view=map").frames[pictureFull]
	other := spaceOf(t, s, "?f=rastrigin&dim=50&eta=0.1&b=16&c=20&seed=5").frames[pictureFull]
	if again.Samples != full.Samples || again.Z[77] != full.Z[77] || other.Z[77] == full.Z[77] {
		t.Errorf("%v, again %v, with another seed %v", full.Z[77], again.Z[77], other.Z[77])
	}
}

// A quadratic of 50 variables has three lifts: in its plane, projected, and in full space.
func TestLiftsOfAQuadratic(t *testing.T) {
	slow(t)
	t.Parallel()
	const d, delta = 50, 1.0
	for _, c := range []struct {
		law               landscape.Law
		disc, plane, full float64 // of ‖x‖²/2, whose Hessian has the trace d
	}{
		{landscape.Uniform, delta * delta * 2 / 8, delta * delta * 2 / (2 * (d + 2)), delta * delta * d / (2 * (d + 2))},
		{landscape.Gaussian, delta * delta / 2, delta * delta * 2 / (2 * d), delta * delta / 2},
	} {
		bowl, _ := landscape.ObjectiveByID("sphere", d)
		half := bowl
		half.Func = func(x []float64) float64 { return bowl.Func(x) / 2 }
		half.Smoothed = nil
		space := objectiveSpace{spaceKey{function: "sphere", kernel: landscape.Kernel{Law: c.law, Convention: landscape.Vector, Dim: d}, delta: delta, seed: 1}, half, 1}
		field, err := landscape.Sample(half.Plane(), 129)
		if err != nil {
			t.Fatal(err)
		}
		smoother, err := landscape.NewSmoother(field)
		if err != nil {
			t.Fatal(err)
		}
		disc, err := smoother.Smooth(landscape.Kernel{Law: c.law, Convention: landscape.Vector, Dim: 2}, delta)
		if err != nil {
			t.Fatal(err)
		}
		var lines spaceLines
		lines.frames = map[string]SpaceFrame{}
		err = space.run(t.Context(), func(value any) error {
			switch v := value.(type) {
			case SpaceHead:
				lines.head = v
			case SpaceFrame:
				lines.frames[v.Picture] = v
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		middle := len(lines.head.Base) / 2
		full := lines.frames[pictureFull]
		scale := bowl.Hi * bowl.Hi // the range
		for _, z := range []struct {
			name            string
			got, want, near float64
		}{
			{"slice", disc.Z[len(disc.Z)/2], c.disc, 1e-7 * scale},
			{"projected", lines.head.Base[middle], c.plane, 1e-7 * scale},
			{"full", full.Z[middle], c.full, 4*full.StdErr[middle] + 1e-6*c.full},
		} {
			if !(math.Abs(z.got-z.want) <= z.near) {
				t.Errorf("%s, %s: lift %g, want %g ± %g", c.law, z.name, z.got, z.want, z.near)
			}
		}
	}
}

// Where sampling has no error to speak of, it is refused with the reason.
func TestFullSpaceIsRefusedWithoutAVariance(t *testing.T) {
	t.Parallel()
	s := newTestServer(t, &guard{}, "")
	got := spaceOf(t, s, "?f=schwefel&dim=3&kernel=stable&alpha=1.5&c=5")
	for _, picture := range []string{pictureFull, pictureMeasured} {
		if f := got.frames[picture]; !f.Done || !strings.Contains(f.Refused, "standard error") || len(f.Z) != 0 {
			t.Errorf("%s: %+v", picture, f.Refused)
		}
	}
	if got := spaceOf(t, s, "?f=ackley&dim=3&kernel=stable&alpha=1.5&c=5"); len(got.frames[pictureFull].Z) == 0 || len(got.head.Exact) != 0 {
		t.Error("a bounded function can be sampled under every law, and has no closed form here")
	}
}

// Two computations run at once; a third is told to come back, another viewer of one that runs joins it, and what nobody waits for stops.
func TestSpacesAreShared(t *testing.T) {
	t.Parallel()
	ss := newSpaces(slog.New(slog.DiscardHandler))
	begun := make(chan context.Context, 8)
	endless := func(ctx context.Context, emit func(any) error) error {
		if err := emit(SpaceHead{Type: "head"}); err != nil {
			return err
		}
		begun <- ctx
		<-ctx.Done()
		return ctx.Err()
	}
	one, two, three := spaceKey{function: "one"}, spaceKey{function: "two"}, spaceKey{function: "three"}
	first, leaveFirst, err := ss.join(one, endless)
	if err != nil {
		t.Fatal(err)
	}
	firstContext := <-begun
	_, leaveTwo, err := ss.join(two, endless)
	if err != nil {
		t.Fatal(err)
	}
	<-begun
	var busy *fault
	if _, _, err := ss.join(three, endless); !errors.As(err, &busy) || busy.Status != http.StatusServiceUnavailable || busy.Advice == "" {
		t.Errorf("a third computation: %v", err)
	}
	second, leaveSecond, err := ss.join(one, endless)
	if err != nil || second != first {
		t.Errorf("a second viewer of the same: %v", err)
	}
	leaveSecond()
	if firstContext.Err() != nil {
		t.Error("it stopped although somebody waits")
	}
	leaveFirst()
	select {
	case <-first.ended:
	default:
		t.Error("leaving last did not wait for the end")
	}
	leaveTwo()
	done := func(_ context.Context, emit func(any) error) error {
		return emit(SpaceFrame{Type: "frame", Picture: pictureFull, Samples: 7})
	}
	task, leave, err := ss.join(three, done)
	if err != nil {
		t.Fatal(err)
	}
	<-task.ended
	leave()
	kept, _, err := ss.join(three, endless)
	if err != nil || kept != task {
		t.Errorf("what was computed is not kept: %v", err)
	}
	var seen [4]int
	if texts, _, end := kept.newer(&seen); len(texts) != 2 || !end || !strings.Contains(string(texts[0]), `"samples":7`) {
		t.Errorf("%d lines, end %v", len(texts), end)
	}
	for i := range 2 * mostSpaces {
		task, leave, err := ss.join(spaceKey{seed: uint64(i)}, done)
		if err != nil {
			t.Fatal(err)
		}
		<-task.ended
		leave()
	}
	if len(ss.kept) != mostSpaces || len(ss.running) != 0 || ss.working != 0 {
		t.Errorf("%d kept, %d running, %d working", len(ss.kept), len(ss.running), ss.working)
	}
	task, leave, _ = ss.join(one, func(context.Context, func(any) error) error { return errors.New("a cause") })
	<-task.ended
	leave()
	if _, ok := ss.kept[one]; ok {
		t.Error("a failure was kept")
	}
	seen = [4]int{}
	if texts, _, _ := task.newer(&seen); len(texts) != 1 || strings.Contains(string(texts[0]), "a cause") || !strings.Contains(string(texts[0]), "failed") {
		t.Errorf("a failure says %s", texts)
	}
}

// A client that goes away ends the computation, and its place is free again.
func TestFullSpaceEndsWithItsClient(t *testing.T) {
	t.Parallel()
	s := newTestServer(t, &guard{}, "")
	ctx, cancel := context.WithCancel(t.Context())
	headOf(ctx, t, s, "/api/fullspace?f=ackley&dim=1000")
	if s.spaces.load() != 1 {
		t.Errorf("%d computations run, want 1", s.spaces.load())
	}
	cancel()
	for began := time.Now(); s.spaces.load() != 0; time.Sleep(5 * time.Millisecond) {
		if time.Since(began) > 10*time.Second {
			t.Fatal("the computation goes on without a viewer")
		}
	}
}

func (ss *spaces) load() int {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	return ss.working
}

// What ships of a network knows its noise and its errors, and belongs to its slice.
func TestShippedSpaces(t *testing.T) {
	for _, shipped := range shippedSlices() {
		body, err := shippedSpace(shipped.ID)
		if err != nil {
			t.Fatal(err)
		}
		if len(body) > 60_000 {
			t.Errorf("%s: %d bytes", shipped.ID, len(body))
		}
		slice, err := sliceOfView(viewState{Function: slicePrefix + shipped.ID})
		if err != nil {
			t.Fatal(err)
		}
		var heads []SpaceHead
		for line := range strings.Lines(string(body)) {
			var head SpaceHead
			var frame SpaceFrame
			if err := errors.Join(json.Unmarshal([]byte(line), &head), json.Unmarshal([]byte(line), &frame)); err != nil {
				t.Fatal(err)
			}
			switch head.Type {
			case "head":
				heads = append(heads, head)
				center := head.Base[len(head.Base)/2]
				if head.Dim != slice.Parameters || math.Abs(center-*slice.Loss) > 1e-5 || head.BaseOf != baseRaw {
					t.Errorf("%d parameters, loss %g at the center: not of the slice (%d, %g)", head.Dim, center, slice.Parameters, *slice.Loss)
				}
			case "frame":
				if n := len(heads[len(heads)-1].Base); !frame.Done || len(frame.Z) != n || len(frame.StdErr) != n || frame.RelErr == nil || *frame.RelErr > 0.03 || frame.Picture == pictureMeasured && frame.Samples < 64 {
					t.Errorf("%s: %d samples, %d values, error %v", frame.Picture, frame.Samples, len(frame.Z), frame.RelErr)
				}
			}
		}
		if len(heads) == 0 || math.Abs(heads[0].Delta / *slice.Delta - 1) > 1e-6 {
			t.Errorf("computed at %d δ, the first of them not that of the slice", len(heads))
		}
	}
}

// headOf asks for a stream of full space and reads its head; the stream goes on until ctx or the test ends.
func headOf(ctx context.Context, t *testing.T, s *testServer, path string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, "GET", s.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = response.Body.Close() })
	line, err := bufio.NewReader(response.Body).ReadString('\n')
	if err != nil || !strings.Contains(line, `"type":"head"`) {
		t.Fatalf("%v: %.80s", err, line)
	}
	return line
}

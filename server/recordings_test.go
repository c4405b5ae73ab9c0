package main

import (
	"bytes"
	"encoding/json"
	"math"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"

	"smoothscape/landscape"
	"smoothscape/trainer"
)

// What ships is small, whole, and shows what it is for: smoothed by δ of the decaying run, three minima are one at first and three at the end; with
// a constant learning rate δ falls only as C does.
func TestRecordingsShowWhatTheyAreFor(t *testing.T) {
	size := 0
	for _, plan := range recordingPlans() {
		packed, err := recordingFiles.ReadFile("recordings/" + plan.ID + ".json.gz")
		if err != nil {
			t.Fatal(err)
		}
		size += len(packed)
		r, err := newRecordings().get(plan.ID)
		if err != nil || r == nil {
			t.Fatalf("%s: %v", plan.ID, err)
		}
		updates := 0
		for _, body := range r.bodies {
			var e trainer.Event
			if err := json.Unmarshal(body, &e); err != nil {
				t.Fatal(err)
			}
			if e.Update != nil {
				updates++
			}
		}
		if run := viewOf(r.row); run.Step != run.TotalSteps || run.TotalSteps != 8000 || run.TestAccuracy == nil || run.Started == nil || !run.Config.Equal(plan.Config) ||
			updates != plan.Updates || len(r.kept) != plan.Slices || run.Status != StatusRecorded || len(run.Accepts) != 0 {
			t.Errorf("%s: %+v with %d updates and %d slices", plan.ID, run, updates, len(r.kept))
		}
		ratio := *r.row.FirstNoiseLevel / *r.row.NoiseLevel
		first, last := minimaOf(t, r, r.kept[1].Step), minimaOf(t, r, r.newest())
		t.Logf("%s: %d bytes, δ %.3g → %.3g, minima at update %d: %v, at %d: %v", plan.ID, len(packed), *r.row.FirstNoiseLevel, *r.row.NoiseLevel, r.kept[1].Step, first, r.newest(), last)
		switch plan.Config.Schedule {
		case trainer.LRDecay:
			if ratio < 8 || first != [2]int{3, 1} || last != [2]int{3, 3} {
				t.Errorf("%s: δ fell %.2g-fold; minima raw and smoothed were %v at first and %v at last", plan.ID, ratio, first, last)
			}
		case trainer.Constant:
			if ratio > 2 || first != [2]int{3, 1} {
				t.Errorf("%s: δ fell %.2g-fold; minima raw and smoothed were %v at first", plan.ID, ratio, first)
			}
		}
		checkWays(t, r)
	}
	if size > 250_000 {
		t.Errorf("the recordings have %d bytes, their budget is 250,000", size)
	}
}

// minimaOf counts the minima of a slice in its view, raw and smoothed by its own δ at its magnification.
func minimaOf(t *testing.T, r *recordedRun, step int) [2]int {
	t.Helper()
	var slice Slice
	text, err := r.at(step, "slice", nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &slice); err != nil {
		t.Fatal(err)
	}
	grid := landscape.Grid{X: slice.Alphas, Y: slice.Betas, Z: slice.Z}
	delta := *slice.Delta * *slice.Magnification / slice.Norms[0]
	if reach := 5 * delta / math.Sqrt2; reach > slice.Halo {
		t.Errorf("update %d: five standard deviations are %.3g, the halo %.3g", step, reach, slice.Halo)
	}
	return [2]int{minimaWithin(grid, slice.ViewHalfWidth), minimaWithin(blurred(grid, delta/math.Sqrt2), slice.ViewHalfWidth)}
}

// blurred is a grid convolved with a Gaussian, by weights: a witness that knows nothing of the smoother. Within five standard deviations of the
// border it is not right.
func blurred(g landscape.Grid, stdDev float64) landscape.Grid {
	h := g.X[1] - g.X[0]
	n := len(g.X)
	pass := func(z []float64, at func(line, i int) int) []float64 {
		out := make([]float64, len(z))
		for line := range n {
			for i := range n {
				sum, weights := 0.0, 0.0
				for j := range n {
					d := float64(i-j) * h
					w := math.Exp(-d * d / (2 * stdDev * stdDev))
					sum, weights = sum+w*z[at(line, j)], weights+w
				}
				out[at(line, i)] = sum / weights
			}
		}
		return out
	}
	z := pass(g.Z, func(line, i int) int { return line*n + i })
	return landscape.Grid{X: g.X, Y: g.Y, Z: pass(z, func(line, i int) int { return i*n + line })}
}

func minimaWithin(g landscape.Grid, half float64) int {
	n, count := len(g.X), 0
	for row := 1; row < n-1; row++ {
		for col := 1; col < n-1; col++ {
			if math.Abs(g.X[col]) > half || math.Abs(g.Y[row]) > half {
				continue
			}
			lowest := true
			for dr := -1; dr <= 1; dr++ {
				for dc := -1; dc <= 1; dc++ {
					lowest = lowest && (dr == 0 && dc == 0 || g.Z[(row+dr)*n+col+dc] > g.Z[row*n+col])
				}
			}
			if lowest {
				count++
			}
		}
	}
	return count
}

// checkWays holds the trajectories to what they are: each through its own slice's center, with lengths that obey Pythagoras, and seen from two
// slices the same way.
func checkWays(t *testing.T, r *recordedRun) {
	t.Helper()
	ways := map[int]Trajectory{}
	for _, m := range r.kept {
		var slice Slice
		var way Trajectory
		text, err := r.at(m.Step, "slice", nil)
		if err != nil || json.Unmarshal(text, &slice) != nil || json.Unmarshal(r.paths[m.Step], &way) != nil {
			t.Fatalf("update %d cannot be read", m.Step)
		}
		ways[m.Step] = way
		for _, p := range way.Points {
			inPlane := math.Hypot(p.Alpha*slice.Norms[0], p.Beta*slice.Norms[1])
			if math.Abs(math.Hypot(inPlane, p.Distance)-p.Radius) > 1e-4*p.Radius+1e-4 {
				t.Errorf("update %d from %d: %+v", p.Step, m.Step, p)
			}
			if p.Step == m.Step && (p.Alpha != 0 || p.Beta != 0 || p.Distance != 0 || p.Radius != 0) {
				t.Errorf("the center of update %d is at %+v", m.Step, p)
			}
		}
	}
	first, last := ways[r.kept[0].Step], ways[r.newest()]
	n := len(last.Points) - 1
	if there, back := first.Points[n], last.Points[0]; math.Abs(there.Alpha+back.Alpha) > 1e-3 || math.Abs(there.Beta+back.Beta) > 1e-3 || math.Abs(there.Radius-back.Radius) > 1e-3*back.Radius {
		t.Errorf("from the start the end is at %+v, from the end the start at %+v", there, back)
	}
}

// A recorded run answers where other runs do, twice with the same bytes, and nothing about it can be changed.
func TestRecordedRunsAnswerLikeOthersAndNeverChange(t *testing.T) {
	s := newTestServer(t, &guard{}, "")
	const id = "recorded-lr-decay"
	for _, path := range []string{
		"/runs", "/runs/" + id, "/runs/" + id + "/figure.png", "/api/runs/" + id, "/api/runs/" + id + "/events?limit=10000", "/api/runs/" + id + "/slices",
		"/api/runs/" + id + "/slice", "/api/runs/" + id + "/slice?step=0", "/api/runs/" + id + "/trajectory", "/api/runs/" + id + "/trajectory?step=0", "/api/runs/" + id + "/measurements",
		"/api/runs/" + id + "/curves",
	} {
		once, again := s.send(t, "GET", path, "", nil), s.send(t, "GET", path, "", nil)
		if once.status != http.StatusOK || once.body != again.body {
			t.Errorf("GET %s: %d and %d, %d and %d bytes", path, once.status, again.status, len(once.body), len(again.body))
		}
	}
	if list := s.send(t, "GET", "/runs", "", nil).body; !strings.Contains(list, "/runs/"+id) {
		t.Error("the list does not show it")
	}
	for _, q := range []struct{ method, path, body string }{
		{"POST", "/api/runs/" + id + "/resume", ""}, {"POST", "/api/runs/" + id + "/stop", ""}, {"POST", "/runs/" + id + "/pause", ""},
		{"POST", "/api/runs/" + id + "/measurements", `{"images":64}`}, {"POST", "/runs/" + id + "/measurements", "what=spread"},
		{"DELETE", "/api/runs/" + id, ""}, {"PATCH", "/api/runs/" + id, `{"pinned":true}`},
	} {
		if got := s.send(t, q.method, q.path, q.body, nil); got.status != http.StatusConflict || !strings.Contains(got.body, "ships with the program") {
			t.Errorf("%s %s: %d, %.200s", q.method, q.path, got.status, got.body)
		}
	}
	for _, path := range []string{
		"/api/runs/" + id + "/slice?step=1", "/api/runs/" + id + "/trajectory?step=1", "/api/runs/" + id + ".json.gz", "/api/runs/README", "/api/runs/recorded-/slices",
		"/api/runs/..%2frecordings%2f" + id, "/api/runs/recorded-lr-decay%00/slices", "/api/runs/" + id + "/measurements/1",
	} {
		if got := s.send(t, "GET", path, "", nil); got.status != http.StatusNotFound {
			t.Errorf("GET %s: %d, %.200s", path, got.status, got.body)
		}
	}
}

func TestRecordingsOverTheSocket(t *testing.T) {
	rs := fakeRuns(t, t.TempDir(), "")
	const id = "recorded-constant"
	run, err := rs.Run(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	log, err := rs.Events(t.Context(), id, 0, 1<<20)
	if err != nil || len(log) == 0 {
		t.Fatal(len(log), err)
	}
	viewer := follower{}
	conn := dial(t, liveServer(t, rs), id, 0)
	if err := viewer.read(conn, func() bool { return len(viewer.bodies) == len(log) }); err != nil {
		t.Fatal(err)
	}
	if viewer.slices != 1 || viewer.run.Status != StatusRecorded || viewer.run.Name != run.Name || viewer.bodies[len(log)-1] != string(log[len(log)-1]) {
		t.Errorf("the viewer saw %d slices of %+v", viewer.slices, viewer.run)
	}
}

func TestDamagedRecordingsAreRefused(t *testing.T) {
	var whole bytes.Buffer
	slice := Slice{Run: "x", Step: 3, Alphas: []float64{0, 1}, Betas: []float64{0, 1}}
	good := recording{Version: recordingVersion, Slices: []Slice{slice}, Grids: []json.RawMessage{json.RawMessage("[1,2,3,4]")}, Trajectories: []json.RawMessage{json.RawMessage(`{}`)}}
	if err := good.encode(&whole); err != nil {
		t.Fatal(err)
	}
	if r, err := decodeRecording("x", whole.Bytes()); err != nil || r.newest() != 3 {
		t.Fatalf("a good one: %v", err)
	}
	packed := func(change func(*recording)) []byte {
		bad := good
		change(&bad)
		var out bytes.Buffer
		if err := bad.encode(&out); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	for name, bytes := range map[string][]byte{
		"nothing":                nil,
		"cut":                    whole.Bytes()[:whole.Len()/2],
		"no gzip":                []byte("{}"),
		"another version":        packed(func(r *recording) { r.Version++ }),
		"no slices":              packed(func(r *recording) { r.Slices, r.Grids, r.Trajectories = nil, nil, nil }),
		"a slice without a way":  packed(func(r *recording) { r.Trajectories = nil }),
		"a slice without a grid": packed(func(r *recording) { r.Grids = nil }),
		"a grid cut short":       packed(func(r *recording) { r.Grids = []json.RawMessage{json.RawMessage("[1,2,3]")} }),
		"a grid of words":        packed(func(r *recording) { r.Grids = []json.RawMessage{json.RawMessage(`"words"`)} }),
		"slices out of order": packed(func(r *recording) {
			r.Slices, r.Grids, r.Trajectories = []Slice{slice, slice}, append(r.Grids, r.Grids[0]), append(r.Trajectories, r.Trajectories[0])
		}),
		"an event of words": packed(func(r *recording) { r.Events = []json.RawMessage{json.RawMessage(`"words"`)} }),
	} {
		r, err := decodeRecording("x", bytes)
		if err == nil {
			_, err = r.at(3, "slice", nil)
		}
		if err == nil {
			t.Errorf("%s: got %+v", name, r)
		}
	}
}

func TestGridsComeBackFromARecording(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	const columns, rows = 7, 5
	z := make([]float64, columns*rows)
	for i := range z {
		z[i] = math.Exp(10*random.Float64() - 5)
	}
	packed, err := packGrid(z, columns)
	if err != nil {
		t.Fatal(err)
	}
	for i, back := range unpackGrid(packed, columns) {
		if math.Abs(back/z[i]-1) > lossStep*0.6 {
			t.Errorf("node %d: %g becomes %g", i, z[i], back)
		}
	}
	for _, bad := range []float64{0, -1, math.NaN(), math.Inf(1)} {
		if _, err := packGrid([]float64{1, bad}, 2); err == nil {
			t.Errorf("a loss of %g was packed", bad)
		}
	}
}

func TestShortened(t *testing.T) {
	for _, c := range []struct{ v, want float64 }{{0, 0}, {1.23456, 1.235}, {-0.00123456, -0.001235}, {98765, 98770}, {1e-300, 1e-300}, {5e-324, 5e-324}} {
		if got := shortened(c.v, 4); math.Abs(got-c.want) > 1e-12*math.Abs(c.want) {
			t.Errorf("%g becomes %g, want %g", c.v, got, c.want)
		}
	}
	if !math.IsNaN(shortened(math.NaN(), 4)) || !math.IsInf(shortened(math.Inf(1), 4), 1) {
		t.Error("what is not finite does not stay what it is")
	}
}

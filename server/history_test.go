package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"smoothscape/server/store"
	"smoothscape/trainer"
	"smoothscape/trainer/engine"
)

// awaitHistory waits until every kept moment of a run has its picture.
func awaitHistory(t *testing.T, rs *Runs, id string) []SliceMoment {
	t.Helper()
	for deadline := time.Now().Add(60 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		moments, err := rs.store.Moments(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(moments, func(m store.Moment) bool { return !isDrawn(m) }) {
			kept, err := rs.KeptSlices(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			return kept
		}
		if time.Now().After(deadline) {
			t.Fatalf("waiting for the history: %+v", moments)
		}
	}
}

// A run that has ended gets a picture of each moment that it keeps; each can be asked for, and the newest stays the newest.
func TestHistoryIsDrawnWhenNothingTrains(t *testing.T) {
	s := newTestServer(t, &guard{}, "steps=200")
	id := doneRun(t, s.runs)
	kept := awaitHistory(t, s.runs, id)
	if len(kept) != 20 || kept[0].Step != 10 || kept[19].Step != 200 {
		t.Fatalf("kept are %+v", kept)
	}
	for _, m := range kept {
		if want := 0.5 / float64(m.Step); m.Delta == nil || math.Abs(*m.Delta-want) > 1e-12 || m.Time == 0 || m.Level < sliceEnough || m.Levels != 4 {
			t.Errorf("moment %+v, want δ %g", m, want)
		}
		slice, err := s.runs.keptSlice(t.Context(), id, m.Step)
		if err != nil { // finer levels may still be coming
			t.Fatal(err)
		}
		if slice.Step != m.Step || slice.Level < m.Level || slice.Run != id || *slice.Delta != *m.Delta || slice.Magnification == nil {
			t.Errorf("slice of update %d: update %d, level %d of %s", m.Step, slice.Step, slice.Level, slice.Run)
		}
	}
	if newest, err := s.runs.Slice(t.Context(), id); err != nil || newest.Step != 200 || newest.Level != 3 {
		t.Errorf("the newest slice is of update %d, level %d, %v", newest.Step, newest.Level, err)
	}
	var list struct{ Slices []SliceMoment }
	if err := json.Unmarshal([]byte(s.send(t, "GET", "/api/runs/"+id+"/slices", "", nil).body), &list); err != nil || len(list.Slices) != len(kept) {
		t.Errorf("listed are %d: %v", len(list.Slices), err)
	}
	var way Trajectory
	if err := json.Unmarshal([]byte(s.send(t, "GET", "/api/runs/"+id+"/trajectory?step=50", "", nil).body), &way); err != nil || way.Step != 50 || len(way.Points) != 20 || way.Points[0].Alpha != -40 {
		t.Errorf("the way is %+v, %v", way, err)
	}
	for path, status := range map[string]int{
		"slice?step=":                     http.StatusOK, // as without it
		"slice?step=5":                    http.StatusNotFound,
		"slice?step=1.5":                  http.StatusBadRequest,
		"slice?step=NaN":                  http.StatusBadRequest,
		"slice?step=-0":                   http.StatusNotFound,
		"slice?step=99999999999999999999": http.StatusBadRequest,
		"slice?step=../1":                 http.StatusBadRequest,
		"trajectory":                      http.StatusOK,
		"trajectory?step=5":               http.StatusNotFound,
		"trajectory?step=x":               http.StatusBadRequest,
	} {
		if got := s.send(t, "GET", "/api/runs/"+id+"/"+path, "", nil); got.status != status || status != http.StatusOK && !strings.Contains(got.body, `"advice"`) {
			t.Errorf("%s: %d, want %d: %.200s", path, got.status, status, got.body)
		}
	}
}

// Who asked for a trajectory and went away leaves nothing running; what was computed is remembered.
func TestTrajectoriesEndWithTheirRequest(t *testing.T) {
	rs := fakeRuns(t, t.TempDir(), "steps=50")
	id := doneRun(t, rs)
	awaitHistory(t, rs, id)
	rs.paths.turn <- struct{}{} // somebody else's is being computed
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := rs.Trajectory(ctx, id, 50); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	<-rs.paths.turn
	once, err := rs.Trajectory(t.Context(), id, 50)
	if err != nil {
		t.Fatal(err)
	}
	rs.paths.turn <- struct{}{} // a second time needs no turn
	ctx, cancel = context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	again, err := rs.Trajectory(ctx, id, 50)
	if err != nil || string(again) != string(once) {
		t.Errorf("again: %s, %v", again, err)
	}
	<-rs.paths.turn
	for i := range 2 * trajectoriesKnown {
		rs.paths.put(strings.Repeat("x", i), nil)
	}
	if len(rs.paths.known) != trajectoriesKnown || len(rs.paths.order) != trajectoriesKnown {
		t.Errorf("%d trajectories are remembered, want %d", len(rs.paths.known), trajectoriesKnown)
	}
}

// Parameters that were put at known places of a slice's plane, and at known distances from it, are found there.
func TestTrajectoryOfKnownParameters(t *testing.T) {
	spec, err := engine.SpecFor("softmax", engine.Shape{C: 1, H: 6, W: 6}, 10)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	center := &trainer.Checkpoint{Config: testConfig(), Spec: spec, Engine: "cpu", TrainSize: 8000, Params: engine.Initialize(spec, rng), State: []float32{}}
	center.Config.Seed = 7
	plane, err := planeOfRun(t.Context(), center)
	if err != nil {
		t.Fatal(err)
	}
	metric, err := plane.Metric()
	if err != nil {
		t.Fatal(err)
	}
	blobs := store.Blobs{Folder: t.TempDir()}
	put := func(params []float32) string {
		c := *center
		c.Params = params
		sha, _, err := blobs.Write(c.Encode)
		if err != nil {
			t.Fatal(err)
		}
		return sha
	}
	// A direction at right angles to the plane, of length 1.
	away := make([]float32, len(center.Params))
	for i := range away {
		away[i] = float32(rng.NormFloat64())
	}
	there, err := plane.Project(summed(center.Params, away, 1))
	if err != nil {
		t.Fatal(err)
	}
	for i := range away {
		away[i] -= float32(there.Alpha*float64(plane.D1[i]) + there.Beta*float64(plane.D2[i]))
	}
	norm := lengthOf(away)
	for i := range away {
		away[i] /= float32(norm)
	}

	task := trajectoryTask{Blobs: blobs.Folder, Step: 40, Center: put(center.Params)}
	want := []TrajectoryPoint{{Step: 0, Alpha: 1.5, Beta: -0.5, Distance: 3}, {Step: 10, Alpha: -0.25, Beta: 0, Distance: 0.5}, {Step: 40}, {Step: 90, Alpha: 0, Beta: 2, Distance: 0}}
	for i, p := range want {
		params := make([]float32, len(away))
		plane.At(p.Alpha, p.Beta, params)
		task.Places = append(task.Places, trajectoryPlace{Step: p.Step, Checkpoint: put(summed(params, away, p.Distance))})
		want[i].Radius = math.Sqrt(metric.G11*p.Alpha*p.Alpha + 2*metric.G12*p.Alpha*p.Beta + metric.G22*p.Beta*p.Beta + p.Distance*p.Distance)
	}
	broken := make([]float32, len(away))
	broken[3] = float32(math.NaN())
	task.Places = append(task.Places, trajectoryPlace{Step: 95, Checkpoint: put(broken)}, trajectoryPlace{Step: 99, Checkpoint: strings.Repeat("0", 64)})
	got, err := task.project(t.Context())
	if err != nil || got.Step != 40 || len(got.Points) != len(want) {
		t.Fatalf("%+v, %v", got, err)
	}
	for i, p := range got.Points {
		for _, c := range [][2]float64{{p.Alpha, want[i].Alpha}, {p.Beta, want[i].Beta}, {p.Distance, want[i].Distance}, {p.Radius, want[i].Radius}} {
			if math.Abs(c[0]-c[1]) > 2e-6 { // parameters are float32
				t.Errorf("got %+v, want %+v", p, want[i])
			}
		}
	}
	if _, err := (trajectoryTask{Blobs: blobs.Folder, Center: strings.Repeat("0", 64)}).project(t.Context()); err == nil {
		t.Error("a center that is not there was projected on")
	}
}

// summed is a + times·b.
func summed(a, b []float32, times float64) []float32 {
	out := make([]float32, len(a))
	for i := range a {
		out[i] = float32(float64(a[i]) + times*float64(b[i]))
	}
	return out
}

func lengthOf(a []float32) float64 {
	sum := 0.0
	for _, v := range a {
		sum += float64(v) * float64(v)
	}
	return math.Sqrt(sum)
}

// A run of a second or two has moments to go back to (24 on a machine that is not busy); training by the real worker gives slices and a way.
func TestRealRunHasAHistory(t *testing.T) {
	if testing.Short() {
		t.Skip("trains and slices for some seconds")
	}
	rs := realRuns(t, t.TempDir())
	cfg := testConfig()
	cfg.Model, cfg.Epochs, cfg.BatchSize, cfg.Momentum = "convnet", 2, 16, 0.9
	id := mustCreate(t, rs, cfg)
	awaitStatus(t, rs, id, StatusDone)
	moments, err := rs.store.Moments(t.Context(), id)
	if err != nil || len(moments) < 8 || moments[0].Step != 0 || moments[len(moments)-1].Step != 1000 {
		t.Fatalf("%d moments, %v", len(moments), err)
	}
	checkpoints, err := rs.store.Checkpoints(t.Context(), id)
	if err != nil || len(checkpoints) != 2 {
		t.Fatalf("%d checkpoints, %v", len(checkpoints), err)
	}
	for _, m := range moments {
		c, err := readCheckpoint(rs.store.Blobs, m.Parameters.SHA256)
		if err != nil || !c.Bare || c.Step != m.Step || m.Parameters.Bytes >= checkpoints[0].Bytes*2/3 {
			t.Fatalf("update %d: %+v, %v", m.Step, m.Parameters, err)
		}
	}
	awaitSlice(t, rs, id, func(s *Slice) bool { return s.Step == 1000 })
	text, err := rs.Trajectory(t.Context(), id, 1000)
	var way Trajectory
	if err != nil || json.Unmarshal(text, &way) != nil || len(way.Points) != len(moments) {
		t.Fatalf("%s, %v", text, err)
	}
	start, end := way.Points[0], way.Points[len(way.Points)-1]
	if end.Radius != 0 || end.Distance != 0 || !(start.Radius > 1) || start.Distance > start.Radius {
		t.Errorf("from %+v to %+v", start, end)
	}
}

// The list says how high each picture is where somebody asks for it, as the grids themselves say, and not otherwise.
func TestRangesOfKeptSlices(t *testing.T) {
	s := newTestServer(t, &guard{}, "steps=5")
	for _, query := range []string{"", "?ranges=0", "?ranges=1", "?ranges=1"} {
		list := sayJSON[struct{ Slices []SliceMoment }](t, s, "GET", "/api/runs/recorded-constant/slices"+query, "", 200)
		for i, m := range list.Slices {
			if (m.Range != nil) != (query == "?ranges=1") {
				t.Fatalf("%q: the range of update %d is %v", query, m.Step, m.Range)
			}
			if m.Range == nil || i%6 != 0 {
				continue
			}
			slice := sayJSON[Slice](t, s, "GET", fmt.Sprintf("/api/runs/recorded-constant/slice?step=%d", m.Step), "", 200)
			lo, hi := math.Inf(1), math.Inf(-1)
			for row, beta := range slice.Betas {
				for col, alpha := range slice.Alphas {
					if v := slice.Z[row*len(slice.Alphas)+col]; math.Abs(alpha) < slice.ViewHalfWidth+1e-6 && math.Abs(beta) < slice.ViewHalfWidth+1e-6 && !math.IsNaN(v) {
						lo, hi = min(lo, v), max(hi, v)
					}
				}
			}
			if *m.Range != [2]float64{lo, hi} {
				t.Errorf("update %d: %v, its grid says %v to %v", m.Step, *m.Range, lo, hi)
			}
		}
	}
	if hollow := (&Slice{Alphas: []float64{-1, 1}, Betas: []float64{-1, 1}, Z: numbers{math.NaN(), math.Inf(1), 1e300, math.NaN()}, ViewHalfWidth: 1}).rangeInView(); hollow != nil {
		t.Errorf("without a finite loss: %v", *hollow)
	}
}

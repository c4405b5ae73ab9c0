package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"smoothscape/server/store"
	"smoothscape/trainer/measure"
)

// doneRun is a run of the fake worker that has all its checkpoints.
func doneRun(t *testing.T, rs *Runs) string {
	t.Helper()
	id := mustCreate(t, rs, testConfig())
	awaitStatus(t, rs, id, StatusDone)
	return id
}

func mustMeasure(t *testing.T, rs *Runs, id, request string) MeasurementView {
	t.Helper()
	m, err := rs.Measure(t.Context(), id, json.RawMessage(request))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// awaitMeasurement waits until a measurement is as the test wants it.
func awaitMeasurement(t *testing.T, rs *Runs, id string, number int, reached func(MeasurementView) bool) MeasurementView {
	t.Helper()
	for deadline := time.Now().Add(120 * time.Second); ; time.Sleep(2 * time.Millisecond) {
		m, err := rs.Measurement(t.Context(), id, number)
		if err != nil {
			t.Fatal(err)
		}
		if reached(m) {
			return m
		}
		if time.Now().After(deadline) {
			t.Fatalf("measurement %d is %s (%s), %+v", number, m.Status, m.Reason, m.Progress)
		}
	}
}

func is(status MeasureStatus) func(MeasurementView) bool {
	return func(m MeasurementView) bool { return m.Status == status }
}

func TestAMeasurementIsKept(t *testing.T) {
	folder := t.TempDir()
	rs := fakeRuns(t, folder, "steps=50")
	id := doneRun(t, rs)
	asked := mustMeasure(t, rs, id, `{"what":["c","trace"],"images":64}`)
	if asked.Number != 1 || asked.Status != MeasureWaiting && asked.Status != MeasureRunning && asked.Status != MeasureDone {
		t.Errorf("asked: %+v", asked)
	}
	done := awaitMeasurement(t, rs, id, 1, is(MeasureDone))
	if done.Step == nil || *done.Step != 50 || string(done.Request) != `{"images":64,"what":["spread","hessian"]}` {
		t.Errorf("done: step %v, request %s", done.Step, done.Request)
	}
	second := mustMeasure(t, rs, id, "")
	awaitMeasurement(t, rs, id, second.Number, is(MeasureDone))
	closeRuns(t, rs)

	rs = fakeRuns(t, folder, "")
	again, err := rs.Measurement(t.Context(), id, 1)
	if err != nil || again.Status != MeasureDone {
		t.Fatalf("after a restart %+v, %v", again, err)
	}
	var report measure.Report
	if err := json.Unmarshal(again.Report, &report); err != nil || len(report.Quantities) != 1 || report.Quantities[0].Value != 50 {
		t.Errorf("the report is %s, %v", again.Report, err)
	}
	all, err := rs.Measurements(t.Context(), id)
	if err != nil || len(all) != 2 || all[0].Number != 2 || all[0].Report != nil {
		t.Errorf("the list: %+v, %v", all, err)
	}
}

func TestHowMeasurementsEnd(t *testing.T) {
	for _, test := range []struct {
		how, reason string
	}{
		{"die", "panic: the Hessian bit"},
		{"refuse", "the images changed"},
		{"talk", "says nothing"},
	} {
		t.Run(test.how, func(t *testing.T) {
			rs := fakeRuns(t, t.TempDir(), "measure="+test.how)
			id := doneRun(t, rs)
			m := mustMeasure(t, rs, id, "")
			failed := awaitMeasurement(t, rs, id, m.Number, is(MeasureFailed))
			if !strings.Contains(failed.Reason, test.reason) || failed.Report != nil || *failed.Step != 50 {
				t.Errorf("%+v, want the reason %q", failed, test.reason)
			}
			mustMeasure(t, rs, id, "") // and another one may be asked for
		})
	}
}

func TestAMeasurementIsStopped(t *testing.T) {
	rs := fakeRuns(t, t.TempDir(), "measure=hang")
	id, other := doneRun(t, rs), doneRun(t, rs)
	first := mustMeasure(t, rs, id, "")
	awaitMeasurement(t, rs, id, first.Number, func(m MeasurementView) bool { return m.Progress != nil })
	waits := mustMeasure(t, rs, other, "")
	if _, err := rs.Measure(t.Context(), id, nil); statusOf(err) != http.StatusConflict || !strings.Contains(err.Error(), "running") {
		t.Errorf("a second one of the run: %v, want a conflict", err)
	}
	if waits.Status != MeasureWaiting {
		t.Errorf("that of another run is %s beside one at work", waits.Status)
	}
	for _, c := range []struct {
		run    string
		number int
	}{{other, waits.Number}, {id, first.Number}} {
		stopped, err := rs.StopMeasurement(t.Context(), c.run, c.number)
		if err != nil || stopped.Status != MeasureStopped || stopped.Reason != "" || stopped.Progress != nil {
			t.Errorf("stopped: %+v, %v", stopped, err)
		}
		if _, err := rs.StopMeasurement(t.Context(), c.run, c.number); statusOf(err) != http.StatusConflict {
			t.Errorf("stopped again: %v, want a conflict", err)
		}
	}
	if _, err := rs.StopMeasurement(t.Context(), id, 9); statusOf(err) != http.StatusNotFound {
		t.Errorf("one that is not there: %v", err)
	}
	for deadline := time.Now().Add(20 * time.Second); len(children(t)) > 0; time.Sleep(5 * time.Millisecond) { // slices end by themselves
		if time.Now().After(deadline) {
			t.Fatalf("%d workers are left", len(children(t)))
		}
	}
}

// The end of the program ends a measurement and says so; what waits is measured after the next start; a kill is told as it was.
func TestMeasurementsOutliveTheProgram(t *testing.T) {
	folder := t.TempDir()
	rs := fakeRuns(t, folder, "measure=hang")
	first, second := doneRun(t, rs), doneRun(t, rs)
	mustMeasure(t, rs, first, "")
	awaitMeasurement(t, rs, first, 1, is(MeasureRunning))
	mustMeasure(t, rs, second, "")
	closeRuns(t, rs)

	s, err := store.Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	row, err := s.Measurement(t.Context(), first, 1)
	if err != nil || row.Status != string(MeasureInterrupted) || !strings.Contains(row.Reason, "was closed") {
		t.Errorf("after Close it is %s (%s), %v", row.Status, row.Reason, err)
	}
	if _, err := s.UpdateMeasurement(first, 1, func(m *store.Measurement) error { m.Status = string(MeasureRunning); return nil }); err != nil { // as kill −9 leaves it
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	rs = fakeRuns(t, folder, "steps=50")
	awaitMeasurement(t, rs, second, 1, is(MeasureDone))
	if m, err := rs.Measurement(t.Context(), first, 1); err != nil || m.Status != MeasureInterrupted {
		t.Errorf("%+v, %v", m, err)
	}
}

// A measurement goes slowly while a run trains, and at full speed otherwise, whichever began first.
func TestAMeasurementMakesRoomForATraining(t *testing.T) {
	rs := fakeRuns(t, t.TempDir(), "measure=hang steps=200 delay=5ms")
	id := doneRun(t, rs)
	m := mustMeasure(t, rs, id, "")
	at := func(share float64) func(MeasurementView) bool {
		return func(m MeasurementView) bool { return m.Progress != nil && m.Progress.Done == int(1000*share) }
	}
	awaitMeasurement(t, rs, id, m.Number, at(1))
	mustCreate(t, rs, testConfig())
	awaitMeasurement(t, rs, id, m.Number, at(shareOf(true)))
	awaitMeasurement(t, rs, id, m.Number, at(1))
}

func TestMeasurementsThatAreRefused(t *testing.T) {
	s := newTestServer(t, &guard{}, "steps=100000 delay=1ms")
	young := mustCreate(t, s.runs, testConfig())
	queued := mustCreate(t, s.runs, testConfig())
	await(t, s.runs, young, "a checkpoint", func(RunView) bool {
		all, err := s.runs.store.Checkpoints(t.Context(), young)
		return err == nil && len(all) > 0
	})
	path := func(id string) string { return "/api/runs/" + id + "/measurements" }
	for _, test := range []struct {
		name, path, body string
		status           int
		says             string
	}{
		{"no run", path("nobody"), "", 404, "the name of a run"},
		{"no checkpoint yet", path(queued), "", 409, "first checkpoint"},
		{"no JSON", path(young), "what?", 400, "reading what to measure"},
		{"a list", path(young), `["c"]`, 400, `"found":"array"`},
		{"null", path(young), `null`, 400, "object"},
		{"an unknown field", path(young), `{"weather":1}`, 400, `"field":"weather"`},
		{"a wrong type", path(young), `{"images":"many"}`, 400, `"field":"images"`},
		{"an unknown group", path(young), `{"what":["beauty"]}`, 400, `"field":"what"`},
		{"nothing", path(young), `{"what":[]}`, 400, "at least one"},
		{"more images than there are", path(young), `{"images":8001}`, 400, `"field":"images"`},
		{"several things at once", path(young), `{"images":-1,"what":["spread","spread"]}`, 400, "twice"},
		{"two objects", path(young), `{}{}`, 400, "more after the object"},
		{"too long a body", path(young), `{"what":["` + strings.Repeat("x", maxBodyBytes) + `"]}`, 413, "at most"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := s.send(t, "POST", test.path, test.body, nil)
			if got.status != test.status || !strings.Contains(got.body, test.says) {
				t.Errorf("status %d, want %d: %.300s", got.status, test.status, got.body)
			}
		})
	}
	if all, err := s.runs.Measurements(t.Context(), young); err != nil || len(all) != 0 {
		t.Errorf("recorded: %+v, %v", all, err)
	}
	// Counts that were not given follow the images.
	few := mustMeasure(t, s.runs, young, `{"what":["spread","scale"],"images":5}`)
	awaitMeasurement(t, s.runs, young, few.Number, is(MeasureDone))
}

// A viewer gets the newest measurement when it comes, and each change.
func TestViewersSeeMeasurements(t *testing.T) {
	rs := fakeRuns(t, t.TempDir(), "steps=50")
	id := doneRun(t, rs)
	awaitMeasurement(t, rs, id, mustMeasure(t, rs, id, "").Number, is(MeasureDone))
	s := liveServer(t, rs)
	viewer := dial(t, s, id, 0)
	next := func() measurementFrame {
		for {
			_, text, err := viewer.ReadMessage()
			if err != nil {
				t.Fatal(err)
			}
			var frame measurementFrame
			if json.Unmarshal(text, &frame) == nil && frame.Type == "measurement" {
				return frame
			}
		}
	}
	if first := next(); first.Measurement.Number != 1 || len(first.Measurement.Report) == 0 {
		t.Errorf("the first is %+v", first.Measurement)
	}
	mustMeasure(t, rs, id, "")
	for {
		if m := next().Measurement; m.Number == 2 && m.Status == MeasureDone { // the first may come once more
			if !strings.Contains(string(m.Report), "Only a fake") {
				t.Errorf("its report is %s", m.Report)
			}
			return
		}
	}
}

func ExampleMeasurementView() {
	view := MeasurementView{Run: "k3x", Number: 1, Created: 5, Request: json.RawMessage(`{"what":["spread"]}`), Status: MeasureWaiting}
	text, _ := json.Marshal(view)
	fmt.Println(string(text))
	// Output: {"run":"k3x","number":1,"created":5,"request":{"what":["spread"]},"status":"waiting","reason":"","step":null}
}

package main

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"smoothscape/server/job"
	"smoothscape/server/store"
	"smoothscape/trainer"
)

// fakeRuns opens the runs of a folder with a fake worker; see fakeWorker for how.
func fakeRuns(t testing.TB, folder, how string) *Runs {
	t.Helper()
	return openTestRuns(t, runsOptions{Folder: folder, Worker: job.Worker{Env: []string{fakeVariable + "=" + how}}})
}

func openTestRuns(t testing.TB, options runsOptions) *Runs {
	t.Helper()
	options.Log = slog.New(slog.NewTextHandler(testWriter{t}, nil))
	rs, err := openRuns(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeRuns(t, rs) })
	rs.known.mu.Lock()
	defer rs.known.mu.Unlock()
	rs.known.views = map[string]DatasetView{"": embeddedView()} // reading it for each test takes longer than the test
	return rs
}

// embeddedView describes the embedded images, once for all tests.
var embeddedView = sync.OnceValue(func() DatasetView {
	view, err := new(datasetCache).read("", "")
	if err != nil {
		panic(err)
	}
	return view
})

// testWriter is the log of a test.
type testWriter struct{ t testing.TB }

func (w testWriter) Write(p []byte) (int, error) {
	w.t.Log(strings.TrimSpace(string(p)))
	return len(p), nil
}

func closeRuns(t testing.TB, rs *Runs) {
	t.Helper()
	began := time.Now()
	if err := rs.Close(); err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took > 30*time.Second { // it hangs; 2 s are promised on a machine of its own
		t.Errorf("Close took %v", took)
	}
}

func testConfig() trainer.Config {
	cfg := trainer.Default("softmax")
	cfg.Engine = "cpu"
	return cfg
}

func mustCreate(t *testing.T, rs *Runs, cfg trainer.Config) string {
	t.Helper()
	run, err := rs.Create(t.Context(), "", cfg)
	if err != nil {
		t.Fatal(err)
	}
	return run.ID
}

func mustDo(t *testing.T, rs *Runs, id string, move Move) {
	t.Helper()
	if _, err := rs.Do(t.Context(), id, move); err != nil {
		t.Fatal(err)
	}
}

// await waits until a run is as the test wants it.
func await(t *testing.T, rs *Runs, id, what string, reached func(RunView) bool) RunView {
	t.Helper()
	for deadline := time.Now().Add(60 * time.Second); ; time.Sleep(2 * time.Millisecond) {
		run, err := rs.Run(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if reached(run) {
			return run
		}
		if time.Now().After(deadline) {
			t.Fatalf("waiting for %s: the run is %s (%s) at step %d", what, run.Status, run.Reason, run.Step)
		}
	}
}

func awaitStatus(t *testing.T, rs *Runs, id string, status Status) RunView {
	t.Helper()
	return await(t, rs, id, string(status), func(r RunView) bool { return r.Status == status })
}

func awaitStep(t *testing.T, rs *Runs, id string, step int) {
	t.Helper()
	await(t, rs, id, "a step", func(r RunView) bool { return r.Step >= step })
}

// logOf is the whole log of a run.
func logOf(t *testing.T, rs *Runs, id string) []trainer.Event {
	t.Helper()
	bodies, err := rs.Events(t.Context(), id, 0, 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	events := make([]trainer.Event, len(bodies))
	for i, body := range bodies {
		if err := json.Unmarshal(body, &events[i]); err != nil {
			t.Fatalf("offset %d: %v: %s", i, err, body)
		}
	}
	return events
}

// numbersOf are the updates and epoch results of a log: what a resumed run must repeat.
func numbersOf(t *testing.T, events []trainer.Event) []string {
	t.Helper()
	var lines []string
	for _, e := range events {
		if e.Kind == trainer.KindUpdate || e.Kind == trainer.KindEpoch {
			e.Time = 0
			line, err := json.Marshal(e)
			if err != nil {
				t.Fatal(err)
			}
			lines = append(lines, string(line))
		}
	}
	return lines
}

func sameNumbers(t *testing.T, got, want []trainer.Event) {
	t.Helper()
	g, w := numbersOf(t, got), numbersOf(t, want)
	if len(g) != len(w) {
		t.Errorf("%d numbers, want %d", len(g), len(w))
	}
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			t.Fatalf("line %d: got %s, want %s", i, g[i], w[i])
		}
	}
}

func statusOf(err error) int {
	if f := publicFaults(err); err != nil && len(f) > 0 {
		return f[0].status()
	}
	return http.StatusOK
}

func TestTheLifeOfARun(t *testing.T) {
	rs := fakeRuns(t, t.TempDir(), "steps=300 delay=1ms")
	id := mustCreate(t, rs, testConfig())
	awaitStep(t, rs, id, 5)
	mustDo(t, rs, id, MovePause)
	paused := awaitStatus(t, rs, id, StatusPaused)
	if paused.Step >= 300 || !reflect.DeepEqual(paused.Accepts, []Move{MoveResume, MoveStop}) {
		t.Errorf("paused at step %d, accepts %v", paused.Step, paused.Accepts)
	}
	for _, move := range []Move{MovePause, "dance"} {
		if _, err := rs.Do(t.Context(), id, move); statusOf(err) != http.StatusConflict {
			t.Errorf("%s of a paused run: got %v, want a conflict", move, err)
		}
	}
	mustDo(t, rs, id, MoveResume)
	awaitStep(t, rs, id, paused.Step+5)
	mustDo(t, rs, id, MoveStop)
	awaitStatus(t, rs, id, StatusStopped)
	mustDo(t, rs, id, MoveResume)
	done := awaitStatus(t, rs, id, StatusDone)
	if done.Step != 300 || done.TotalSteps != 300 || done.Epoch != 29 || done.TestAccuracy == nil || *done.TestAccuracy != 3 || done.Started == nil || !done.Started.Resumed {
		t.Errorf("done: %+v", done)
	}
	if _, err := rs.Do(t.Context(), id, MoveResume); statusOf(err) != http.StatusConflict {
		t.Errorf("resuming a run that is done: got %v, want a conflict", err)
	}
	if _, err := rs.Do(t.Context(), "nobody", MoveStop); statusOf(err) != http.StatusNotFound {
		t.Errorf("stopping nobody: got %v, want not found", err)
	}

	unbroken := mustCreate(t, rs, testConfig())
	awaitStatus(t, rs, unbroken, StatusDone)
	sameNumbers(t, logOf(t, rs, id), logOf(t, rs, unbroken))
}

func TestHowWorkersEnd(t *testing.T) {
	for _, test := range []struct {
		name, how string
		status    Status
		reason    string
		step      int
	}{
		{"a crash is an interruption, with its message", "crash=7", StatusInterrupted, "panic: the dog ate the gradient", 7},
		{"a device that hangs", "hang", StatusFailed, "Radeon (amdgpu 6.1) hangs.", 5},
		{"a line that is no event", "garbage", StatusFailed, "no event", 5},
		{"a line without an end", "long", StatusFailed, "1048575 bytes", 5},
		{"a checkpoint that is not there", "lie", StatusFailed, "not on disk", 10},
		{"divergence", "diverge", StatusDiverged, "step 6 is NaN", 5},
		{"NaN in between", "nan", StatusDone, "", 50},
	} {
		t.Run(test.name, func(t *testing.T) {
			rs := fakeRuns(t, t.TempDir(), test.how)
			id := mustCreate(t, rs, testConfig())
			run := await(t, rs, id, "an end", func(r RunView) bool { return r.Status != StatusQueued && r.Status != StatusRunning })
			if run.Status != test.status || !strings.Contains(run.Reason, test.reason) {
				t.Errorf("got %s (%s), want %s (%s)", run.Status, run.Reason, test.status, test.reason)
			}
			if resumable := slices.Contains(run.Accepts, MoveResume); resumable != (run.Status == StatusInterrupted || run.Status == StatusFailed) {
				t.Errorf("a run that is %s accepts %v", run.Status, run.Accepts)
			}
			if run.Step < test.step {
				t.Errorf("the log ends at step %d, want %d: what was written before the end counts", run.Step, test.step)
			}
			logOf(t, rs, id) // valid JSON throughout
		})
	}
}

func TestAKilledWorkerCanBeResumed(t *testing.T) {
	folder := t.TempDir()
	rs := fakeRuns(t, folder, "steps=30 crash=25")
	id := mustCreate(t, rs, testConfig())
	run := awaitStatus(t, rs, id, StatusInterrupted)
	if run.Step != 25 {
		t.Errorf("interrupted at step %d, want 25", run.Step)
	}
	closeRuns(t, rs)
	rs = fakeRuns(t, folder, "steps=30") // a worker that does not crash
	mustDo(t, rs, id, MoveResume)
	awaitStatus(t, rs, id, StatusDone)
	events := logOf(t, rs, id)
	seen := map[string]bool{}
	for _, line := range numbersOf(t, events) {
		if seen[line] {
			t.Errorf("twice in the log: %s", line)
		}
		seen[line] = true
	}
	if len(seen) != 33 { // 30 updates, 3 epochs
		t.Errorf("%d numbers, want 33", len(seen))
	}
}

func TestTheQueue(t *testing.T) {
	rs := fakeRuns(t, t.TempDir(), "steps=200 delay=2ms")
	first := mustCreate(t, rs, testConfig())
	second := mustCreate(t, rs, testConfig())
	third := mustCreate(t, rs, testConfig())
	awaitStatus(t, rs, first, StatusRunning)
	for _, id := range []string{second, third} {
		awaitStatus(t, rs, id, StatusQueued)
	}
	mustDo(t, rs, second, MovePause) // out of the queue, and at its end again
	awaitStatus(t, rs, second, StatusPaused)
	mustDo(t, rs, second, MoveResume)
	awaitStatus(t, rs, third, StatusRunning)
	if run, _ := rs.Run(t.Context(), second); run.Status != StatusQueued {
		t.Errorf("the run that was paused in the queue is %s, want queued behind the third", run.Status)
	}
	mustDo(t, rs, second, MoveStop)
	awaitStatus(t, rs, second, StatusStopped)
	awaitStatus(t, rs, third, StatusDone)
	if views := ownRuns(t, rs); len(views) != 3 {
		t.Errorf("the list: %v", views)
	}
}

func TestARestartFindsEverything(t *testing.T) {
	folder := t.TempDir()
	rs := fakeRuns(t, folder, "steps=100000 delay=1ms")
	running := mustCreate(t, rs, testConfig())
	waiting := mustCreate(t, rs, testConfig())
	awaitStep(t, rs, running, 30)
	closeRuns(t, rs)

	s, err := store.Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	row, err := s.Run(t.Context(), running)
	if err != nil || row.Status != string(StatusInterrupted) || row.Reason != "Smoothscape was closed." {
		t.Errorf("after Close the run is %s (%s), %v", row.Status, row.Reason, err)
	}
	checkpoints, err := s.Checkpoints(t.Context(), running)
	if err != nil || len(checkpoints) == 0 || checkpoints[0].Step != row.Step {
		t.Errorf("the last of %v is not that of step %d (%v)", checkpoints, row.Step, err)
	}
	if _, err := s.UpdateRun(running, func(r *store.Run) error { r.Status = string(StatusRunning); return nil }); err != nil { // as kill −9 leaves it
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	rs = fakeRuns(t, folder, "steps=100")
	awaitStatus(t, rs, running, StatusInterrupted)
	awaitStatus(t, rs, waiting, StatusDone) // the queue goes on
	mustDo(t, rs, running, MoveResume)
	awaitStatus(t, rs, running, StatusDone)
}

func TestAFolderInUseIsRefusedInASentence(t *testing.T) {
	folder := t.TempDir()
	fakeRuns(t, folder, "")
	_, err := openRuns(t.Context(), runsOptions{Folder: folder})
	var refused *fault
	if !errors.As(err, &refused) || !strings.Contains(refused.Error(), "another running Smoothscape") {
		t.Errorf("got %v", err)
	}
}

func TestBadConfigurations(t *testing.T) {
	rs := fakeRuns(t, t.TempDir(), "")
	cfg := testConfig()
	cfg.LearningRate, cfg.BatchSize, cfg.Dataset = -1, 0, "nothing"
	_, err := rs.Create(t.Context(), strings.Repeat("δ", maxRunName+1), cfg)
	fields := map[string]bool{}
	for _, f := range publicFaults(err) {
		fields[f.Field] = true
		if f.status() != http.StatusBadRequest || f.Expected == "" || f.Found == "" || f.Advice == "" {
			t.Errorf("not helpful: %+v", f)
		}
	}
	if want := map[string]bool{"name": true, "learningRate": true, "batchSize": true, "dataset": true}; !reflect.DeepEqual(fields, want) {
		t.Errorf("faults of %v, want %v (%v)", fields, want, err)
	}
	cfg = testConfig()
	cfg.BatchSize = 8001
	if _, err := rs.Create(t.Context(), "", cfg); statusOf(err) != http.StatusBadRequest || !strings.Contains(err.Error(), "8000") {
		t.Errorf("a batch larger than the data: got %v", err)
	}
}

func TestSlicesFollowTheRun(t *testing.T) {
	folder := t.TempDir()
	rs := fakeRuns(t, folder, "steps=300 delay=2ms")
	id := mustCreate(t, rs, testConfig())
	if _, err := rs.Slice(t.Context(), id); statusOf(err) != http.StatusNotFound {
		t.Errorf("before the first checkpoint: got %v, want not found", err)
	}
	awaitStatus(t, rs, id, StatusDone)
	slice := awaitSlice(t, rs, id, func(s *Slice) bool { return s.Step == 300 && s.Level == s.Levels-1 })
	if len(slice.Z) != 49*49 || len(slice.Alphas) != 49 || slice.Z[0] == slice.Z[0] || slice.Norms[0] != 20 {
		t.Errorf("%d losses, %d α, corner %v, norms %v", len(slice.Z), len(slice.Alphas), slice.Z[0], slice.Norms)
	}
	// δ is 0.5 after the first update; a tenth of the half-width 1 is m·0.5/20 for m = 4.
	if slice.Magnification == nil || *slice.Magnification != 4 || slice.Delta == nil || *slice.Delta != 0.5/300 {
		t.Errorf("magnification %v, δ %v", slice.Magnification, slice.Delta)
	}
	if slice.Lift == nil || slice.Lift.Delta != *slice.Delta {
		t.Errorf("lift %+v", slice.Lift)
	}
	closeRuns(t, rs)
	again, err := fakeRuns(t, folder, "").Slice(t.Context(), id)
	if err != nil || again.Step != 300 || again.Level != 3 {
		t.Errorf("after a restart: %+v, %v", again, err)
	}
}

// A slice worker that somebody killed is started again for the same checkpoint.
func TestAKilledSliceIsTriedAgain(t *testing.T) {
	rs := fakeRuns(t, t.TempDir(), "steps=10 mortal")
	id := mustCreate(t, rs, testConfig())
	awaitSlice(t, rs, id, func(s *Slice) bool { return s.Step == 10 && s.Level == s.Levels-1 })
	deaths, err := os.ReadFile(filepath.Join(rs.store.Blobs.Folder, "deaths"))
	if err != nil || len(deaths) != 2 {
		t.Errorf("%d workers died, %v; want 2", len(deaths), err)
	}
}

func awaitSlice(t *testing.T, rs *Runs, id string, reached func(*Slice) bool) *Slice {
	t.Helper()
	var slice *Slice
	for deadline := time.Now().Add(60 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		var err error
		if slice, err = rs.Slice(t.Context(), id); err == nil && reached(slice) {
			return slice
		}
		if time.Now().After(deadline) {
			t.Fatalf("waiting for a slice: %+v, %v", slice, err)
		}
	}
}

func TestADeafWorkerIsKilledAtTheEnd(t *testing.T) {
	folder := t.TempDir()
	rs := fakeRuns(t, folder, "steps=1000000 delay=1ms deaf")
	id := mustCreate(t, rs, testConfig())
	awaitStep(t, rs, id, 12)
	closeRuns(t, rs)
	run, err := fakeRuns(t, folder, "").Run(t.Context(), id)
	if err != nil || run.Status != StatusInterrupted || !strings.Contains(run.Reason, "killed") {
		t.Errorf("%+v, %v", run, err)
	}
}

func TestNothingIsLeftBehind(t *testing.T) {
	settle := func() int {
		n := runtime.NumGoroutine()
		for range 100 { // goroutines of a closed database and of dead processes take a moment
			time.Sleep(10 * time.Millisecond)
			if m := runtime.NumGoroutine(); m < n {
				n = m
			}
		}
		return n
	}
	before := settle()
	rs := fakeRuns(t, t.TempDir(), "steps=100000 delay=1ms")
	id := mustCreate(t, rs, testConfig())
	awaitStep(t, rs, id, 20)
	mustDo(t, rs, id, MovePause)
	awaitStatus(t, rs, id, StatusPaused)
	mustDo(t, rs, id, MoveResume)
	awaitStep(t, rs, id, 40)
	closeRuns(t, rs)
	if after := settle(); after > before {
		stacks := make([]byte, 1<<20)
		t.Errorf("%d goroutines before, %d after\n%s", before, after, stacks[:runtime.Stack(stacks, true)])
	}
}

func TestDatasetNames(t *testing.T) {
	folder := t.TempDir()
	rs := fakeRuns(t, folder, "")
	if err := os.MkdirAll(filepath.Join(folder, "datasets", "broken"), 0o700); err != nil {
		t.Fatal(err)
	}
	sets, err := rs.Datasets(t.Context())
	if err != nil || len(sets) != 2 || sets[0].TrainSize != 8000 || sets[0].Problem != "" || sets[1].Name != "broken" || sets[1].Problem == "" {
		t.Errorf("got %+v, %v", sets, err)
	}
	for _, name := range []string{"", "fashion-mnist-8k", "../x", "Upper", ".hidden", "-flag", strings.Repeat("a", 41)} {
		if err := rs.AddDataset(context.Background(), name, folder); statusOf(err) != http.StatusBadRequest {
			t.Errorf("%q: got %v, want a refusal", name, err)
		}
	}
}

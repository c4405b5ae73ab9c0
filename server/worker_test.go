package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"smoothscape/server/store"
	"smoothscape/trainer"
)

// realRuns trains with the real worker: this test binary, run again.
func realRuns(t *testing.T, folder string) *Runs {
	t.Helper()
	return openTestRuns(t, runsOptions{Folder: folder})
}

// shortConfig is a run of some seconds' work on the embedded images, cut into many updates.
func shortConfig() trainer.Config {
	cfg := testConfig()
	cfg.Model = "mlp" // the softmax would be done before a move reaches it
	cfg.BatchSize, cfg.Epochs, cfg.StageEpochs, cfg.Schedule, cfg.Seed = 16, 4, 1, trainer.Hybrid, 3
	return cfg
}

// newestParameters are those of a run's newest checkpoint.
func newestParameters(t *testing.T, rs *Runs, id string) (*trainer.Checkpoint, store.Checkpoint) {
	t.Helper()
	all, err := rs.store.Checkpoints(t.Context(), id)
	if err != nil || len(all) == 0 {
		t.Fatalf("checkpoints: %v, %v", all, err)
	}
	c, err := readCheckpoint(rs.store.Blobs, all[0].SHA256)
	if err != nil {
		t.Fatal(err)
	}
	return c, all[0]
}

// One run is left alone; its twins are paused, or lose their worker by kill −9, at several steps, and resumed. All end with the same
// numbers and the same parameters, bit for bit.
func TestBrokenRunsEndWithTheSameNumbers(t *testing.T) {
	if testing.Short() {
		t.Skip("trains for some seconds")
	}
	rs := realRuns(t, t.TempDir())
	whole := mustCreate(t, rs, shortConfig())
	awaitStatus(t, rs, whole, StatusDone)
	want, _ := newestParameters(t, rs, whole)

	for _, test := range []struct {
		name   string
		end    func(id string)
		status Status
	}{
		{"paused", func(id string) { mustDo(t, rs, id, MovePause) }, StatusPaused},
		{"killed", func(string) { killChildren(t) }, StatusInterrupted},
	} {
		t.Run(test.name, func(t *testing.T) {
			id := mustCreate(t, rs, shortConfig())
			for _, step := range []int{3, 200, 520} {
				awaitStep(t, rs, id, step)
				test.end(id)
				run := await(t, rs, id, "the break", func(r RunView) bool { return r.Status == test.status || r.Status == StatusDone })
				if run.Status == StatusDone {
					t.Logf("the run was done before it could be %s at step %d", test.name, step)
					break
				}
				t.Logf("%s at step %d of %d: %s", test.name, run.Step, run.TotalSteps, run.Reason)
				mustDo(t, rs, id, MoveResume)
			}
			run := awaitStatus(t, rs, id, StatusDone)
			if run.Step != run.TotalSteps {
				t.Errorf("done at step %d of %d", run.Step, run.TotalSteps)
			}
			sameNumbers(t, logOf(t, rs, id), logOf(t, rs, whole))
			got, _ := newestParameters(t, rs, id)
			if fmt.Sprint(got.Params) != fmt.Sprint(want.Params) {
				t.Error("the parameters differ")
			}
		})
	}
}

// killChildren kills every child of this process with kill −9: the workers.
func killChildren(t *testing.T) {
	t.Helper()
	for _, pid := range children(t) {
		if process, err := os.FindProcess(pid); err == nil {
			_ = process.Kill()
		}
	}
}

// children are the process numbers of this process's children. It needs the ps of a Unix system.
func children(t *testing.T) []int {
	t.Helper()
	list, err := exec.Command("ps", "-o", "pid=,args=", "--ppid", strconv.Itoa(os.Getpid())).Output()
	if err != nil {
		t.Skipf("ps cannot list child processes here: %v", err)
	}
	var pids []int
	for line := range strings.Lines(string(list)) {
		fields := strings.Fields(line)
		if pid, err := strconv.Atoi(fields[0]); err == nil && strings.HasSuffix(line, " worker\n") {
			pids = append(pids, pid)
		}
	}
	return pids
}

func TestARealSlice(t *testing.T) {
	rs := realRuns(t, t.TempDir())
	cfg := shortConfig()
	cfg.Epochs = 1
	id := mustCreate(t, rs, cfg)
	awaitStatus(t, rs, id, StatusDone)
	checkpoint, row := newestParameters(t, rs, id)
	slice := awaitSlice(t, rs, id, func(s *Slice) bool { return s.Step == row.Step && s.Level >= sliceEnough && s.Lift != nil })
	n := len(slice.Alphas)
	if *slice.Loss != slice.Z[n*n/2] && float32(*slice.Loss) != float32(slice.Z[n*n/2]) {
		t.Errorf("loss %v in the center, %v in the grid", *slice.Loss, slice.Z[n*n/2])
	}
	if slice.Images != 512 || slice.Delta == nil || slice.Magnification == nil || slice.Alphas[0] != -1.75 || slice.Alphas[n-1] != 1.75 {
		t.Errorf("slice %+v", slice)
	}
	for i, z := range slice.Z {
		if !(z > 0) {
			t.Fatalf("loss %v at %d", z, i)
		}
	}
	// The loss in the center is that of the network itself on the same images.
	set, err := openDataset("")
	if err != nil {
		t.Fatal(err)
	}
	built, err := openNetworks(t.Context(), checkpoint, "", 1, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	z, err := fixedImages(set, sliceImages).evaluator(built.models[0], false)(checkpoint.Params)
	if err != nil || float32(z) != float32(*slice.Loss) {
		t.Errorf("loss %v (%v), the slice says %v", z, err, *slice.Loss)
	}
	first := firstDelta(t, rs, id)
	if m := 0.1 * slice.Norms[0] / first; float32(m) != float32(*slice.Magnification) {
		t.Errorf("magnification %v, want %v", *slice.Magnification, m)
	}
}

func firstDelta(t *testing.T, rs *Runs, id string) float64 {
	t.Helper()
	for _, e := range logOf(t, rs, id) {
		if e.Update != nil && e.Update.NoiseLevel != nil {
			return float64(*e.Update.NoiseLevel)
		}
	}
	t.Fatal("δ was never known")
	return 0
}

func TestADivergingRunKeepsItsLastFiniteState(t *testing.T) {
	rs := realRuns(t, t.TempDir())
	cfg := testConfig()
	cfg.Model, cfg.LearningRate, cfg.BatchSize = "mlp", 1e6, 32
	id := mustCreate(t, rs, cfg)
	run := awaitStatus(t, rs, id, StatusDiverged)
	if !strings.Contains(run.Reason, "learning rate") || len(run.Accepts) != 0 {
		t.Errorf("reason %q, accepts %v", run.Reason, run.Accepts)
	}
	checkpoint, _ := newestParameters(t, rs, id)
	if len(checkpoint.Params) == 0 || checkpoint.Step > run.Step {
		t.Errorf("kept step %d with %d parameters", checkpoint.Step, len(checkpoint.Params))
	}
	response, err := rs.Events(t.Context(), id, 0, 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	for _, body := range response {
		if !json.Valid(body) {
			t.Errorf("not JSON: %s", body)
		}
	}
}

func TestATornCheckpointFallsBackToTheOneBefore(t *testing.T) {
	if testing.Short() {
		t.Skip("trains for some seconds")
	}
	folder := t.TempDir()
	rs := realRuns(t, folder)
	cfg := shortConfig()
	id := mustCreate(t, rs, cfg)
	awaitStep(t, rs, id, 520) // behind the first epoch's checkpoint
	mustDo(t, rs, id, MovePause)
	awaitStatus(t, rs, id, StatusPaused)
	_, row := newestParameters(t, rs, id)
	blob := filepath.Join(rs.store.Blobs.Folder, row.SHA256[:2], row.SHA256)
	if err := os.Truncate(blob, row.Bytes/2); err != nil {
		t.Fatal(err)
	}
	mustDo(t, rs, id, MoveResume)
	run := awaitStatus(t, rs, id, StatusDone)
	if run.Step != run.TotalSteps {
		t.Errorf("done at step %d of %d", run.Step, run.TotalSteps)
	}
	whole := mustCreate(t, rs, cfg)
	awaitStatus(t, rs, whole, StatusDone)
	sameNumbers(t, logOf(t, rs, id), logOf(t, rs, whole))
}

func TestWorkersRefuseWhatIsNoTask(t *testing.T) {
	for _, input := range []string{"", "no task\n", "{}\n", `{"train":{},"slice":{}}` + "\n", `{"train":{},"more":1}` + "\n", `{"train":`} {
		var out, log bytes.Buffer
		err := inProcessWorker(input, &out, &log)
		var refused *fault
		if !errors.As(err, &refused) || out.Len() > 0 {
			t.Errorf("%q: got %v and %q, want a refusal", input, err, out.String())
		}
	}
}

func TestAWorkerReportsWhatItCannotOpen(t *testing.T) {
	task, err := json.Marshal(workerTask{Train: &trainTask{Config: testConfig(), Folder: t.TempDir(), Blobs: t.TempDir()}})
	if err != nil {
		t.Fatal(err)
	}
	var out, log bytes.Buffer
	if err := inProcessWorker(string(task)+"\n", &out, &log); err == nil {
		t.Error("an empty folder was accepted")
	}
	var last trainer.Event
	if err := json.Unmarshal(out.Bytes(), &last); err != nil || last.Ended == nil || last.Ended.Outcome != trainer.OutcomeFailed || last.Ended.Reason == "" {
		t.Errorf("got %s", out.String())
	}
}

func inProcessWorker(input string, out, log *bytes.Buffer) error {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	return obeyTask(ctx, strings.NewReader(input), out, log)
}

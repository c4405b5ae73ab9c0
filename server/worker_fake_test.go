package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"smoothscape/server/store"
	"smoothscape/trainer"
)

// The test binary executes itself as a worker. It is the real one, except when this variable names a fake: see fakeWorker.
const fakeVariable = "SMOOTHSCAPE_FAKE_WORKER"

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "worker" {
		if how := os.Getenv(fakeVariable); how != "" {
			fakeWorker(how)
			return
		}
		if err := runWorker(context.Background(), os.Stdin, os.Stdout, os.Stderr); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// fakeWorker plays a worker whose training is instant. how is a list of words:
//
//	steps=N    updates of the whole run (50)
//	delay=D    pause after each update (0)
//	deaf       goes on after the end of its input
//	crash=N    dies with a message after N updates
//	hang       says after five updates that its device hangs, and ends itself
//	garbage    writes a line that is no event
//	long       writes a line without an end
//	diverge    the loss becomes NaN, and that is its end
//	nan        the loss is NaN now and then, which is news and no end
//	lie        reports a checkpoint that it has not written
//	mortal     the first two slices die without a word
//	space=H    how pictures in full space go: "hang" after the head, "die", "refuse", or "talk" about nothing
//	measure=H  how a measurement goes: "hang" until its end, "die", "refuse", or "talk" about nothing
//
// Devices crash whatever is asked of them.
//
// A checkpoint holds the number of updates, and is written every ten of them and at the end.
func fakeWorker(how string) {
	signal.Ignore(os.Interrupt)
	words := map[string]string{}
	for _, word := range strings.Fields(how) {
		key, value, _ := strings.Cut(word, "=")
		words[key] = value
	}
	number := func(key string, absent int) int {
		n := absent
		_, _ = fmt.Sscan(words[key], &n)
		return n
	}
	has := func(key string) bool { _, ok := words[key]; return ok }
	delay, _ := time.ParseDuration(words["delay"])

	input := bufio.NewReader(os.Stdin)
	line, err := input.ReadBytes('\n')
	var task workerTask
	if err != nil || json.Unmarshal(line, &task) != nil {
		os.Exit(3)
	}
	if task.Slice != nil {
		if has("mortal") && dieTwice(task.Slice.Blobs) {
			os.Exit(9)
		}
		fakeSlice(task.Slice, delay)
		return
	}
	if task.Fullspace != nil {
		fakeFullspace(task.Fullspace, words["space"])
		return
	}
	if task.Devices != nil {
		fmt.Fprint(os.Stderr, "SIGSEGV: segmentation violation\n\ngoroutine 1 [syscall]:\n")
		os.Exit(2)
	}
	if task.Trajectory != nil { // a way along α, one unit an update
		found := &Trajectory{Step: task.Trajectory.Step}
		for _, p := range task.Trajectory.Places {
			found.Points = append(found.Points, TrajectoryPoint{Step: p.Step, Alpha: float64(p.Step - found.Step)})
		}
		_ = lineWriter{os.Stdout}.write(trajectoryLine{Trajectory: found})
		return
	}
	if task.Measure != nil {
		fakeMeasure(task.Measure, words["measure"], delay, input)
		return
	}
	stop := make(chan struct{})
	go func() { _, _ = io.Copy(io.Discard, input); close(stop) }()
	stopped := func() bool {
		select {
		case <-stop:
			return !has("deaf")
		default:
			return false
		}
	}
	out := lineWriter{os.Stdout}
	say := func(e trainer.Event) {
		e.Time = time.Now().UnixMilli()
		if out.write(e) != nil {
			os.Exit(4)
		}
	}
	blobs := store.Blobs{Folder: task.Train.Blobs}
	step, steps := 0, number("steps", 50)
	for _, sha := range task.Train.Resume {
		if content, err := blobs.Get(sha, 1000); err == nil {
			_, _ = fmt.Sscanf(string(content), "step %d", &step)
			break
		}
	}
	checkpoint := func() {
		content := fmt.Appendf(nil, "step %d of seed %d", step, task.Train.Config.Seed)
		sha, err := blobs.Put(content)
		if err != nil {
			os.Exit(5)
		}
		if has("lie") {
			sha = strings.Repeat("0", 64)
		}
		say(trainer.Event{Kind: trainer.KindCheckpoint, Step: step, Checkpoint: &trainer.CheckpointRef{SHA256: sha, Bytes: int64(len(content))}})
	}
	end := func(outcome trainer.Outcome, reason string) {
		checkpoint()
		say(trainer.Event{Kind: trainer.KindEnded, Step: step, Ended: &trainer.Ended{Outcome: outcome, Reason: reason}})
	}
	say(trainer.Event{Kind: trainer.KindStarted, Step: step, Started: &trainer.Started{Engine: "fake", TotalSteps: steps, TrainSize: 8000, Resumed: step > 0}})
	for step < steps {
		if stopped() {
			end(trainer.OutcomeStopped, "")
			return
		}
		step++
		say(trainer.Event{Kind: trainer.KindUpdate, Step: step, Update: fakeUpdate(step, has("nan"))})
		time.Sleep(delay)
		if step == number("crash", -1) {
			fmt.Fprintln(os.Stderr, "panic: the dog ate the gradient")
			os.Exit(2)
		}
		if step == 5 {
			switch {
			case has("hang"):
				say(trainer.Event{Kind: trainer.KindEnded, Step: step, Ended: &trainer.Ended{Outcome: trainer.OutcomeFailed, Reason: "Radeon (amdgpu 6.1) hangs."}})
				os.Exit(1)
			case has("garbage"):
				fmt.Println("this is no event")
			case has("long"):
				fmt.Print(strings.Repeat("x", 3<<20))
				time.Sleep(time.Minute)
			case has("diverge"):
				end(trainer.OutcomeDiverged, "the training loss of step 6 is NaN")
				return
			}
		}
		if step%10 == 0 {
			say(trainer.Event{Kind: trainer.KindEpoch, Step: step, Epoch: &trainer.EpochResult{Epoch: step/10 - 1, TestAccuracy: float64(step) / 100}})
			checkpoint()
		}
	}
	end(trainer.OutcomeDone, "")
}

// fakeUpdate is a function of the step alone, as a real one is of the step and the configuration.
func fakeUpdate(step int, nan bool) *trainer.Update {
	delta := trainer.Number(0.5 / float64(step))
	update := &trainer.Update{Epoch: (step - 1) / 10, LearningRate: 0.1, BatchSize: 32, TrainLoss: trainer.Number(1 / float64(step)), NoiseLevel: &delta}
	if nan && step%7 == 0 {
		var zero float64
		bad := trainer.Number(zero / zero)
		update.TrainLoss, update.NoiseLevel = bad, &bad
	}
	return update
}

// dieTwice counts deaths in a file, and says whether this one is due.
func dieTwice(folder string) bool {
	file, err := os.OpenFile(filepath.Join(folder, "deaths"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return false
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil || info.Size() >= 2 {
		return false
	}
	_, err = file.WriteString("x")
	return err == nil
}

// fakeFullspace writes a bowl that each picture lifts, once coarse and once done.
func fakeFullspace(task *fullspaceTask, how string) {
	out := lineWriter{os.Stdout}
	head := SpaceHead{Type: "head", Subject: task.Run, Dim: 7850, Delta: task.Delta, Nodes: []float64{-1.5, -0.75, 0, 0.75, 1.5}, BaseOf: baseRaw, Recorded: "8 noise vectors"}
	for _, y := range head.Nodes {
		for _, x := range head.Nodes {
			head.Base = append(head.Base, x*x+y*y)
		}
	}
	switch how {
	case "die":
		fmt.Fprintln(os.Stderr, "panic: the dog ate the plane")
		os.Exit(2)
	case "refuse":
		_ = out.write(spaceEnd{Type: "end", Failed: "the checkpoint is of another program"})
		return
	case "talk":
		_ = out.write(SpaceFrame{Type: "frame", Picture: "fifth"})
		time.Sleep(time.Minute)
	}
	_ = out.write(head)
	if how == "hang" {
		time.Sleep(time.Minute)
	}
	for i, picture := range []string{pictureFull, pictureMeasured} {
		frame := SpaceFrame{Type: "frame", Picture: picture, StdErr: make(numbers, len(head.Base))}
		for _, z := range head.Base {
			frame.Z = append(frame.Z, z+0.5+float64(i))
		}
		for _, frame.Samples = range []int{4, 16} {
			share := 0.1 / float64(frame.Samples)
			frame.RelErr, frame.Done = &share, frame.Samples == 16
			if out.write(frame) != nil {
				return
			}
		}
	}
	_ = out.write(spaceEnd{Type: "end"})
}

// fakeSlice writes the four levels of a bowl, with a hole where the loss is not a number.
func fakeSlice(task *sliceTask, delay time.Duration) {
	out := lineWriter{os.Stdout}
	if _, err := (store.Blobs{Folder: task.Blobs}).Get(task.Checkpoint, 1000); err != nil {
		_ = out.write(sliceLine{Error: err.Error()})
		return
	}
	levels := sliceLevels()
	for level := range levels.Count {
		n := levels.Nodes(level)
		l := &sliceLevel{Level: level, Levels: levels.Count, Norms: [2]float64{20, 21}, Images: sliceImages}
		for i := range n {
			l.Alphas = append(l.Alphas, levels.HalfWidth*(2*float64(i)/float64(n-1)-1))
		}
		l.Betas = l.Alphas
		for i := range n * n {
			x, y := l.Alphas[i%n], l.Betas[i/n]
			l.Z = append(l.Z, x*x+y*y)
		}
		var zero float64
		l.Z[0] = zero / zero
		l.Loss = finite(l.Z[len(l.Z)/2])
		if out.write(sliceLine{Level: l}) != nil {
			return
		}
		if level == sliceEnough && task.Delta != nil {
			_ = out.write(sliceLine{Lift: &Lift{Mean: 0.01, StdErr: 0.001, Pairs: 16, Delta: *task.Delta}})
		}
		time.Sleep(10 * delay)
	}
}

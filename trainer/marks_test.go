package trainer

import (
	"bytes"
	"errors"
	"testing"
	"time"
)

// A run has its marks whatever the clock says, the first before its first update; they change no number, and where checkpoints take long
// they are put off.
func TestMarksAreSpreadOverTheRun(t *testing.T) {
	plain := mustTrain(t, blobJob(), OutcomeDone)
	marked := func(took time.Duration) []int {
		job, r := blobJob(), &record{}
		now := time.Unix(0, 0)
		job.Now = func() time.Time { now = now.Add(time.Millisecond); return now }
		job.Marks = 10
		var steps []int
		outcome, err := Train(t.Context(), job, func(c *Checkpoint) (CheckpointRef, error) {
			now, steps = now.Add(took), append(steps, c.Step)
			return r.save(c)
		}, r.emit)
		if err != nil || outcome != OutcomeDone {
			t.Fatalf("%s, %v", outcome, err)
		}
		if !same(r.last(), plain.last()) || !sameEvents(r.events, plain.events) {
			t.Error("the marks changed the run")
		}
		return steps
	}
	job := blobJob()
	total := TotalSteps(job.Config, job.Set.Train.Len())
	steps := marked(0)
	if steps[0] != 0 || steps[len(steps)-1] != total {
		t.Errorf("checkpoints at %v of %d updates", steps, total)
	}
	for i := 1; i < len(steps); i++ {
		// The clock of the test lets five looks pass before a checkpoint that took one is paid for.
		if gap := steps[i] - steps[i-1]; gap > total/10+6 {
			t.Errorf("checkpoints at %v of %d updates: %d between two", steps, total, gap)
		}
	}
	if slow := marked(time.Second); len(slow) >= len(steps) {
		t.Errorf("%d checkpoints where they take long, %d where they do not", len(slow), len(steps))
	}
}

func TestBareCheckpointsAreHalfAndResumeNothing(t *testing.T) {
	job := blobJob()
	job.Config.Momentum = 0.9
	whole := mustTrain(t, job, OutcomeDone).last()
	bare := whole.WithoutMomentum()
	var long, short bytes.Buffer
	if err := errors.Join(whole.Encode(&long), bare.Encode(&short)); err != nil {
		t.Fatal(err)
	}
	if saved, want := long.Len()-short.Len(), 4*len(whole.Params); saved < want {
		t.Errorf("%d bytes saved, want at least %d", saved, want)
	}
	back, err := DecodeCheckpoint(&short)
	if err != nil || !same(back, bare) || !back.Bare || len(back.Velocity) != 0 {
		t.Fatalf("read back: %+v, %v", back, err)
	}
	job.Resume = back
	if outcome, err := Train(t.Context(), job, (&record{}).save, func(Event) error { return nil }); outcome != OutcomeFailed || !errors.Is(err, ErrResume) {
		t.Errorf("resumed from a bare checkpoint: %s, %v", outcome, err)
	}
	without := mustTrain(t, blobJob(), OutcomeDone).last()
	if without.WithoutMomentum().Bare {
		t.Error("a checkpoint that never had momentum is called bare")
	}
}

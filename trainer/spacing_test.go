package trainer

import (
	"testing"
	"time"
)

// Checkpoints that take long come less often, so that their share of the time stays what it may be, and no number of the run changes.
func TestSlowCheckpointsComeLessOften(t *testing.T) {
	plain := mustTrain(t, blobJob(), OutcomeDone)
	spaced := func(took time.Duration) (*record, time.Duration, time.Duration) {
		job, r := blobJob(), &record{}
		now, saving := time.Unix(0, 0), time.Duration(0)
		job.Now = func() time.Time { now = now.Add(time.Millisecond); return now } // each look at the clock stands for some work
		job.CheckpointEvery, job.CheckpointShare = 4*time.Millisecond, 0.1
		outcome, err := Train(t.Context(), job, func(c *Checkpoint) (CheckpointRef, error) {
			now, saving = now.Add(took), saving+took
			return r.save(c)
		}, r.emit)
		if err != nil || outcome != OutcomeDone {
			t.Fatalf("%s, %v", outcome, err)
		}
		return r, saving, now.Sub(time.Unix(0, 0))
	}
	fast, _, _ := spaced(0)
	slow, saving, all := spaced(3 * time.Millisecond)
	if len(slow.checkpoints) >= len(fast.checkpoints) || len(slow.checkpoints) < len(plain.checkpoints) {
		t.Errorf("%d checkpoints where they take long, %d where they do not, %d without a clock", len(slow.checkpoints), len(fast.checkpoints), len(plain.checkpoints))
	}
	// Those at the ends of epochs come besides.
	if most := 0.1*float64(all) + float64(len(plain.checkpoints))*float64(3*time.Millisecond); float64(saving) > most {
		t.Errorf("%v of %v went into checkpoints", saving, all)
	}
	if !same(slow.last(), plain.last()) || !sameEvents(slow.events, plain.events) {
		t.Error("the spacing changed the run")
	}
}

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"smoothscape/server/curve"
	"smoothscape/trainer"
)

// followCurves takes the kept curves of a run, chunk by chunk. byLog says that there are no more of them that can be used; else the patience
// was over before.
func (d *digest) followCurves(ctx context.Context, rs *Runs, run RunView, until time.Time) error {
	built, err := rs.store.CurveCount(ctx, run.ID, 0) // none of a recorded run
	if err != nil {
		return err
	}
	if d.chunks == 0 && built > 0 {
		bodies, err := rs.Events(ctx, run.ID, 0, 1)
		if err != nil {
			return err
		}
		var first trainer.Event
		if err := json.Unmarshal(bodies[0], &first); err != nil {
			return fmt.Errorf("run %s, reading event 0: %w", run.ID, err)
		}
		if first.Started == nil {
			built = 0
		} else if d.first == 0 {
			d.take(first)
		}
	}
	for d.chunks < built {
		end := min(built, d.chunks+curve.Fan)
		pieces, err := rs.curves.pieces(ctx, run.ID, 0, d.chunks, end)
		if err != nil {
			return err
		}
		for _, p := range pieces {
			ok, err := d.takePiece(p)
			if err != nil {
				return fmt.Errorf("run %s, reading chunk %d of its curves: %w", run.ID, d.chunks, err)
			}
			if !ok {
				d.byLog = true
				return nil
			}
		}
		if time.Now().After(until) && d.chunks < built {
			return nil
		}
	}
	d.byLog = true
	return nil
}

// takePiece takes the updates and the epochs of a piece of level 0 as if their events were read; not ok, it took nothing: the piece lacks
// something.
func (d *digest) takePiece(p *curve.Piece) (ok bool, err error) {
	var after curve.State
	if err := json.Unmarshal(p.After, &after); err != nil {
		return false, err
	}
	at, loss := &p.Places, &p.Columns[curve.TrainLoss]
	if after.Began == 0 || after.Begun != d.first || len(loss.Step) != len(at.Step) || len(p.Epochs) != p.Columns[curve.TestLoss].Received {
		return false, nil
	}
	rows := make([]curve.EpochRow, len(p.Epochs))
	for i, text := range p.Epochs {
		if err := json.Unmarshal(text, &rows[i]); err != nil || rows[i].Result == nil {
			return false, err
		}
	}
	takeEpochs := func(before int) {
		for len(rows) > 0 && rows[0].Step < before {
			d.take(trainer.Event{Kind: trainer.KindEpoch, Step: rows[0].Step, Epoch: rows[0].Result})
			rows = rows[1:]
		}
	}
	eta := 0.0
	if d.before.Scheduled != nil {
		eta = d.before.Scheduled.LearningRate
	}
	rates, delta, spread := columnReader{c: &p.Columns[curve.LearningRate]}, columnReader{c: &p.Columns[curve.NoiseLevel]}, columnReader{c: &p.Columns[curve.GradStdDev]}
	samples := d.before.Samples
	for i, step := range at.Step {
		takeEpochs(step)
		if v := rates.at(step); v != nil {
			eta = float64(*v)
		}
		d.take(trainer.Event{Kind: trainer.KindUpdate, Step: step, Time: d.first + int64(at.Time[i]), Update: &trainer.Update{
			Epoch: at.Epoch[i], LearningRate: eta, BatchSize: at.Samples[i] - samples, TrainLoss: trainer.Number(loss.Value[i]), NoiseLevel: delta.at(step), GradStdDev: spread.at(step),
		}})
		samples = at.Samples[i]
	}
	takeEpochs(after.Step + 1)
	d.began, d.trained, d.seen = after.Began, after.Worked, after.Seen
	d.before = after
	d.chunks++
	d.next = int64(d.chunks) * curve.ChunkEvents
	return true, nil
}

// columnReader goes through a column with the steps of the updates.
type columnReader struct {
	c    *curve.Column
	next int
}

// at is the value that was logged at a step, nil if none was.
func (f *columnReader) at(step int) *trainer.Number {
	for f.next < len(f.c.Step) && f.c.Step[f.next] < step {
		f.next++
	}
	if f.next == len(f.c.Step) || f.c.Step[f.next] != step {
		return nil
	}
	v := trainer.Number(f.c.Value[f.next])
	return &v
}

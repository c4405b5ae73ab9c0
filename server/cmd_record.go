package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	planes "smoothscape/landscape/slice"
	"smoothscape/trainer"
	"smoothscape/trainer/dataset"
	"smoothscape/trainer/engine/cpu"
)

func newRecordCommand(tty *terminal) *cobra.Command {
	var ids []string
	for _, plan := range recordingPlans() {
		ids = append(ids, plan.ID)
	}
	out := ""
	cmd := &cobra.Command{
		Use:    "record ID",
		Hidden: true, // for those who build the program
		Short:  "Train one of the runs that ship with the program, and record it",
		Long: `Train one of the runs that ship with the program, and record it: ` + strings.Join(ids, ", ") + `.
It trains three networks and computes dozens of pictures, which takes some minutes. The same program on the
same processor gives the same numbers; only the times of the log differ.`,
		Args: words("the name of a recording"),
		RunE: func(cmd *cobra.Command, args []string) error {
			for _, plan := range recordingPlans() {
				if plan.ID == args[0] {
					return record(cmd.Context(), tty, plan, out)
				}
			}
			return &fault{Field: "id", Doing: "looking for a recording", Expected: strings.Join(ids, " or "), Found: quoted(args[0])}
		},
	}
	cmd.Flags().StringVarP(&out, "out", "o", "", "file, such as server/recordings/ID.json.gz")
	_ = cmd.MarkFlagRequired("out") // it was defined in the line above
	return cmd
}

// record makes a recording and writes it.
func record(ctx context.Context, tty *terminal, plan recordingPlan, out string) error {
	if err := checkWritable("out", out); err != nil {
		return err
	}
	set, err := dataset.Embedded()
	if err != nil {
		return err
	}
	r := &recorder{plan: plan, set: set, say: func(format string, values ...any) { fmt.Fprintf(tty.err, format+"\n", values...) }}
	made, err := r.make(ctx)
	if err != nil {
		return err
	}
	return replaceFile(out, made.encode)
}

// recorder makes a recording.
type recorder struct {
	plan recordingPlan
	set  *dataset.Set
	say  func(format string, values ...any)

	events      []trainer.Event
	checkpoints []*trainer.Checkpoint
}

func (r *recorder) make(ctx context.Context) (recording, error) {
	if err := r.train(ctx); err != nil {
		return recording{}, err
	}
	end := r.checkpoints[len(r.checkpoints)-1]
	var others [2][]float32
	for i := range others {
		cfg := r.plan.Config
		cfg.Seed += uint64(i) + 1
		companion, err := trainSilently(ctx, cfg, r.set)
		if err != nil {
			return recording{}, err
		}
		others[i] = companion.Params
	}
	plane, err := threeEnds(end.Params, others[0], others[1])
	if err != nil {
		return recording{}, err
	}
	made := recording{Version: recordingVersion, Name: r.plan.Name, Created: r.events[0].Time, Config: r.plan.Config}
	if made.Events, err = r.log(); err != nil {
		return made, err
	}
	updates := end.Step
	made.Note = fmt.Sprintf("It ships with the program: a real training; %s of its %s updates are kept. The plane goes through the ends of this and two other trainings (seeds %d, %d).",
		grouped(r.keptUpdates()), grouped(updates), r.plan.Config.Seed+1, r.plan.Config.Seed+2)
	return made, r.draw(ctx, plane, &made)
}

// train trains the run itself, and keeps its log and its checkpoints: one of each step, the later where there are two.
func (r *recorder) train(ctx context.Context) error {
	r.say("training %s", r.plan.ID)
	job := trainer.Job{Config: r.plan.Config, Set: r.set, Engine: cpu.New(), Marks: recordedMarks} // on every machine, whatever devices it has
	outcome, err := trainer.Train(ctx, job, func(c *trainer.Checkpoint) (trainer.CheckpointRef, error) {
		if n := len(r.checkpoints); n > 0 && r.checkpoints[n-1].Step == c.Step {
			r.checkpoints = r.checkpoints[:n-1]
		}
		r.checkpoints = append(r.checkpoints, c)
		return trainer.CheckpointRef{}, nil
	}, func(e trainer.Event) error {
		if e.Checkpoint == nil { // those that it tells of are not in the recording
			r.events = append(r.events, e)
		}
		return nil
	})
	return wantDone(outcome, err)
}

func trainSilently(ctx context.Context, cfg trainer.Config, set *dataset.Set) (*trainer.Checkpoint, error) {
	var last *trainer.Checkpoint
	outcome, err := trainer.Train(ctx, trainer.Job{Config: cfg, Set: set, Engine: cpu.New()}, func(c *trainer.Checkpoint) (trainer.CheckpointRef, error) {
		last = c
		return trainer.CheckpointRef{}, nil
	}, func(trainer.Event) error { return nil })
	return last, wantDone(outcome, err)
}

func wantDone(outcome trainer.Outcome, err error) error {
	if err == nil && outcome != trainer.OutcomeDone {
		err = fmt.Errorf("the training of a recording: expected it to be done, found it %s", outcome)
	}
	return err
}

// threeEnds is the plane through three places: a in the center, b and c at equal heights above it, recordedSide apart. Its directions are at
// right angles and of one length, so that the picture shows true angles and lengths.
func threeEnds(a, b, c []float32) (planes.Plane[float32], error) {
	plane := planes.Plane[float32]{Center: a, D1: planes.Between(b, c), D2: make([]float32, len(a))}
	for i := range a {
		plane.D2[i] = (b[i]+c[i])/2 - a[i]
	}
	planes.Orthogonalize(plane.D2, plane.D1)
	side, _ := plane.Norms()
	planes.Scale(plane.D1, side/recordedSide)
	planes.Scale(plane.D2, side/recordedSide)
	_, err := plane.Metric()
	return plane, planeFault(err)
}

// keptUpdates is how many updates the recording's log has.
func (r *recorder) keptUpdates() int {
	n := 0
	for _, e := range r.events {
		if e.Update != nil {
			n++
		}
	}
	return min(n, r.plan.Updates)
}

// log is the log with evenly chosen updates, the first and the last among them.
func (r *recorder) log() ([]json.RawMessage, error) {
	total := 0
	for _, e := range r.events {
		if e.Update != nil {
			total++
		}
	}
	chosen := map[int]bool{}
	for i := range r.keptUpdates() {
		chosen[i*(total-1)/max(1, r.keptUpdates()-1)] = true
	}
	var lines []json.RawMessage
	update := 0
	for _, e := range r.events {
		if e.Update != nil {
			update++
			if !chosen[update-1] {
				continue
			}
		}
		line, err := json.Marshal(rounded(e))
		if err != nil {
			return nil, err
		}
		lines = append(lines, line)
	}
	return lines, nil
}

// rounded is an event with its measured numbers rounded to eventDigits.
func rounded(e trainer.Event) trainer.Event {
	number := func(x trainer.Number) trainer.Number { return trainer.Number(shortened(float64(x), eventDigits)) }
	if e.Update != nil {
		u := *e.Update
		u.TrainLoss = number(u.TrainLoss)
		for _, x := range []**trainer.Number{&u.GradStdDev, &u.GradStdDevErr, &u.NoiseLevel, &u.GradNorm} {
			if *x != nil {
				short := number(**x)
				*x = &short
			}
		}
		e.Update = &u
	}
	return e
}

// noiseAt is δ of the newest update up to a step, nil where it was not known yet.
func (r *recorder) noiseAt(step int) *float64 {
	var delta *float64
	for _, e := range r.events {
		if e.Update != nil && e.Step <= step {
			delta = known(e.Update.NoiseLevel)
		}
	}
	return delta
}

// draw computes the slices and, for each, the trajectory in its plane.
func (r *recorder) draw(ctx context.Context, plane planes.Plane[float32], made *recording) error {
	var first *float64
	for _, e := range r.events {
		if e.Update != nil && first == nil {
			first = known(e.Update.NoiseLevel)
		}
	}
	for i := range r.plan.Slices {
		c := r.checkpoints[i*(len(r.checkpoints)-1)/(r.plan.Slices-1)]
		slice, err := r.slice(ctx, c, plane, first)
		if err != nil {
			return err
		}
		here := plane
		here.Center = c.Params
		way := Trajectory{Step: c.Step}
		for _, other := range r.checkpoints {
			p, err := pointIn(here, other.Step, other.Params)
			if err != nil {
				return err
			}
			for _, v := range []*float64{&p.Alpha, &p.Beta, &p.Distance, &p.Radius} {
				*v = shortened(*v, wayDigits)
			}
			way.Points = append(way.Points, p)
		}
		packed, err := packGrid(slice.Z, len(slice.Alphas))
		grid, gridErr := json.Marshal(packed)
		path, wayErr := json.Marshal(way)
		if err := errors.Join(err, gridErr, wayErr); err != nil {
			return err
		}
		slice.Z = nil
		made.Slices, made.Grids, made.Trajectories = append(made.Slices, slice), append(made.Grids, grid), append(made.Trajectories, path)
		r.say("slice %d of %d, at update %s", i+1, r.plan.Slices, grouped(c.Step))
	}
	return nil
}

// slice is the picture around a checkpoint along the directions of plane.
func (r *recorder) slice(ctx context.Context, c *trainer.Checkpoint, plane planes.Plane[float32], first *float64) (Slice, error) {
	levels := planes.Levels{HalfWidth: sliceHalfWidth + recordedHalo, First: recordedNodes, Count: sliceLevels().Count}
	work := sliceWork{
		checkpoint: c, engine: "cpu", set: r.set, images: sliceImages, seed: r.plan.Config.Seed, levels: levels.Count, of: levels.Count,
		delta: r.noiseAt(c.Step), evaluators: runtime.GOMAXPROCS(0), throttle: &throttle{}, grids: &levels,
		plane: planeChoice{along: alongGiven, given: plane, label: fmt.Sprintf("two directions of the plane through the ends of this training and, above it, of two with the seeds %d and %d", r.plan.Config.Seed+1, r.plan.Config.Seed+2)},
	}
	var slice Slice
	var lift *Lift
	err := work.sample(ctx, func(line sliceLine) error {
		if line.Level != nil {
			slice = newSlice(r.plan.ID, c.Step, work.delta, first, line.Level)
		}
		if line.Lift != nil {
			lift = line.Lift
		}
		return nil
	})
	if err != nil {
		return slice, err
	}
	slice.Lift, slice.Halo = lift, recordedHalo
	if first != nil {
		slice.Magnification = finite(shortened(recordedFirst*sliceHalfWidth*slice.Norms[0] / *first, wayDigits))
	}
	return slice, nil
}

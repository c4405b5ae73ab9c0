package main

import (
	"container/list"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"sync"
	"time"

	"smoothscape/server/curve"
	"smoothscape/trainer"
)

// A comparison looks at up to forty runs at once, again and again while they grow. So each is read once and kept as a digest: its updates
// in at most spansKept spans of equal length, and its epochs. The spans of two runs that differ in their seed alone end at the same updates.
// What the kept curves hold (curver, level 0: every point) is read from there, in a tenth of the time; the rest, and what an older
// version kept without the times of the jobs, from the log. Both give the same digest.
const (
	spansKept      = 512
	digestsKept    = 2 * maxCompared
	digestPage     = 2000            // events read at a time
	digestPatience = 4 * time.Second // of one request, for logs that were not read yet
)

// digest follows the log of one run.
type digest struct {
	mu   sync.Mutex // held by whoever reads on in the log, or reads the digest
	next int64      // offset of the first event that was not read

	schedule trainer.Schedule
	images   int // of the training set
	total    int // updates of the whole run
	width    int // updates of a span
	step     int // newest update
	samples  int // images trained on up to there
	spans    []stretch
	open     stretch // the newest, not full yet
	epochs   []epochPoint
	lost     int // losses, of batches and of test images, that were not finite
	now      scheduled

	first, began, seen int64 // Unix milliseconds: the first job's start, the newest one's, the newest event
	trained            int64 // milliseconds of the jobs before it
	at                 int64 // milliseconds since first: the newest update

	byLog  bool        // from here on the log is read
	chunks int         // of the kept curves that were taken
	before curve.State // after them

	sharpness       map[string]float64 // by the names of a report, from the report sharpnessReport
	sharpnessReport string
}

// stretch is some updates in a row.
type stretch struct {
	step, samples int     // up to and with its last update
	time          int64   // milliseconds since the run began, pauses included
	sum           float64 // of the finite losses
	count, lost   int     // losses that are finite, and that are not
	now           scheduled
}

// scheduled is what an update was made with, if its batch was as large as its schedule says: the rest of an epoch makes a smaller one.
type scheduled struct{ eta, b, delta, c float64 } // NaN: not known

// epochPoint is a pass over the training images.
type epochPoint struct {
	step, samples                     int
	time                              int64
	trainLoss, testLoss, testAccuracy float64
}

func unknownSchedule() scheduled {
	return scheduled{math.NaN(), math.NaN(), math.NaN(), math.NaN()}
}

// follow reads on in the log until its end or until the patience is over. behind is how many updates are not read yet.
func (d *digest) follow(ctx context.Context, rs *Runs, run RunView, until time.Time) (behind int, err error) {
	if d.schedule == nil {
		if d.schedule, err = trainer.ScheduleFor(run.Config); err != nil {
			return 0, fmt.Errorf("run %s, reading its schedule: %w", run.ID, err)
		}
		d.now = unknownSchedule()
	}
	if !d.byLog {
		if err := d.followCurves(ctx, rs, run, until); err != nil {
			return 0, err
		}
		if !d.byLog {
			return max(0, run.Step-d.step), nil
		}
	}
	for {
		bodies, err := rs.Events(ctx, run.ID, d.next, digestPage)
		if err != nil {
			return 0, err
		}
		for _, body := range bodies {
			var event trainer.Event
			if err := json.Unmarshal(body, &event); err != nil {
				return 0, fmt.Errorf("run %s, reading event %d: %w", run.ID, d.next, err)
			}
			d.take(event)
			d.next++
		}
		if len(bodies) < digestPage {
			return 0, nil
		}
		if time.Now().After(until) {
			return max(0, run.Step-d.step), nil
		}
	}
}

func (d *digest) take(e trainer.Event) {
	if e.Started != nil {
		if d.began > 0 {
			d.trained += d.seen - d.began
		}
		d.began, d.seen = e.Time, e.Time
		if d.first == 0 {
			d.first = e.Time
		}
		if d.width == 0 {
			d.images, d.total = e.Started.TrainSize, e.Started.TotalSteps
			d.width = max(1, (d.total+spansKept-1)/spansKept)
		}
	}
	d.seen = max(d.seen, e.Time)
	switch {
	case e.Update != nil && d.width > 0:
		d.takeUpdate(e.Step, e.Update)
	case e.Epoch != nil:
		d.epochs = append(d.epochs, epochPoint{
			step: e.Step, samples: (e.Epoch.Epoch + 1) * d.images, time: d.at,
			trainLoss: float64(e.Epoch.TrainLoss), testLoss: float64(e.Epoch.TestLoss), testAccuracy: e.Epoch.TestAccuracy,
		})
		if !isFinite(float64(e.Epoch.TestLoss)) {
			d.lost++
		}
	}
}

func (d *digest) takeUpdate(step int, u *trainer.Update) {
	before := d.step
	d.step, d.at = step, d.seen-d.first
	d.samples += u.BatchSize * max(1, step-before) // of a recorded run not all updates are kept
	if _, b := d.schedule(u.Epoch); u.BatchSize >= min(b, d.images) {
		d.now = scheduled{eta: u.LearningRate, b: float64(u.BatchSize), delta: orNaN(u.NoiseLevel), c: orNaN(u.GradStdDev)}
	}
	s := &d.open
	s.step, s.samples, s.time, s.now = step, d.samples, d.at, d.now
	if loss := float64(u.TrainLoss); isFinite(loss) {
		s.sum += loss
		s.count++
	} else {
		s.lost++
		d.lost++
	}
	if step/d.width == before/d.width && step != d.total {
		return
	}
	d.spans = append(d.spans, *s)
	d.open = stretch{}
	if len(d.spans) < 2*spansKept {
		return
	}
	d.width *= 2 // a log that is longer than it said
	d.spans = merged(d.spans, d.width, true)
}

// known spans: all that are full, and of a run that goes no further the last one too.
func (d *digest) known(ended bool) []stretch {
	if !ended || d.open.step == 0 {
		return d.spans
	}
	return append(d.spans[:len(d.spans):len(d.spans)], d.open)
}

// seconds is how long the jobs of the run worked.
func (d *digest) seconds() float64 { return float64(d.trained+d.seen-d.began) / 1000 }

// merged joins spans into ones that end at multiples of width. The last one may be shorter: it is left out unless whole is set.
func merged(spans []stretch, width int, whole bool) []stretch {
	var all []stretch
	var open stretch
	before := 0
	for _, s := range spans {
		open.step, open.samples, open.time = s.step, s.samples, s.time
		open.sum += s.sum
		open.count += s.count
		open.lost += s.lost
		open.now = s.now
		if s.step/width > before/width {
			all = append(all, open)
			open = stretch{}
		}
		before = s.step
	}
	if whole && open.step > 0 {
		all = append(all, open)
	}
	return all
}

// loss is the mean of the finite losses, NaN without one.
func (s stretch) loss() float64 { return s.sum / float64(s.count) }

func orNaN(x *trainer.Number) float64 {
	if x == nil {
		return math.NaN()
	}
	return float64(*x)
}

func isFinite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// digests keeps those that were used last.
type digests struct {
	mu   sync.Mutex
	all  map[string]*list.Element // of *namedDigest
	used *list.List               // the newest in front
}

type namedDigest struct {
	run    string
	digest *digest
}

func newDigests() *digests {
	return &digests{all: map[string]*list.Element{}, used: list.New()}
}

// of gives the digest of a run, which may be empty yet.
func (all *digests) of(run string) *digest {
	all.mu.Lock()
	defer all.mu.Unlock()
	if e, ok := all.all[run]; ok {
		all.used.MoveToFront(e)
		return e.Value.(*namedDigest).digest
	}
	d := &digest{}
	all.all[run] = all.used.PushFront(&namedDigest{run, d})
	if all.used.Len() > digestsKept {
		oldest := all.used.Back()
		delete(all.all, all.used.Remove(oldest).(*namedDigest).run)
	}
	return d
}

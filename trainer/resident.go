package trainer

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"smoothscape/trainer/augment"
	"smoothscape/trainer/device"
	"smoothscape/trainer/engine"
	"smoothscape/trainer/loader"
)

const (
	// blockTime is about how long the updates take that are made at once: so often the page hears of them, and so long a stop waits.
	blockTime = 250 * time.Millisecond
	// leastViews is the room for views of a block, even of small batches.
	leastViews = 8192
)

// resident makes the updates of a run where an engine.ResidentModel keeps images and parameters. It sees the images that the host would: the same moves, by the same
// generator, of the same images.
//
// Updates are made some at a time, and what they found is booked afterwards. Where a loss shows that the run diverged, the last good state is that of
// before the newest good update, on the host as here: so the run goes back there and does the rest step by step on the host, which tells the
// network's divergence from a fault of the device, too.
type resident struct {
	model  engine.ResidentModel
	filler *loader.Filler
	order  *pieces // of the updates to come
	views  int     // room
	block  int     // updates of the next block
	ahead  bool    // the model's parameters are newer than the host's
	safe   *moment // where Undo goes
	before *moment // of the newest update: where it goes after the next block
}

// moment is how far a run was before an update.
type moment struct {
	step, epoch, index, correct int
	lossSum                     float64
	window                      window
}

func momentOf(s *Checkpoint) *moment {
	return &moment{s.Step, s.Epoch, s.Index, s.Correct, s.LossSum, slices.Clone(s.Window)}
}

func (m *moment) restore(s *Checkpoint) {
	s.Step, s.Epoch, s.Index, s.Correct, s.LossSum, s.Window = m.step, m.epoch, m.index, m.correct, m.lossSum, append(s.Window[:0], m.window...)
}

// reside takes the run to the device if its model can keep it there. Where it could but there is no room, the warning says so.
func (r *run) reside(warning *string) bool {
	model, ok := r.model.(engine.ResidentModel)
	if !ok {
		return false
	}
	cfg, set := r.job.Config, r.job.Set
	policy, _ := augment.PolicyByName(cfg.plain().Augment)
	largest := min(largestBatch(cfg, r.schedule, set.Train.Len()), set.Train.Len())
	d := &resident{model: model, filler: loader.NewFiller(set, policy, cfg.Seed), views: max(leastViews, 2*largest), block: 1}
	kept := engine.Kept{Images: slices.Concat(set.Train.Images, set.Test.Images), Labels: slices.Concat(set.Train.Labels, set.Test.Labels), Values: set.Values(), Views: d.views}
	bytes, err := model.Keep(kept, len(r.state.Velocity) > 0)
	if err == nil {
		err = d.send(&r.state)
	}
	if err != nil {
		if fault := (*device.Fault)(nil); errors.As(err, &fault) {
			err = fault.Err // its advice is for runs that it ended
		}
		*warning = strings.TrimSpace(*warning + fmt.Sprintf(" Images and updates are not kept on the device, which is slower: %v.", err))
		return false
	}
	r.resident = d
	d.order = newPieces(&r.state, r.schedule, r.whole)
	if r.job.Device != nil {
		info := *r.job.Device
		info.Memory, info.Resident = info.Memory+bytes, true
		r.job.Device = &info
	}
	return true
}

// momentum is what the model knows as nil where there is none.
func momentum(s *Checkpoint) []float32 {
	if len(s.Velocity) == 0 {
		return nil
	}
	return s.Velocity
}

func (d *resident) send(s *Checkpoint) error {
	d.ahead, d.before = false, momentOf(s)
	return d.model.Send(momentum(s))
}

// fetch brings the parameters up to date.
func (d *resident) fetch(s *Checkpoint) error {
	if !d.ahead {
		return nil
	}
	if err := d.model.Fetch(momentum(s)); err != nil {
		return err
	}
	d.ahead = false
	return nil
}

// residentSteps makes the updates of a block. A reason means that the run diverged and its state is that of before the update.
func (r *run) residentSteps(ctx context.Context) (reason string, err error) {
	d, s := r.resident, &r.state
	var plans []planned
	var updates []engine.Update
	views, index := 0, s.Index
	for len(updates) < d.block && index < s.TrainSize {
		p := r.plan(s.Step+len(updates), index)
		if views += 2 * p.batch; views > d.views && len(updates) > 0 {
			break
		}
		plans, updates, index = append(plans, p), append(updates, r.update(p)), index+p.batch
	}
	began := time.Now()
	d.ahead = true
	results, err := d.model.Updates(updates)
	if err != nil {
		return "", fmt.Errorf("epoch %d, steps %d to %d: %w", s.Epoch, s.Step, s.Step+len(updates)-1, err)
	}
	d.pace(len(updates), time.Since(began))
	d.safe = d.before
	for i, found := range results {
		if lost("", found.Loss, s.Spec.Classes) != "" {
			return r.again(ctx, s.Step+1)
		}
		d.before = momentOf(s)
		p := plans[i]
		if err := r.book(p, found.Metrics, spreadOf(found.Distance2, p.samples[0], p.samples[1], s.TrainSize), math.Sqrt(found.GradNorm2)); err != nil {
			return "", err
		}
	}
	return "", nil
}

// pace sizes the next block: it decides when numbers are heard of, and none of them.
func (d *resident) pace(updates int, took time.Duration) {
	fit := float64(updates) * float64(blockTime) / float64(max(took, 1))
	d.block = max(1, min(2*d.block, engine.MaxUpdates, int(fit)))
}

// goBack makes the newest state whose loss is known to be good the run's, as far as the device still has it.
func (r *run) goBack() error {
	d := r.resident
	d.ahead = true // or behind
	if err := d.model.Undo(); err != nil {
		return err // and nothing is fetched: it would be of another update than the state says
	}
	if err := d.fetch(&r.state); err != nil {
		return err
	}
	d.safe.restore(&r.state)
	return nil
}

// again does on the host what led to a loss that shows divergence, until so many updates are done. What was told is not told again.
func (r *run) again(ctx context.Context, steps int) (reason string, err error) {
	s := &r.state
	r.told = s.Step
	if err := r.goBack(); err != nil {
		return "", err
	}
	r.openLoader(ctx)
	defer r.closeLoader()
	for s.Step < steps {
		if s.Index == s.TrainSize {
			s.nextEpoch()
		}
		if reason, err := r.step(); reason != "" || err != nil {
			return reason, err
		}
	}
	r.resident.order = newPieces(s, r.schedule, r.whole) // the device was wrong about this one
	return "", r.resident.send(s)
}

// update is what a planned update is to the model. Its samples are those of gradients.mean, halves, whole and probed.
func (r *run) update(p planned) engine.Update {
	d, cfg := r.resident, r.job.Config
	u := engine.Update{LearningRate: float32(p.rate), WeightDecay: float32(cfg.WeightDecay), Momentum: float32(cfg.Momentum), Nesterov: cfg.Nesterov}
	var sample [][]engine.View
	for seen := 0; seen < p.batch; {
		epoch, indices, _ := d.order.next() // the order ends with the run
		sample = append(sample, d.filler.Views(epoch, indices, nil))
		seen += len(indices)
	}
	switch half := p.samples[0]; {
	case !p.measured:
		u.Batch = sample
	case r.whole:
		u.Batch, u.First, u.Second = sample, [][]engine.View{sample[0][:half]}, [][]engine.View{sample[0][half:]}
	case p.batch == 1:
		image := probe(int(sample[0][0].Image), r.state.TrainSize, stream(cfg.Seed, streamProbe, uint64(p.step)))
		u.First, u.Second, u.Share = sample, [][]engine.View{d.filler.Views(r.state.Epoch, []int{image}, nil)}, 1
	default:
		k, seen := 0, 0
		for ; seen < half; k++ { // cut has put the border between the halves between two pieces
			seen += len(sample[k])
		}
		u.First, u.Second, u.Share = sample[:k], sample[k:], float64(half)/float64(p.batch)
	}
	return u
}

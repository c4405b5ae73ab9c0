package trainer

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"smoothscape/trainer/augment"
	"smoothscape/trainer/device"
	"smoothscape/trainer/engine"
	"smoothscape/trainer/engine/cpu"
	"smoothscape/trainer/loader"
)

// residentEngine is the CPU engine whose models keep what engine.ResidentModel says, by the letter: no number differs from those of training on the host.
type residentEngine struct {
	engine.Engine
	before  func(update int) error // each update, counted over all; may be nil
	refuses error                  // of Keep
	stuck   error                  // of Undo
	spoils  func(update int) bool  // whose loss is said to be NaN, although it is not; may be nil
	most    *int                   // updates of one call
}

func (e residentEngine) Build(spec engine.Spec) (engine.Model, error) {
	host, err := e.Engine.Build(spec)
	if err != nil {
		return nil, err
	}
	there, err := host.Clone()
	return &residentModel{Model: host, there: there, engine: e}, err
}

type residentModel struct {
	engine.Model // on the host
	engine       residentEngine
	there        engine.Model
	kept         engine.Kept
	velocity     []float32
	saved        [2][3][]float32
	ready, safe  int
	count        int
}

func (m *residentModel) Keep(kept engine.Kept, momentum bool) (int64, error) {
	m.kept = kept
	return 1000, m.engine.refuses
}

func (m *residentModel) Send(velocity []float32) error {
	copy(m.there.Params(), m.Params())
	copy(m.there.State(), m.State())
	m.velocity = append([]float32(nil), velocity...)
	m.ready = 0
	m.save()
	return nil
}

func (m *residentModel) save() {
	for i, v := range [][]float32{m.there.Params(), m.there.State(), m.velocity} {
		m.saved[m.ready][i] = append([]float32(nil), v...)
	}
}

func (m *residentModel) Fetch(velocity []float32) error {
	copy(m.Params(), m.there.Params())
	copy(m.State(), m.there.State())
	copy(velocity, m.velocity)
	return nil
}

func (m *residentModel) Undo() error {
	if m.engine.stuck != nil {
		return m.engine.stuck
	}
	for i, v := range [][]float32{m.there.Params(), m.there.State(), m.velocity} {
		copy(v, m.saved[m.safe][i])
	}
	return nil
}

func (m *residentModel) seen(views []engine.View) (x []float32, y []int) {
	in := m.Spec().Input
	h, w := int32(in.H), int32(in.W)
	for _, v := range views {
		image := m.kept.Images[int(v.Image)*in.Len():][:in.Len()]
		for i := range image {
			c, row, column := i/(in.H*in.W), int32(i/in.W%in.H), int32(i%in.W)
			a, b := (v.X0+column*v.XColumn+row*v.XRow)>>16, (v.Y0+column*v.YColumn+row*v.YRow)>>16
			value := byte(0)
			if a >= max(0, v.Left) && a < min(w, w+v.Left) && b >= max(0, v.Top) && b < min(h, h+v.Top) {
				value = image[(c*in.H+int(b))*in.W+int(a)]
			}
			x = append(x, m.kept.Values[256*c+int(value)])
		}
		y = append(y, int(m.kept.Labels[v.Image]))
	}
	return x, y
}

// Updates leaves the means over pieces to gradients, to which it gives the pieces as a loader would.
func (m *residentModel) Updates(updates []engine.Update) ([]engine.UpdateResult, error) {
	*m.engine.most = max(*m.engine.most, len(updates))
	m.safe = m.ready
	var results []engine.UpdateResult
	for i, u := range updates {
		if m.count++; m.engine.before != nil {
			if err := m.engine.before(m.count); err != nil {
				return nil, err
			}
		}
		if i == len(updates)-1 {
			m.ready = 1 - m.safe
			m.save()
		}
		var queue [][]engine.View
		g := gradients{model: m.there, g: make([]float32, len(m.Params())), next: func() (*loader.Batch, error) {
			x, y := m.seen(queue[0])
			queue = queue[1:]
			return &loader.Batch{X: x, Y: y}, nil
		}}
		mean := func(sample [][]engine.View) ([]float32, engine.Metrics) {
			n := 0
			for _, piece := range sample {
				n += len(piece)
			}
			queue = sample
			into := make([]float32, len(m.Params()))
			metrics, err := g.mean(n, into)
			if err != nil {
				panic(err)
			}
			return into, metrics
		}
		var result engine.UpdateResult
		var grad, first, second []float32
		if u.First != nil {
			var a, b engine.Metrics
			first, a = mean(u.First)
			second, b = mean(u.Second)
			for j := range first {
				d := float64(first[j]) - float64(second[j])
				result.Distance2 += d * d
			}
			grad, result.Metrics = first, a
			if u.Share != 1 {
				grad = make([]float32, len(first))
				for j := range grad {
					grad[j] = float32(u.Share*float64(first[j])) + float32((1-u.Share)*float64(second[j]))
				}
				result.Metrics = engine.Metrics{Loss: u.Share*a.Loss + (1-u.Share)*b.Loss, Correct: a.Correct + b.Correct}
			}
		}
		if u.Batch != nil {
			grad, result.Metrics = mean(u.Batch)
		}
		result.GradNorm2 = math.Pow(norm(grad), 2)
		sgd{momentum: u.Momentum, nesterov: u.Nesterov, decay: u.WeightDecay, work: make([]float32, sgdBlock)}.step(1, float64(u.LearningRate), m.there.Params(), m.velocity, grad)
		for j, v := range m.there.BatchStats() {
			m.there.State()[j] += float32(engine.BatchNormMomentum * (v - m.there.State()[j]))
		}
		if m.engine.spoils != nil && m.engine.spoils(m.count) {
			result.Loss = math.NaN()
		}
		results = append(results, result)
	}
	return results, nil
}

func (m *residentModel) EvalKept(from, to int) (engine.Metrics, error) {
	var views []engine.View
	for i := from; i < to; i++ {
		views = append(views, augment.Move{}.View(i, m.Spec().Input))
	}
	x, y := m.seen(views)
	return m.there.Eval(x, y)
}

// resides gives the job that model, and another clock: blocks grow as the clock lets them.
func resides(job Job, e residentEngine) Job {
	e.Engine = cpu.New()
	if e.most == nil {
		e.most = new(int)
	}
	job.Engine = e
	return job
}

// close says whether two numbers are one but for a product that was taken apart.
func near(a, b *Number) bool {
	if a == nil || b == nil {
		return a == b
	}
	return math.Abs(float64(*a)-float64(*b)) <= 1e-9*math.Abs(float64(*b))
}

func sameStory(t *testing.T, got, want *record) {
	t.Helper()
	if len(got.events) != len(want.events) {
		t.Fatalf("%d events, want %d", len(got.events), len(want.events))
	}
	for i, g := range got.events {
		w := want.events[i]
		switch {
		case g.Kind != w.Kind || g.Step != w.Step:
			t.Fatalf("event %d is %s at step %d, want %s at %d", i, g.Kind, g.Step, w.Kind, w.Step)
		case g.Kind == KindEpoch && *g.Epoch != *w.Epoch:
			t.Errorf("%+v, want %+v", *g.Epoch, *w.Epoch)
		case g.Kind == KindUpdate:
			a, b := g.Update, w.Update
			if a.TrainLoss != b.TrainLoss || a.LearningRate != b.LearningRate || a.BatchSize != b.BatchSize || a.Epoch != b.Epoch ||
				!near(a.GradNorm, b.GradNorm) || !near(a.GradStdDev, b.GradStdDev) || !near(a.NoiseLevel, b.NoiseLevel) || !near(a.GradStdDevErr, b.GradStdDevErr) {
				t.Fatalf("update %d is %+v, want %+v", g.Step, a, b)
			}
		}
	}
	a, b := got.last(), want.last()
	if a.place() != b.place() || len(a.Window) != len(b.Window) || !equalVectors(a.Params, b.Params) || !equalVectors(a.State, b.State) || !equalVectors(a.Velocity, b.Velocity) {
		t.Errorf("the last checkpoint, of step %d, differs from that of step %d", a.Step, b.Step)
	}
}

func equalVectors(a, b []float32) bool {
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return len(a) == len(b)
}

// Updates that are made on a device in blocks, of views of images that it keeps, are those of the host: every schedule, size of batch, variation, optimizer and batch norm.
func TestResidentRunIsTheSameRun(t *testing.T) {
	for name, job := range variants() {
		t.Run(name, func(t *testing.T) {
			most := 0
			there := mustTrain(t, resides(job, residentEngine{most: &most}), OutcomeDone)
			sameStory(t, there, mustTrain(t, job, OutcomeDone))
			if most < 3 {
				t.Errorf("no more than %d updates were made at once", most)
			}
			if testing.Short() {
				return
			}
			rng := rand.New(rand.NewPCG(3, 4))
			for range 3 {
				if _, last := stopAndGo(t, resides(job, residentEngine{}), rng); !same(last, there.last()) {
					t.Error("stopped and resumed, the last checkpoint differs")
				}
			}
		})
	}
}

// A run that diverges within a block, at its border, in the first update of an epoch or at a test ends as on the host: the same words, events and last good state.
func TestResidentRunDivergesAsOnTheHost(t *testing.T) {
	batches := []int{1, 3, 8, 37}
	if testing.Short() {
		batches = batches[1:2]
	}
	for _, rate := range []float64{3, 8, 20, 60, 1e3, 1e5} {
		for _, batch := range batches {
			job := blobJob()
			job.Config.LearningRate, job.Config.BatchSize, job.Config.Schedule = rate, batch, Constant
			host, there := &record{}, &record{}
			var reasons [2]string
			tell := func(i int, r *record) func(Event) error {
				return func(e Event) error {
					if e.Kind == KindEnded {
						reasons[i] = e.Ended.Reason
					}
					return r.emit(e)
				}
			}
			want, err := Train(context.Background(), job, host.save, tell(0, host))
			if err != nil {
				t.Fatal(err)
			}
			got, err := Train(context.Background(), resides(job, residentEngine{}), there.save, tell(1, there))
			if err != nil || got != want || reasons[0] != reasons[1] {
				t.Errorf("η = %g, b = %d: %s, %q, %v; on the host %s, %q", rate, batch, got, reasons[1], err, want, reasons[0])
				continue
			}
			if len(host.checkpoints) > 0 {
				sameStory(t, there, host)
			}
		}
	}
}

// A device that gives NaN where there is none costs time, and no number: the updates in doubt are made on the host, and told once.
func TestResidentRunGoesOnAfterDoubts(t *testing.T) {
	job := blobJob()
	job.Config.Momentum = 0.5
	doubts := 0
	there := mustTrain(t, resides(job, residentEngine{spoils: func(update int) bool {
		if update%17 == 0 || update == 1 {
			doubts++
			return true
		}
		return false
	}}), OutcomeDone)
	sameStory(t, there, mustTrain(t, job, OutcomeDone))
	if doubts < 3 {
		t.Errorf("%d doubts", doubts)
	}
}

// A device that fails loses what was not fetched since the newest checkpoint, and that is a whole one: resumed, the run is the unbroken one, wherever it failed
// and even if it was stopped just then.
func TestResidentRunSurvivesItsDevice(t *testing.T) {
	whole := mustTrain(t, resides(blobJob(), residentEngine{}), OutcomeDone)
	lostDevice := &device.Fault{Err: errors.New("it is gone")}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	at6 := func(do func() error) func(int) error {
		return func(update int) error {
			if update == 6 { // the third of a block: their sizes double
				return do()
			}
			return nil
		}
	}
	for name, c := range map[string]struct {
		ctx    context.Context
		engine residentEngine
	}{
		"at an update":              {context.Background(), residentEngine{before: at6(func() error { return lostDevice })}},
		"at an update, and stopped": {ctx, residentEngine{before: at6(func() error { stop(); return lostDevice })}},
		"going back":                {context.Background(), residentEngine{spoils: func(update int) bool { return update == 6 }, stuck: lostDevice}},
	} {
		t.Run(name, func(t *testing.T) {
			job, broken := blobJob(), &record{}
			job.Marks = 1 // a checkpoint before the first update
			outcome, err := Train(c.ctx, resides(job, c.engine), broken.save, broken.emit)
			if !errors.Is(err, lostDevice) || outcome != OutcomeFailed {
				t.Error(outcome, err)
			}
			job.Resume = broken.last()
			if again := mustTrain(t, resides(job, residentEngine{}), OutcomeDone); !same(again.last(), whole.last()) {
				t.Error("the last checkpoint differs")
			}
		})
	}
}

// A device without room for the images leaves them to the host, and the run says so.
func TestResidentRunWithoutRoom(t *testing.T) {
	job := blobJob()
	warning := ""
	r := &record{}
	outcome, err := Train(context.Background(), resides(job, residentEngine{refuses: errors.New("no room")}), r.save, func(e Event) error {
		if e.Kind == KindStarted {
			warning = e.Started.Warning
		}
		return r.emit(e)
	})
	if outcome != OutcomeDone || err != nil || warning != "Images and updates are not kept on the device, which is slower: no room." {
		t.Errorf("%s, %v, %q", outcome, err, warning)
	}
	sameStory(t, r, mustTrain(t, job, OutcomeDone))
}

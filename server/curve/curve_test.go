package curve

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"smoothscape/trainer"
)

// point is a value of the log, as the witness reads it.
type point struct {
	step  int
	value float64
}

// randomLog makes events with everything that hurts: values that are not finite, spikes of one update, epochs, resumed jobs after a pause, a
// clock that goes back, batches of a rest. The witness beside it is made while the numbers are, and knows nothing of package curve.
func randomLog(rng *rand.Rand, updates int) (bodies [][]byte, witness [Quantities][]point) {
	say := func(e trainer.Event) {
		body, err := json.Marshal(e)
		if err != nil {
			panic(err)
		}
		bodies = append(bodies, body)
	}
	const n, b = 1000, 64
	now, eta, inEpoch, epoch := int64(1_700_000_000_000), 0.1, 0, 0
	oddities := []float64{math.NaN(), math.Inf(1), math.Inf(-1), 1e9, -1e9, 0}
	say(trainer.Event{Kind: trainer.KindStarted, Time: now, Started: &trainer.Started{TrainSize: n}})
	var c trainer.Number
	for step := 1; step <= updates; step++ {
		if rng.IntN(900) == 0 { // a pause, a resumed job
			now += int64(rng.IntN(100_000_000))
			say(trainer.Event{Kind: trainer.KindStarted, Time: now, Step: step - rng.IntN(step), Started: &trainer.Started{TrainSize: n, Resumed: true}})
		}
		now += int64(rng.IntN(20) - 2)
		loss := rng.NormFloat64()
		if rng.IntN(200) == 0 {
			loss = oddities[rng.IntN(len(oddities))]
		}
		batch := min(b, n-inEpoch)
		inEpoch += batch
		u := &trainer.Update{Epoch: epoch, LearningRate: eta, BatchSize: batch, TrainLoss: trainer.Number(loss)}
		if step%5 == 0 {
			c = trainer.Number(5 + rng.Float64())
			spread := trainer.Number(rng.Float64())
			u.GradStdDev, u.GradStdDevErr = &c, &spread
			if rng.IntN(50) == 0 {
				u.GradStdDevErr = nil
			}
		}
		delta := trainer.Number(eta * float64(c))
		if step > 5 {
			u.NoiseLevel = &delta
		}
		witness[TrainLoss] = append(witness[TrainLoss], point{step, loss})
		if batch == b {
			news := func(q Quantity, v float64) {
				if all := witness[q]; len(all) == 0 || all[len(all)-1].value != v {
					witness[q] = append(all, point{step, v})
				}
			}
			news(LearningRate, eta)
			news(BatchSize, float64(batch))
			news(Ratio, eta/math.Sqrt(float64(batch)))
			if u.NoiseLevel != nil {
				witness[NoiseLevel] = append(witness[NoiseLevel], point{step, float64(delta)})
			}
			if u.GradStdDev != nil {
				witness[GradStdDev] = append(witness[GradStdDev], point{step, float64(c)})
			}
		}
		say(trainer.Event{Kind: trainer.KindUpdate, Time: now, Step: step, Update: u})
		if inEpoch == n {
			result := &trainer.EpochResult{Epoch: epoch, TestLoss: trainer.Number(rng.NormFloat64()), TestAccuracy: rng.Float64()}
			say(trainer.Event{Kind: trainer.KindEpoch, Time: now, Step: step, Epoch: result})
			witness[TestLoss] = append(witness[TestLoss], point{step, float64(result.TestLoss)})
			witness[TestAccuracy] = append(witness[TestAccuracy], point{step, result.TestAccuracy})
			inEpoch, epoch = 0, epoch+1
			eta = 0.1 / (1 + float64(epoch/3))
		}
	}
	return bodies, witness
}

func same(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) }

// holds checks a piece against all values of its range: what it keeps is true, and what it drops is nothing that would be seen.
func holds(t *testing.T, what string, p *Piece, witness [Quantities][]point, rng *rand.Rand) {
	t.Helper()
	for q := range Quantities {
		reach := 0 // how many steps a group spans at most: it keeps three points at most
		for i, step := range p.Columns[q].Step {
			if i > 0 {
				reach = max(reach, 5*(step-p.Columns[q].Step[i-1]))
			}
		}
		c, all := &p.Columns[q], witness[q]
		lost := 0
		truth := map[int]float64{}
		sum, count := 0.0, 0.0
		for _, v := range all {
			truth[v.step] = v.value
			if !finite(v.value) {
				lost++
			} else {
				sum, count = sum+v.value, count+1
			}
		}
		if c.Received != len(all) || c.NotFinite != lost {
			t.Fatalf("%s, %s: %d values of which %d not finite, want %d and %d", what, q, c.Received, c.NotFinite, len(all), lost)
		}
		if len(all) == 0 {
			continue
		}
		gotSum, gotCount := 0.0, 0.0
		for i, step := range c.Step {
			if v, ok := truth[step]; !ok || !same(v, c.Value[i]) || i > 0 && c.Step[i-1] >= step {
				t.Fatalf("%s, %s: point %d is %v at %d, the log has %v", what, q, i, c.Value[i], step, v)
			}
			mean, weight := c.stands(i)
			gotSum, gotCount = gotSum+mean*weight, gotCount+weight
		}
		if c.Step[0] != all[0].step || c.Step[len(c.Step)-1] != all[len(all)-1].step {
			t.Fatalf("%s, %s: from %d to %d, want %d to %d", what, q, c.Step[0], c.Step[len(c.Step)-1], all[0].step, all[len(all)-1].step)
		}
		if math.Abs(gotCount-count) > 1e-6*count || math.Abs(gotSum-sum) > 1e-6*(math.Abs(sum)+1e9) {
			t.Fatalf("%s, %s: stands for %v values with the sum %v, want %v and %v", what, q, gotCount, gotSum, count, sum)
		}
		extremes := func(at func(i int) (int, float64), n, from, to int) (low, high float64, hole bool) {
			low, high = math.Inf(1), math.Inf(-1)
			for i := range n {
				step, v := at(i)
				switch {
				case step < from || step > to:
				case !finite(v):
					hole = true
				default:
					low, high = min(low, v), max(high, v)
				}
			}
			return low, high, hole
		}
		for range 20 {
			from := all[rng.IntN(len(all))].step
			to := from + rng.IntN(2*reach+10)
			low, high, hole := extremes(func(i int) (int, float64) { return all[i].step, all[i].value }, len(all), from, to)
			gotLow, gotHigh, gotHole := extremes(func(i int) (int, float64) { return c.Step[i], c.Value[i] }, len(c.Step), from-reach, to+reach)
			if gotLow > low || gotHigh < high || hole && !gotHole {
				t.Fatalf("%s, %s, updates %d to %d: found %v … %v (hole %v), the log has %v … %v (hole %v)", what, q, from, to, gotLow, gotHigh, gotHole, low, high, hole)
			}
		}
	}
	at := p.Places
	for i := 1; i < len(at.Step); i++ {
		if at.Step[i] <= at.Step[i-1] || at.Samples[i] < at.Samples[i-1] || at.Time[i] < at.Time[i-1] {
			t.Fatalf("%s: place %d is %d, %d, %d after %d, %d, %d", what, i, at.Step[i], at.Samples[i], at.Time[i], at.Step[i-1], at.Samples[i-1], at.Time[i-1])
		}
	}
}

// However a log is cut, and however often it is thinned, no spike and no value that is not finite is lost, and nothing is invented.
func TestPiecesAgainstBruteForce(t *testing.T) {
	for seed := range uint64(6) {
		rng := rand.New(rand.NewPCG(1, seed))
		bodies, witness := randomLog(rng, 2000+rng.IntN(9000))
		whole, err := Read(nil, bodies)
		if err != nil {
			t.Fatal(err)
		}
		holds(t, "the whole", whole, witness, rng)
		var pieces []*Piece
		var before json.RawMessage
		for from := 0; from < len(bodies); {
			to := min(len(bodies), from+1+rng.IntN(900))
			p, err := Read(before, bodies[from:to])
			if err != nil {
				t.Fatal(err)
			}
			body, err := Pack(p)
			if err != nil {
				t.Fatal(err)
			}
			if p, err = Unpack(body); err != nil {
				t.Fatal(err)
			}
			pieces, before, from = append(pieces, p), p.After, to
		}
		joined := &Piece{}
		for _, p := range pieces {
			joined.Add(p)
		}
		joined.Epochs, whole.Epochs = nil, nil
		if got, want := fmt.Sprint(*joined), fmt.Sprint(*whole); got != want { // as texts: NaN is not equal to itself
			t.Fatalf("seed %d: cut into %d, the pieces join to something else", seed, len(pieces))
		}
		for len(pieces) > 1 { // level after level
			var above []*Piece
			for at := 0; at < len(pieces); at += 3 {
				p := Above(pieces[at:min(at+3, len(pieces))])
				p.Thin(20 + rng.IntN(40))
				above = append(above, p)
			}
			pieces = above
		}
		holds(t, "the top", pieces[0], witness, rng)
		from := rng.IntN(1000)
		part := *whole
		part.Cut(from, from+300)
		for q := range Quantities {
			inside := 0
			for _, v := range witness[q] {
				if v.step >= from && v.step <= from+300 {
					inside++
				}
			}
			if got := len(part.Columns[q].Step); got < inside || got > inside+2 {
				t.Errorf("seed %d: updates %d to %d: %d points of %s, want %d and one on each side", seed, from, from+300, got, Quantity(q), inside)
			}
		}
	}
}

// A pause is seen where it was, however thin the places become.
func TestPlacesKeepAPause(t *testing.T) {
	var p Places
	const day, at = 86_400_000, 7003
	for step := 1; step <= 20_000; step++ {
		time := 10 * step
		if step > at {
			time += day
		}
		for _, list := range []*[]int{&p.Step, &p.Epoch, &p.Images, &p.Samples, &p.Time} {
			*list = append(*list, step)
		}
		p.Time[step-1] = time
	}
	for range 3 {
		p.thin(64)
	}
	if len(p.Step) > 3*64+2 || p.Step[0] != 1 || p.Step[len(p.Step)-1] != 20_000 {
		t.Fatalf("%d places from %d to %d", len(p.Step), p.Step[0], p.Step[len(p.Step)-1])
	}
	for i := 1; i < len(p.Step); i++ {
		if p.Time[i]-p.Time[i-1] > day && (p.Step[i-1] != at || p.Step[i] != at+1) {
			t.Errorf("the pause lies between updates %d and %d, want %d and %d", p.Step[i-1], p.Step[i], at, at+1)
		}
	}
}

func TestWhatComesAfterAPiece(t *testing.T) {
	bodies, _ := randomLog(rand.New(rand.NewPCG(3, 3)), 12_000)
	p, err := Read(nil, bodies)
	if err != nil {
		t.Fatal(err)
	}
	var s State
	if err := json.Unmarshal(p.After, &s); err != nil {
		t.Fatal(err)
	}
	var last trainer.Event
	for i := len(bodies) - 1; last.Update == nil; i-- {
		if err := json.Unmarshal(bodies[i], &last); err != nil {
			t.Fatal(err)
		}
	}
	if s.Next != int64(len(bodies)) || s.Step != 12_000 || s.TrainSize != 1000 || !reflect.DeepEqual(s.Update, last.Update) || s.Epochs != 750 || len(p.Epochs) != epochsKept {
		t.Errorf("after %d events: %+v with %d epochs", len(bodies), s, len(p.Epochs))
	}
	var row EpochRow
	if err := json.Unmarshal(p.Epochs[len(p.Epochs)-1], &row); err != nil || row.Result.Epoch != 749 || *row.BatchSize != 64 {
		t.Errorf("the last row is %s, %v", p.Epochs[len(p.Epochs)-1], err)
	}
}

// Bytes that nobody packed make an error or a piece that can be used.
func FuzzUnpack(f *testing.F) {
	bodies, _ := randomLog(rand.New(rand.NewPCG(5, 5)), 300)
	p, err := Read(nil, bodies)
	if err != nil {
		f.Fatal(err)
	}
	thin := Above([]*Piece{p})
	thin.Thin(8)
	for _, piece := range []*Piece{p, thin, {}} {
		body, err := Pack(piece)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		p, err := Unpack(body)
		if err != nil {
			return
		}
		all := Above([]*Piece{p, p})
		all.Cut(3, 30)
		all.Thin(2)
		if _, err := Pack(all); err != nil {
			t.Error(err)
		}
	})
}

func BenchmarkChunk(b *testing.B) {
	bodies, _ := randomLog(rand.New(rand.NewPCG(7, 7)), 2*ChunkEvents)
	first, err := Read(nil, bodies[:ChunkEvents])
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		p, err := Read(first.After, bodies[ChunkEvents:2*ChunkEvents])
		if err != nil {
			b.Fatal(err)
		}
		raw, _ := Pack(p)
		above, _ := Pack(Above([]*Piece{p}))
		b.ReportMetric(float64(len(raw)+len(above))/ChunkEvents, "bytes/event")
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/ChunkEvents, "ns/event")
}

package main

import "math"

// metric is a column of the table of results.
type metric struct {
	ID         string  `json:"id"`
	Title      string  `json:"title"`
	Symbol     string  `json:"symbol"` // for a narrow heading
	Scale      float64 `json:"scale"`  // what is shown is the value times this: 100 for percent
	Unit       string  `json:"unit"`
	Definition string  `json:"definition"`
}

// metrics are the columns of the table, in order.
func metrics() []metric {
	return []metric{
		{"testAccuracy", "Test accuracy, last", "accuracy", 100, "%", "share of the test images that the network classifies rightly after its last epoch"},
		{"bestTestAccuracy", "Test accuracy, best", "best", 100, "%", "the highest of all epochs: chosen in hindsight by the test images themselves, so a little too good"},
		{"testLoss", "Test loss, last", "test loss", 1, "nats", "mean cross-entropy of the test images after the last epoch"},
		{"trainLoss", "Training loss, last", "training loss", 1, "nats", "mean of the mini-batch losses of the last epoch, at moving parameters"},
		{"worstSharpness", "Sharpness", "sharpness", 1, "nats", "greatest rise of the training loss for |ε_i| ≤ ρ = 0.0002, by 20 ascent steps over batches of 128 images (Andriushchenko et al. 2023 with the settings of arXiv 2311.08745): a lower bound"},
		{"worstSharpnessAdaptive", "Adaptive sharpness", "adaptive", 1, "nats", "the same for |ε_i| ≤ ρ|w_i|, ρ = 0.001"},
		{"noiseLevel", "δ at the end", "δ", 1, "", "degree of smoothing ηC/√b of the last update"},
		{"gradStdDev", "C at the end", "C", 1, "", "spread of the gradients: root of the trace of their covariance, from half batches"},
		{"learningRate", "η at the end", "η", 1, "", "learning rate"},
		{"batchSize", "b at the end", "b", 1, "", "batch size"},
		{"temperature", "η/b at the end", "η/b", 1, "", "the temperature of other papers; it is not δ"},
		{"updates", "Updates", "updates", 1, "", "parameter updates"},
		{"samples", "Samples", "samples", 1, "", "training images passed through the network, each epoch anew"},
		{"seconds", "Training time", "time", 1, "s", "of the worker, pauses left out; on a machine that does other things beside it says little"},
	}
}

// look fills in what a comparison says about a run: its numbers now and its curves of at most this many points. The caller holds the digest.
func (r *compared) look(d *digest, points int) {
	r.images, r.values = d.images, map[string]float64{}
	know := func(name string, v float64) {
		if isFinite(v) {
			r.values[name] = v
		}
	}
	if d.step > 0 {
		know("noiseLevel", d.now.delta)
		know("gradStdDev", d.now.c)
		know("learningRate", d.now.eta)
		know("batchSize", d.now.b)
		know("temperature", d.now.eta/d.now.b)
		know("updates", float64(d.step))
		know("samples", float64(d.samples))
		know("seconds", d.seconds())
	}
	best := math.NaN()
	for _, e := range d.epochs {
		if !(e.testAccuracy <= best) {
			best = e.testAccuracy
		}
	}
	know("bestTestAccuracy", best)
	if n := len(d.epochs); n > 0 {
		last := d.epochs[n-1]
		know("testAccuracy", last.testAccuracy)
		know("testLoss", last.testLoss)
		know("trainLoss", last.trainLoss)
	}
	for name, v := range d.sharpness {
		know(name, v)
	}
	ended := !r.run.Status.active()
	width := max(1, d.width)
	all := (d.total + width - 1) / width
	join := max(1, (all+points-1)/points)
	for _, s := range merged(d.known(ended), join*width, ended || d.step == d.total) {
		r.points = append(r.points, point{step: s.step, samples: s.samples, seconds: float64(s.time) / 1000, lost: s.lost > 0, values: map[string]float64{
			"trainLoss": s.loss(), "noiseLevel": s.now.delta, "gradStdDev": s.now.c, "learningRate": s.now.eta, "batchSize": s.now.b, "temperature": s.now.eta / s.now.b,
		}})
	}
	every := max(1, (r.run.Config.Epochs+points-1)/points)
	for i, e := range d.epochs {
		if (i+1)%every == 0 || i == len(d.epochs)-1 && ended {
			r.epochs = append(r.epochs, point{step: e.step, samples: e.samples, seconds: float64(e.time) / 1000, lost: !isFinite(e.testLoss), values: map[string]float64{
				"testLoss": e.testLoss, "testAccuracy": e.testAccuracy,
			}})
		}
	}
}

// active says whether a run of this status will go on by itself.
func (s Status) active() bool {
	return s == StatusQueued || s == StatusRunning || s == StatusPausing || s == StatusStopping
}

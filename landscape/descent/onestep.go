package descent

import (
	"context"
	"fmt"
	"math"

	"smoothscape/landscape"
)

// OneStep is the experiment on why SGD smooths (Kleinberg, Li and Yuan 2018). From the iterate x, y = x − η∇f(x) is the half step of
// gradient descent; SGD goes to y − ηω, and its next half step is y' = y − ηω − η∇f(y − ηω). For ω of one fixed law
//
//	E[y' | y] = y − ηEω − η∇f̂_δ(y),    δ = ηC/√b,
//
// where Eω is 0 for every symmetric law.
//
// It holds for one step, in the mean, and only while the law of ω does not depend on the iterate: two iterates with the same y
// and different noise have different means, and no one f̂ has both.
type OneStep struct {
	Half    []float64 `json:"half"`    // y
	Mean    []float64 `json:"mean"`    // of y' over the samples
	StdErr  []Number  `json:"stdErr"`  // of Mean, per coordinate; no guide under a law without variance
	Samples int       `json:"samples"` // how many
	// Descent is y − ηEω − η∇f̂_δ(y) in closed form; nil where none is known.
	Descent    []float64 `json:"descent,omitempty"`
	NoiseLevel float64   `json:"noiseLevel"` // δ
}

// TakeOneStep makes that experiment with samples ≥ 2 draws of ω = C·b^−q·u under a kernel. The error is a fault of these, a
// landscape.ErrNoSmoothing (E∇f(y − ηω) may exist without f̂, but is then no smoothing), or that of ctx.
func TakeOneStep(ctx context.Context, o landscape.Objective, k landscape.Kernel, eta, b, c float64, x []float64, samples int, seed uint64) (OneStep, error) {
	var f faults
	f.require(eta > 0 && eta <= math.MaxFloat64, "learning rate η", "a positive number", eta, "take for example 0.05")
	f.require(b >= 1 && b <= math.MaxFloat64, "batch size b", "1 or more", b, "take for example 1")
	f.require(samples >= 2 && samples <= maxSteps, "samples", fmt.Sprintf("2 to %d", maxSteps), samples, "take for example 100000")
	if err := f.join(); err != nil {
		return OneStep{}, err
	}
	delta := landscape.Degree(k, eta, b, c)
	m := Method{Objective: o, Gradient: Noisy, Kernel: k, GradStdDev: c, Stages: []Stage{{Steps: 1, LearningRate: eta, BatchSize: b, NoiseLevel: delta}}}
	if err := m.Validate(); err != nil {
		return OneStep{}, err
	}
	checkStart(&f, o, x)
	f.add(k.Exists(max(1, o.Growth))) // y' holds u itself
	if err := f.join(); err != nil {
		return OneStep{}, err
	}
	d := o.Dim
	oracle := newOracle(m)
	oracle.begin(seed)
	g := make([]float64, d)
	out := OneStep{Half: make([]float64, d), Mean: make([]float64, d), StdErr: make([]Number, d), Samples: samples, NoiseLevel: delta}
	oracle.slope(o.Function, x, g)
	for i := range x {
		out.Half[i] = x[i] - eta*g[i]
	}
	squares := make([]float64, d)
	place := make([]float64, d)
	for n := range samples {
		if ctx.Err() != nil {
			return OneStep{}, fmt.Errorf("one step of SGD, sample %d of %d: %w", n, samples, context.Cause(ctx))
		}
		k.Sample(oracle.rng, oracle.u)
		for i, u := range oracle.u {
			place[i] = out.Half[i] - delta*u
		}
		oracle.slope(o.Function, place, g)
		for i := range place {
			v := place[i] - eta*g[i]
			step := v - out.Mean[i] // Welford
			out.Mean[i] += step / float64(n+1)
			squares[i] += step * (v - out.Mean[i])
		}
	}
	n := float64(samples)
	for i, s := range squares {
		out.StdErr[i] = Number(math.Sqrt(s / (n - 1) / n))
	}
	if smoothed := oracle.closed[0]; smoothed != nil {
		oracle.slope(*smoothed, out.Half, g)
		out.Descent = make([]float64, d)
		for i := range g {
			out.Descent[i] = out.Half[i] - delta*k.Mean() - eta*g[i]
		}
	}
	return out, nil
}

package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"smoothscape/landscape"
	"smoothscape/landscape/figure"
	"smoothscape/landscape/fullspace"
	"smoothscape/landscape/slice"
)

// drawFull computes the slice of f̂_δ itself by Monte Carlo in all d dimensions.
func (o *smoothOptions) drawFull(ctx context.Context, tty *terminal, s *smoothSubject, kernel landscape.Kernel, p *smoothPicture) error {
	noise, err := fullspace.Drawn(kernel, p.Delta, s.growth)
	if err != nil {
		return fullspaceFault(err)
	}
	problem := fullspace.Problem[float64]{Plane: s.coordinatePlane(), X: shifted(s.values.X, s.middle()), Y: []float64{0}, Noise: noise, Seed: o.monte.seed}
	if s.dim > 1 {
		problem.Y = problem.X
	}
	estimator, err := fullspace.New(problem)
	if err != nil {
		return fullspaceFault(err)
	}
	evaluators := make([]slice.Evaluator[float64], o.monte.workers)
	for i := range evaluators {
		evaluators[i] = func(params []float64) (float64, error) { return s.objective.Func(params), nil }
	}
	bar := newProgress(tty.err, int64(o.monte.samples), "draws")
	defer bar.end()
	var told time.Time
	reached, err := estimator.Run(ctx, evaluators, fullspace.Stop{Relative: o.monte.accuracy, Samples: o.monte.samples}, func(now fullspace.Progress) error {
		bar.set(int64(now.Samples))
		if bar.bar != nil && now.Samples > 1 && time.Since(told) > time.Second/2 {
			told = time.Now()
			bar.describe(fmt.Sprintf("δ = %.4g, ±%.2g %%", p.Delta, 100*estimator.Estimate().RelativeErr()))
		}
		return nil
	})
	if err != nil {
		return fullspaceFault(err)
	}
	estimate := estimator.Estimate()
	p.Label, p.Source = figure.FullSpace, byMonteCarlo
	p.z, p.stdError = estimate.Z, estimate.StdErr
	p.Error, p.Samples, p.Seed = finite(estimate.MaxErr), &estimate.Samples, &o.monte.seed
	if !reached {
		p.warnings = append(p.warnings, fmt.Sprintf("δ = %.6g: a standard error of %.2g %% of the range after %s draws, not the %.2g %% of --error; --samples allows no more.",
			p.Delta, 100*estimate.RelativeErr(), grouped(estimate.Samples), 100*o.monte.accuracy))
	}
	if estimate.Lost > 0 {
		p.warnings = append(p.warnings, fmt.Sprintf("δ = %.6g: %s of %s cells met values that are not finite and have none.", p.Delta, grouped(estimate.Lost), grouped(len(estimate.Z))))
	}
	return nil
}

// middle is the middle of the domain, on each axis.
func (s *smoothSubject) middle() float64 { return (s.objective.Lo + s.objective.Hi) / 2 }

// coordinatePlane is the plane of the first two variables through the middle of their domain, the others being those of the center. In one
// variable the second direction is nothing.
func (s *smoothSubject) coordinatePlane() slice.Plane[float64] {
	plane := slice.Plane[float64]{Center: append([]float64(nil), s.center...), D1: make([]float64, s.dim), D2: make([]float64, s.dim)}
	plane.Center[0], plane.D1[0] = s.middle(), 1
	if s.dim > 1 {
		plane.Center[1], plane.D2[1] = s.middle(), 1
	}
	return plane
}

// shifted counts coordinates from a place.
func shifted(x []float64, from float64) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = v - from
	}
	return out
}

// fullspaceFault tells what is wrong with what was asked for.
func fullspaceFault(err error) error {
	var wrong *fullspace.Error
	if !errors.As(err, &wrong) {
		return err
	}
	return &fault{Field: "picture", Doing: wrong.Doing, Expected: wrong.Expected, Found: wrong.Found, Advice: capital(wrong.Advice) + "."}
}

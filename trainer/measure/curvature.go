package measure

import (
	"context"
	"math"
)

// Operator is a symmetric linear map of R^d. Eigenvalue methods see nothing else of a Hessian.
type Operator interface {
	Dim() int
	// Apply writes A·v into dst. v and dst have length Dim and do not overlap.
	Apply(ctx context.Context, dst, v []float64) error
}

// Lengths of a difference step relative to that of the parameters. A network with ReLU has a kink in its gradient wherever a unit switches for
// an image; a step that crosses some of them adds their jumps to H v, which automatic differentiation leaves out.
//
// In float64 a step can be so short that it meets hardly any kink, and rounding (2⁻⁵³·‖g‖/h) still leaves five digits. In float32 it
// cannot: single takes the length at which the jumps of many kinks average out best. Measured on the MLP and the convnet of this project, at their start and after
// 300 and 3,000 updates, on 512 images, lengths from 3e-3 to 1e-2 gave λ₁ within 10 % (MLP at its start: 55 %) and the trace within a factor of 2 or 3;
// at 1e-3 the trace of the MLP even had the wrong sign. In float64 the same step of 1e-3 gave the same numbers to four digits: kinks, not rounding.
const (
	singleStep  = 5e-3
	preciseStep = 1e-10
)

// Curvature applies the Hessian H of the mean loss over some images at fixed parameters, by differences of gradients at
// θ ± h v/‖v‖, h relative to max(‖θ‖, 1). It belongs to one goroutine.
type Curvature struct {
	dim      int
	gradient func(ctx context.Context, h float64, v, into []float64) error // ∇f(θ + h v)
	step     float64
	precise  bool
	center   []float64 // ∇f(θ); only if precise
	minus    []float64

	Products int // Hessian-vector products so far
	Crossed  int // those that met a kink at every length tried; only if precise
}

// HessianOf is the Hessian of the mean loss over images at params, by central differences of float32 gradients,
//
//	H v ≈ ( ∇f(θ + h v/‖v‖) − ∇f(θ − h v/‖v‖) )·‖v‖/(2h),   h = 5e-3·max(‖θ‖, 1).
//
// For a smooth loss (softmax regression) that is good to 1e-3 or so. For a network with ReLU it is the Hessian of a loss that is
// smoothed over a length of h, plus what few kinks happen to lie in the step: read eigenvalues as curvature over that length, and
// use PreciseHessianOf for the trace and for the inner part of the spectrum. Error says how much a product depends on h. params are read at every product.
func HessianOf(g Gradients, params []float32, images []int) *Curvature {
	m, at := newMean(g), make([]float32, len(params))
	return &Curvature{
		dim: len(params), step: singleStep * max(norm32(params), 1), minus: make([]float64, len(params)),
		gradient: func(ctx context.Context, h float64, v, into []float64) error {
			for i, w := range params {
				at[i] = float32(float64(w) + h*v[i])
			}
			_, err := m.at(ctx, at, images, into)
			return err
		},
	}
}

// PreciseHessianOf is the Hessian in the sense of automatic differentiation (units keep the side of their kink), by differences of float64
// gradients of length h = 1e-10·max(‖θ‖, 1), good to about 1e-5. With g₀ = ∇f(θ), which is computed once, forward and backward differences tell whether
// the step met a kink: without one they differ by rounding alone, with one by a jump far greater than H v. Then h is divided by 8 and the product is taken again,
// up to 2 times; after that the shorter of the two differences counts, and Crossed is increased.
func PreciseHessianOf(g PreciseGradients, params []float32, images []int) *Curvature {
	at, scratch := make([]float64, len(params)), make([]float64, len(params))
	return &Curvature{
		dim: len(params), step: preciseStep * max(norm32(params), 1), precise: true, minus: make([]float64, len(params)),
		gradient: func(ctx context.Context, h float64, v, into []float64) error {
			for i, w := range params {
				at[i] = float64(w) + h*v[i]
			}
			clear(into)
			for start := 0; start < len(images); start += chunkImages {
				if err := ctx.Err(); err != nil {
					return err
				}
				chunk := images[start:min(start+chunkImages, len(images))]
				if _, err := g.PreciseAt(at, chunk, scratch); err != nil {
					return err
				}
				addScaled(into, float64(len(chunk))/float64(len(images)), scratch)
			}
			return nil
		},
	}
}

// Dim implements Operator.
func (c *Curvature) Dim() int { return c.dim }

// Step is h, the length of the difference step in parameter space.
func (c *Curvature) Step() float64 { return c.step }

// Apply implements Operator. It costs two gradients over all images, and more where a precise one meets a kink.
func (c *Curvature) Apply(ctx context.Context, dst, v []float64) error {
	return c.apply(ctx, dst, v, c.step)
}

// kinkTries is how many lengths a precise product tries, and kinkSign how different (relative) forward and backward differences are that
// show a kink: rounding leaves 1e-4 of a short product at most, a jump is many times H v.
const (
	kinkTries = 3
	kinkSign  = 0.05
)

func (c *Curvature) apply(ctx context.Context, dst, v []float64, step float64) error {
	length := norm(v)
	if length == 0 {
		clear(dst)
		return nil
	}
	c.Products++
	if c.precise && c.center == nil {
		center := make([]float64, c.dim)
		if err := c.gradient(ctx, 0, v, center); err != nil {
			return err
		}
		c.center = center
	}
	for try := 1; ; try++ {
		if err := c.gradient(ctx, step/length, v, dst); err != nil {
			return err
		}
		if err := c.gradient(ctx, -step/length, v, c.minus); err != nil {
			return err
		}
		if !c.precise {
			break
		}
		forward, backward, bend := 0.0, 0.0, 0.0
		for i, g := range c.center {
			f, b := dst[i]-g, g-c.minus[i]
			forward += f * f
			backward += b * b
			bend += (f - b) * (f - b)
		}
		// A product that is nothing but rounding (v in the null space) is no kink: 1e-13 is far above rounding, far below a jump.
		if floor := 1e-13 * max(norm(c.center), 1); bend <= kinkSign*kinkSign*min(forward, backward)+floor*floor {
			break
		}
		if try < kinkTries {
			step /= 8
			continue
		}
		c.Crossed++
		for i, g := range c.center { // the shorter difference, as if it were both
			if forward < backward {
				c.minus[i] = 2*g - dst[i]
			} else {
				dst[i] = 2*g - c.minus[i]
			}
		}
		break
	}
	for i, g := range dst {
		dst[i] = (g - c.minus[i]) * length / (2 * step)
	}
	return nil
}

// StepError is how much a Hessian-vector product depends on the difference step.
type StepError struct {
	Relative float64 // ‖H_h v − H_{h/2} v‖ / ‖H_h v‖
	Rayleigh float64 // |vᵀH_h v − vᵀH_{h/2} v| / vᵀv: the error to expect of an eigenvalue with eigenvector v
}

// Error compares the products of v with steps h and h/2. For a smooth loss the error of H_h v is 4/3 of the difference, from truncation;
// where rounding or kinks rule it is about as large as the difference, and where kinks rule an eigenvalue may err by more than Rayleigh, because the
// eigenvector has adapted to them. It costs two products.
func (c *Curvature) Error(ctx context.Context, v []float64) (StepError, error) {
	whole, half := make([]float64, len(v)), make([]float64, len(v))
	if err := c.apply(ctx, whole, v, c.step); err != nil {
		return StepError{}, err
	}
	if err := c.apply(ctx, half, v, c.step/2); err != nil {
		return StepError{}, err
	}
	length := norm(whole)
	addScaled(half, -1, whole)
	return StepError{norm(half) / length, math.Abs(dot(v, half)) / dot(v, v)}, nil
}

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

// relativeStep is the length of a difference step relative to that of the parameters. Central differences of float32 gradients err by
// about (h²/6)·|f⁗| from the step and by 2⁻²⁴·‖g‖/h from rounding. 1e-3 keeps both below 1 % on the networks of this project
// (TestHessianProductsOfNetworks prints them; Error measures them anywhere).
const relativeStep = 1e-3

// Curvature applies the Hessian H of the mean loss over some images at fixed parameters, by central differences of gradients:
//
//	H v ≈ ( ∇f(θ + h v/‖v‖) − ∇f(θ − h v/‖v‖) ) / (2h) · ‖v‖,   h = 1e-3 · max(‖θ‖, 1).
//
// For ReLU networks that is the Hessian smoothed over a length of h: gradients jump where a unit switches, automatic differentiation
// never sees the jumps, and differences do. Error says how much the product depends on h. It belongs to one goroutine.
type Curvature struct {
	gradients *mean
	params    []float32
	images    []int
	step      float64
	at        []float32
	minus     []float64
	Products  int // Hessian-vector products so far
}

// HessianOf is the Hessian of the mean loss over images at params, which both are read at every product.
func HessianOf(g Gradients, params []float32, images []int) *Curvature {
	return &Curvature{
		gradients: newMean(g), params: params, images: images, step: relativeStep * max(norm32(params), 1),
		at: make([]float32, len(params)), minus: make([]float64, len(params)),
	}
}

// Dim implements Operator.
func (c *Curvature) Dim() int { return len(c.params) }

// Step is h, the length of the difference step in parameter space.
func (c *Curvature) Step() float64 { return c.step }

// Apply implements Operator. It costs two gradients over all images.
func (c *Curvature) Apply(ctx context.Context, dst, v []float64) error {
	return c.apply(ctx, dst, v, c.step)
}

func (c *Curvature) apply(ctx context.Context, dst, v []float64, step float64) error {
	length := norm(v)
	if length == 0 {
		clear(dst)
		return nil
	}
	c.Products++
	for side, into := range [2][]float64{dst, c.minus} {
		h := step / length
		if side == 1 {
			h = -h
		}
		for i, w := range c.params {
			c.at[i] = float32(float64(w) + h*v[i])
		}
		if _, err := c.gradients.at(ctx, c.at, c.images, into); err != nil {
			return err
		}
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
// where rounding rules it is about as large as the difference. It costs two products.
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

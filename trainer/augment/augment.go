// Package augment varies training images at random: it shifts, mirrors and rotates them by a little, so that a network seldom sees
// one image twice in exactly the same form.
//
// It works on bytes, before they are normalised, and does what torchvision's transforms do to a PIL image, in their order:
//
//	RandomCrop(size, padding=p)    the image gets a black border of p pixels and a window of its own size is cut out at random
//	RandomHorizontalFlip(0.5)      every second image is mirrored, on average
//	RandomRotation(d)              by an angle from −d to d degrees, counterclockwise, about the center
//
// What comes in from outside is black (0), in the border and in the corners alike; what left the window does not come back when the
// window is rotated.
//
// The rotation takes the nearest pixel: the output pixel (x, y), whose center is (x+½, y+½), shows the pixel of the window that
// holds the point
//
//	x′ = cx + (x+½−cx)·cos φ − (y+½−cy)·sin φ
//	y′ = cy + (x+½−cx)·sin φ + (y+½−cy)·cos φ,      (cx, cy) = (W/2, H/2).
//
// Pillow walks through these points in steps of 16.16 fixed-point numbers (ImagingTransformAffine in its Geometry.c); so does this
// package, and the pixels are the same. Against exact arithmetic a point is off by up to (W+H)·2⁻¹⁷ pixels.
//
// The policy "paper" is the setting of the CIFAR-100 experiments of H. Sato and H. Iiduka, "Using Stochastic Gradient Descent to
// Smooth Nonconvex Functions", 2023: padding 4, mirroring, 15°.
package augment

import (
	"fmt"
	"math/rand/v2"

	"smoothscape/trainer/engine"
)

// The names of the policies.
const (
	None     = "none"
	FlipCrop = "flip-crop"
	Paper    = "paper"
)

// Policy says how much images may be varied. The zero Policy leaves them as they are.
type Policy struct {
	Padding int     // 0 … 2³⁰ pixels: shifts of −Padding … Padding in either direction, all alike likely; less than 0 counts as 0
	Flip    bool    // mirror left and right with probability ½
	Degrees float64 // rotations from −Degrees to Degrees, uniformly; 0 … 180; what is not above 0 rotates nothing
}

// Names lists what PolicyByName knows, the gentlest first.
func Names() []string { return []string{None, FlipCrop, Paper} }

// PolicyByName gives the policy of a name; ok is false if there is none. "none" is the zero Policy.
func PolicyByName(name string) (policy Policy, ok bool) {
	switch name {
	case None:
		return Policy{}, true
	case FlipCrop:
		return Policy{Padding: 4, Flip: true}, true
	case Paper:
		return Policy{Padding: 4, Flip: true, Degrees: 15}, true
	}
	return Policy{}, false
}

// Apply writes a random variant of the image src into dst: Draw, then Move.Apply. It is a function of its arguments and of the
// numbers that rng gives, and allocates nothing.
func (p Policy) Apply(dst, src []byte, shape engine.Shape, rng *rand.Rand) {
	p.Draw(rng).Apply(dst, src, shape)
}

// Draw draws a Move from the policy. Only what the policy leaves open takes numbers from rng: rows, columns, mirroring, angle.
func (p Policy) Draw(rng *rand.Rand) Move {
	var m Move
	if p.Padding > 0 {
		m.Top = rng.IntN(2*p.Padding+1) - p.Padding
		m.Left = rng.IntN(2*p.Padding+1) - p.Padding
	}
	if p.Flip {
		m.Flip = rng.IntN(2) == 1
	}
	if p.Degrees > 0 {
		m.Angle = (2*rng.Float64() - 1) * p.Degrees
	}
	return m
}

// checkLengths panics unless both images fit the shape.
func checkLengths(dst, src []byte, shape engine.Shape) {
	if shape.C < 0 || shape.H < 0 || shape.W < 0 || len(dst) != shape.Len() || len(src) != shape.Len() {
		panic(fmt.Sprintf("augment: Apply: an image of %s has %d bytes, got %d to write and %d to read", shape, shape.Len(), len(dst), len(src)))
	}
}

package landscape

import (
	"fmt"
	"math"
)

// maxLine is how many nodes a line may have, with halo and padding.
const maxLine = 1 << 16

// Line is a function sampled on an interval with a halo: N nodes on the closed interval [Lo, Hi] and Cells more beyond each
// end, all of the same step. Its rules for the border, the padding, the wavenumbers and the resolution are those of a Field.
type Line struct {
	Lo, Hi float64
	N      int
	Cells  int
	Z      []float64 // N + 2·Cells; Z[Cells] lies at Lo
}

// NewLine checks and wraps values that were computed elsewhere. It keeps z, which the caller must not change afterwards. It
// returns a *GridError for an interval that is not finite, too few or too many nodes or another number of values.
func NewLine(lo, hi float64, n, cells int, z []float64) (Line, error) {
	l := Line{Lo: lo, Hi: hi, N: n, Cells: cells, Z: z}
	if err := l.check(); err != nil {
		return Line{}, err
	}
	if len(z) != l.M() {
		return Line{}, &GridError{Doing: "reading a line", Expected: fmt.Sprintf("%d values", l.M()), Found: fmt.Sprint(len(z)), Advice: "give the nodes and the halo on both sides"}
	}
	return l, nil
}

// SampleLine evaluates an objective of one variable on n nodes and a halo of Objective.Halo. It refuses a grid on which the
// objective is not resolved: see Field.Roughness.
func SampleLine(o Objective, n int) (Line, error) {
	l := Line{Lo: o.Lo, Hi: o.Hi, N: n}
	if o.Dim != 1 {
		return Line{}, &GridError{Doing: "sampling " + o.ID + " on a line", Expected: "a function of one variable", Found: fmt.Sprint(o.Dim), Advice: "take the objective of one dimension"}
	}
	if err := l.check(); err != nil {
		return Line{}, err
	}
	l.Cells = HaloCells(o.Halo(), l.Step())
	if err := l.check(); err != nil {
		return Line{}, err
	}
	l.Z = make([]float64, l.M())
	x := make([]float64, 1)
	for i := range l.Z {
		x[0] = l.place(i - l.Cells)
		l.Z[i] = o.Func(x)
	}
	if err := l.Resolved(); err != nil {
		return Line{}, fmt.Errorf("landscape: %s: %w", o.ID, err)
	}
	return l, nil
}

func (l Line) check() error {
	if w := l.Hi - l.Lo; !(w > 0) || math.IsInf(w, 0) {
		return &GridError{Doing: "reading the interval of a line", Expected: "finite ends, the lower one first", Found: fmt.Sprintf("[%g, %g]", l.Lo, l.Hi), Advice: "give lo < hi"}
	}
	if l.N < MinNodes || l.Cells < 0 || l.Cells > maxLine || l.M() > maxLine {
		return &GridError{Doing: "choosing a line", Expected: fmt.Sprintf("%d nodes or more and at most %d with the halo", MinNodes, maxLine),
			Found: fmt.Sprintf("%d nodes and %d cells of halo on each side", l.N, l.Cells), Advice: "take another number of nodes or a narrower kernel"}
	}
	return nil
}

// M returns the number of nodes with the halo.
func (l Line) M() int { return l.N + 2*l.Cells }

// Step returns the distance h between neighboring nodes.
func (l Line) Step() float64 { return (l.Hi - l.Lo) / float64(l.N-1) }

// Halo returns the width of the halo, Cells·Step.
func (l Line) Halo() float64 { return float64(l.Cells) * l.Step() }

func (l Line) place(i int) float64 { return l.Lo + (l.Hi-l.Lo)*float64(i)/float64(l.N-1) }

// Resolved is as Field.Resolved.
func (l Line) Resolved() error { return resolved(roughness(l.Z, 1, l.M(), 1, 0), l.N) }

// SmoothedLine is f̂_δ on the nodes of an interval; the caller owns it.
type SmoothedLine struct {
	X, Z []float64
	// MirrorMass is P(|δuᵢ| > halo): at most this part of the kernel reached beyond the halo, where the line is mirrored.
	MirrorMass float64
	Shift      float64 // δ·E uᵢ: see Smoothed.Shift
}

// Smooth returns f̂_δ for a finite δ ≥ 0. With Dim = 1 the kernel is that of the line, with Dim = d the marginal of a kernel of d
// dimensions (projected). Whether f̂ exists is not its matter: ask Kernel.Exists. It returns a *GridError where a value is not
// finite and a *KernelError for a kernel or a δ that is none.
func (l Line) Smooth(k Kernel, delta float64) (SmoothedLine, error) {
	if err := k.smoothable(1, delta); err != nil {
		return SmoothedLine{}, err
	}
	s, err := l.multiply(delta == 0, func(wave float64) complex128 { return k.Characteristic(delta, wave) })
	s.MirrorMass, s.Shift = k.massOutside(1, delta, l.Halo()), k.shift(delta)
	return s, err
}

// SmoothEmpirical returns the mean of f(x − factor·v) over recorded vectors v of a line: see Smoother.SmoothEmpirical.
func (l Line) SmoothEmpirical(e Empirical, factor float64) (SmoothedLine, error) {
	if err := e.smoothable(1, factor); err != nil {
		return SmoothedLine{}, err
	}
	s, err := l.multiply(false, func(wave float64) complex128 {
		re, im := 0.0, 0.0
		for _, p := range e.points {
			sin, cos := math.Sincos(factor * p[0] * wave)
			re, im = re+cos, im-sin
		}
		return complex(re/float64(len(e.points)), im/float64(len(e.points)))
	})
	s.MirrorMass, s.Shift = e.massOutside(factor, l.Halo()), factor*e.Mean()[0]
	return s, err
}

// multiply multiplies the spectrum of the line by the characteristic function; raw returns the line itself.
func (l Line) multiply(raw bool, characteristic func(wave float64) complex128) (SmoothedLine, error) {
	m := l.M()
	if err := allFinite(l.Z); err != nil {
		return SmoothedLine{}, err
	}
	s := SmoothedLine{X: make([]float64, l.N), Z: make([]float64, l.N)}
	for i := range s.X {
		s.X[i] = l.place(i)
	}
	if raw {
		copy(s.Z, l.Z[l.Cells:])
		return s, nil
	}
	p := PaddedLength(m)
	left := (p - m) >> 1
	re, im := make([]float64, p), make([]float64, p)
	extend(re, l.Z)
	line, faded := newPlan(p), fade(p)
	line.forward(re, im)
	for j, wave := range wavenumbers(p, l.Step()) {
		chi := characteristic(wave) / complex(float64(p), 0)
		chi = complex(real(chi), imag(chi)*faded[j])
		a, b := re[j], im[j]
		re[j], im[j] = a*real(chi)-b*imag(chi), a*imag(chi)+b*real(chi)
		if o := p - j; o > j && j > 0 { // the line is real: the conjugate
			re[o], im[o] = re[j], -im[j]
		}
	}
	line.inverse(re, im)
	copy(s.Z, re[left+l.Cells:])
	return s, nil
}

package landscape

import (
	"fmt"
	"math"
	"sync"
)

// negligible is the factor below which a frequency is left out; a monotone transfer function below it at a frequency is
// below it at all higher ones.
const negligible = 1e-13

// Smoother smooths one field by any kernel and degree. A Gaussian that is narrow against the halo is applied axis by axis;
// everything else multiplies the spectrum of the field, which is made once, when it is first needed. Many goroutines may
// use one Smoother.
type Smoother struct {
	field    Field
	spectrum func() *spectrum
	scratch  sync.Pool // of *inverse
	axes     sync.Pool // of *axesScratch
}

// NewSmoother returns a smoother of the field. It returns a *GridError where the field holds a value that is not finite (one
// would spread everywhere) or has no ring of four cells around the inner grid.
func NewSmoother(f Field) (*Smoother, error) {
	if err := checkShape(f.Domain, f.N, f.Cells); err != nil {
		return nil, err
	}
	m := f.M()
	if f.Cells < minimaRing || len(f.Z) != m*m {
		return nil, &GridError{Doing: "transforming a grid", Expected: fmt.Sprintf("%d×%d values with a halo of at least %d cells", m, m, minimaRing),
			Found: fmt.Sprintf("%d values and %d cells", len(f.Z), f.Cells), Advice: "sample the function beyond the border, too"}
	}
	if err := allFinite(f.Z); err != nil {
		return nil, err
	}
	s := &Smoother{field: f, spectrum: sync.OnceValue(func() *spectrum { return transform(f) })}
	wide := f.N + 2*minimaRing
	s.scratch.New = func() any { return newInverse(PaddedLength(m), wide) }
	s.axes.New = func() any { return &axesScratch{} }
	return s, nil
}

// allFinite returns a *GridError where a value is not finite: the results are linear in f, so one would spread everywhere.
func allFinite(z []float64) error {
	bad := 0
	for _, v := range z {
		if !isFinite(v) {
			bad++
		}
	}
	if bad == 0 {
		return nil
	}
	return &GridError{Doing: "transforming a grid", Expected: "finite values", Found: fmt.Sprintf("%d of %d that are not", bad, len(z)),
		Advice: "choose a smaller plane or wait until the slice is complete"}
}

// Field returns the field that is smoothed.
func (s *Smoother) Field() Field { return s.field }

// Smoothed is f̂_δ on the inner grid of a field.
type Smoothed struct {
	Grid // N×N on the closed domain; owned by the caller
	// MirrorMass is P(‖δu‖ > halo): at most this part of the kernel reached beyond the halo, where the field is
	// mirrored, from any inner node.
	MirrorMass float64
	// Shift is δ·E u along x and y: by this a kernel with a mean moves the picture, since f̂_δ(x) = E f(x − δu). Minima among
	// ripples, whose phase it changes, too, move by another amount. +Inf under Levy and Pareto.
	Shift [2]float64
	wide  Field // the inner grid with a halo of minimaRing cells
}

// Smooth returns f̂_δ for a finite δ ≥ 0, in the units of the domain, under a kernel of two dimensions or more. Whether f̂ exists
// is not its matter: ask Kernel.Exists with the growth of f first.
func (s *Smoother) Smooth(k Kernel, delta float64) (Smoothed, error) {
	if err := k.smoothable(2, delta); err != nil {
		return Smoothed{}, err
	}
	f := s.field
	mean, mirrored := k.shift(delta), k.massOutside(2, delta, f.Halo())
	return s.result([2]float64{mean, mean}, mirrored, func(count int, dst []float64) {
		if k.Law == Gaussian && delta > 0 {
			if a, ok := f.byAxes(k.StdDev(delta) / f.Step()); ok {
				w := s.axes.Get().(*axesScratch)
				w.smooth(f, k, delta, a, dst)
				s.axes.Put(w)
				return
			}
		}
		if delta > 0 {
			waves := wavenumbers(PaddedLength(f.M()), f.Step())
			if k.isotropic() && (k.Law != Uniform || k.Dim > ballDies) { // these decrease with the wavenumber
				for len(waves) > 1 && k.Transfer(delta, waves[len(waves)-1]) < negligible {
					waves = waves[:len(waves)-1]
				}
			}
			s.multiply(k.columns(delta, waves), len(waves), count, dst)
			return
		}
		m, skip := f.M(), f.Cells-minimaRing
		for row := range count {
			copy(dst[row*count:(row+1)*count], f.Z[(row+skip)*m+skip:])
		}
	}), nil
}

// SmoothEmpirical returns the mean of f(x − factor·v) over the recorded vectors v of a plane, exactly as far as the grid resolves
// f. This is the *projected* picture of the empirical kernel: what its noise does outside the plane is missing, as with every
// smoothing of a picture, and only sampling in all dimensions (*measured*) has it. It returns a *KernelError for vectors of a line
// and for a factor that is not finite.
func (s *Smoother) SmoothEmpirical(e Empirical, factor float64) (Smoothed, error) {
	if err := e.smoothable(2, factor); err != nil {
		return Smoothed{}, err
	}
	f := s.field
	mean := e.Mean()
	return s.result([2]float64{factor * mean[0], factor * mean[1]}, e.massOutside(factor, f.Halo()), func(count int, dst []float64) {
		waves := wavenumbers(PaddedLength(f.M()), f.Step())
		s.multiply(e.columns(factor, waves), len(waves), count, dst)
	}), nil
}

// result wraps what write puts on the inner grid and minimaRing cells around it, count×count values.
func (s *Smoother) result(shift [2]float64, mirrored float64, write func(count int, dst []float64)) Smoothed {
	f := s.field
	wide := Field{Domain: f.Domain, N: f.N, Cells: minimaRing}
	count := wide.M()
	wide.Z = make([]float64, count*count)
	write(count, wide.Z)
	return Smoothed{Grid: wide.Inner(), MirrorMass: mirrored, Shift: shift, wide: wide}
}

func (s *Smoother) multiply(fill func(kx int, t *factors), band, count int, dst []float64) {
	f, spectrum := s.field, s.spectrum()
	w := s.scratch.Get().(*inverse)
	w.apply(spectrum, fill, band, (spectrum.p-f.M())>>1+f.Cells-minimaRing, count, dst)
	s.scratch.Put(w)
}

// smoothable returns a *KernelError where the kernel cannot smooth a function on that many axes, or δ is no degree.
func (k Kernel) smoothable(axes int, delta float64) error {
	if err := k.Validate(); err != nil {
		return err
	}
	if k.Dim < axes {
		return &KernelError{"dimension", fmt.Sprintf("at least the %d of the picture", axes), fmt.Sprint(k.Dim)}
	}
	if !(delta >= 0) || math.IsInf(delta, 0) {
		return &KernelError{"degree δ", "a finite number of at least 0", fmt.Sprint(delta)}
	}
	return nil
}

// shift returns δ·Mean, 0 at δ = 0 whatever the mean.
func (k Kernel) shift(delta float64) float64 {
	if delta == 0 {
		return 0
	}
	return delta * k.Mean()
}

// columns returns a function that gives the factors of each column kx: the transfer function at the wavenumbers (waves[kx],
// ±waves[ky]). Under a law that is not isotropic, waves must reach to the Nyquist frequency.
func (k Kernel) columns(delta float64, waves []float64) func(kx int, t *factors) {
	band := len(waves)
	if !k.isotropic() { // complex, and a product of its axes
		axis, faded := newProducts(1, band), fade(2*band-2)
		for j, wave := range waves {
			chi := k.Characteristic(delta, wave)
			axis.xCos[j], axis.xSin[j] = real(chi), -imag(chi)*faded[j]
		}
		axis.yCos, axis.ySin = axis.xCos, axis.xSin
		return axis.column
	}
	if k.Law == Gaussian { // a product of its axes
		axis := make([]float64, band)
		for j, wave := range waves {
			axis[j] = k.Transfer(delta, wave)
		}
		return func(kx int, t *factors) {
			t.even = true
			for ky, v := range axis {
				t.re[ky] = axis[kx] * v
			}
		}
	}
	table := make([]float64, band*band) // symmetric in kx and ky: each pair is computed once
	for a := range band {
		for b := range a + 1 {
			t := k.Transfer(delta, math.Sqrt(waves[a]*waves[a]+waves[b]*waves[b]))
			table[a*band+b], table[b*band+a] = t, t
		}
	}
	return func(kx int, t *factors) {
		t.even = true
		copy(t.re, table[kx*band:(kx+1)*band])
	}
}

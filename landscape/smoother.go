package landscape

import (
	"fmt"
	"math"
	"sync"
)

// negligible is the factor below which a frequency is left out; a monotone transfer function below it at a frequency is
// below it at all higher ones.
const negligible = 1e-13

// Smoother smooths one field by any kernel and degree. The forward transform is made once; each Smooth is a
// multiplication and an inverse transform. Many goroutines may use one Smoother.
type Smoother struct {
	field    Field
	spectrum spectrum
	scratch  sync.Pool // of *inverse
}

// NewSmoother transforms the field. It returns a *GridError where the field holds a value that is not finite (one
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
	bad := 0
	for _, v := range f.Z {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			bad++
		}
	}
	if bad > 0 {
		return nil, &GridError{Doing: "transforming a grid", Expected: "finite values", Found: fmt.Sprintf("%d of %d that are not", bad, len(f.Z)),
			Advice: "choose a smaller plane or wait until the slice is complete"}
	}
	s := &Smoother{field: f, spectrum: transform(f)}
	wide := f.N + 2*minimaRing
	s.scratch.New = func() any { return newInverse(s.spectrum.p, wide) }
	return s, nil
}

// Field returns the field that is smoothed.
func (s *Smoother) Field() Field { return s.field }

// Smoothed is f̂_δ on the inner grid of a field.
type Smoothed struct {
	Grid // N×N on the closed domain; owned by the caller
	// MirrorMass is P(‖δu‖ > halo): at most this part of the kernel reached beyond the halo, where the field is
	// mirrored, from any inner node.
	MirrorMass float64
	wide       Field // the inner grid with a halo of minimaRing cells
}

// Smooth returns f̂_δ for a finite δ ≥ 0, in the units of the domain. Whether f̂ exists is not its matter: ask
// Kernel.Exists with the growth of f first.
func (s *Smoother) Smooth(k Kernel, delta float64) (Smoothed, error) {
	if err := k.Validate(); err != nil {
		return Smoothed{}, err
	}
	if !(delta >= 0) || math.IsInf(delta, 0) {
		return Smoothed{}, &KernelError{"degree δ", "a finite number of at least 0", fmt.Sprint(delta)}
	}
	f := s.field
	wide := Field{Domain: f.Domain, N: f.N, Cells: minimaRing}
	count := wide.M()
	wide.Z = make([]float64, count*count)
	if delta == 0 {
		m, skip := f.M(), f.Cells-minimaRing
		for row := range count {
			copy(wide.Z[row*count:(row+1)*count], f.Z[(row+skip)*m+skip:])
		}
	} else {
		p := s.spectrum.p
		waves := wavenumbers(p, f.Step())
		if k.Law != Uniform { // the others decrease with the wavenumber
			for len(waves) > 1 && k.Transfer(delta, waves[len(waves)-1]) < negligible {
				waves = waves[:len(waves)-1]
			}
		}
		w := s.scratch.Get().(*inverse)
		w.apply(s.spectrum, k.columns(delta, waves), len(waves), (p-f.M())>>1+f.Cells-minimaRing, count, wide.Z)
		s.scratch.Put(w)
	}
	return Smoothed{Grid: wide.Inner(), MirrorMass: k.MassOutside(delta, f.Halo()), wide: wide}, nil
}

// columns returns a function that fills dst with the transfer function at the wavenumbers (waves[kx], waves[ky]) for
// all ky.
func (k Kernel) columns(delta float64, waves []float64) func(kx int, dst []float64) {
	band := len(waves)
	if k.Law == Gaussian { // a product of its axes
		axis := make([]float64, band)
		for j, wave := range waves {
			axis[j] = k.Transfer(delta, wave)
		}
		return func(kx int, dst []float64) {
			for ky := range dst {
				dst[ky] = axis[kx] * axis[ky]
			}
		}
	}
	// Symmetric in kx and ky: each pair is computed once.
	table := make([]float64, band*band)
	for a := range band {
		for b := range a + 1 {
			t := k.Transfer(delta, math.Sqrt(waves[a]*waves[a]+waves[b]*waves[b]))
			table[a*band+b], table[b*band+a] = t, t
		}
	}
	return func(kx int, dst []float64) { copy(dst, table[kx*band:(kx+1)*band]) }
}

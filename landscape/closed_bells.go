package landscape

import (
	"math"
	"math/cmplx"
)

// Closed forms of bells: a Gaussian stays one under a Gaussian, a Lorentzian under a Cauchy law.

// smoothDent: the bell and the bowl apart.
func smoothDent(d int, n noise) (Function, bool) {
	if n.kernel.Law != Gaussian {
		return Function{}, false
	}
	dent, s := theDent(d), n.kernel.StdDev(n.delta)
	return dented{lift: float64(d) * s * s / 2, bell: dent.bell.widened(s)}.function(), true
}

func (b bell) smooth(n noise) (Function, bool) {
	if n.kernel.Law != Gaussian {
		return Function{}, false
	}
	return b.widened(n.kernel.StdDev(n.delta)).function(), true
}

// widened is the bell smoothed by a Gaussian of standard deviation s per axis.
func (b bell) widened(s float64) bell {
	v := b.variance + s*s
	return bell{amplitude: b.amplitude * math.Pow(b.variance/v, float64(len(b.center))/2), center: b.center, variance: v}
}

func (l lorentzian) smooth(n noise) (Function, bool) {
	if n.kernel.Law != Cauchy {
		return Function{}, false
	}
	return lorentzian{amplitude: l.amplitude * (l.width + n.delta) / l.width, width: l.width + n.delta}.function(), true
}

// smoothRings: on a line, under a Cauchy law, a function that is bounded and analytic in the upper half plane moves to x + iδ,
// and one of the lower to x − iδ. f = lift − 2/(x²+4) − 2Re e^{iKx}/(x²+4). The first fraction is a Lorentzian; in the second,
//
//	1/(x²+4) = (1/(x−2i) − 1/(x+2i))/4i
//
// and the pole at 2i is taken off: (e^{iKz} − e^{−2K})/(z−2i) belongs above, the rest e^{−2K}/(z−2i) below.
func smoothRings(d int, r rings, n noise) (Function, bool) {
	if d != 1 || n.kernel.Law != Cauchy {
		return Function{}, false
	}
	delta, k := n.delta, complex(0, r.wave)
	base := lorentzian{amplitude: -2 * (2 + delta) / 2, width: 2 + delta}
	// wave returns −2Re of the second fraction and of its first two derivatives in x.
	wave := func(x float64) (w [3]float64) {
		at := complex(x, delta)
		tail := complex(math.Exp(-2*r.wave), 0)
		near := exponentialQuotients(k * (at - 2i))
		below := 1 / complex(x, -2-delta)
		above := 1 / complex(x, 2+delta)
		e := cmplx.Exp(k * at)
		sums := [3]complex128{
			k*tail*near[0] + tail*below - e*above,
			k*k*tail*near[1] - tail*below*below - e*(k*above-above*above),
			k*k*k*tail*near[2] + 2*tail*below*below*below - e*(k*k*above-2*k*above*above+2*above*above*above),
		}
		for i, s := range sums {
			w[i] = -2 * real(s/4i)
		}
		return w
	}
	bowl := base.function()
	return Function{
		Func: func(x []float64) float64 { return r.lift + bowl.Func(x) + wave(x[0])[0] },
		Grad: func(x, dst []float64) {
			bowl.Grad(x, dst)
			dst[0] += wave(x[0])[1]
		},
		Hess: func(x, dst []float64) bool {
			ok := bowl.Hess(x, dst)
			dst[0] += wave(x[0])[2]
			return ok
		},
	}, true
}

// exponentialQuotients returns (e^z − 1)/z and its first two derivatives, Σ zⁿ/(n!(n+j+1)); by that series for |z| < 1.
func exponentialQuotients(z complex128) (q [3]complex128) {
	if cmplx.Abs(z) < 1 {
		power := complex(1, 0)
		for n := range 20 { // 1/20! < 10⁻¹⁸
			for j := range q {
				q[j] += power / complex(float64(n+j+1), 0)
			}
			power *= z / complex(float64(n+1), 0)
		}
		return q
	}
	e := cmplx.Exp(z)
	q[0] = (e - 1) / z
	q[1] = (e - q[0]) / z
	q[2] = (e - 2*q[1]) / z
	return q
}

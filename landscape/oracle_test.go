package landscape

import "math"

// The oracle: smoothed functions from closed forms and from quadrature in float64. It knows the laws by
// their densities and shares no code with Kernel or Smoother.

// oracle is the law of δu in the plane: a standard deviation per axis, a radius, or a scale with a tail index.
type oracle struct {
	law            Law
	stdDev, radius float64
	scale, alpha   float64
	second, fourth float64 // E v₁² and E v₁⁴
}

func newOracle(k Kernel, delta float64) oracle {
	w := oracle{law: k.Law, alpha: k.Alpha, scale: delta}
	switch k.Law {
	case Gaussian:
		w.stdDev = delta
		if k.Convention == Vector {
			w.stdDev = delta / math.Sqrt(2) // N(0, I/d), d = 2
		}
		w.second, w.fourth = w.stdDev*w.stdDev, 3*math.Pow(w.stdDev, 4)
	case Uniform:
		w.radius = delta
		if k.Convention == Coordinate {
			w.radius = 2 * delta // √(d+2)
		}
		w.second, w.fourth = w.radius*w.radius/4, math.Pow(w.radius, 4)/8
	}
	return w
}

// factor is the mean of cos(k·v) for a wave of that wavenumber.
func (w oracle) factor(k float64) float64 {
	switch w.law {
	case Gaussian:
		return math.Exp(-w.second * k * k / 2)
	case Uniform: // (2/π)∫ sin²φ cos(Rk·cosφ) dφ; the trapezoidal rule converges geometrically
		const n = 400
		sum := 0.0
		for i := range n {
			sin, cos := math.Sincos(math.Pi * float64(i) / n)
			sum += sin * sin * math.Cos(w.radius*k*cos)
		}
		return 2 * sum / n
	}
	return math.Exp(-math.Pow(w.scale*k, w.alpha))
}

// smooth returns f̂ of an objective at a point.
func (w oracle) smooth(o Objective, x, y float64) float64 {
	r2 := x*x + y*y
	switch o.ID {
	case "rastrigin":
		return 20 + r2 + 2*w.second - 10*w.factor(2*math.Pi)*(math.Cos(2*math.Pi*x)+math.Cos(2*math.Pi*y))
	case "himmelblau": // multiplied out; E(x+v)⁴ = x⁴ + 6x²E v² + E v⁴
		m2, m4 := w.second, w.fourth
		quartic := func(x float64) float64 { return x*x*x*x + 6*x*x*m2 + m4 }
		return quartic(x) + quartic(y) + 2*(x*x+m2)*y + 2*x*(y*y+m2) - 21*(x*x+m2) - 13*(y*y+m2) - 14*x - 22*y + 170
	case "styblinski-tang":
		axis := func(x float64) float64 {
			return x*x*x*x + 6*x*x*w.second + w.fourth - 16*(x*x+w.second) + 5*x
		}
		return (axis(x) + axis(y)) / 2
	case "griewank": // cos a·cos b = (cos(a+b) + cos(a−b))/2: two waves of wavenumber √(1 + ½)
		return 1 + (r2+2*w.second)/4000 - w.factor(math.Sqrt(1.5))*math.Cos(x)*math.Cos(y/math.Sqrt(2))
	case "dent":
		if w.law == Gaussian {
			const l2 = 0.1 * 0.1
			v := l2 + w.second
			return r2/2 + w.second - 0.3*l2/v*math.Exp(-((x-1)*(x-1)+y*y)/(2*v))
		}
	case "schwefel":
		return 2*418.98288727243374 - w.schwefelAxis(x) - w.schwefelAxis(y)
	case "ackley":
		if w.law == Gaussian {
			return w.aroundOrigin(o.Func, x, y)
		}
	}
	switch w.law {
	case Gaussian:
		return w.normal(o.Func, x, y)
	case Uniform:
		return w.disc(o.Func, x, y)
	}
	return w.stable(o.Func, x, y)
}

// legendre integrates f over [a, b] in panels of at most that width.
func legendre(a, b, width float64, f func(float64) float64) float64 {
	nodes := [3]float64{0, 1. / 3 * math.Sqrt(5-2*math.Sqrt(10./7)), 1. / 3 * math.Sqrt(5+2*math.Sqrt(10./7))}
	weights := [3]float64{128. / 225, (322 + 13*math.Sqrt(70)) / 900, (322 - 13*math.Sqrt(70)) / 900}
	panels := max(1, int(math.Ceil((b-a)/width)))
	half := (b - a) / float64(panels) / 2
	sum := 0.0
	for i := range panels {
		c := a + half*float64(2*i+1)
		sum += weights[0] * f(c)
		for j := 1; j < 3; j++ {
			sum += weights[j] * (f(c-half*nodes[j]) + f(c+half*nodes[j]))
		}
	}
	return sum * half
}

// schwefelAxis is the mean of g(x + v), g(y) = y·sin√|y|, by the marginal of the law. With y = ±t² it is smooth in t.
func (w oracle) schwefelAxis(x float64) float64 {
	g := func(y float64) float64 { return y * math.Sin(math.Sqrt(math.Abs(y))) }
	if w.law == Gaussian {
		s := w.stdDev
		side := func(sign float64) float64 {
			lo, hi := math.Max(0, sign*x-9*s), sign*x+9*s
			if hi <= 0 {
				return 0
			}
			return legendre(math.Sqrt(lo), math.Sqrt(hi), math.Min(0.05, s/200), func(t float64) float64 {
				y := sign * t * t
				return g(y) * 2 * t * math.Exp(-(y-x)*(y-x)/(2*s*s))
			})
		}
		return (side(1) + side(-1)) / (s * math.Sqrt(2*math.Pi))
	}
	angle := func(phi float64) float64 {
		sin, cos := math.Sincos(phi)
		return sin * sin * g(x-w.radius*cos)
	}
	cut := math.Acos(math.Max(-1, math.Min(1, x/w.radius))) // where y = 0
	const width = math.Pi / 2000
	return 2 / math.Pi * (legendre(0, cut, width, angle) + legendre(cut, math.Pi, width, angle))
}

// normal is the trapezoidal rule on ±9 standard deviations, which converges geometrically for an analytic f.
func (w oracle) normal(f func([]float64) float64, x, y float64) float64 {
	const each, n = 6, 9 * 6
	var sum, total float64
	at := make([]float64, 2)
	for i := -n; i <= n; i++ {
		for j := -n; j <= n; j++ {
			u, v := float64(i)/each, float64(j)/each
			weight := math.Exp(-(u*u + v*v) / 2)
			at[0], at[1] = x+w.stdDev*u, y+w.stdDev*v
			sum += weight * f(at)
			total += weight
		}
	}
	return sum / total
}

// aroundOrigin is for an f with a cusp at the origin: in polar coordinates about it the integrand is smooth.
func (w oracle) aroundOrigin(f func([]float64) float64, x, y float64) float64 {
	s, r := w.stdDev, math.Hypot(x, y)
	turns := int(math.Ceil(2*math.Pi*(r+9*s)/(s/6))) + 64
	at := make([]float64, 2)
	sum := legendre(math.Max(0, r-9*s), r+9*s, s/4, func(rho float64) float64 {
		ring := 0.0
		for i := range turns {
			sin, cos := math.Sincos(2 * math.Pi * float64(i) / float64(turns))
			at[0], at[1] = rho*cos, rho*sin
			d2 := (at[0]-x)*(at[0]-x) + (at[1]-y)*(at[1]-y)
			if d2 < 81*s*s {
				ring += f(at) * math.Exp(-d2/(2*s*s))
			}
		}
		return ring / float64(turns) * rho
	})
	return sum / (s * s)
}

// ring is the mean of f on the circle of radius r about (x, y).
func ring(f func([]float64) float64, x, y, r float64, turns int) float64 {
	at := make([]float64, 2)
	sum := 0.0
	for i := range turns {
		sin, cos := math.Sincos(2 * math.Pi * (float64(i) + 0.5) / float64(turns))
		at[0], at[1] = x+r*cos, y+r*sin
		sum += f(at)
	}
	return sum / float64(turns)
}

func (w oracle) disc(f func([]float64) float64, x, y float64) float64 {
	return 2 * legendre(0, 1, 1./48, func(rho float64) float64 {
		return rho * ring(f, x, y, w.radius*rho, 720)
	})
}

// stable is for a bounded f. The density of ρ = ‖u‖ is ρ∫ k J₀(kρ) exp(−k^α) dk, by its tail series from 40 on.
func (w oracle) stable(f func([]float64) float64, x, y float64) float64 {
	const near, far = 40, 600
	end := math.Pow(37, 1/w.alpha)
	density := func(rho float64) float64 {
		if rho < near {
			return rho * legendre(0, end, 0.15, func(k float64) float64 {
				return k * math.J0(k*rho) * math.Exp(-math.Pow(k, w.alpha))
			})
		}
		sum, factorial := 0.0, 1.0
		for n := 1.0; n < 4; n++ {
			factorial *= n
			c := math.Pow(2, w.alpha*n) * math.Gamma(1+w.alpha*n/2) / math.Gamma(1-w.alpha*n/2) / factorial
			sum -= math.Pow(-1, n) * c * w.alpha * n * math.Pow(rho, -w.alpha*n-1)
		}
		return sum
	}
	var mass float64
	body := func(rho float64) float64 { return density(rho) * ring(f, x, y, w.scale*rho, 360) }
	mean := legendre(0, near, 0.25, body) + legendre(near, far, 1, body)
	mass = legendre(0, near, 0.25, density) + legendre(near, far, 1, density)
	return mean + (1-mass)*ring(f, x, y, w.scale*far, 360)
}

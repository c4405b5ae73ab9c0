package landscape

import "math"

// The objectives whose slope is infinite somewhere: on a sphere, a cone or an axis. Grad leaves out the part that is.

// hgbat is √|‖x‖⁴ − (Σxᵢ)²| + (‖x‖²/2 + Σxᵢ)/d + ½ (Beyer and Finck 2012).
func hgbat(d int) Objective {
	n := float64(d)
	parts := func(x []float64) (s1, s2, q float64) {
		for _, v := range x {
			s1 += v
			s2 += v * v
		}
		return s1, s2, (s2 - s1) * (s2 + s1)
	}
	return Objective{
		ID: "hgbat", Name: "HGBat", Dim: d, Lo: -15, Hi: 15, Start: 15, DeltaMax: 2.8, Growth: 2,
		MathML: ml(mlRoot(ml("|", mlPower("‖ x ‖", "4"), "−", mlPower(bracedSum(d), "2"), "|")), "+", catBowl(d)),
		Note:   "The minimum is at (−1, …, −1); the slope is infinite where ‖x‖² = |Σxᵢ|. On the authors' ±15.",
		Function: Function{
			Func: func(x []float64) float64 {
				s1, s2, q := parts(x)
				return math.Sqrt(math.Abs(q)) + (0.5*s2+s1)/n + 0.5
			},
			Grad: func(x, dst []float64) {
				s1, s2, q := parts(x)
				a := 0.0
				if q != 0 {
					a = sign(q) / math.Sqrt(math.Abs(q))
				}
				for i, v := range x {
					dst[i] = a*(2*s2*v-s1) + (v+1)/n
				}
			},
			Hess: func(x, dst []float64) bool {
				s1, s2, q := parts(x)
				root := math.Sqrt(math.Abs(q))
				a, b := sign(q)/root, 1/(root*root*root)
				for i, v := range x {
					for j, w := range x {
						// ½∇q = 2‖x‖²x − Σx, ½∇²q = 2‖x‖²I + 4xxᵀ − 1
						dst[i*d+j] = a*(4*v*w-1) - b*(2*s2*v-s1)*(2*s2*w-s1)
					}
					dst[i*d+i] += a*2*s2 + 1/n
				}
				return q != 0
			},
		},
		Minima: []Minimum{{X: every(d, -1), F: 0, Global: true}},
	}
}

// happyCat is |‖x‖² − d|^¼ + (‖x‖²/2 + Σxᵢ)/d + ½ (Beyer and Finck 2012).
func happyCat(d int) Objective {
	n := float64(d)
	parts := func(x []float64) (s1, s2, p float64) {
		for _, v := range x {
			s1 += v
			s2 += v * v
		}
		return s1, s2, s2 - n
	}
	return Objective{
		ID: "happycat", Name: "HappyCat", Dim: d, Lo: -20, Hi: 20, Start: 20, DeltaMax: 3.8, Growth: 2,
		MathML: ml(mlPower(ml("|", mlPower("‖ x ‖", "2"), "− "+mlNumber(n)+" |"), "1/4"), "+", catBowl(d)),
		Note:   "The minimum is at (−1, …, −1), on the sphere ‖x‖² = d where the slope is infinite. On the authors' ±20.",
		Function: Function{
			Func: func(x []float64) float64 {
				s1, s2, p := parts(x)
				return fourthRoot(p) + (0.5*s2+s1)/n + 0.5
			},
			Grad: func(x, dst []float64) {
				_, _, p := parts(x)
				a := 1 / n
				if p != 0 {
					a += fourthRoot(p) / (2 * p)
				}
				for i, v := range x {
					dst[i] = a*v + 1/n
				}
			},
			Hess: func(x, dst []float64) bool {
				_, _, p := parts(x)
				a := fourthRoot(p) / (2 * p)
				return isotropicHess(x, dst, a+1/n, -1.5*a/p)
			},
		},
		Minima: []Minimum{{X: every(d, -1), F: 0, Global: true}},
	}
}

func bracedSum(d int) string {
	if d == 1 {
		return mlX(1, "1")
	}
	return ml("(", mlSum(d, func(i string) string { return mlX(d, i) }), ")")
}

// catBowl is (‖x‖²/2 + Σxᵢ)/d + ½, the bowl that HappyCat and HGBat share.
func catBowl(d int) string {
	bowl := ml(mlHalf(), mlPower("‖ x ‖", "2"), "+", mlSum(d, func(i string) string { return mlX(d, i) }))
	if d > 1 {
		bowl = mlRatio(bowl, ml(mlNumber(float64(d))))
	}
	return ml(bowl, "+", mlHalf())
}

// modifiedRidge is |x₁| + 2(Σxᵢ², i ≥ 2)^0.1.
func modifiedRidge(d int) Objective {
	return Objective{
		ID: "modified-ridge", Name: "Modified ridge", Dim: d, Lo: -100, Hi: 100, Start: 100, DeltaMax: 19, Growth: 1,
		MathML: ml("|", mlX(d, "1"), "| + 2", mlPower(ml("(", "<munderover><mo>∑</mo>"+ml("i = 2")+ml(mlNumber(float64(d)))+"</munderover>", mlPower(mlX(d, "i"), "2"), ")"), "0.1")),
		Note:   "As in the authors' code; in the literature a ridge function is x₁ + 100√Σxᵢ², which has no minimum. The slope is infinite on the x₁ axis.",
		Function: Function{
			Func: func(x []float64) float64 { return math.Abs(x[0]) + 2*math.Pow(norm2(x[1:]), 0.1) },
			Grad: func(x, dst []float64) {
				a := 0.0
				if t := norm2(x[1:]); t > 0 {
					a = 0.4 * math.Pow(t, -0.9)
				}
				for i, v := range x {
					dst[i] = a * v
				}
				dst[0] = sign(x[0])
			},
			Hess: func(x, dst []float64) bool {
				t := norm2(x[1:])
				a := 0.4 * math.Pow(t, -0.9)
				clear(dst)
				for i := 1; i < d; i++ {
					for j := 1; j < d; j++ {
						dst[i*d+j] = -1.8 * a / t * x[i] * x[j]
					}
					dst[i*d+i] += a
				}
				return x[0] != 0 && t > 0
			},
		},
		Minima: []Minimum{{X: make([]float64, d), F: 0, Global: true}},
	}
}

// schafferF7 is (Σψ(sᵢ)/(d−1))², ψ(s) = √s(1 + sin²50s^0.2), sᵢ = √(xᵢ² + xᵢ₊₁²), i < d (Schaffer 1989).
func schafferF7(d int) Objective {
	n := float64(d - 1)
	mean := func(x []float64) float64 {
		g := 0.0
		for i := range d - 1 {
			s := math.Hypot(x[i], x[i+1])
			sin := math.Sin(50 * math.Pow(s, 0.2))
			g += math.Sqrt(s) * (1 + sin*sin)
		}
		return g / n
	}
	// slope writes the gradient of the mean; a pair at the origin, where it is infinite, gives nothing.
	slope := func(x, dst []float64) {
		clear(dst)
		for i := range d - 1 {
			if s := math.Hypot(x[i], x[i+1]); s > 0 {
				first, _ := schafferDerivatives(s)
				dst[i] += first / s * x[i] / n
				dst[i+1] += first / s * x[i+1] / n
			}
		}
	}
	return Objective{
		ID: "schaffer-f7", Name: "Schaffer F7", Dim: d, Lo: -100, Hi: 100, Start: 100, DeltaMax: 19, Growth: 1,
		MathML: schafferMathML(d),
		Note:   "The mean over neighboring pairs, squared, as in the authors' code and in CEC 2014; Schaffer's own F7 is ψ(s) of two variables. The slope is infinite where two neighbors are 0 but not all.",
		Function: Function{
			Func: func(x []float64) float64 {
				g := mean(x)
				return g * g
			},
			Grad: func(x, dst []float64) {
				g := mean(x)
				slope(x, dst)
				for i := range dst {
					dst[i] *= 2 * g
				}
			},
			Hess: func(x, dst []float64) bool {
				g, grad := mean(x), make([]float64, d)
				slope(x, grad)
				for i := range d {
					for j := range d {
						dst[i*d+j] = 2 * grad[i] * grad[j]
					}
				}
				ok := true
				for i := range d - 1 {
					s := math.Hypot(x[i], x[i+1])
					first, second := schafferDerivatives(s)
					a := 2 * g / n * first / s
					b := 2 * g / n * (second - first/s) / (s * s)
					dst[i*d+i] += a + b*x[i]*x[i]
					dst[(i+1)*d+i+1] += a + b*x[i+1]*x[i+1]
					dst[i*d+i+1] += b * x[i] * x[i+1]
					dst[(i+1)*d+i] += b * x[i] * x[i+1]
					ok = ok && s > 0
				}
				return ok
			},
		},
		Minima: []Minimum{{X: make([]float64, d), F: 0, Global: true}},
	}
}

// schafferDerivatives returns ψ′ and ψ″ for s > 0.
func schafferDerivatives(s float64) (first, second float64) {
	z := 50 * math.Pow(s, 0.2)
	sin, cos := math.Sincos(z)
	sin2, cos2z, bump := 2*sin*cos, cos*cos-sin*sin, 1+sin*sin
	root := math.Sqrt(s)
	slow := z / 50 // s^0.2
	first = bump/(2*root) + 10*root*slow/s*sin2
	second = -bump/(4*s*root) + 2*root*slow/(s*s)*sin2 + 200*root*slow*slow/(s*s)*cos2z
	return first, second
}

func schafferMathML(d int) string {
	term := ml(mlRoot(mlIndex("s", "i")), "( 1 +", mlPower("sin", "2"), "( 50", mlPower(mlIndex("s", "i"), "0.2"), ") )")
	where := ml(mlIndex("s", "i"), "=", mlRoot(ml(mlPower(mlX(d, "i"), "2"), "+", mlPower(mlX(d, "i + 1"), "2"))))
	if d == 2 {
		term = ml(mlRoot("<mi>s</mi>"), "( 1 +", mlPower("sin", "2"), "( 50", mlPower("s", "0.2"), ") )")
		where = ml("s =", mlRoot(ml(mlPower(mlX(d, "1"), "2"), "+", mlPower(mlX(d, "2"), "2"))))
		return ml(mlPower(ml("(", term, ")"), "2"), ",", where)
	}
	return ml(mlPower(ml("(", mlMean(d-1, func(string) string { return term }), ")"), "2"), ",", where)
}

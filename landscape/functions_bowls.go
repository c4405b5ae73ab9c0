package landscape

import (
	"math"
	"strconv"
)

// The polynomials.

// sphere is Σxᵢ².
func sphere(d int) Objective {
	o := weightedSquares(d, func(int) float64 { return 1 })
	o.ID, o.Name, o.MathML = "sphere", "Sphere", mlSum(d, func(i string) string { return mlPower(mlX(d, i), "2") })
	return o
}

// ellipsoid is Σ i·xᵢ².
func ellipsoid(d int) Objective {
	o := weightedSquares(d, func(i int) float64 { return float64(i) })
	o.ID, o.Name, o.MathML = "ellipsoid", "Ellipsoid", mlSum(d, func(i string) string { return ml(i, mlPower(mlX(d, i), "2")) })
	return o
}

// rotEllipsoid is Σ(d+1−i)xᵢ².
func rotEllipsoid(d int) Objective {
	o := weightedSquares(d, func(i int) float64 { return float64(d + 1 - i) })
	o.ID, o.Name = "rot-ellipsoid", "Rotated ellipsoid"
	o.MathML = mlSum(d, func(i string) string { return ml("( "+strconv.Itoa(d+1)+" −", i, ")", mlPower(mlX(d, i), "2")) })
	o.Note = "As in the authors' code the axes stay, in reverse order; in the literature it is ΣᵢΣⱼ≤ᵢ xⱼ², written out, which is the same formula."
	return o
}

func weightedSquares(d int, weight func(i int) float64) Objective {
	p := axisPolynomial{weight: make([]float64, d), c: [5]float64{2: 1}}
	for i := range p.weight {
		p.weight[i] = weight(i + 1)
	}
	return closed(Objective{
		Dim: d, Lo: -100, Hi: 100, Start: 100, DeltaMax: 19, Growth: 2, Function: p.function(),
		Minima: []Minimum{{X: make([]float64, d), F: 0, Global: true}},
	}, p.smooth)
}

// axisPolynomial is Σ weightᵢ·(c₀ + c₁xᵢ + … + c₄xᵢ⁴).
type axisPolynomial struct {
	weight []float64
	c      [5]float64
}

func (p axisPolynomial) function() Function {
	c := p.c
	return Function{
		Func: func(x []float64) float64 {
			s := 0.0
			for i, v := range x {
				s += p.weight[i] * (c[0] + v*(c[1]+v*(c[2]+v*(c[3]+v*c[4]))))
			}
			return s
		},
		Grad: func(x, dst []float64) {
			for i, v := range x {
				dst[i] = p.weight[i] * (c[1] + v*(2*c[2]+v*(3*c[3]+v*4*c[4])))
			}
		},
		Hess: func(x, dst []float64) bool {
			clear(dst)
			for i, v := range x {
				dst[i*(len(x)+1)] = p.weight[i] * (2*c[2] + v*(6*c[3]+v*12*c[4]))
			}
			return true
		},
	}
}

// styblinskiTang is ½Σ(xᵢ⁴ − 16xᵢ² + 5xᵢ) (Styblinski and Tang 1990): 2^d minima of d + 1 depths.
func styblinskiTang(d int) Objective {
	// The outer roots of 4x³ − 32x + 5, and the function of one variable there.
	const a, b = -2.9035340277711770, 2.7468027709908369
	const fa, fb = -39.166165703771415, -25.029446655283941
	p := axisPolynomial{weight: every(d, 1), c: [5]float64{0, 2.5, -8, 0, 0.5}}
	o := closed(Objective{
		ID: "styblinski-tang", Name: "Styblinski–Tang", Dim: d, Lo: -5, Hi: 5, Start: 5, DeltaMax: 2, Growth: 4,
		MathML: ml(mlHalf(), mlSum(d, func(i string) string {
			return ml("(", mlPower(mlX(d, i), "4"), "− 16", mlPower(mlX(d, i), "2"), "+ 5", mlX(d, i), ")")
		})),
		Function: p.function(),
	}, p.smooth)
	if d > 4 {
		o.Note = "It has 2^d minima, each coordinate −2.9035 or 2.7468; the global one is listed."
		o.Minima = []Minimum{{X: every(d, a), F: float64(d) * fa, Global: true}}
		return o
	}
	for mask := range 1 << d {
		m := Minimum{X: every(d, a), Global: mask == 0}
		for i := range d {
			if mask>>(d-1-i)&1 == 1 {
				m.X[i] = b
				m.F += fb
			} else {
				m.F += fa
			}
		}
		o.Minima = append(o.Minima, m)
	}
	return o
}

// himmelblau is (x₁² + x₂ − 11)² + (x₁ + x₂² − 7)² (Himmelblau 1972): four minima of the same depth.
func himmelblau(int) Objective {
	return closed(Objective{
		ID: "himmelblau", Name: "Himmelblau", Dim: 2, Lo: -5, Hi: 5, Start: 5, DeltaMax: 2, Growth: 4,
		MathML: ml(mlPower(ml("(", mlPower(mlX(2, "1"), "2"), "+", mlX(2, "2"), "− 11 )"), "2"), "+",
			mlPower(ml("(", mlX(2, "1"), "+", mlPower(mlX(2, "2"), "2"), "− 7 )"), "2")),
		Function: Function{
			Func: func(x []float64) float64 {
				a := x[0]*x[0] + x[1] - 11
				b := x[0] + x[1]*x[1] - 7
				return a*a + b*b
			},
			Grad: func(x, dst []float64) {
				a := x[0]*x[0] + x[1] - 11
				b := x[0] + x[1]*x[1] - 7
				dst[0], dst[1] = 4*x[0]*a+2*b, 2*a+4*x[1]*b
			},
			Hess: func(x, dst []float64) bool {
				dst[0], dst[3] = 12*x[0]*x[0]+4*x[1]-42, 12*x[1]*x[1]+4*x[0]-26
				dst[1] = 4 * (x[0] + x[1])
				dst[2] = dst[1]
				return true
			},
		},
		Minima: []Minimum{
			{X: []float64{3, 2}, F: 0, Global: true},
			{X: []float64{-2.805118086952745, 3.131312518250573}, F: 0, Global: true},
			{X: []float64{-3.779310253377747, -3.283185991286170}, F: 0, Global: true},
			{X: []float64{3.584428340330492, -1.848126526964404}, F: 0, Global: true},
		},
	}, smoothHimmelblau)
}

// rosenbrock is Σ(100(xᵢ₊₁ − xᵢ²)² + (1 − xᵢ)²), i < d (Rosenbrock 1960): a bent valley.
func rosenbrock(d int) Objective {
	return closed(Objective{
		ID: "rosenbrock", Name: "Rosenbrock", Dim: d, Lo: -10, Hi: 10, Start: 10, DeltaMax: 1.9, Growth: 4,
		MathML: mlSum(d-1, func(i string) string {
			next := "2"
			if d > 2 {
				next = "i + 1"
			}
			return ml("( 100", mlPower(ml("(", mlX(d, next), "−", mlPower(mlX(d, i), "2"), ")"), "2"), "+",
				mlPower(ml("( 1 −", mlX(d, i), ")"), "2"), ")")
		}),
		Note: "From four variables on there is a second, local minimum near (−1, 1, …, 1), which is not listed.",
		Function: Function{
			Func: func(x []float64) float64 {
				s := 0.0
				for i, v := range x[:len(x)-1] {
					a, b := x[i+1]-v*v, 1-v
					s += 100*a*a + b*b
				}
				return s
			},
			Grad: func(x, dst []float64) {
				clear(dst)
				for i, v := range x[:len(x)-1] {
					a := x[i+1] - v*v
					dst[i] += -400*v*a + 2*(v-1)
					dst[i+1] += 200 * a
				}
			},
			Hess: func(x, dst []float64) bool {
				clear(dst)
				d := len(x)
				for i, v := range x[:d-1] {
					dst[i*d+i] += 1200*v*v - 400*x[i+1] + 2
					dst[(i+1)*d+i+1] += 200
					dst[i*d+i+1] = -400 * v
					dst[(i+1)*d+i] = -400 * v
				}
				return true
			},
		},
		Minima: []Minimum{{X: every(d, 1), F: 0, Global: true}},
	}, smoothRosenbrock)
}

// fourthRoot is |v|^¼.
func fourthRoot(v float64) float64 { return math.Sqrt(math.Sqrt(math.Abs(v))) }

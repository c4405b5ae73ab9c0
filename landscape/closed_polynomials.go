package landscape

// Closed forms of polynomials. None of the catalogue has a term xᵢ²xⱼ², so the moments of one coordinate are enough: under
// every law here E vᵢ²vⱼ = E vᵢ²·E vⱼ.

// smooth expands the powers of x − v.
func (p axisPolynomial) smooth(n noise) (Function, bool) {
	m, ok := n.moments()
	if !ok {
		return Function{}, false
	}
	q := axisPolynomial{weight: p.weight}
	for power, c := range p.c {
		binomial := 1.0
		for k := power; k >= 0; k-- { // C(power, k)·xᵏ·E(−v)^(power−k)
			odd := 1 - 2*float64((power-k)&1)
			q.c[k] += c * binomial * odd * m[power-k]
			binomial *= float64(k) / float64(power-k+1)
		}
	}
	return q.function(), true
}

// powers returns E(x − v)ⁿ for n ≤ 4 from the moments of v. The derivative of the n-th is n times the one before.
func powers(m [5]float64, x float64) (p [5]float64) {
	p[0] = 1
	p[1] = x - m[1]
	p[2] = x*(x-2*m[1]) + m[2]
	p[3] = x*(x*(x-3*m[1])+3*m[2]) - m[3]
	p[4] = x*(x*(x*(x-4*m[1])+6*m[2])-4*m[3]) + m[4]
	return p
}

// smoothHimmelblau uses x⁴ + y⁴ + 2x²y + 2xy² − 21x² − 13y² − 14x − 22y + 170.
func smoothHimmelblau(n noise) (Function, bool) {
	m, ok := n.moments()
	if !ok {
		return Function{}, false
	}
	return Function{
		Func: func(x []float64) float64 {
			p, q := powers(m, x[0]), powers(m, x[1])
			return p[4] + q[4] + 2*p[2]*q[1] + 2*p[1]*q[2] - 21*p[2] - 13*q[2] - 14*p[1] - 22*q[1] + 170
		},
		Grad: func(x, dst []float64) {
			p, q := powers(m, x[0]), powers(m, x[1])
			dst[0] = 4*p[3] + 4*p[1]*q[1] + 2*q[2] - 42*p[1] - 14
			dst[1] = 4*q[3] + 4*p[1]*q[1] + 2*p[2] - 26*q[1] - 22
		},
		Hess: func(x, dst []float64) bool {
			p, q := powers(m, x[0]), powers(m, x[1])
			dst[0], dst[3] = 12*p[2]+4*q[1]-42, 12*q[2]+4*p[1]-26
			dst[1] = 4 * (p[1] + q[1])
			dst[2] = dst[1]
			return true
		},
	}, true
}

// smoothRosenbrock uses Σ(100(y² − 2yx² + x⁴) + 1 − 2x + x²) with x = xᵢ, y = xᵢ₊₁.
func smoothRosenbrock(n noise) (Function, bool) {
	m, ok := n.moments()
	if !ok {
		return Function{}, false
	}
	return Function{
		Func: func(x []float64) float64 {
			s := 0.0
			for i, v := range x[:len(x)-1] {
				p, q := powers(m, v), powers(m, x[i+1])
				s += 100*(q[2]-2*q[1]*p[2]+p[4]) + 1 - 2*p[1] + p[2]
			}
			return s
		},
		Grad: func(x, dst []float64) {
			clear(dst)
			for i, v := range x[:len(x)-1] {
				p, q := powers(m, v), powers(m, x[i+1])
				dst[i] += 400*(p[3]-q[1]*p[1]) + 2*(p[1]-1)
				dst[i+1] += 200 * (q[1] - p[2])
			}
		},
		Hess: func(x, dst []float64) bool {
			clear(dst)
			d := len(x)
			for i, v := range x[:d-1] {
				p, q := powers(m, v), powers(m, x[i+1])
				dst[i*d+i] += 1200*p[2] - 400*q[1] + 2
				dst[(i+1)*d+i+1] += 200
				dst[i*d+i+1] = -400 * p[1]
				dst[(i+1)*d+i] = -400 * p[1]
			}
			return true
		},
	}, true
}

// smooth: E ½(x−v)ᵀH(x−v) = ½(x−m)ᵀH(x−m) + ½tr(H)·Var vᵢ, as the coordinates are uncorrelated.
func (q quadratic) smooth(n noise) (Function, bool) {
	m, ok := n.moments()
	if !ok {
		return Function{}, false
	}
	trace := 0.0
	for i := range q.d {
		trace += q.h[i*q.d+i]
	}
	return quadratic{d: q.d, h: q.h, mean: m[1], lift: trace * (m[2] - m[1]*m[1]) / 2}.function(), true
}

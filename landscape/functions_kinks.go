package landscape

import "math"

// The objectives with kinks. Smoothed, only the sum of |xᵢ| is elementary; on one axis, under a uniform kernel, others are.

// Where x·sin√|x| has its maximum on [0, 500], and the maximum.
const schwefelPlace, schwefelHeight = 420.96874635998194, 418.98288727243374

// schwefel is 418.98…·d − Σxᵢsin√|xᵢ| (Schwefel 1981): the lowest valley is far from the next lowest. It grows as |x|
// and has no confining trend.
func schwefel(d int) Objective {
	terms := axisSum{
		g: func(v float64) float64 { return schwefelHeight - v*math.Sin(math.Sqrt(math.Abs(v))) },
		slope: func(v float64) float64 {
			t := math.Sqrt(math.Abs(v))
			sin, cos := math.Sincos(t)
			return -(sin + t*cos/2)
		},
		breaks: breaks{kinksAt(0), 20},
	}
	return closed(Objective{
		ID: "schwefel", Name: "Schwefel", Dim: d, Lo: -500, Hi: 500, Start: 500, DeltaMax: 148, Growth: 1,
		MathML: ml(mlNumber(float64(d)*schwefelHeight)+" −", mlSum(d, func(i string) string {
			return ml(mlX(d, i), "sin", mlRoot(ml("|", mlX(d, i), "|")))
		})),
		Note: "Beyond ±500 there are lower valleys.",
		Function: terms.function(func(v float64) (curvature float64, ok bool) {
			t := math.Sqrt(math.Abs(v))
			sin, cos := math.Sincos(t)
			return -sign(v) * (3*cos - t*sin) / (4 * t), v != 0
		}),
		Minima: []Minimum{{X: every(d, schwefelPlace), F: 0, Global: true}},
	}, terms.smooth)
}

// alpine1 is Σ|xᵢsin xᵢ + 0.1xᵢ|.
func alpine1(d int) Objective {
	terms := axisSum{
		g: func(v float64) float64 { return math.Abs(v * (math.Sin(v) + 0.1)) },
		slope: func(v float64) float64 {
			sin, cos := math.Sincos(v)
			return sign(v*(sin+0.1)) * (sin + 0.1 + v*cos)
		},
		breaks: breaks{next: func(after float64) float64 { // 0, −asin 0.1 + 2πk and π + asin 0.1 + 2πk
			next := math.Inf(1)
			if after < 0 {
				next = 0
			}
			for _, zero := range [2]float64{-math.Asin(0.1), math.Pi + math.Asin(0.1)} {
				at := zero + 2*math.Pi*math.Ceil((after-zero)/(2*math.Pi))
				if at <= after {
					at += 2 * math.Pi
				}
				next = min(next, at)
			}
			return next
		},
			panel: 0.7},
	}
	return closed(Objective{
		ID: "alpine1", Name: "Alpine 1", Dim: d, Lo: -10, Hi: 10, Start: 10, DeltaMax: 1.9, Growth: 1,
		MathML: mlSum(d, func(i string) string { return ml("|", mlX(d, i), "sin", mlX(d, i), "+ 0.1", mlX(d, i), "|") }),
		Note:   "Every point whose coordinates are 0 or have sin xᵢ = −0.1 is a global minimum too, 8^d in all; the origin is listed.",
		Function: terms.function(func(v float64) (curvature float64, ok bool) {
			sin, cos := math.Sincos(v)
			side := sign(v * (sin + 0.1))
			return side * (2*cos - v*sin), side != 0
		}),
		Minima: []Minimum{{X: make([]float64, d), F: 0, Global: true}},
	}, terms.smooth)
}

// sign is −1, 0 or 1.
func sign(v float64) float64 {
	switch {
	case v > 0:
		return 1
	case v < 0:
		return -1
	}
	return 0
}

// absoluteValue is Σ|xᵢ|, the textbook example: smoothing turns the kink into a parabola of radius δ.
func absoluteValue(d int) Objective {
	return closed(Objective{
		ID: "absolute-value", Name: "Absolute value", Dim: d, Lo: -5, Hi: 5, Start: 5, DeltaMax: 0.95, Growth: 1,
		MathML: mlSum(d, func(i string) string { return ml("|", mlX(d, i), "|") }),
		Function: Function{
			Func: func(x []float64) float64 {
				s := 0.0
				for _, v := range x {
					s += math.Abs(v)
				}
				return s
			},
			Grad: func(x, dst []float64) {
				for i, v := range x {
					dst[i] = sign(v)
				}
			},
			Hess: func(x, dst []float64) bool {
				clear(dst)
				ok := true
				for _, v := range x {
					ok = ok && v != 0
				}
				return ok
			},
		},
		Minima: []Minimum{{X: make([]float64, d), F: 0, Global: true}},
	}, smoothAbsoluteValue)
}

// schwefel221 is max|xᵢ| (Schwefel 1981, problem 2.21).
func schwefel221(d int) Objective {
	// greatest returns the first coordinate of the greatest size and whether it is the only one.
	greatest := func(x []float64) (at int, alone bool) {
		for i, v := range x {
			switch a, m := math.Abs(v), math.Abs(x[at]); {
			case i == 0 || a > m:
				at, alone = i, true
			case a == m:
				alone = false
			}
		}
		return at, alone
	}
	return Objective{
		ID: "schwefel-2.21", Name: "Schwefel 2.21", Dim: d, Lo: -100, Hi: 100, Start: 100, DeltaMax: 19, Growth: 1,
		MathML: maxMathML(d),
		Function: Function{
			Func: func(x []float64) float64 {
				m := 0.0
				for _, v := range x {
					m = max(m, math.Abs(v))
				}
				return m
			},
			Grad: func(x, dst []float64) {
				at, _ := greatest(x)
				clear(dst)
				dst[at] = sign(x[at])
			},
			Hess: func(x, dst []float64) bool {
				at, alone := greatest(x)
				clear(dst)
				return alone && x[at] != 0
			},
		},
		Minima: []Minimum{{X: make([]float64, d), F: 0, Global: true}},
	}
}

func maxMathML(d int) string {
	return ml("<munder><mi>max</mi><mi>i</mi></munder>", "|", mlX(d, "i"), "|")
}

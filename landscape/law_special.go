package landscape

import (
	"math"
	"math/cmplx"
)

// rayleighCharacteristic returns the real and the imaginary part of E exp(−iwu) for w ≥ 0.
func rayleighCharacteristic(w float64) (re, im float64) {
	return dawsonSlope(w / math.Sqrt2), -w * math.Sqrt(math.Pi/2) * math.Exp(-w*w/2)
}

// dawsonSlope returns D′(x) = 1 − 2x·D(x) for x ≥ 0, with D(x) = exp(−x²)∫₀ˣ exp(t²)dt, to 10⁻¹⁵.
//
// From 7 on it is the asymptotic series −Σ (2n−1)!!/(2x²)ⁿ, whose least term is below exp(−x²) = 10⁻²¹. Below, Rybicki's
// sum D(x) = π^(−1/2) Σ exp(−(x−nh)²)/n over the odd n, of error exp(−(π/2h)²) = 10⁻¹⁷ for h = 1/4; n and −n are
// taken together, which keeps all digits near 0.
func dawsonSlope(x float64) float64 {
	if x >= 7 {
		sum, term := 0.0, 1.0
		for n := 1.0; n <= 40; n++ {
			next := term * (2*n - 1) / (2 * x * x)
			if next >= term || next < 1e-20 {
				break
			}
			term = next
			sum -= term
		}
		return sum
	}
	const h = 0.25
	sum := 0.0
	for n := 1.0; n*h < x+6.5; n += 2 {
		near, far := math.Exp(-(x-n*h)*(x-n*h)), math.Exp(-(x+n*h)*(x+n*h))
		if x*n*h < 0.5 {
			sum += 2 * math.Sinh(2*x*n*h) * math.Exp(-x*x-n*n*h*h) / n
		} else {
			sum += (near - far) / n
		}
	}
	return 1 - 2*x*sum/math.Sqrt(math.Pi)
}

// paretoCharacteristic returns the real and the imaginary part of E exp(−iwu) = E₂(iw) for w ≥ 0: by the power series of E₁ up to
// w = 2, by the continued fraction of E₂ (Lentz's method, 60 terms at w = 2, fewer above) from there.
func paretoCharacteristic(w float64) (re, im float64) {
	if w == 0 {
		return 1, 0
	}
	if math.IsInf(w, 1) {
		return 0, 0
	}
	z := complex(0, w)
	if w <= 2 {
		const euler = 0.57721566490153286060651209008240243
		e1 := complex(-euler-math.Log(w), -math.Pi/2)
		term := complex(1, 0)
		for n := 1.0; n < 40; n++ {
			term *= -z / complex(n, 0)
			e1 -= term / complex(n, 0)
		}
		e2 := cmplx.Exp(-z) - z*e1
		return real(e2), imag(e2)
	}
	b := z + 2
	c, d := complex(math.Inf(1), 0), 1/b
	h := d
	for i := 1.0; i < 500; i++ {
		a := complex(-i*(i+1), 0)
		b += 2
		d = 1 / (a*d + b)
		if i == 1 {
			c = b // a/c is 0
		} else {
			c = b + a/c
		}
		step := c * d
		h *= step
		if cmplx.Abs(step-1) < 1e-16 {
			break
		}
	}
	e2 := h * cmplx.Exp(-z)
	return real(e2), imag(e2)
}

package landscape

import "math"

// Waves of length 1, in less time than math.Sin and math.Cos take and with an angle that is reduced exactly: it needs no
// division by π. Adding and subtracting 1.5·2⁵² rounds to whole numbers up to 2⁵¹, where a float64 has no half turns any more.
const rounding = 3 << 51

// The Taylor coefficients of sin πr / r and sin 2πr / r in r²: (−1)^k π^(2k+1)/(2k+1)! and the same with 2π.
const (
	half0, full0   = math.Pi, 2 * math.Pi
	half1, full1   = -5.16771278004997, -41.34170224039976
	half2, full2   = 2.5501640398773455, 81.60524927607506
	half3, full3   = -0.5992645293207921, -76.70585975306139
	half4, full4   = 0.08214588661112823, 42.058693944897655
	half5, full5   = -0.0073704309457143504, -15.09464257682299
	half6, full6   = 0.00046630280576761255, 3.819952584848282
	half7, full7   = -2.1915353447830217e-05, -0.7181223017785006
	half8, full8   = 7.952054001475513e-07, 0.10422916220813984
	half9, full9   = -2.2948428997269873e-08, -0.012031585942120627
	half10, full10 = 5.392664662608129e-10, 0.0011309237482517963
)

// halfSin returns ±sin πt, for its square: 2sin²πt = 1 − cos 2πt. For |r| ≤ ½ the first term left out, (πr)^23/23!, is 10⁻¹⁸.
// Small enough to be inlined.
func halfSin(t float64) float64 {
	r := t - ((t + rounding) - rounding)
	z := r * r
	z2 := z * z
	return r * (half0 + z*half1 + z2*(half2+z*half3) + z2*z2*(half4+z*half5+z2*(half6+z*half7)+z2*z2*(half8+z*half9+z2*half10)))
}

// cosTurns returns cos 2πt to 2·10⁻¹⁵.
func cosTurns(t float64) float64 {
	s := halfSin(t)
	return 1 - 2*s*s
}

// sinTurns returns sin 2πt to 10⁻¹⁵: the rest after the nearest half turn, with the sign of an odd one, whose last bit is set.
func sinTurns(t float64) float64 {
	turned := 2*t + rounding
	r := t - (turned-rounding)/2
	z := r * r
	z2 := z * z
	r *= full0 + z*full1 + z2*(full2+z*full3) + z2*z2*(full4+z*full5+z2*(full6+z*full7)+z2*z2*(full8+z*full9+z2*full10))
	return math.Float64frombits(math.Float64bits(r) ^ math.Float64bits(turned)<<63)
}

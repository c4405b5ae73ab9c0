package landscape

import "math"

// The Taylor coefficients of cos 2πr in z = r², (−1)^k (2π)^2k/(2k)!, and of sin 2πr / r, (−1)^k (2π)^(2k+1)/(2k+1)!.
const (
	cos1, sin0  = -19.739208802178716, 6.283185307179586
	cos2, sin1  = 64.9393940226683, -41.34170224039976
	cos3, sin2  = -85.45681720669373, 81.60524927607506
	cos4, sin3  = 60.24464137187666, -76.70585975306139
	cos5, sin4  = -26.4262567833744, 42.058693944897655
	cos6, sin5  = 7.903536371318469, -15.09464257682299
	cos7, sin6  = -1.714390711088672, 3.819952584848282
	cos8, sin7  = 0.28200596845579123, -0.7181223017785006
	cos9, sin8  = -0.03638284114254567, 0.10422916220813984
	cos10, sin9 = 0.0037798342006800396, -0.012031585942120627
	sin10       = 0.0011309237482517963
)

// cosTurns returns cos 2πt, in less time than math.Cos: a wave of length 1 needs no division by π, so the rest r after
// the nearest half turn is exact. For |r| ≤ ¼ the first term left out, (2πr)^22/22!, is 2·10⁻¹⁷.
func cosTurns(t float64) float64 {
	n := math.RoundToEven(2 * t)
	r := t - n/2
	z := r * r
	z2 := z * z
	z4 := z2 * z2
	sign := 1 - 2*float64(int64(n)&1)
	return sign * ((1 + z*cos1) + z2*(cos2+z*cos3) + z4*((cos4+z*cos5)+z2*(cos6+z*cos7)+z4*((cos8+z*cos9)+z2*cos10)))
}

// sinTurns returns sin 2πt; see cosTurns. The first term left out is (2πr)^23/23! = 10⁻¹⁸.
func sinTurns(t float64) float64 {
	n := math.RoundToEven(2 * t)
	r := t - n/2
	z := r * r
	z2 := z * z
	z4 := z2 * z2
	sign := 1 - 2*float64(int64(n)&1)
	return sign * r * ((sin0 + z*sin1) + z2*(sin2+z*sin3) + z4*((sin4+z*sin5)+z2*(sin6+z*sin7)+z4*((sin8+z*sin9)+z2*sin10)))
}

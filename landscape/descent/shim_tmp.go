package descent

import (
	"math"
	"math/rand/v2"

	"smoothscape/landscape"
)

func sample(k landscape.Kernel, rng *rand.Rand, u []float64) {
	s := 1.0
	if k.Convention == landscape.Vector {
		s = 1 / math.Sqrt(float64(k.Dim))
	}
	for i := range u {
		u[i] = s * rng.NormFloat64()
	}
}

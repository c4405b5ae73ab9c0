package measure

import (
	"errors"
	"fmt"
	"math"
)

// ErrArgument: an argument of a measurement is out of its range. Callers test with errors.Is.
var ErrArgument = errors.New("measure: argument out of range")

// argument is an error that wraps ErrArgument.
func argument(doing, expected string, found any) error {
	return fmt.Errorf("%s: %w: expected %s, found %v", doing, ErrArgument, expected, found)
}

// Estimate is a number measured on a sample.
type Estimate struct {
	Value  float64
	StdErr float64 // standard error; NaN where one sample cannot tell
}

// root is √x of an estimate of x, with the error carried over by the derivative; NaN below 0.
func (e Estimate) root() Estimate {
	r := math.Sqrt(e.Value)
	return Estimate{r, e.StdErr / (2 * r)}
}

// meanOf is the mean of independent values and its standard error, their standard deviation over √len.
func meanOf(values []float64) Estimate {
	n := float64(len(values))
	if n == 0 {
		return Estimate{math.NaN(), math.NaN()}
	}
	mean := 0.0
	for _, v := range values {
		mean += v / n
	}
	if n == 1 {
		return Estimate{mean, math.NaN()}
	}
	squares := 0.0
	for _, v := range values {
		squares += (v - mean) * (v - mean)
	}
	return Estimate{mean, math.Sqrt(squares / (n - 1) / n)}
}

// jackknife is the standard error of a statistic from its values with each of m observations left out:
// √((m−1)/m · Σ (θ_(i) − mean θ_(·))²) (B. Efron, 1982).
func jackknife(leftOut []float64) float64 {
	m := float64(len(leftOut))
	return meanOf(leftOut).StdErr * (m - 1)
}

// finite is √(1 − m/n), what drawing m of n without replacement puts on a standard error.
func finite(m, n int) float64 { return math.Sqrt(1 - float64(min(m, n))/float64(n)) }

// ErrNotFinite: a loss or gradient that a measurement needs is NaN or infinite. Callers test with errors.Is.
var ErrNotFinite = errors.New("measure: a value is not finite")

package figure

import (
	"fmt"
	"math"
	"strings"

	"smoothscape/landscape"
)

// Picture says which of the four pictures of a smoothed landscape is shown (they must never be confused).
type Picture string

// The pictures.
const (
	Exact          Picture = "exact"           // a function of two variables: all four are one
	SliceSmoothing Picture = "slice smoothing" // the plane's picture, convolved with the kernel of the plane: an analogue
	Projected      Picture = "projected"       // the plane's picture, convolved with the in-plane marginal of the kernel
	FullSpace      Picture = "full space"      // the slice of the smoothed function itself, by Monte Carlo
	Measured       Picture = "measured"        // the same with recorded noise
)

// Caption holds what a caption must say. Numbers that are not known are NaN.
type Caption struct {
	Subject string // "Rastrigin", "run 7 (convnet), step 1,200"
	Plane   string // "x₁, x₂ ∈ [−5, 5], 257 × 257 points"
	Picture Picture

	Raw           bool // nothing is smoothed: the fields below do not matter
	Kernel        landscape.Kernel
	NoiseLevel    float64 // δ
	LearningRate  float64 // η
	GradStdDev    float64 // C
	BatchSize     float64 // b
	Magnification float64 // m; 1 if δ is drawn as it is
	InPlane       float64 // the degree of smoothing in the units of the plane, m·δ/‖d₁‖; NaN if that is δ
}

// Lines writes the caption. No-break spaces keep each formula on one line.
func (c Caption) Lines() []string {
	lines := []string{strings.Join(nonEmpty(c.Subject, c.Plane), ": ") + "."}
	if c.Raw {
		return append(lines, "Not smoothed.")
	}
	text := fmt.Sprintf("Smoothed with the %s: %s. Picture: %s.", kernelText(c.Kernel), c.degree(), c.Picture)
	if c.Picture == SliceSmoothing {
		text = strings.TrimSuffix(text, ".") + " (the picture is convolved in its plane, an analogue of smoothing in all dimensions)."
	}
	lines = append(lines, text)
	switch {
	case c.Magnification != 1 && !math.IsNaN(c.InPlane):
		lines = append(lines, fmt.Sprintf("Magnification %s: smoothed at %s in units of the plane.", keep("×%s", c.Magnification), keep("mδ/‖d₁‖ = %s", c.InPlane)))
	case c.Magnification != 1:
		lines = append(lines, fmt.Sprintf("Magnification %s.", keep("×%s", c.Magnification)))
	case !math.IsNaN(c.InPlane):
		lines = append(lines, fmt.Sprintf("In units of the plane %s.", keep("δ/‖d₁‖ = %s", c.InPlane)))
	}
	return lines
}

// degree is δ with the formula that belongs to the kernel, and its parts as far as they are known.
func (c Caption) degree() string {
	if math.IsNaN(c.GradStdDev) || math.IsNaN(c.LearningRate) || math.IsNaN(c.BatchSize) {
		return keep("δ = %s", c.NoiseLevel)
	}
	formula := "δ = ηC/√b = %s"
	if c.Kernel.Law == landscape.Stable {
		formula = fmt.Sprintf("δ = ηC/b^%.3g = %%s", (c.Kernel.Alpha-1)/c.Kernel.Alpha) // b^((α−1)/α)
	}
	return fmt.Sprintf("%s (%s, %s, %s)", keep(formula, c.NoiseLevel), keep("η = %s", c.LearningRate), keep("C = %s", c.GradStdDev), keep("b = %s", c.BatchSize))
}

// keep writes a number into a formula, without places to break the line at.
func keep(formula string, v float64) string {
	return strings.ReplaceAll(fmt.Sprintf(formula, number(v)), " ", "\u00a0")
}

func kernelText(k landscape.Kernel) string {
	switch {
	case k.Law == landscape.Stable:
		return "isotropic α-stable kernel, " + keep("α = %s", k.Alpha)
	case k.Law == landscape.Gaussian && k.Convention == landscape.Coordinate:
		return "Gaussian kernel, coordinate convention (u\u00a0~\u00a0N(0,\u00a0I))"
	case k.Law == landscape.Gaussian:
		return "Gaussian kernel, vector convention (u\u00a0~\u00a0N(0,\u00a0I/d))"
	case k.Convention == landscape.Coordinate:
		return "uniform kernel, coordinate convention (ball of radius √(d+2))"
	}
	return "uniform kernel, vector convention (ball of radius 1)"
}

func nonEmpty(parts ...string) []string {
	var out []string
	for _, p := range parts {
		if p != "" {
			out = append(out, p)
		}
	}
	return out
}

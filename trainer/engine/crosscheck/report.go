package crosscheck

import (
	"fmt"
	"strings"

	"smoothscape/trainer/measure"
)

// Report is what a check found.
type Report struct {
	Engine    string       `json:"engine"`
	Path      string       `json:"path"`
	Passed    bool         `json:"passed"` // every difference is at most Tolerance
	Tolerance float64      `json:"tolerance"`
	Worst     Difference   `json:"worst"` // the first that is not a number, or the largest
	Compared  []Difference `json:"compared"`
	Seconds   float64      `json:"seconds"`
}

// Difference is that of one tensor, or of one number.
type Difference struct {
	What string `json:"what"` // "step 1, gradient of stem.weight", say
	// L2 is ‖found − float64‖ / ‖float64‖: NaN where something found is not a number, and 2 where its sign is wrong.
	L2 measure.Number `json:"relativeL2"`
}

// String is the figure in words.
func (d Difference) String() string {
	return fmt.Sprintf("%s: off by %.2g (relative L2)", d.What, float64(d.L2))
}

// Verdict is the report in a sentence.
func (r Report) Verdict() string {
	if r.Passed {
		return fmt.Sprintf("passed: of %d tensors and losses none differs from the CPU's by more than %.2g (relative L2; %.2g are allowed)", len(r.Compared), float64(r.Worst.L2), r.Tolerance)
	}
	return fmt.Sprintf("refused: %v where %.2g is allowed", r.Worst, r.Tolerance)
}

// String is the report with every figure, a line each.
func (r Report) String() string {
	var text strings.Builder
	fmt.Fprintf(&text, "%s (%s) %s; %.2g s\n", r.Engine, r.Path, r.Verdict(), r.Seconds)
	for _, d := range r.Compared {
		mark := " "
		if !d.within(r.Tolerance) {
			mark = "!"
		}
		fmt.Fprintf(&text, "%s %8.2g  %s\n", mark, float64(d.L2), d.What)
	}
	return text.String()
}

// within is false for NaN.
func (d Difference) within(tolerance float64) bool { return float64(d.L2) <= tolerance }

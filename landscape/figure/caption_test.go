package figure

import (
	"math"
	"strings"
	"testing"

	"smoothscape/landscape"
)

func TestCaptionLines(t *testing.T) {
	gaussian := landscape.Kernel{Law: landscape.Gaussian, Convention: landscape.Vector, Dim: 2}
	nan := math.NaN()
	for _, c := range []struct {
		name    string
		caption Caption
		says    []string
		without string
	}{
		{"a closed form", Caption{Subject: "Rastrigin", Plane: "x₁, x₂", Picture: Exact, Kernel: gaussian, NoiseLevel: 0.2, LearningRate: 0.1, GradStdDev: 8, BatchSize: 16, Magnification: 1, InPlane: nan},
			[]string{"Rastrigin: x₁, x₂.", "Gaussian kernel, vector convention (u ~ N(0, I/d)): δ = ηC/√b = 0.2 (η = 0.1, C = 8, b = 16). Picture: exact."}, "agnification"},
		{"C is not known", Caption{Picture: Exact, Kernel: gaussian, NoiseLevel: 0.2, LearningRate: 0.1, GradStdDev: nan, BatchSize: 16, Magnification: 1, InPlane: nan}, []string{"δ = 0.2."}, "C"},
		{"α-stable: its own formula", Caption{Picture: Exact, Kernel: landscape.Kernel{Law: landscape.Stable, Alpha: 1.5, Dim: 2}, NoiseLevel: 0.2, LearningRate: 0.1, GradStdDev: 8, BatchSize: 64, Magnification: 1, InPlane: nan},
			[]string{"isotropic α-stable kernel, α = 1.5", "δ = ηC/b^0.333 = 0.2"}, "convention"},
		{"a slice, magnified", Caption{Picture: SliceSmoothing, Kernel: landscape.Kernel{Law: landscape.Uniform, Convention: landscape.Coordinate, Dim: 2}, NoiseLevel: 0.1, LearningRate: 0.1, GradStdDev: 8, BatchSize: 64, Magnification: 20, InPlane: 0.1},
			[]string{"coordinate convention (ball of radius √(d+2))", "slice smoothing", "an analogue", "Magnification ×20: smoothed at mδ/‖d₁‖ = 0.1"}, ""},
		{"a slice as it is", Caption{Picture: SliceSmoothing, Kernel: gaussian, NoiseLevel: 0.1, LearningRate: nan, GradStdDev: nan, BatchSize: nan, Magnification: 1, InPlane: 0.005}, []string{"δ/‖d₁‖ = 0.005"}, "agnification"},
		{"raw", Caption{Subject: "Ackley", Raw: true}, []string{"Ackley.", "Not smoothed."}, "δ"},
	} {
		text := strings.ReplaceAll(strings.Join(c.caption.Lines(), "\n"), "\u00a0", " ")
		for _, part := range c.says {
			if !strings.Contains(text, part) {
				t.Errorf("%s: %q does not say %q", c.name, text, part)
			}
		}
		if c.without != "" && strings.Contains(text, c.without) {
			t.Errorf("%s: %q says %q", c.name, text, c.without)
		}
	}
}

func TestFormulasAreNotBroken(t *testing.T) {
	lines := Caption{Subject: "x", Picture: Exact, Kernel: landscape.Kernel{Law: landscape.Gaussian, Convention: landscape.Vector, Dim: 2}, NoiseLevel: 0.2,
		LearningRate: 0.1, GradStdDev: 8, BatchSize: 16, Magnification: 1, InPlane: math.NaN()}.Lines()
	for width := 60.0; width < 300; width += 7 {
		for _, line := range newTextBlock(lines, cm(width/28)).wrapped {
			for _, broken := range []string{"η", "C\u00a0=", "=", "b"} {
				if strings.HasSuffix(line, broken) && width > 120 {
					t.Errorf("a line ends with %q: %q", broken, line)
				}
			}
		}
	}
}

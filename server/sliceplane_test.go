package main

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"smoothscape/landscape/gridfile"
)

// trainedWith trains the quick network with another seed.
func trainedWith(t *testing.T, seed string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "seed"+seed+".ckpt")
	if _, log, code := shell(t, t.Context(), append(quickTraining(file), "--seed", seed)...); code != 0 {
		t.Fatalf("exit code %d: %s", code, log)
	}
	return file
}

var coarsest = []string{"--level", "0", "--images", "32", "--lift=false"}

func TestSliceThroughCheckpoints(t *testing.T) {
	slow(t)
	t.Parallel()
	a, b, c := trained(t), trainedWith(t, "5"), trainedWith(t, "6")
	s, _ := sliceOf(t, append([]string{a, "--along", "checkpoints", "--with", b + "," + c}, coarsest...)...)
	if len(s.Path) != 2 || !strings.Contains(s.Label, "seed5 at (1, 0)") {
		t.Fatalf("path %v, label %q", s.Path, s.Label)
	}
	for i, want := range [][2]float64{{1, 0}, {0, 1}} {
		if p := s.Path[i]; math.Abs(p.Alpha-want[0]) > 1e-6 || math.Abs(p.Beta-want[1]) > 1e-6 || p.Distance > 1e-5*s.Norms[0] {
			t.Errorf("checkpoint %d lies at %+v, want %v", i, p, want)
		}
	}
	// A slice around another checkpoint has its loss in the center, and here at (1, 0), which the coarsest grid does not meet; so compare centers.
	other, _ := sliceOf(t, append([]string{b, "--along", "random"}, coarsest...)...)
	if s.Loss == nil || other.Loss == nil || *s.Loss == *other.Loss {
		t.Errorf("losses in the centers: %v and %v", s.Loss, other.Loss)
	}
}

func TestSliceAlongAPath(t *testing.T) {
	slow(t)
	t.Parallel()
	a, b, c, d := trained(t), trainedWith(t, "5"), trainedWith(t, "6"), trainedWith(t, "7")
	s, _ := sliceOf(t, append([]string{a, "--along", "path", "--with", strings.Join([]string{b, c, d}, ",")}, coarsest...)...)
	if len(s.Path) != 3 || len(s.Explained) != 2 || !(s.Explained[0] >= s.Explained[1]) || !(s.Explained[0]+s.Explained[1] < 1) || math.Abs(s.Cosine) > 1e-5 {
		t.Fatalf("path %v, explained %v, cosine %g", s.Path, s.Explained, s.Cosine)
	}
	reach := 0.0
	for _, p := range s.Path {
		reach = max(reach, math.Abs(p.Alpha))
		// Four points span three dimensions: each but the center is off the plane of two.
		if !(p.Distance > 0) || !(p.Fraction > 0 && p.Fraction < 1) {
			t.Errorf("a checkpoint at %+v", p)
		}
	}
	if math.Abs(reach-0.9) > 1e-4 {
		t.Errorf("the path reaches %g, want 0.9", reach)
	}
}

// Along the gradient the loss falls to the left of the center and rises to its right, and along the sharpest eigenvector it curves more than along a random
// direction.
func TestSliceAlongGradientAndHessian(t *testing.T) {
	slow(t)
	t.Parallel()
	file := trained(t)
	at := func(s Slice, col int) float64 { return s.Z[3*7+col] } // the row of β = 0; the center is column 3
	gradient, _ := sliceOf(t, append([]string{file, "--along", "gradient"}, coarsest...)...)
	if !(at(gradient, 4) > at(gradient, 3)) || !strings.Contains(gradient.Label, "gradient") || math.Abs(gradient.Cosine) > 1e-5 {
		t.Errorf("along the gradient: %g, %g; cosine %g; %q", at(gradient, 3), at(gradient, 4), gradient.Cosine, gradient.Label)
	}
	hessian, _ := sliceOf(t, append([]string{file, "--along", "hessian"}, coarsest...)...)
	random, _ := sliceOf(t, append([]string{file}, coarsest...)...)
	bend := func(s Slice) float64 { return at(s, 2) + at(s, 4) - 2*at(s, 3) }
	if !(bend(hessian) > 2*bend(random)) || !strings.Contains(hessian.Label, "λ₁ = ") || math.Abs(hessian.Cosine) > 1e-4 {
		t.Errorf("curvature %g along the first eigenvector, %g along a random direction; cosine %g; %q", bend(hessian), bend(random), hessian.Cosine, hessian.Label)
	}
	if math.Abs(hessian.Norms[0]/random.Norms[0]-1) > 1e-5 || math.Abs(gradient.Norms[0]/random.Norms[0]-1) > 1e-5 {
		t.Errorf("lengths %v, %v, %v: one unit means different things", hessian.Norms, gradient.Norms, random.Norms)
	}
}

func TestSliceNormalizations(t *testing.T) {
	slow(t)
	t.Parallel()
	file := trained(t)
	seen := map[float64]string{}
	for _, n := range []string{"filter", "layer", "weight", "none", "dfilter", "dlayer"} {
		s, _ := sliceOf(t, append([]string{file, "--normalize", n, "--orthogonal"}, coarsest...)...)
		if other, twice := seen[s.Z[0]]; twice || math.Abs(s.Cosine) > 1e-5 {
			t.Errorf("%s: the same corner as %q, or a cosine of %g", n, other, s.Cosine)
		}
		seen[s.Z[0]] = n
	}
}

// The surface goes to the reference implementation's layout and comes back.
func TestSliceAsFiles(t *testing.T) {
	slow(t)
	t.Parallel()
	file := trained(t)
	want, _ := sliceOf(t, append([]string{file}, coarsest...)...)
	for _, ending := range []string{"h5", "npz", "csv"} {
		name := filepath.Join(t.TempDir(), "slice."+ending)
		if _, log, code := shell(t, t.Context(), append([]string{"slice", file, "-o", name}, coarsest...)...); code != 0 {
			t.Fatalf("%s: exit code %d: %s", ending, code, log)
		}
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		got, err := gridfile.ReadSurface(f, name)
		f.Close()
		if err != nil || len(got.X) != 7 || len(got.Y) != 7 || got.Values[0].Name != "train_loss" {
			t.Fatalf("%s: %v, %d × %d", ending, err, len(got.X), len(got.Y))
		}
		for i, z := range got.Values[0].Z {
			if math.Abs(z-want.Z[i]) > 1e-6*math.Abs(want.Z[i]) { // the JSON has seven digits
				t.Errorf("%s: value %d is %g, want %g", ending, i, z, want.Z[i])
			}
		}
		if label, ok := got.Note("label"); !ok || label != want.Label {
			t.Errorf("%s: label %q", ending, label)
		}
	}
}

func TestSlicePlaneRefusals(t *testing.T) {
	t.Parallel()
	slow(t)
	file := trained(t)
	for name, c := range map[string]struct{ args, says string }{
		"no such directions":         {"--along sideways", "checkpoints or path"},
		"no such normalization":      {"--normalize row", "dlayer"},
		"one other checkpoint":       {"--along checkpoints --with " + file, "2 to 2"},
		"checkpoints that are one":   {"--along checkpoints --with " + file + "," + file, "span"},
		"a path that stands still":   {"--along path --with " + file + "," + file, "points that"},
		"checkpoints for nothing":    {"--with " + file, "no other"},
		"a file that is none":        {"--along path --with a.ckpt,b.ckpt", "a.ckpt"},
		"a format without its axes":  {"-o slice.npy", "axes"},
		"biases that are no boolean": {"--biases=maybe", "maybe"},
	} {
		_, log, code := shell(t, t.Context(), append([]string{"slice", file}, append(strings.Fields(c.args), coarsest...)...)...)
		if code != 2 || !strings.Contains(log, c.says) {
			t.Errorf("%s: exit code %d, %q, want %q in it", name, code, log, c.says)
		}
	}
}

// By refinement a smooth picture takes a part of the losses, keeps within its tolerance, and goes on from its file without computing a loss twice.
func TestSliceByRefinement(t *testing.T) {
	slow(t)
	t.Parallel()
	file := trained(t)
	whole, _ := sliceOf(t, file, "--level", "3", "--images", "8", "--lift=false")
	kept := filepath.Join(t.TempDir(), "losses.json")
	refined, log := sliceOf(t, file, "--level", "3", "--images", "8", "--lift=false", "--tolerance", "0.01", "--samples", kept)
	if refined.Evaluated == 0 || refined.Evaluated > len(whole.Z)/4 || refined.Expected == nil || *refined.Expected > 0.01 || !strings.Contains(log, "losses computed") {
		t.Fatalf("%d of %d losses, expected error %v, %q", refined.Evaluated, len(whole.Z), refined.Expected, log)
	}
	lo, hi, worst := math.Inf(1), math.Inf(-1), 0.0
	for i, z := range whole.Z {
		lo, hi, worst = min(lo, z), max(hi, z), max(worst, math.Abs(z-refined.Z[i]))
	}
	if worst > 0.01*(hi-lo) {
		t.Errorf("the greatest error is %.3g of the range", worst/(hi-lo))
	}
	again, _ := sliceOf(t, file, "--level", "3", "--images", "8", "--lift=false", "--tolerance", "0.01", "--samples", kept)
	if !slices.Equal(again.Z, refined.Z) || again.Evaluated != refined.Evaluated {
		t.Errorf("from the kept losses came %d losses and another picture", again.Evaluated)
	}
	for name, c := range map[string]struct{ args, says string }{
		"losses of another plane": {"--seed 9 --tolerance 0.01 --samples " + kept, "those of others"},
		"a file that is none":     {"--tolerance 0.01 --samples " + file, "begin anew"},
		"samples alone":           {"--samples " + kept, "--tolerance"},
		"no losses at all":        {"--tolerance 0.01 --budget -1", "above 0"},
		"no tolerance":            {"--tolerance 0", "above 0"},
		"all is tolerated":        {"--tolerance 1", "below 1"},
	} {
		_, log, code := shell(t, t.Context(), append([]string{"slice", file, "--level", "3", "--images", "8", "--lift=false"}, strings.Fields(c.args)...)...)
		if code != 2 || !strings.Contains(log, c.says) {
			t.Errorf("%s: exit code %d, %q, want %q in it", name, code, log, c.says)
		}
	}
}

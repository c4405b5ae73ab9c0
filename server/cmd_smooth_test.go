package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"smoothscape/landscape/figure"
	"smoothscape/landscape/gridfile"
)

// smoothTo runs smooth with --json and -o FILE, and reads both.
func smoothTo(t *testing.T, file string, args ...string) (smoothed, gridfile.Surface) {
	t.Helper()
	out, log, code := shell(t, t.Context(), append([]string{"smooth", "--json", "-o", file}, args...)...)
	if code != 0 {
		t.Fatalf("exit code %d: %s", code, log)
	}
	var result smoothed
	if err := json.Unmarshal([]byte(out), &result); err != nil {
		t.Fatalf("%v: %.200q", err, out)
	}
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if isJSON(file) {
		var whole smoothedFile
		if err := json.NewDecoder(f).Decode(&whole); err != nil {
			t.Fatal(err)
		}
		surface := gridfile.Surface{X: whole.Xs, Y: whole.Ys, Notes: []gridfile.Note{{Name: "label", Text: string(whole.Pictures[0].Label)}}}
		for _, g := range whole.Grids {
			surface.Values = append(surface.Values, gridfile.Values{Name: g.Name, Z: g.Z})
		}
		return result, surface
	}
	surface, err := gridfile.ReadSurface(f, file)
	if err != nil {
		t.Fatal(err)
	}
	return result, surface
}

// rastriginSum is Σ(x² + s² − 10·exp(−2π²s²)·cos 2πx + 10): Rastrigin's function under normal noise of standard deviation s per axis.
func rastriginSum(s float64, x ...float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v*v + s*s - 10*math.Exp(-2*math.Pi*math.Pi*s*s)*math.Cos(2*math.Pi*v) + 10
	}
	return sum
}

func wantGrid(t *testing.T, s gridfile.Surface, name string, tolerance float64, want func(x, y float64) float64) {
	t.Helper()
	v, err := s.Pick(name)
	if err != nil {
		t.Error(err)
		return
	}
	worst := 0.0
	for row, y := range s.Y {
		for col, x := range s.X {
			worst = max(worst, math.Abs(v.Z[row*len(s.X)+col]-want(x, y)))
		}
	}
	if !(worst <= tolerance) {
		t.Errorf("%s errs by %.3g, allowed are %.3g", name, worst, tolerance)
	}
}

// In two variables every picture is the exact one, in every format, with its label in the file.
func TestSmoothRastriginIntoEveryFormat(t *testing.T) {
	slow(t)
	t.Parallel()
	dir := t.TempDir()
	for _, ending := range []string{".npz", ".csv", ".h5", ".json"} {
		for _, picture := range []string{"exact", "slice", "projected"} {
			result, surface := smoothTo(t, filepath.Join(dir, picture+ending), "--convention", "coordinate", "--delta", "0.5,0.25", "--nodes", "41", "--picture", picture)
			for _, delta := range []float64{0.25, 0.5} {
				// Float64 sums of some 100: 10⁻¹² is a hundred units in the last place.
				wantGrid(t, surface, fmt.Sprintf("smoothed_%g", delta), 1e-12, func(x, y float64) float64 { return rastriginSum(delta, x, y) })
			}
			wantGrid(t, surface, "f", 1e-12, func(x, y float64) float64 { return rastriginSum(0, x, y) })
			if label, _ := surface.Note("label"); label != "exact" {
				t.Errorf("%s: the label is %q", ending, label)
			}
			if p := result.Pictures[1]; p.Delta != 0.5 || p.Label != figure.Exact || p.Source != byClosedForm || p.KernelDim != 2 || *p.StdDev != 0.5 || p.Minima == nil || *p.Minima != 1 || p.Mirror != nil {
				t.Errorf("%s: %+v", ending, p)
			}
		}
	}
	result, surface := smoothTo(t, filepath.Join(dir, "a.npy"), "--convention", "coordinate", "--delta", "0.25", "--nodes", "41")
	surface.X, surface.Y = make([]float64, 41), make([]float64, 41)
	for i := range surface.X {
		surface.X[i] = -5 + float64(i)/4
	}
	copy(surface.Y, surface.X)
	wantGrid(t, surface, "", 1e-12, func(x, y float64) float64 { return rastriginSum(0.25, x, y) })
	beside, err := os.ReadFile(result.Beside)
	if err != nil || !strings.Contains(string(beside), `"label":"exact"`) {
		t.Errorf("beside the NPY: %v, %s", err, beside)
	}
}

// Under the vector convention one axis of d gets δ/√d. Three pictures of a function of 50 variables, which differ by what they leave out.
func TestSmoothPicturesOfManyVariablesDiffer(t *testing.T) {
	slow(t)
	t.Parallel()
	const delta, d = 0.5, 50
	dir := t.TempDir()
	in := delta / math.Sqrt(d)
	rest := float64(d-2) * rastriginSum(in, 0) // the 48 others, at the minimum 0
	for picture, want := range map[string]struct {
		label  figure.Picture
		source string
		f      func(x, y float64) float64
		// A transform is right to 10⁻⁷ of the range, which is 81; a closed form to rounding.
		tolerance float64
	}{
		"exact":     {figure.Exact, byClosedForm, func(x, y float64) float64 { return rastriginSum(in, x, y) + rest }, 1e-11},
		"projected": {figure.Projected, byTransform, func(x, y float64) float64 { return rastriginSum(in, x, y) }, 8.1e-6},
		"slice":     {figure.SliceSmoothing, byTransform, func(x, y float64) float64 { return rastriginSum(delta/math.Sqrt2, x, y) }, 8.1e-6},
	} {
		result, surface := smoothTo(t, filepath.Join(dir, picture+".npz"), "--dim", fmt.Sprint(d), "--delta", fmt.Sprint(delta), "--picture", picture, "--nodes", "129")
		wantGrid(t, surface, "smoothed_0.5", want.tolerance, want.f)
		p := result.Pictures[0]
		if p.Label != want.label || p.Source != want.source || !strings.Contains(result.Plane, "global minimum") || result.Dim != d {
			t.Errorf("%s: %+v of %+v", picture, p, result)
		}
		if label, _ := surface.Note("label"); label != string(want.label) {
			t.Errorf("%s: the label is %q", picture, label)
		}
	}
}

// A product of cosines that are even about the borders of the file is its own mirror image: smoothing multiplies it by the transfer function.
func TestSmoothFileThatIsMirrored(t *testing.T) {
	slow(t)
	t.Parallel()
	dir := t.TempDir()
	const n = 41
	wave := func(x, y float64) float64 { return math.Cos(2*math.Pi*x) * math.Cos(math.Pi*y) }
	s := gridfile.Surface{}
	for i := range n {
		s.X = append(s.X, -1+2*float64(i)/(n-1))
	}
	s.Y = s.X
	var z []float64
	for _, y := range s.Y {
		for _, x := range s.X {
			z = append(z, wave(x, y))
		}
	}
	s.Values = []gridfile.Values{{Name: "acc", Z: z}, {Name: "train_loss", Z: z}}
	in := filepath.Join(dir, "in.h5")
	f, err := os.Create(in)
	if err != nil {
		t.Fatal(err)
	}
	if err := gridfile.Write(f, gridfile.HDF5, s); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	const delta = 0.2
	factor := math.Exp(-delta * delta * 5 * math.Pi * math.Pi / 4) // exp(−δ²k²/4), k² = (2π)² + π²
	result, surface := smoothTo(t, filepath.Join(dir, "out.csv"), in, "--delta", fmt.Sprint(delta))
	// The transform holds the wavenumbers 2π and π to the last digits only if the padded length fits; allowed are 10⁻⁷ of the range 2.
	wantGrid(t, surface, "smoothed_0.2", 2e-7, func(x, y float64) float64 { return factor * wave(x, y) })
	p := result.Pictures[0]
	if result.Grid != "train_loss" || result.Subject != "in" || p.Label != figure.SliceSmoothing || p.Mirror == nil {
		t.Fatalf("%+v", result)
	}
	// exp(−r²/δ²) = 10⁻³ of the mass lies beyond r = δ·√(ln 1000).
	reach := delta * math.Sqrt(math.Log(1000))
	if share := 1 - (1-reach)*(1-reach); math.Abs(p.Mirror.Reach-reach) > 1e-9 || math.Abs(p.Mirror.Share-share) > 1e-9 || p.Mirror.Edge != 1 {
		t.Errorf("mirror %+v, want a reach of %g and a share of %g", p.Mirror, reach, share)
	}
	if len(result.Warnings) != 1 || !strings.Contains(result.Warnings[0], "mirrored") {
		t.Errorf("warnings %q", result.Warnings)
	}
	// Projected from a million dimensions nothing is left of the kernel.
	result, surface = smoothTo(t, filepath.Join(dir, "projected.npz"), in, "--delta", fmt.Sprint(delta), "--picture", "projected", "--dim", "1000000", "--grid", "acc")
	wantGrid(t, surface, "smoothed_0.2", 2e-6, wave)
	if p := result.Pictures[0]; p.Label != figure.Projected || math.Abs(*p.StdDev-delta/1000) > 1e-12 {
		t.Errorf("%+v", p)
	}
}

// η, b and C give δ; that of a slice is divided by ‖d₁‖.
func TestSmoothSliceAtItsOwnDegree(t *testing.T) {
	slow(t)
	t.Parallel()
	dir := t.TempDir()
	const n = 13
	slice := bowlSlice(n) // α² + 2β², but for two values
	for _, i := range []int{3, n + 5} {
		slice.Z[i] = slice.Alphas[i%n]*slice.Alphas[i%n] + 2*slice.Alphas[i/n]*slice.Alphas[i/n]
	}
	text, err := json.Marshal(slice)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "network.json")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	result, surface := smoothTo(t, filepath.Join(dir, "out.npz"), file, "--eta", "0.5", "--batch", "16", "--spread", "8", "--nodes", "65")
	p := result.Pictures[0]
	if p.Noise == nil || *p.Noise != 1 || math.Abs(p.Delta-1/slice.Norms[0]) > 1e-15 || p.Label != figure.SliceSmoothing || p.Mirror != nil && p.Mirror.Share > 0 {
		t.Errorf("%+v", p)
	}
	if len(surface.X) != 65 || surface.X[64] != slice.ViewHalfWidth {
		t.Errorf("%d nodes to %g", len(surface.X), surface.X[64])
	}
	// Cubic convolution keeps quadratic functions; a standard deviation of δ/√2 on each axis lifts α² + 2β² by 3δ²/2.
	wantGrid(t, surface, p.Name, 3e-7, func(x, y float64) float64 { return x*x + 2*y*y + 1.5*p.Delta*p.Delta })
}

// In one variable: the dent from its closed form, the same as a formula by transform. Both have their two minima at δ = 0.1 and one at 0.12:
// the second dies at 0.107.
func TestSmoothInOneVariable(t *testing.T) {
	slow(t)
	t.Parallel()
	dir := t.TempDir()
	const dent = "x^2/2 - 0.3*exp(-(x-0.8)^2/(2*0.15^2))"
	smooth := func(x, s float64) float64 {
		v := 0.15*0.15 + s*s
		return (x*x+s*s)/2 - 0.3*0.15/math.Sqrt(v)*math.Exp(-(x-0.8)*(x-0.8)/(2*v))
	}
	result, surface := smoothTo(t, filepath.Join(dir, "formula.csv"), "--formula", dent, "--lo", "-2", "--hi", "2", "--convention", "coordinate", "--delta", "0.05,0.3")
	for i, delta := range []float64{0.05, 0.3} {
		// A transform is right to 10⁻⁷ of the range, which is 2.
		wantGrid(t, surface, fmt.Sprintf("smoothed_%g", delta), 2e-7, func(x, _ float64) float64 { return smooth(x, delta) })
		if p := result.Pictures[i]; p.Source != byTransform || p.Label != figure.Exact || p.Minima == nil || *p.Minima != 2-i {
			t.Errorf("δ = %g: %+v", delta, p)
		}
	}
	if len(surface.Y) != 1 || len(surface.X) != 201 || result.Dim != 1 {
		t.Errorf("%d columns, %d rows, d = %d", len(surface.X), len(surface.Y), result.Dim)
	}
	result, _ = smoothTo(t, filepath.Join(dir, "dent.npz"), "--function", "dent", "--dim", "1", "--convention", "coordinate", "--delta", "0.1,0.12")
	for i, p := range result.Pictures {
		if p.Source != byClosedForm || *p.Minima != 2-i {
			t.Errorf("dent: %+v with %d minima", p, *p.Minima)
		}
	}
}

// Monte Carlo in 20 dimensions agrees with the closed form within its own error, and its bits do not depend on the workers.
func TestSmoothInFullSpace(t *testing.T) {
	slow(t)
	t.Parallel()
	const delta, d = 0.5, 20
	dir := t.TempDir()
	args := []string{"--dim", fmt.Sprint(d), "--delta", fmt.Sprint(delta), "--picture", "full", "--nodes", "17", "--error", "0.02"}
	result, surface := smoothTo(t, filepath.Join(dir, "one.npz"), append(args, "--workers", "1")...)
	_, again := smoothTo(t, filepath.Join(dir, "two.h5"), append(args, "--workers", "2")...)
	in := delta / math.Sqrt(d)
	mean, err := surface.Pick("smoothed_0.5")
	if err != nil {
		t.Fatal(err)
	}
	deviation, err := surface.Pick("stderr_0.5")
	if err != nil {
		t.Fatal(err)
	}
	other, err := again.Pick("smoothed_0.5")
	if err != nil {
		t.Fatal(err)
	}
	worst, largest := 0.0, 0.0
	for row, y := range surface.Y {
		for col, x := range surface.X {
			i := row*len(surface.X) + col
			want := rastriginSum(in, x, y) + (d-2)*rastriginSum(in, 0)
			worst = max(worst, math.Abs(mean.Z[i]-want)/deviation.Z[i])
			largest = max(largest, deviation.Z[i])
			if other.Z[i] != mean.Z[i] {
				t.Fatalf("%v with two workers, %v with one", other.Z[i], mean.Z[i])
			}
		}
	}
	// 289 cells that share most of their noise: 5 standard errors are never seen by chance.
	if !(worst < 5) {
		t.Errorf("off by %.2g standard errors", worst)
	}
	p := result.Pictures[0]
	if p.Label != figure.FullSpace || p.Source != byMonteCarlo || p.KernelDim != d || *p.Error != largest || *p.Error > 0.02*(p.Range[1]-p.Range[0]) || *p.Seed != 1 || p.Minima != nil {
		t.Errorf("%+v", p)
	}
	if label, _ := surface.Note("label"); label != "full space" {
		t.Errorf("the label is %q", label)
	}
	out, _, code := shell(t, t.Context(), "smooth", "--dim", "20", "--delta", "0.5", "--picture", "full", "--nodes", "9", "--error", "1e-6", "--samples", "16", "--seed", "5")
	if code != 0 || !strings.Contains(out, "(16 draws)") || !strings.Contains(out, "after 16 draws") {
		t.Errorf("a budget that is spent: exit code %d, %q", code, out)
	}
	// In one variable, too.
	_, surface = smoothTo(t, filepath.Join(dir, "line.csv"), "--dim", "1", "--function", "rastrigin", "--convention", "coordinate", "--delta", "0.1", "--picture", "full", "--nodes", "17", "--error", "0.005")
	wantGrid(t, surface, "smoothed_0.1", 5*0.005*35, func(x, _ float64) float64 { return rastriginSum(0.1, x) })
}

func TestSmoothForAReader(t *testing.T) {
	slow(t)
	t.Parallel()
	out, log, code := shell(t, t.Context(), "smooth", "--formula", "x^2 + y^2", "--lo", "-1", "--hi", "1", "--delta", "0.1", "--nodes", "33")
	if code != 0 || !strings.Contains(out, "d = 2: 33 × 33 nodes, f from 0 to 2") || !strings.Contains(out, "exact") || !strings.Contains(out, "gaussian (vector)") {
		t.Errorf("exit code %d, %q, %q", code, out, log)
	}
}

func TestSmoothRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	var rough, holes strings.Builder
	for row := range 9 {
		for col := range 9 {
			fmt.Fprintf(&rough, "%d,", (row+col)%2)
			fmt.Fprint(&holes, []string{"1,", "nan,"}[col/8])
		}
		rough.WriteString("0\n")
		holes.WriteString("0\n")
	}
	roughFile := file("rough.csv", strings.TrimSuffix(rough.String(), "0\n")+"1\n"+strings.Repeat("0,1,", 5)[:19]+"\n")
	for name, c := range map[string]struct {
		args []string
		says string
	}{
		"no δ":                       {nil, "--delta, or --eta, --batch and --spread, found neither"},
		"two δ":                      {[]string{"--delta", "1", "--eta", "0.1"}, "found both"},
		"half of δ":                  {[]string{"--eta", "0.1"}, "expected a finite number above 0, found 0"},
		"a negative δ":               {[]string{"--delta", "-1"}, "finite numbers of at least 0, found -1"},
		"an unknown picture":         {[]string{"--delta", "1", "--picture", "blur"}, `found "blur"`},
		"an unknown ending":          {[]string{"--delta", "1", "-o", filepath.Join(dir, "a.png")}, ".npz, .npy, .csv, .h5 or .json"},
		"two grids in one array":     {[]string{"--delta", "1,2", "-o", filepath.Join(dir, "a.npy")}, "a format for several grids"},
		"too coarse a grid":          {[]string{"--delta", "1", "--picture", "slice", "--dim", "3", "--nodes", "9"}, "roughness"},
		"no closed form":             {[]string{"--delta", "1", "--function", "ackley", "--dim", "7"}, "a closed form of f̂, or at most two variables"},
		"no f̂ at all":               {[]string{"--delta", "1", "--kernel", "stable"}, "the smoothed function does not exist"},
		"too few draws":              {[]string{"--delta", "1", "--function", "drop-wave", "--kernel", "stable", "--picture", "full", "--samples", "1"}, "at least 2"},
		"no f̂ of a file":            {[]string{roughFile, "--rough", "--delta", "1", "--kernel", "stable"}, "the smoothed function does not exist"},
		"a file and a function":      {[]string{roughFile, "--delta", "1", "--function", "dent"}, "a file or --function"},
		"no such file":               {[]string{filepath.Join(dir, "none.h5"), "--delta", "1"}, "no such file"},
		"a file that is no grid":     {[]string{file("broken.npy", "\x93NUMPY\x09"), "--delta", "1"}, "a header"},
		"a grid that is not there":   {[]string{roughFile, "--delta", "1", "--grid", "acc"}, `one called "acc"`},
		"a rough file":               {[]string{roughFile, "--delta", "1"}, "--rough"},
		"a file with holes":          {[]string{file("holes.csv", holes.String()), "--delta", "1"}, "9 of 90 without one"},
		"a file as a closed form":    {[]string{roughFile, "--rough", "--delta", "1", "--picture", "exact"}, "slice or projected"},
		"dimensions of a file":       {[]string{roughFile, "--rough", "--delta", "1", "--picture", "projected"}, "--dim"},
		"an oblong file":             {[]string{file("oblong.csv", strings.Repeat("1,2,3,4,5,6,7,8,9\n", 8)), "--delta", "1"}, "as many rows as columns"},
		"axes for a file that has":   {[]string{file("axes.csv", ",0,1\n0,1,2\n1,3,4\n"), "--delta", "1", "--lo", "0"}, "a file without axes"},
		"a trajectory":               {[]string{filepath.Join("..", "landscape", "gridfile", "testdata", "trajectory.h5"), "--delta", "1"}, "a surface"},
		"a word too many":            {[]string{roughFile, "more", "--delta", "1"}, `"more"`},
		"an error that is no part":   {[]string{"--delta", "1", "--error", "2"}, "above 0 and below 1"},
		"JSON that is no slice":      {[]string{file("a.json", "{}"), "--delta", "1"}, "0 α, 0 β and 0 values"},
		"the wrong number of nodes":  {[]string{"--delta", "1", "--nodes", "3"}, "8 to 1025"},
		"a folder that is not there": {[]string{"--delta", "1", "-o", filepath.Join(dir, "none", "a.npz")}, "a folder that is there"},
	} {
		out, log, code := shell(t, t.Context(), append([]string{"smooth"}, c.args...)...)
		if code != 2 || !strings.Contains(log, c.says) || out != "" {
			t.Errorf("%s: exit code %d, %q, want 2 and %q", name, code, log, c.says)
		}
	}
	if files, _ := filepath.Glob(filepath.Join(dir, "a.np*")); len(files) != 0 {
		t.Errorf("left behind: %v", files)
	}
	out, log, code := shell(t, t.Context(), "smooth", roughFile, "--rough", "--delta", "1")
	if code != 0 || !strings.Contains(out, "does not resolve") {
		t.Errorf("a rough file by wish: exit code %d, %q, %q", code, out, log)
	}
}

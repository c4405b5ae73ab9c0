package figure

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/png"
	"io"
	"math"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"smoothscape/landscape"
)

func gridOf(n int, lo, hi float64, f func(x, y float64) float64) landscape.Grid {
	g := landscape.Grid{X: make([]float64, n), Y: make([]float64, n), Z: make([]float64, n*n)}
	for i := range n {
		g.X[i] = lo + (hi-lo)*float64(i)/float64(n-1)
		g.Y[i] = g.X[i]
	}
	for r := range n {
		for c := range n {
			g.Z[r*n+c] = f(g.X[c], g.Y[r])
		}
	}
	return g
}

// rastrigin smoothed with a Gaussian of standard deviation s per axis, in closed form.
func rastrigin(s float64) func(x, y float64) float64 {
	damp := math.Exp(-2 * math.Pi * math.Pi * s * s)
	return func(x, y float64) float64 {
		return 20 + x*x + y*y + 2*s*s - 10*damp*(math.Cos(2*math.Pi*x)+math.Cos(2*math.Pi*y))
	}
}

func example(n int) Spec {
	s := Default()
	s.Raw, s.Smoothed = gridOf(n, -2, 2, rastrigin(0)), gridOf(n, -2, 2, rastrigin(0.2))
	s.Caption = []string{"Rastrigin on x₁, x₂ ∈ [−2, 2]."}
	s.Minima = []Mark{{0, 0}, {1, 1}}
	s.WidthCM, s.DPI = 6, 100 // small and quick
	return s
}

func drawn(t *testing.T, s Spec) ([]byte, image.Image) {
	t.Helper()
	var b bytes.Buffer
	if err := PNG(&b, s); err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), img
}

func TestTheSameSpecGivesTheSameBytes(t *testing.T) {
	s := example(65)
	s.WidthCM = 12
	s.Panels = Both
	first, _ := drawn(t, s)
	var wait sync.WaitGroup
	for range 3 { // at the same time, so that the race detector sees what figures share
		wait.Go(func() {
			var b bytes.Buffer
			if err := PNG(&b, s); err != nil || !bytes.Equal(b.Bytes(), first) {
				t.Errorf("another figure came out: %v", err)
			}
		})
	}
	wait.Wait()
}

func TestThePNGStatesItsSizeAndItsCaption(t *testing.T) {
	s := example(17)
	s.DPI = 300
	file, img := drawn(t, s)
	if want := int(math.Round(6 / 2.54 * 300)); img.Bounds().Dx() != want {
		t.Errorf("%d pixels wide, want %d", img.Bounds().Dx(), want)
	}
	found := map[string][]byte{}
	for at := 8; at < len(file); {
		n := int(binary.BigEndian.Uint32(file[at:]))
		kind, content := string(file[at+4:at+8]), file[at+8:at+8+n]
		if crc32.ChecksumIEEE(file[at+4:at+8+n]) != binary.BigEndian.Uint32(file[at+8+n:]) {
			t.Errorf("checksum of %s", kind)
		}
		found[kind] = content
		at += 12 + n
	}
	// 300 dpi are 11,811.02 pixels a metre.
	if p := found["pHYs"]; len(p) != 9 || binary.BigEndian.Uint32(p) != 11811 || binary.BigEndian.Uint32(p[4:]) != 11811 || p[8] != 1 {
		t.Errorf("pHYs = %v", p)
	}
	if text := string(found["iTXt"]); !strings.HasPrefix(text, "Description\x00") || !strings.Contains(text, "x₂ ∈ [−2, 2]") || !strings.Contains(text, "2 local minima") {
		t.Errorf("iTXt = %q", text)
	}
}

func TestTheHeightIsKept(t *testing.T) {
	s := example(17)
	s.HeightCM = 5
	if _, img := drawn(t, s); img.Bounds().Dy() != int(math.Round(5/2.54*100)) {
		t.Errorf("%d pixels high", img.Bounds().Dy())
	}
	s.HeightCM, s.Caption = 4, []string{strings.Repeat("much text ", 100)}
	var spec *SpecError
	if err := PNG(io.Discard, s); !errors.As(err, &spec) || spec.Field != "size" {
		t.Errorf("no room for the picture: got %v", err)
	}
}

// Guests that a landscape of a real network brings along.
func TestOddValuesAreDrawn(t *testing.T) {
	for name, f := range map[string]func(x, y float64) float64{
		"constant":            func(x, y float64) float64 { return 2.3 },
		"zero":                func(x, y float64) float64 { return 0 },
		"NaN everywhere":      func(x, y float64) float64 { return math.NaN() },
		"+Inf everywhere":     func(x, y float64) float64 { return math.Inf(1) },
		"a hole":              func(x, y float64) float64 { return x / max(0, math.Abs(x)-0.3) },
		"−Inf at the border":  func(x, y float64) float64 { return math.Log(1 - x) },
		"one finite corner":   func(x, y float64) float64 { return math.Sqrt(x+y-2) + 1 },
		"range 1e9":           func(x, y float64) float64 { return 1e9 * (x*x + y) },
		"range 1e300":         func(x, y float64) float64 { return 1e300 * (x*x + y) },
		"the largest numbers": func(x, y float64) float64 { return math.MaxFloat64 * x },
		"range 1e-300":        func(x, y float64) float64 { return 1e-300 * (x*x + y) },
		"denormal":            func(x, y float64) float64 { return 5e-324 * math.Round(x) },
		"1 + 1e-9 x":          func(x, y float64) float64 { return 1 + 1e-9*x },
		"1e9 + rounding":      func(x, y float64) float64 { return 1e9 + 1e-7*x },
		"a spike":             func(x, y float64) float64 { return 1 / (x*x + y*y + 1e-12) },
	} {
		sizes := []int{2, 3, 9, 40}
		if testing.Short() {
			sizes = []int{2, 9}
		}
		for _, n := range sizes {
			s := example(n)
			s.Raw = gridOf(n, -1, 1, f)
			s.Smoothed = gridOf(n, -1, 1, func(x, y float64) float64 { return f(x, y)*1.5 - 1 })
			s.Panels = Both
			s.WidthCM = 12
			var b bytes.Buffer
			if err := PNG(&b, s); err != nil {
				t.Errorf("%s, %d nodes: %v", name, n, err)
			}
		}
	}
}

func TestRandomGridsNeverPanic(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	odd := []float64{math.NaN(), math.Inf(1), math.Inf(-1), 0, math.MaxFloat64, -math.MaxFloat64, 5e-324, 1e-9, 1e9}
	for range 60 {
		s := example(2 + rng.IntN(12))
		lo := rng.NormFloat64() * math.Pow(10, rng.Float64()*24-12)
		s.Raw = gridOf(len(s.Raw.X), lo, lo+math.Abs(lo)*rng.Float64()+1e-3, func(x, y float64) float64 {
			if rng.IntN(4) == 0 {
				return odd[rng.IntN(len(odd))]
			}
			return rng.NormFloat64()
		})
		s.Panels = Raw
		var spec *SpecError
		if err := PNG(io.Discard, s); err != nil && !errors.As(err, &spec) {
			t.Fatal(err)
		}
	}
}

func TestBadSpecsAreRefused(t *testing.T) {
	for name, change := range map[string]func(s *Spec){
		"width":       func(s *Spec) { s.WidthCM = 400 },
		"height":      func(s *Spec) { s.HeightCM = math.NaN() },
		"resolution":  func(s *Spec) { s.DPI = 10_000 },
		"palette":     func(s *Spec) { s.Palette = "jet" },
		"panels":      func(s *Spec) { s.Panels = "" },
		"raw":         func(s *Spec) { s.Raw.Z = s.Raw.Z[1:] },
		"smoothed":    func(s *Spec) { s.Smoothed = landscape.Grid{} },
		"coordinates": func(s *Spec) { s.Raw.X = append([]float64{math.NaN()}, s.Raw.X[1:]...) },
		"spacing":     func(s *Spec) { s.Raw.Y = append([]float64{-9}, s.Raw.Y[1:]...) },
		"caption":     func(s *Spec) { s.Caption = []string{strings.Repeat("x", maxText)} },
		"marks":       func(s *Spec) { s.Minima = make([]Mark, maxMarks+1) },
		"pixels":      func(s *Spec) { s.WidthCM, s.DPI = 40, 600 },
	} {
		s := example(9)
		change(&s)
		var spec *SpecError
		if err := PNG(io.Discard, s); !errors.As(err, &spec) || spec.Expected == "" || spec.Found == "" || spec.Advice == "" {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// A caption of hostile text is text.
func TestTextIsNeverMarkup(t *testing.T) {
	s := example(9)
	s.XLabel, s.YLabel, s.ZLabel = `\frac{_^$`, "日本\x00\xff\n", "f̂ ̂"
	s.Caption = []string{strings.Repeat("W", 300), "\u0302", "", "   ", "\\mathbb{R}_^ −"}
	drawn(t, s)
	if got := printable("a\x01b∈c\xff日ĝ"); got != "a bin"+"c??ĝ" {
		t.Errorf("printable: %q", got)
	}
}

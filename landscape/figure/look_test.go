package figure

import (
	"bytes"
	"math"
	"os"
	"testing"
	"time"

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

func TestLook(t *testing.T) {
	dir := os.Getenv("LOOK")
	if dir == "" {
		t.Skip()
	}
	save := func(name string, s Spec) {
		start := time.Now()
		var b bytes.Buffer
		if err := PNG(&b, s); err != nil {
			t.Error(name, err)
			return
		}
		t.Log(name, time.Since(start).Round(time.Millisecond), b.Len())
		os.WriteFile(dir+"/"+name+".png", b.Bytes(), 0o644)
	}
	cap := []string{"Rastrigin on x₁, x₂ ∈ [−5, 5], 257 × 257 points.", "Smoothed with the Gaussian kernel, coordinate convention (u ~ N(0, I)): δ = ηC/√b = 0.2 (η = 0.1, C = 8, b = 16). Picture: exact."}
	s := Default()
	s.Raw, s.Smoothed, s.Caption = gridOf(257, -5, 5, rastrigin(0)), gridOf(257, -5, 5, rastrigin(0.2)), cap
	for i := -5; i <= 5; i++ {
		for j := -5; j <= 5; j++ {
			s.Minima = append(s.Minima, Mark{float64(i) * .99, float64(j) * .99})
		}
	}
	save("rastrigin", s)
	s.Panels = Both
	s.WidthCM = 17
	save("both", s)
	s.Panels = Raw
	s.WidthCM = 8.5
	s.Minima = nil
	save("raw", s)
	s.Palette = landscape.Cividis
	s.Raw = gridOf(9, -1, 1, func(x, y float64) float64 { return 2.3 + x*x + 3*y*y*x })
	s.XLabel, s.YLabel, s.ZLabel = "α (step along d₁)", "β (step along d₂)", "training loss"
	save("small", s)
	s.Raw = gridOf(65, -1, 1, func(x, y float64) float64 { return 1e9 * (x*x + 3*y*y*x) })
	save("huge", s)
	s.Raw = gridOf(65, -1, 1, func(x, y float64) float64 { return 1e9 + 1e-3*(x*x+3*y*y*x) })
	save("offset", s)
	s.Raw = gridOf(65, -1e-4, 1e-4, func(x, y float64) float64 { return 2.3 + 3e-4*(1e4*x*x+3*y) })
	save("tiny", s)
	s.Raw = gridOf(65, -1, 1, func(x, y float64) float64 { return 2.3 })
	save("constant", s)
	s.Raw = gridOf(25, -1, 1, func(x, y float64) float64 {
		if x*x+y*y > 1.3 {
			return math.NaN()
		}
		if x > 0.5 && y > .3 {
			return math.Inf(1)
		}
		return x*x + y*y*3
	})
	save("nan", s)
	s.Raw = gridOf(25, -1, 1, func(x, y float64) float64 { return math.NaN() })
	save("allnan", s)
	s.Raw = gridOf(129, -1, 1, func(x, y float64) float64 { return x*x + y*y })
	s.Smoothed = gridOf(129, -1, 1, func(x, y float64) float64 { return x*x + y*y*1.7 - .2 })
	s.Panels = Smoothed
	save("beyond", s)
}

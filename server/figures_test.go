package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"image/png"
	"math"
	"strings"
	"testing"

	"smoothscape/landscape"
	"smoothscape/landscape/figure"
)

// Every function with every kernel under which f̂ exists comes as a PNG of 300 dpi that says what it is, and the same bytes come again.
func TestFigureOfEachFunctionAndKernel(t *testing.T) {
	t.Parallel()
	slow(t)
	s := newTestServer(t, &guard{}, "")
	kernels := []string{"kernel=gaussian&convention=vector", "kernel=gaussian&convention=coordinate", "kernel=uniform&convention=vector", "kernel=uniform&convention=coordinate", "kernel=stable&alpha=1.7"}
	for i, o := range landscape.Explored() {
		for _, kernel := range kernels {
			path := "/figure.png?n=129&eta=0.01&b=16&f=" + o.ID + "&" + kernel
			got := s.send(t, "GET", path, "", nil)
			if strings.HasPrefix(kernel, "kernel=stable") && o.Growth >= 1.7 {
				if got.status != 400 || !strings.Contains(got.body, "smoothed value is infinite") {
					t.Errorf("%s: status %d: %.200s", path, got.status, got.body)
				}
				continue
			}
			if got.status != 200 || got.header.Get("Content-Type") != "image/png" {
				t.Errorf("%s: status %d, %s: %.300s", path, got.status, got.header.Get("Content-Type"), got.body)
				continue
			}
			caption := checkPNG(t, path, got.body)
			for _, want := range []string{o.Name, "exact", "δ = ηC/√b"} {
				if want == "δ = ηC/√b" && strings.HasPrefix(kernel, "kernel=stable") {
					want = "α"
				}
				if !strings.Contains(plainSpaces(caption), want) {
					t.Errorf("%s: the caption %q lacks %q", path, caption, want)
				}
			}
			if i == 0 && got.body != s.send(t, "GET", path, "", nil).body {
				t.Errorf("%s: other bytes when asked again", path)
			}
		}
	}
}

// checkPNG decodes a figure, checks its resolution and returns its caption.
func checkPNG(t *testing.T, what, file string) string {
	t.Helper()
	if _, err := png.Decode(strings.NewReader(file)); err != nil {
		t.Errorf("%s: %v", what, err)
		return ""
	}
	chunks := pngChunks(t, []byte(file))
	var dpi [9]byte // 300 dpi are 11811.02 pixels a meter
	binary.BigEndian.PutUint32(dpi[0:], 11811)
	binary.BigEndian.PutUint32(dpi[4:], 11811)
	dpi[8] = 1
	if !bytes.Equal(chunks["pHYs"], dpi[:]) {
		t.Errorf("%s: pHYs = % x, want % x", what, chunks["pHYs"], dpi)
	}
	return string(chunks["iTXt"])
}

// pngChunks are the chunks of a PNG by type, the last one of each.
func pngChunks(t *testing.T, file []byte) map[string][]byte {
	t.Helper()
	chunks := map[string][]byte{}
	for rest := file[8:]; len(rest) >= 12; {
		n := int(binary.BigEndian.Uint32(rest))
		if n > len(rest)-12 {
			t.Fatalf("a chunk of %d bytes in the last %d", n, len(rest))
		}
		chunks[string(rest[4:8])] = rest[8 : 8+n]
		rest = rest[12+n:]
	}
	return chunks
}

// plainSpaces writes no-break spaces as spaces.
func plainSpaces(text string) string {
	return strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(text)
}

// What a figure cannot show it says.
func TestFigureSaysWhereItStopsShort(t *testing.T) {
	slow(t)
	s := newTestServer(t, &guard{}, "")
	o, _ := landscape.ObjectiveByID("rastrigin", 2)
	path := "/figure.png?n=129&eta=10&b=1&c=100" // δ = 1000
	caption := plainSpaces(checkPNG(t, path, s.send(t, "GET", path, "", nil).body))
	for _, want := range []string{"1000", fmt.Sprintf("Drawn at %.4g, the most that the sampled area allows, instead of 1000.", o.DeltaMax)} {
		if !strings.Contains(caption, want) {
			t.Errorf("%q lacks %q", caption, want)
		}
	}
	path = "/figure.png?n=129&eta=10&b=1&c=100&raw=1"
	if caption := checkPNG(t, path, s.send(t, "GET", path, "", nil).body); !strings.Contains(caption, "Not smoothed.") || strings.Contains(caption, "Drawn at") {
		t.Errorf("raw: %q", caption)
	}
	path = "/figure.png?n=129&f=ackley&kernel=stable&alpha=1.2&eta=10&b=1&c=10" // tails that no halo holds
	if caption := checkPNG(t, path, s.send(t, "GET", path, "", nil).body); !strings.Contains(caption, "where the function is mirrored") {
		t.Errorf("stable: %q", caption)
	}
}

// bowlSlice is the slice of z = α² + 2β² on n×n points, with two holes.
func bowlSlice(n int) *Slice {
	m := 40.0
	s := &Slice{
		Run: "r", Step: 7, Level: 3, Levels: 4, ViewHalfWidth: sliceHalfWidth, Halo: sliceHalo, Norms: [2]float64{20, 21}, Images: 512, Magnification: &m, Label: "bowl",
	}
	for i := range n {
		s.Alphas = append(s.Alphas, (sliceHalfWidth+sliceHalo)*(2*float64(i)/float64(n-1)-1))
	}
	s.Betas = s.Alphas
	for i := range n * n {
		s.Z = append(s.Z, s.Alphas[i%n]*s.Alphas[i%n]+2*s.Alphas[i/n]*s.Alphas[i/n])
	}
	s.Z[3], s.Z[n+5] = math.NaN(), math.Inf(1)
	return s
}

// bowlView smooths bowlSlice with δ = 1: m·δ/‖d₁‖ = 2 on a view of ±1 is more than its halo holds, 40·0.05/20 = 0.1 is not.
func bowlView() sliceView {
	return sliceView{
		subject: "A bowl", slice: bowlSlice(13), kernel: defaultView().Kernel, parameters: 10000, nodes: 129, delta: 0.05, eta: 0.1, b: 16, c: 2, palette: landscape.Viridis,
	}
}

func TestFigureOfASlice(t *testing.T) {
	t.Parallel()
	slow(t)
	tests := []struct {
		name   string
		change func(v *sliceView)
		says   []string
		silent []string
	}{
		{"smoothed", func(*sliceView) {}, []string{"A bowl", "13 × 13 points", "512 training images, step 7", "slice smoothing", "×40", "mδ/‖d₁‖ = 0.1", "2 values that are not finite"}, []string{"Drawn at", "Not smoothed"}},
		{"raw", func(v *sliceView) { v.raw, v.delta = true, math.NaN() }, []string{"Not smoothed", "2 values that are not finite"}, []string{"×40", "NaN"}},
		{"true scale", func(v *sliceView) { v.magnification = 1 }, []string{"δ/‖d₁‖ = 0.0025"}, []string{"Magnification"}},
		{"too wide", func(v *sliceView) { v.magnification = 800 }, []string{"×800", "Drawn at 0.2121, the most that the sampled area allows, instead of 2."}, nil}, // 0.75/5·√2
		{"projected", func(v *sliceView) { v.projected = true }, []string{"projected", "standard deviation of 0.001 on each axis"}, []string{"slice smoothing"}},   // 0.1/√10000
		{"projected ball", func(v *sliceView) { v.projected, v.kernel.Law, v.parameters = true, landscape.Uniform, 9998 }, []string{"standard deviation of 0.001 on each axis"}, nil},
		{"projected, δ on each axis", func(v *sliceView) { v.projected, v.kernel.Convention = true, landscape.Coordinate }, []string{"standard deviation of 0.1 on each axis"}, nil},
		{"zoomed to ±8δ", func(v *sliceView) { v.close = true }, []string{"α, β ∈ [−0.8, 0.8]", "mδ/‖d₁‖ = 0.1"}, []string{"Drawn at"}},
		{"projected, zoomed to ±8δ", func(v *sliceView) { v.close, v.projected = true, true }, []string{"α, β ∈ [−0.01131, 0.01131]"}, []string{"Drawn at", "reaches beyond"}},
		{"zoomed to more than the view", func(v *sliceView) { v.close, v.magnification = true, 80 }, []string{"α, β ∈ [−1, 1]"}, nil},
		{"raw, zoomed, of unknown δ", func(v *sliceView) { v.close, v.raw, v.delta = true, true, math.NaN() }, []string{"α, β ∈ [−1, 1]"}, nil},
		{"both", func(v *sliceView) { v.split, v.slice.Z = true, append(numbers(nil), v.slice.Z...) }, []string{"slice smoothing"}, nil},
		{"of one hole and a plain", func(v *sliceView) {
			for i := range v.slice.Z {
				v.slice.Z[i] = 1
			}
			v.slice.Z[0] = math.NaN()
		}, []string{"1 values that are not finite"}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			v := bowlView()
			test.change(&v)
			spec, err := figureOfSlice(v)
			if err != nil {
				t.Fatal(err)
			}
			caption := plainSpaces(strings.Join(spec.Caption, "\n"))
			for _, want := range test.says {
				if !strings.Contains(caption, want) {
					t.Errorf("%q lacks %q", caption, want)
				}
			}
			for _, bad := range test.silent {
				if strings.Contains(caption, bad) {
					t.Errorf("%q holds %q", caption, bad)
				}
			}
			if err := drawTwice(v); err != nil {
				t.Error(err)
			}
		})
	}
}

// drawTwice draws a slice twice and compares.
func drawTwice(v sliceView) error {
	var files [2][]byte
	for i := range files {
		file, err := drawPNG(func() (figure.Spec, error) { return figureOfSlice(v) })
		if err != nil {
			return err
		}
		files[i] = file
	}
	if !bytes.Equal(files[0], files[1]) {
		return fmt.Errorf("two drawings differ")
	}
	return nil
}

// What cannot be drawn is refused with a sentence.
func TestSlicesThatCannotBeDrawn(t *testing.T) {
	for name, change := range map[string]func(v *sliceView){
		"no finite loss":               func(v *sliceView) { fill(v.slice.Z, math.NaN()) },
		"infinite losses alone":        func(v *sliceView) { fill(v.slice.Z, math.Inf(-1)) },
		"δ that is not known":          func(v *sliceView) { v.delta = math.NaN() },
		"a halo between two grids":     func(v *sliceView) { v.slice.Halo = 0.7503 },
		"a halo that would take a day": func(v *sliceView) { v.slice.Halo = 1e9 },
		"no halo":                      func(v *sliceView) { v.slice.Halo = 0 },
		"projected, of unknown size":   func(v *sliceView) { v.projected, v.parameters = true, 0 },
	} {
		v := bowlView()
		change(&v)
		if _, err := figureOfSlice(v); len(faults(err)) != 1 {
			t.Errorf("%s: %v, want one fault", name, err)
		}
	}
}

func fill(z []float64, v float64) {
	for i := range z {
		z[i] = v
	}
}

// The keys of a run's figure are checked one by one.
func TestKeysOfTheFigureOfARun(t *testing.T) {
	slow(t)
	s := newTestServer(t, &guard{}, "steps=20")
	id := mustCreate(t, s.runs, testConfig())
	awaitStatus(t, s.runs, id, StatusDone)
	awaitSlice(t, s.runs, id, func(*Slice) bool { return true })
	for query, says := range map[string]string{
		"m=0": "magnification", "m=NaN": "magnification", "m=1e999": "magnification", "m=x": "magnification", "kernel=stable": "gaussian", "kernel=": "gaussian",
		"convention=x": "vector", "picture=full": "projected", "raw=2": "0 or 1", "close=yes": "0 or 1", "log=on": "0 or 1",
		"palette=jet": "cividis",
	} {
		if got := s.send(t, "GET", "/runs/"+id+"/figure.png?"+query, "", nil); got.status != 400 || !strings.Contains(got.body, says) {
			t.Errorf("%s: status %d: %.200s", query, got.status, got.body)
		}
	}
	got := s.send(t, "GET", "/runs/"+id+"/figure.png?raw=1&m=3&kernel=uniform&convention=coordinate&picture=slice&close=0&palette=cividis", "", nil)
	if caption := checkPNG(t, "the figure of a run", got.body); got.status != 200 || !strings.Contains(caption, "Not smoothed") {
		t.Errorf("status %d: %q", got.status, caption)
	}
	logarithmic := s.send(t, "GET", "/runs/"+id+"/figure.png?raw=1&m=3&log=1", "", nil)
	if caption := checkPNG(t, "the figure with logarithmic heights", logarithmic.body); !strings.Contains(caption, "Heights as log(1 + 1000t)") || !strings.Contains(caption, "Not smoothed") {
		t.Errorf("status %d: %q", logarithmic.status, caption)
	}
	explored := s.send(t, "GET", "/figure.png?n=129&log=1", "", nil)
	if caption := checkPNG(t, "Explore's figure with logarithmic heights", explored.body); !strings.Contains(caption, "Heights as log(1 + 1000t)") || strings.Contains(caption, "Contours every") {
		t.Errorf("status %d: %q", explored.status, caption)
	}
	if got := got.header.Get("Content-Disposition"); got != `inline; filename="smoothscape-run-`+id+`.png"` {
		t.Errorf("Content-Disposition: %s", got)
	}
}

// No file makes the drawing panic, take much memory, or draw what the file does not say.
func FuzzSliceFile(f *testing.F) {
	good, err := json.Marshal(bowlSlice(7))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(bytes.Replace(good, []byte(`"halo":0.75`), []byte(`"halo":1e300`), 1))
	f.Add(bytes.Replace(good, []byte(`"magnification":40`), []byte(`"magnification":-1e308`), 1))
	f.Add([]byte(`{"alphas":[-1,0,1],"betas":[-1,0,1],"z":[null,1,1,1,1,1,1,1,1e308],"viewHalfWidth":0.5,"halo":0.5,"norms":[1,1]}`))
	f.Add([]byte(`{}`))
	f.Add([]byte(`[1`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var slice Slice
		if json.Unmarshal(text, &slice) != nil || checkSlice(&slice, "x") != nil {
			return
		}
		v := bowlView()
		v.slice = &slice
		spec, err := figureOfSlice(v)
		if err != nil {
			if len(faults(err)) == 0 {
				t.Errorf("%v is nobody's fault", err)
			}
			return
		}
		for _, z := range spec.Smoothed.Z {
			if math.IsNaN(z) || math.IsInf(z, 0) {
				t.Fatalf("the smoothed slice holds %g", z)
			}
		}
	})
}

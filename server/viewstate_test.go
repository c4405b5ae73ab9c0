package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"smoothscape/landscape"
)

func TestGoodLinks(t *testing.T) {
	tests := []struct {
		name, query string
		want        func(s *viewState) // of the defaults
	}{
		{"one key turns the cut off", "eta=0.25", func(s *viewState) { s.LearningRate = 0.25 }},
		{"the bare page opens on both", "", func(s *viewState) { s.Split = true }},
		{"keys of other programs are no keys", "utm_source=mail&fbclid=1", func(s *viewState) { s.Split = true }},
		{"nor is the version", "v=1", func(s *viewState) { s.Split = true }},
		{"an empty version is none", "v=&raw=1", func(s *viewState) { s.Raw = true }},
		{"every number", "eta=1e-5&b=65536&c=1e5&alpha=1.01&m=0.001&yaw=-3.14&pitch=0.1&zoom=4&n=257", func(s *viewState) {
			s.LearningRate, s.BatchSize, s.GradStdDev, s.Kernel.Alpha, s.Magnification = 1e-5, 65536, 1e5, 1.01, 1e-3
			s.Yaw, s.Pitch, s.Zoom, s.Nodes = -3.14, 0.1, 4, 257
		}},
		{"every word", "f=dent&kernel=uniform&convention=coordinate&view=map&palette=cividis&raw=0&split=1&cut=y&at=-0.5", func(s *viewState) {
			s.Function, s.Map, s.Palette, s.Split = "dent", true, landscape.Cividis, true
			s.Cut, s.At = "y", -0.5
			s.Kernel.Law, s.Kernel.Convention = landscape.Uniform, landscape.Coordinate
		}},
		{"a stable kernel where f̂ exists", "f=drop-wave&kernel=stable&alpha=1.8", func(s *viewState) {
			s.Function, s.Kernel.Law, s.Kernel.Alpha = "drop-wave", landscape.Stable, 1.8
		}},
		{"of a repeated key the first counts", "b=4&b=nonsense", func(s *viewState) { s.BatchSize = 4 }},
		{"escapes", "f=sl%69ce:fashion-convnet&eta=%30.5", func(s *viewState) { s.Function, s.LearningRate = "slice:fashion-convnet", 0.5 }},
		{"spaces around a number", "eta=+0.5+", func(s *viewState) { s.LearningRate = 0.5 }},
		{"a zero before a whole number", "b=08", func(s *viewState) { s.BatchSize = 8 }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			want := defaultView()
			test.want(&want)
			got, err := parseView(test.query)
			if err != nil || got != want {
				t.Errorf("%q:\n got %+v, %v\nwant %+v", test.query, got, err, want)
			}
		})
	}
}

func TestBadLinks(t *testing.T) {
	tests := []struct {
		name, query string
		fields      string // of the faults, in their order
		says        string // a part of the text
	}{
		{"η of zero", "eta=0", "eta", "a number from 1e-05 to 10"},
		{"negative η", "eta=-0.1", "eta", `"-0.1"`},
		{"η that is no number", "eta=NaN", "eta", `"NaN"`},
		{"infinite η", "eta=Infinity", "eta", ""},
		{"η beyond float64", "eta=1e999", "eta", `"1e999"`},
		{"η above its limit", "eta=10.1", "eta", ""},
		{"empty η", "eta=", "eta", "found nothing"},
		{"η with a comma", "eta=0,1", "eta", ""},
		{"η in hexadecimal, which the page's Number does not read", "eta=0x1p-3", "eta", ""},
		{"η with a separator", "eta=0x_1p-3", "eta", ""},
		{"b of zero", "b=0", "b", "a whole number from 1 to 65536"},
		{"half an image", "b=1.5", "b", "a whole number"},
		{"b with an exponent", "b=1e2", "b", ""},
		{"b with a sign", "b=%2B16", "b", ""},
		{"b above its limit", "b=65537", "b", ""},
		{"b of many digits", "b=000016", "b", ""},
		{"b beyond int64", "b=99999999999999999999", "b", ""},
		{"negative C", "c=-1", "c", ""},
		{"α of one: no mean", "kernel=gaussian&alpha=1", "alpha", ""},
		{"α of two: the Gaussian", "alpha=2", "alpha", ""},
		{"unknown kernel", "kernel=laplace", "kernel", "gaussian, uniform, stable"},
		{"unknown convention", "convention=", "convention", "found nothing"},
		{"unknown function", "f=rosenbrock", "f", "rastrigin, ackley"},
		{"a function that is a path", "f=../../etc/passwd", "f", ""},
		{"a slice that is a path", "f=slice:..%2F..%2Fetc", "f", ""},
		{"a slice that is not there", "f=slice:nosuch", "f", "fashion-convnet"},
		{"a flag that is a word", "raw=true", "raw", "0 or 1"},
		{"another grid", "n=200", "n", "129, 201, 257 or 513"},
		{"a grid with a sign", "n=%2B129", "n", ""},
		{"a grid that would take all memory", "n=1000000", "n", ""},
		{"camera below the floor", "pitch=-1", "pitch", ""},
		{"camera beyond a turn", "yaw=3.15", "yaw", ""},
		{"zoom of zero", "zoom=0", "zoom", ""},
		{"magnification of zero", "m=0", "m", ""},
		{"unknown view", "view=globe", "view", ""},
		{"unknown palette", "palette=jet", "palette", ""},
		{"a stable kernel where f̂ is infinite", "f=rastrigin&kernel=stable", "kernel", "smoothed value is infinite"},
		{"the same without naming the function", "kernel=stable", "kernel", "|x|^2"},
		{"a stable kernel on a network", "f=slice:fashion-convnet&kernel=stable", "kernel", ""},
		{"an unknown function is not also blamed for the kernel", "f=nosuch&kernel=stable", "f", ""},
		{"several", "eta=-1&b=0&n=1", "eta b n", ""},
		{"a newer version", "v=9&f=new&eta=x", "v", "newer Smoothscape"},
		{"a version that never was", "v=0", "v", ""},
		{"a version that is a word", "v=one", "v", ""},
		{"half an escape", "eta=%4", "", "key=value"},
		{"a bad escape", "f=%zz", "", "key=value"},
		{"a semicolon", "eta=1;b=2", "", "key=value"},
		{"too long", "x=" + strings.Repeat("a", maxQueryBytes), "", "at most 2048 bytes"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			state, err := parseView(test.query)
			var fields []string
			for _, f := range faults(err) {
				if f.Field != "" {
					fields = append(fields, f.Field)
				}
				if f.status() != 400 || f.Doing == "" || f.Expected == "" || f.Found == "" || f.Advice == "" {
					t.Errorf("not a whole sentence, or not status 400: %+v", f)
				}
			}
			if got := strings.Join(fields, " "); len(faults(err)) == 0 || got != test.fields {
				t.Fatalf("faults of %q, want of %q: %v", got, test.fields, err)
			}
			if !strings.Contains(err.Error(), test.says) {
				t.Errorf("%q does not say %q", err, test.says)
			}
			if _, err := parseView(state.query()); err != nil {
				t.Errorf("what was understood, %q, is no good link: %v", state.query(), err)
			}
		})
	}
}

// A version that this program cannot read is not called newer unless it is.
func TestOldVersionsAreNotNewer(t *testing.T) {
	for _, query := range []string{"v=0", "v=-1", "v=one"} {
		if _, err := parseView(query); err == nil || strings.Contains(err.Error(), "newer") {
			t.Errorf("%s: %v", query, err)
		}
	}
}

// One bad key does not spoil the others.
func TestTheRestOfABadLinkIsUnderstood(t *testing.T) {
	state, err := parseView("f=ackley&eta=-1&b=64&palette=cividis")
	if len(faults(err)) != 1 || state.query() != "f=ackley&b=64&palette=cividis" {
		t.Errorf("%q, %v", state.query(), err)
	}
}

func TestLinksAreShort(t *testing.T) {
	for query, want := range map[string]string{
		"":                                   "",
		"split=1":                            "",
		"split=0":                            "split=0",
		"v=1&f=rastrigin&eta=0.10&n=201":     "split=0",
		"alpha=1.7":                          "split=0", // α has no meaning without the stable kernel
		"f=ackley&kernel=stable&alpha=1.70":  "f=ackley&kernel=stable&alpha=1.7",
		"palette=cividis&eta=0.2&f=dent&x=1": "f=dent&eta=0.2&palette=cividis",
		"f=slice%3Afashion-convnet&m=2e1":    "f=slice:fashion-convnet&m=20",
	} {
		state, err := parseView(query)
		if got := state.query(); err != nil || got != want {
			t.Errorf("%q becomes %q (%v), want %q", query, got, err, want)
		}
	}
}

// What is written is read as the same state. Numbers are drawn with the six digits that a link holds.
func TestAnyStateSurvivesItsLink(t *testing.T) {
	t.Parallel()
	slow(t)
	rng := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		want := randomView(rng)
		got, err := parseView(want.query())
		if want.Kernel.Law != landscape.Stable {
			want.Kernel.Alpha = defaultView().Kernel.Alpha // not written
		}
		if err != nil || got != want {
			t.Fatalf("%q:\n got %+v, %v\nwant %+v", want.query(), got, err, want)
		}
		if again := got.query(); again != want.query() {
			t.Fatalf("%q is written as %q", want.query(), again)
		}
	}
}

// randomView draws any state that the page can reach.
func randomView(rng *rand.Rand) viewState {
	number := func(lo, hi float64) float64 {
		v, err := strconv.ParseFloat(strconv.FormatFloat(lo+(hi-lo)*rng.Float64(), 'g', 6, 64), 64)
		if err != nil {
			panic(err)
		}
		return min(max(v, lo), hi)
	}
	functions := []string{"slice:fashion-convnet"}
	for _, o := range landscape.Explored() {
		functions = append(functions, o.ID)
	}
	s := defaultView()
	for { // until f̂ exists
		s.Function = functions[rng.IntN(len(functions))]
		s.Kernel = landscape.Kernel{
			Law:        []landscape.Law{landscape.Gaussian, landscape.Uniform, landscape.Stable}[rng.IntN(3)],
			Convention: []landscape.Convention{landscape.Vector, landscape.Coordinate}[rng.IntN(2)],
			Alpha:      number(1.02, 1.98), Dim: 2,
		}
		if s.exists() == nil {
			break
		}
	}
	s.LearningRate, s.BatchSize, s.GradStdDev = number(1e-4, 10), float64(1+rng.IntN(65536)), number(1e-2, 1e5)
	s.Raw, s.Split, s.Map = rng.IntN(2) == 0, rng.IntN(2) == 0, rng.IntN(2) == 0
	s.Log, s.Pictures, s.Dim, s.Seed, s.Step = rng.IntN(2) == 0, rng.IntN(2) == 0, float64(2+rng.IntN(999)), float64(rng.IntN(100_000)), float64(rng.IntN(100_000))
	s.Hide, s.Lock = strings.Join(hideableIDs()[:rng.IntN(4)], ","), strings.Join(hideableIDs()[:rng.IntN(4)], ",")
	if s.hasVariables() != nil {
		s.Dim = 2
	}
	s.Paths, s.StartX, s.StartY = strings.Join(descentIDs[:rng.IntN(1+len(descentIDs))], ","), number(-5, 5), number(-5, 5)
	s.Cut, s.At = []string{"off", "x", "y"}[rng.IntN(3)], number(-1e3, 1e3)
	s.Tree = rng.IntN(2) == 0
	s.Scene, s.Present, s.Hide = rng.IntN(len(scenes())+1), rng.IntN(2) == 0, []string{"", "kernel", "eta,c,record"}[rng.IntN(3)]
	s.Yaw, s.Pitch, s.Zoom = number(-3.14, 3.14), number(0.11, 1.49), number(0.51, 3.99)
	s.PanX, s.PanY = number(-1, 1), number(-1, 1)
	if rng.IntN(2) == 0 {
		s.Magnification = number(1e-2, 1e6)
	}
	s.Nodes = []int{129, 201, 257}[rng.IntN(3)]
	s.Palette = []landscape.Palette{landscape.Viridis, landscape.Cividis}[rng.IntN(2)]
	return s
}

// No query is answered by a panic, and whatever is understood can be linked to, drawn within the limits, and read again.
func FuzzParseView(f *testing.F) {
	for _, seed := range []string{"", "split=0", "f=ackley&kernel=stable&alpha=1.7&eta=1e-3&b=64", "v=9", "f=%zz", "eta=NaN&b=0&c=1e999", "f=slice:fashion-convnet&m=20", "b=4&b=5", "a;b", "=&&="} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) {
		state, err := parseView(query)
		if err != nil && len(faults(err)) == 0 {
			t.Fatalf("%q: %v is nobody's fault", query, err)
		}
		if delta := state.degree(); !(delta > 0) || math.IsInf(delta, 0) {
			t.Errorf("%q: δ = %g", query, delta)
		}
		again, err := parseView(state.query())
		if err != nil {
			t.Fatalf("%q was written as %q: %v", query, state.query(), err)
		}
		if again.query() != state.query() {
			t.Errorf("%q becomes %q, then %q", query, state.query(), again.query())
		}
	})
}

// The page reads links by static/src/state.ts, the server by viewstate.go. This test reads the former as text and holds the two together:
// keys in the same order, with the same defaults, limits and words.
func TestKeysAreThoseOfThePage(t *testing.T) {
	state, camera := sourceText(t, "../static/src/state.ts"), sourceText(t, "../static/src/surface/camera.ts")
	properties := between(t, state, "const properties", "\n};")
	lines := regexp.MustCompile(`(?m)^  (\w+): (.*),$`).FindAllStringSubmatch(properties, -1)
	keys := viewKeys()
	var theirs, ours []string
	for _, line := range lines {
		theirs = append(theirs, line[1])
	}
	for _, key := range keys {
		ours = append(ours, key.name)
	}
	if !slices.Equal(theirs, ours) {
		t.Fatalf("state.ts has the keys %v, viewstate.go %v", theirs, ours)
	}
	for i, line := range lines {
		name, text := line[1], line[2]
		otherwise := keys[i].write(defaultView())
		switch {
		case strings.Contains(text, "number("), strings.Contains(text, "whole("):
			at := regexp.MustCompile(`(?:number|whole)\((\w+)\.(\w+), ([\w.]+)`).FindStringSubmatch(text)
			if at == nil {
				t.Fatalf("the line of %s is written in a new way: %s", name, text)
			}
			source, rest := state, at[3]
			if at[1] == "cameraLimits" {
				source = camera
				rest = regexp.MustCompile(strings.TrimPrefix(rest, "restCamera.") + `: ([\d.]+)`).FindStringSubmatch(between(t, camera, "restCamera", ";"))[1]
			}
			if rest != otherwise {
				t.Errorf("%s: default %s on the page, %s here", name, rest, otherwise)
			}
			bounds := regexp.MustCompile(`\b` + at[2] + `: \[([^\]]*)\]`).FindStringSubmatch(source[strings.Index(source, at[1]+":")+1:])
			if at[1] == "cameraLimits" {
				bounds = regexp.MustCompile(at[2] + `: \[([^\]]*)\]`).FindStringSubmatch(between(t, source, "cameraLimits", ";"))
			}
			for j, bound := range strings.Split(bounds[1], ", ") {
				checkBound(t, keys[i], bound, []float64{-1, 1}[j], strings.Contains(text, "whole("))
			}
		case strings.HasPrefix(text, "word<"), strings.HasPrefix(text, "word("):
			inner := text[strings.Index(text, "(")+1:]
			words := regexp.MustCompile(`"([^"]*)"`).FindAllStringSubmatch(inner, -1)
			if got := words[len(words)-1][1]; got != otherwise {
				t.Errorf("%s: default %s on the page, %s here", name, got, otherwise)
			}
			for _, word := range words {
				if f := keys[i].read(new(viewState), word[1]); f != nil {
					t.Errorf("%s=%s is read by the page, but not here: %v", name, word[1], f)
				}
			}
		case text == "flag()":
			if otherwise != "0" {
				t.Errorf("%s: default 0 on the page, %s here", name, otherwise)
			}
		case strings.HasPrefix(text, "list<"):
			list := regexp.MustCompile(`\((\w+)\)`).FindStringSubmatch(text)[1]
			var words []string
			for _, word := range regexp.MustCompile(`"([^"]*)"`).FindAllStringSubmatch(between(t, state, "const "+list+" =", ";"), -1) {
				words = append(words, word[1])
			}
			if ours := map[string][]string{"parts": hideableIDs(), "descents": descentIDs}[list]; !slices.Equal(words, ours) || otherwise != "" {
				t.Errorf("%s: the page knows %v, here are %v", name, words, ours)
			}
		default: // f and n
			if !regexp.MustCompile(`otherwise: "?` + regexp.QuoteMeta(otherwise) + `"?,`).MatchString(text) {
				t.Errorf("%s: default %s here, but on the page %s", name, otherwise, text)
			}
		}
	}
	if want := fmt.Sprintf("linkVersion = %d;", linkVersion); !strings.Contains(state, want) {
		t.Errorf("state.ts lacks %q", want)
	}
	if !strings.Contains(state, "sizes: readonly number[] = [129, 201, 257, 513];") {
		t.Error("state.ts offers other grids")
	}
	for _, palette := range landscape.Palettes() {
		if f := viewKeys()[len(viewKeys())-1].read(new(viewState), string(palette)); f != nil {
			t.Errorf("palette %s: %v", palette, f)
		}
	}
}

// checkBound: the bound itself is read here, and what lies beyond it on its side is not.
func checkBound(t *testing.T, key viewKey, bound string, side float64, whole bool) {
	t.Helper()
	v, err := strconv.ParseFloat(strings.NewReplacer("Math.PI", "3.141592653589793").Replace(bound), 64)
	if err != nil {
		t.Fatalf("%s: the bound %q of the page is no number", key.name, bound)
	}
	beyond := v + side*math.Abs(v)*1e-3
	if whole {
		beyond = v + side
	}
	write := func(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
	if f := key.read(new(viewState), write(v)); f != nil {
		t.Errorf("the page takes %s=%s: %v", key.name, bound, f)
	}
	if f := key.read(new(viewState), write(beyond)); f == nil {
		t.Errorf("the page refuses %s=%g, which is read here", key.name, beyond)
	}
}

func sourceText(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func between(t *testing.T, text, from, to string) string {
	t.Helper()
	_, text, ok := strings.Cut(text, from)
	text, _, also := strings.Cut(text, to)
	if !ok || !also {
		t.Fatalf("no text between %q and %q", from, to)
	}
	return text
}

// The link of the page is a link for url.ParseQuery, too.
func TestLinksNeedNoMoreEscapes(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 100 {
		query := randomView(rng).query()
		if _, err := url.Parse("http://127.0.0.1:8080/?" + query); err != nil || strings.ContainsAny(query, " \"<>#") {
			t.Errorf("%q: %v", query, err)
		}
	}
}

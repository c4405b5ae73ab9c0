package main

import (
	"errors"
	"fmt"
	"math"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"smoothscape/landscape"
)

// linkVersion is the version of the links that this program writes and the newest that it reads. A link without v is of version 1.
const linkVersion = 1

// mostVariables is how many variables a closed form can have on the page.
const mostVariables = 1000

// maxQueryBytes bounds a link: the longest that the page writes has about 250 bytes.
const maxQueryBytes = 2048

// viewState is the state of the Explore view: the query string of the page and of /figure.png, and the flags of `smoothscape figure`.
// static/src/state.ts is the same in TypeScript, with the same keys, limits and defaults.
type viewState struct {
	Function      string // id of a closed form, or "slice:" and the id of a slice
	LearningRate  float64
	BatchSize     float64 // whole
	GradStdDev    float64
	Kernel        landscape.Kernel
	Raw           bool    // f instead of f̂
	Split         bool    // both
	Map           bool    // seen from above
	Log           bool    // heights on a logarithmic scale
	Dim           float64 // number d of variables of a closed form; whole
	Pictures      bool    // the four pictures side by side
	Paths         string  // optimizers that run on the picture, joined by commas
	StartX        float64 // where they start
	StartY        float64
	Seed          float64 // of what they leave to chance; whole
	Step          float64 // up to which their paths are drawn; 0: all; whole
	Cut           string  // off, x or y: a line across along that axis; a figure does not show it
	At            float64 // its place on the other axis
	Tree          bool    // the family tree of the minima
	Scene         int     // number of the lesson that is open; 0: none
	Present       bool    // big type and one control, for a class
	Hide          string  // parts of the page that are hidden, joined by commas
	Lock          string  // parts that show, but cannot be changed
	Yaw           float64 // radians; the camera has no meaning for a figure
	Pitch         float64
	Zoom          float64
	PanX          float64
	PanY          float64
	Magnification float64 // of a slice; 0: the slice's own
	Nodes         int     // a side
	Palette       landscape.Palette
}

// defaultView is what a link without any key means.
func defaultView() viewState {
	return viewState{
		Function: "rastrigin", LearningRate: 0.1, BatchSize: 16, GradStdDev: 28,
		Kernel: landscape.Kernel{Law: landscape.Gaussian, Convention: landscape.Vector, Alpha: 1.5, Dim: 2},
		Dim:    2, Seed: 1, Cut: "off", Yaw: 0.62, Pitch: 0.6, Zoom: 1, Nodes: 201, Palette: landscape.Viridis,
	}
}

// viewKey is one key of a link.
type viewKey struct {
	name, usage string
	read        func(s *viewState, text string) *fault // nil: understood
	write       func(s viewState) string
}

// viewKeys are the keys in the order in which links hold them.
func viewKeys() []viewKey {
	return []viewKey{
		{"f", "function: an id such as rastrigin, or slice:fashion-convnet", func(s *viewState, text string) *fault {
			if !functionID.MatchString(text) {
				return &fault{Expected: "the id of a function, such as rastrigin", Found: quoted(text)}
			}
			if !slices.Contains(functionIDs(), text) {
				return &fault{Expected: "one of " + strings.Join(functionIDs(), ", "), Found: quoted(text)}
			}
			s.Function = text
			return nil
		}, func(s viewState) string { return s.Function }},
		numberKey("eta", "learning rate η", 1e-5, 10, func(s *viewState) *float64 { return &s.LearningRate }),
		wholeKey("b", "batch size b", 1, 65536, func(s *viewState) *float64 { return &s.BatchSize }),
		numberKey("c", "gradient spread C", 1e-3, 1e5, func(s *viewState) *float64 { return &s.GradStdDev }),
		wordKey("kernel", "law of the noise", []string{"gaussian", "uniform", "stable"}, func(s *viewState) *string { return (*string)(&s.Kernel.Law) }),
		numberKey("alpha", "tail index α of the stable kernel", 1.01, 1.99, func(s *viewState) *float64 { return &s.Kernel.Alpha }),
		wordKey("convention", "what δ = 1 means", []string{"vector", "coordinate"}, func(s *viewState) *string { return (*string)(&s.Kernel.Convention) }),
		flagKey("raw", "the function itself, not smoothed", func(s *viewState) *bool { return &s.Raw }),
		flagKey("split", "both, side by side", func(s *viewState) *bool { return &s.Split }),
		{"view", "surface or map (on the page)", func(s *viewState, text string) *fault {
			if text != "surface" && text != "map" {
				return &fault{Expected: `"surface" or "map"`, Found: quoted(text)}
			}
			s.Map = text == "map"
			return nil
		}, func(s viewState) string {
			if s.Map {
				return "map"
			}
			return "surface"
		}},
		flagKey("log", "heights on a logarithmic scale", func(s *viewState) *bool { return &s.Log }),
		wholeKey("dim", "number of variables of a closed form", 2, mostVariables, func(s *viewState) *float64 { return &s.Dim }),
		flagKey("pictures", "the four pictures side by side (on the page)", func(s *viewState) *bool { return &s.Pictures }),
		listKey("paths", "optimizers to run on the picture", descentIDs, func(s *viewState) *string { return &s.Paths }),
		numberKey("x0", "where they start, first axis", -1e6, 1e6, func(s *viewState) *float64 { return &s.StartX }),
		numberKey("y0", "where they start, second axis", -1e6, 1e6, func(s *viewState) *float64 { return &s.StartY }),
		wholeKey("seed", "seed of what the optimizers leave to chance", 0, 99999, func(s *viewState) *float64 { return &s.Seed }),
		wholeKey("t", "step up to which their paths are drawn; 0: all", 0, 99999, func(s *viewState) *float64 { return &s.Step }),
		wordKey("cut", "line across: off, x (along the first axis) or y (on the page)", []string{"off", "x", "y"}, func(s *viewState) *string { return &s.Cut }),
		numberKey("at", "place of the line on the other axis (on the page)", -1e6, 1e6, func(s *viewState) *float64 { return &s.At }),
		flagKey("tree", "the family tree of the minima (on the page)", func(s *viewState) *bool { return &s.Tree }),
		{"scene", "number of a lesson (on the page)", func(s *viewState, text string) *fault {
			n, err := strconv.Atoi(text)
			if err != nil || n < 0 || n > len(scenes()) {
				return &fault{Expected: fmt.Sprintf("a whole number from 0 to %d", len(scenes())), Found: quoted(text)}
			}
			s.Scene = n
			return nil
		}, func(s viewState) string { return strconv.Itoa(s.Scene) }},
		flagKey("present", "big type and one control (on the page)", func(s *viewState) *bool { return &s.Present }),
		listKey("hide", "parts to hide (on the page)", hideableIDs(), func(s *viewState) *string { return &s.Hide }),
		listKey("lock", "parts to lock (on the page)", hideableIDs(), func(s *viewState) *string { return &s.Lock }),
		numberKey("yaw", "camera: radians around the vertical (on the page)", -math.Pi, math.Pi, func(s *viewState) *float64 { return &s.Yaw }),
		numberKey("pitch", "camera: radians above the horizon (on the page)", 0.1, 1.5, func(s *viewState) *float64 { return &s.Pitch }),
		numberKey("zoom", "camera: 1 fits the picture (on the page)", 0.5, 4, func(s *viewState) *float64 { return &s.Zoom }),
		numberKey("panx", "camera: what it looks at, across; 0 is the middle, 1 the border (on the page)", -1, 1, func(s *viewState) *float64 { return &s.PanX }),
		numberKey("pany", "camera: what it looks at, upwards (on the page)", -1, 1, func(s *viewState) *float64 { return &s.PanY }),
		numberKey("m", "magnification of δ on a slice", 1e-3, 1e6, func(s *viewState) *float64 { return &s.Magnification }),
		{"n", "nodes a side: 129, 201, 257 or 513", func(s *viewState, text string) *fault {
			for _, n := range []int{129, 201, 257, 513} {
				if strconv.Itoa(n) == text {
					s.Nodes = n
					return nil
				}
			}
			return &fault{Expected: "129, 201, 257 or 513", Found: quoted(text)}
		}, func(s viewState) string { return strconv.Itoa(s.Nodes) }},
		wordKey("palette", "colors", []string{"viridis", "cividis"}, func(s *viewState) *string { return (*string)(&s.Palette) }),
	}
}

// descentIDs are the optimizers that run on the picture: gradient descent on f and on f̂_δ, SGD, explicit and implicit graduated optimization.
var descentIDs = []string{"gd", "smoothed", "sgd", "explicit", "implicit"}

// hideable are the parts of the page that a link can hide or lock.
var hideable = []struct{ id, name string }{
	{"eta", "learning rate"}, {"b", "batch size"}, {"c", "gradient spread"}, {"delta", "δ and its formula"}, {"function", "function"}, {"kernel", "kernel"},
	{"record", "links, figure, table"}, {"lessons", "lessons"}, {"sentence", "count and sentence"}, {"tools", "tools under the picture"},
}

func hideableIDs() []string {
	var ids []string
	for _, part := range hideable {
		ids = append(ids, part.id)
	}
	return ids
}

// slicePrefix marks the id of a slice of a network.
const slicePrefix = "slice:"

var (
	functionID = regexp.MustCompile(`^(slice:)?[\w-]{1,64}$`)
	decimal    = regexp.MustCompile(`^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$`) // what ParseFloat and the page's Number read alike
	fiveDigits = regexp.MustCompile(`^\d{1,5}$`)
)

// functionIDs are the values of the key f: the closed forms, then the slices that ship with the program.
func functionIDs() []string {
	var ids []string
	for _, o := range landscape.Explored() {
		ids = append(ids, o.ID)
	}
	for _, s := range shippedSlices() {
		ids = append(ids, slicePrefix+s.ID)
	}
	return ids
}

func numberKey(name, usage string, lo, hi float64, field func(*viewState) *float64) viewKey {
	return viewKey{name, usage, func(s *viewState, text string) *fault {
		text = strings.TrimSpace(text)
		v, err := strconv.ParseFloat(text, 64)
		if err != nil || !decimal.MatchString(text) || !(v >= lo && v <= hi) { // refuses NaN, too
			return &fault{Expected: fmt.Sprintf("a number from %.4g to %.4g", lo, hi), Found: quoted(text)}
		}
		*field(s) = v
		return nil
	}, func(s viewState) string { return strconv.FormatFloat(*field(&s), 'g', 6, 64) }}
}

func wholeKey(name, usage string, lo, hi float64, field func(*viewState) *float64) viewKey {
	key := numberKey(name, usage, lo, hi, field)
	return viewKey{name, usage, func(s *viewState, text string) *fault {
		if !fiveDigits.MatchString(text) || key.read(s, text) != nil {
			return &fault{Expected: fmt.Sprintf("a whole number from %.0f to %.0f", lo, hi), Found: quoted(text)}
		}
		return nil
	}, key.write}
}

func wordKey(name, usage string, words []string, field func(*viewState) *string) viewKey {
	return viewKey{name, usage, func(s *viewState, text string) *fault {
		if !slices.Contains(words, text) {
			return &fault{Expected: "one of " + strings.Join(words, ", "), Found: quoted(text)}
		}
		*field(s) = text
		return nil
	}, func(s viewState) string { return *field(&s) }}
}

func listKey(name, usage string, words []string, field func(*viewState) *string) viewKey {
	usage += ", joined by commas: " + strings.Join(words, ", ")
	return viewKey{name, usage, func(s *viewState, text string) *fault {
		for _, word := range strings.Split(text, ",") {
			if text != "" && !slices.Contains(words, word) {
				return &fault{Expected: "some of " + strings.Join(words, ", ") + ", joined by commas", Found: quoted(word)}
			}
		}
		*field(s) = text
		return nil
	}, func(s viewState) string { return *field(&s) }}
}

func flagKey(name, usage string, field func(*viewState) *bool) viewKey {
	return viewKey{name, usage, func(s *viewState, text string) *fault {
		if text != "0" && text != "1" {
			return &fault{Expected: "0 or 1", Found: quoted(text)}
		}
		*field(s) = text == "1"
		return nil
	}, func(s viewState) string {
		if *field(&s) {
			return "1"
		}
		return "0"
	}}
}

// parseView reads the query of a link. The state is what was understood; the error holds a *fault for each key that was not, and for a
// kernel under which f̂ does not exist. Unknown keys are ignored, so that links may carry what other programs add.
func parseView(query string) (viewState, error) {
	state := defaultView()
	if len(query) > maxQueryBytes {
		return state, &fault{Doing: "reading the link", Expected: fmt.Sprintf("at most %d bytes", maxQueryBytes), Found: fmt.Sprint(len(query)), Advice: "Copy the link again from the page."}
	}
	values, err := url.ParseQuery(query)
	if err != nil {
		return state, &fault{Doing: "reading the link", Expected: "key=value pairs joined by &", Found: quoted(query), Advice: "Copy the link again from the page."}
	}
	if v := values.Get("v"); v != "" {
		if n, err := strconv.Atoi(v); err != nil || n < 1 || n > linkVersion {
			advice := "Copy the link again from the page."
			if n > linkVersion {
				advice = "It was made by a newer Smoothscape: open it there, or update this one."
			}
			return state, &fault{Field: "v", Doing: "reading the link", Expected: fmt.Sprintf("a link of version %d", linkVersion), Found: "version " + quoted(v), Advice: advice}
		}
	}
	var errs []error
	first, function := true, true // no key of ours yet; no f that could not be read
	for _, key := range viewKeys() {
		texts, ok := values[key.name]
		if !ok {
			continue
		}
		first = false
		if f := key.read(&state, texts[0]); f != nil {
			f.Field, f.Doing, f.Advice = key.name, "reading "+key.name+" ("+key.usage+") of the link", "Change it, or leave it out for "+key.write(defaultView())+"."
			errs = append(errs, f)
			function = function && key.name != "f"
		}
	}
	if first {
		state.Split = true // the bare page opens on both
	}
	if f := state.hasVariables(); f != nil {
		if function {
			errs = append(errs, f)
		}
		state.Dim = defaultView().Dim
	}
	if err := state.exists(); err != nil {
		if function { // else it is the default's, which nobody asked for
			errs = append(errs, err)
		}
		state.Kernel.Law = landscape.Gaussian
	}
	return state, errors.Join(errs...)
}

// hasVariables refuses a number of variables that a closed form cannot have. What a network has of them, its slice knows.
func (s viewState) hasVariables() *fault {
	if strings.HasPrefix(s.Function, slicePrefix) {
		return nil
	}
	if _, ok := landscape.ObjectiveByID(s.Function, int(s.Dim)); ok {
		return nil
	}
	return &fault{Field: "dim", Doing: "reading dim (number of variables of a closed form) of the link", Expected: "2 for " + s.Function, Found: fmt.Sprint(s.Dim), Advice: "Leave it out, or take another function."}
}

// networkGrowth is the least growth order that the loss of a network of several layers has: it outgrows every |x|^α with α < 2.
const networkGrowth = 2.0

// exists refuses a kernel under which f̂ does not exist.
func (s viewState) exists() error {
	growth := networkGrowth
	if o, ok := landscape.ObjectiveByID(s.Function, int(s.Dim)); ok {
		growth = o.Growth
	}
	if err := s.Kernel.Exists(growth); err != nil {
		return &fault{
			Field: "kernel", Doing: "smoothing " + s.Function + " with the α-stable kernel", Expected: fmt.Sprintf("a function that grows slower than |x|^%g", s.Kernel.Alpha),
			Found: fmt.Sprintf("one that grows as |x|^%g, whose smoothed value is infinite", growth), Advice: "Take the Gaussian kernel, or Ackley, Drop-Wave or Schwefel.",
		}
	}
	return nil
}

// query writes the shortest link that says the same.
func (s viewState) query() string {
	var parts []string
	otherwise := defaultView()
	for _, key := range viewKeys() {
		text := key.write(s)
		if text == key.write(otherwise) || key.name == "alpha" && s.Kernel.Law != landscape.Stable {
			continue
		}
		parts = append(parts, key.name+"="+strings.NewReplacer("%3A", ":", "%2C", ",").Replace(url.QueryEscape(text)))
	}
	switch query := strings.Join(parts, "&"); query {
	case "split=1":
		return ""
	case "":
		return "split=0"
	default:
		return query
	}
}

// degree is δ of the state.
func (s viewState) degree() float64 {
	return landscape.Degree(s.Kernel, s.LearningRate, s.BatchSize, s.GradStdDev)
}

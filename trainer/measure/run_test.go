package measure

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
)

// everything asks for all groups, at a size for tests.
func everything() Request {
	r := DefaultRequest()
	r.What = Kinds()
	r.Images, r.BatchSize, r.Samples, r.Pairs, r.NoiseBatches, r.Coordinates = 140, 20, 60, 8, 20, 30
	r.Momentum, r.Perturbations, r.LanczosSteps, r.TraceVectors, r.DensityRuns, r.CurvedImages = 0.9, 3, 8, 4, 2, 4
	return r
}

func mlpSubject(t testing.TB) Subject {
	rng := newRand(1)
	set := pictures(160, 3, tiny, rng)
	return OnModel(built(t, tinySpec("mlp", 3), rng), set, set.Train).Subject()
}

func TestRunMeasuresWhatIsAsked(t *testing.T) {
	subject := mlpSubject(t)
	last, total := 0, 0
	whole, err := Run(t.Context(), everything(), subject, func(p Progress) {
		if p.Done < last || p.Done > p.Total || total != 0 && p.Total != total {
			t.Fatalf("progress %+v after %d of %d", p, last, total)
		}
		last, total = p.Done, p.Total
	})
	if err != nil {
		t.Fatal(err)
	}
	if last != total || total == 0 {
		t.Errorf("progress ends at %d of %d", last, total)
	}
	names, groups := map[string]bool{}, map[Kind]bool{}
	for _, q := range whole.Quantities {
		if names[q.Name] || q.Name == "" || q.Title == "" || q.Definition == "" || q.Group.Title() == string(q.Group) {
			t.Errorf("quantity %+v", q)
		}
		names[q.Name], groups[q.Group] = true, true
		if v := float64(q.Value); math.IsInf(v, 0) || math.IsNaN(v) && q.Note == "" {
			t.Errorf("%s is %g without a note", q.Name, v)
		}
	}
	for _, s := range whole.Series {
		bars := 0
		if s.Kind == Histogram {
			bars = 1
		}
		if names[s.Name] || len(s.X) != len(s.Y)+bars || s.Title == "" || s.XTitle == "" || s.YTitle == "" || s.Definition == "" {
			t.Errorf("series %s: %d and %d", s.Name, len(s.X), len(s.Y))
		}
		names[s.Name] = true
	}
	for _, kind := range Kinds() {
		if !groups[kind] {
			t.Errorf("nothing of %s", kind)
		}
		// One group alone gives the numbers that it gives among all.
		r := everything()
		r.What = []Kind{kind}
		alone, err := Run(t.Context(), r, subject, nil)
		if err != nil {
			t.Fatalf("%s: %v", kind, err)
		}
		for _, q := range alone.Quantities {
			among, _ := whole.Quantity(q.Name)
			if q.Group != kind || fmt.Sprint(among.Value, value(among.StdErr)) != fmt.Sprint(q.Value, value(q.StdErr)) {
				t.Errorf("%s alone: %v, among all %v", q.Name, q.Value, among.Value)
			}
		}
	}
	// C by different roads agrees: four errors of the roughest.
	c, _ := whole.Quantity("gradStdDev")
	for _, name := range []string{"gradStdDevTwoBatch", "gradStdDevHalfBatch", "gradStdDevNoise"} {
		q, ok := whole.Quantity(name)
		if !ok || math.Abs(float64(q.Value-c.Value)) > 4*(float64(*q.StdErr)+float64(*c.StdErr)) {
			t.Errorf("%s = %v ± %v, C = %v", name, q.Value, value(q.StdErr), c.Value)
		}
	}
	joined := strings.Join(whole.Warnings, "\n")
	for _, want := range []string{TailWarning, "140 of the 160", "more than 5 %"} {
		if !strings.Contains(joined, want) {
			t.Errorf("no warning %q in %q", want, joined)
		}
	}
}

func value(x *Number) float64 {
	if x == nil {
		return math.NaN()
	}
	return float64(*x)
}

// A report goes through JSON unharmed, whatever it holds.
func TestReportSurvivesJSON(t *testing.T) {
	nan := Number(math.NaN())
	r := Report{Request: everything(), Quantities: []Quantity{{Group: Spread, Name: "a", Value: nan, StdErr: &nan}, {Value: Number(math.Inf(1))}, {Value: Number(math.Inf(-1))}, {Value: 1.5}},
		Series: []Series{{Kind: Curve, X: []Number{1, nan}, Y: []Number{0, 2}}}}
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var back Report
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(back)
	if err != nil || !bytes.Equal(text, again) {
		t.Errorf("%s became %s (%v)", text, again, err)
	}
	if !reflect.DeepEqual(back.Request, r.Request) || !math.IsNaN(float64(back.Quantities[0].Value)) || back.Quantities[3].Value != 1.5 {
		t.Errorf("got %+v", back)
	}
}

func TestRequestIsCheckedFieldByField(t *testing.T) {
	for name, test := range map[string]struct {
		edit  func(*Request)
		n     int
		field string // "" for none
	}{
		"the default":                 {func(*Request) {}, 8000, ""},
		"everything":                  {func(r *Request) { *r = everything() }, 160, ""},
		"nothing asked":               {func(r *Request) { r.What = nil }, 160, "what"},
		"an unknown group":            {func(r *Request) { r.What = []Kind{"flatness"} }, 160, "what"},
		"a group twice":               {func(r *Request) { r.What = []Kind{Noise, Noise} }, 160, "what"},
		"more images than are":        {func(r *Request) { r.Images = 161 }, 160, "images"},
		"one image":                   {func(r *Request) { r.Images = 1 }, 160, "images"},
		"a training set of one":       {func(r *Request) { r.Images = 0 }, 1, "images"},
		"no learning rate":            {func(r *Request) { r.LearningRate = 0 }, 160, "learningRate"},
		"a rate that is no number":    {func(r *Request) { r.LearningRate = math.NaN() }, 160, "learningRate"},
		"momentum 1":                  {func(r *Request) { r.Momentum = 1 }, 160, "momentum"},
		"order 1":                     {func(r *Request) { r.MomentOrder = 1 }, 160, "momentOrder"},
		"batch 0":                     {func(r *Request) { r.BatchSize = 0 }, 160, "batchSize"},
		"a batch beyond the images":   {func(r *Request) { r.BatchSize = 141 }, 160, "batchSize"},
		"few noise batches":           {func(r *Request) { r.NoiseBatches = 3 }, 160, "noiseBatches"},
		"too much noise kept":         {func(r *Request) { r.NoiseBatches, r.Coordinates = 1_000_000, 1000 }, 160, "coordinates"},
		"radius 0":                    {func(r *Request) { r.Radius = 0 }, 160, "radius"},
		"infinite radius":             {func(r *Request) { r.AdaptiveRadius = math.Inf(1) }, 160, "adaptiveRadius"},
		"no iterations":               {func(r *Request) { r.Iterations = 0 }, 160, "iterations"},
		"no perturbations":            {func(r *Request) { r.Perturbations = 0 }, 160, "perturbations"},
		"epsilon below 0":             {func(r *Request) { r.KeskarEpsilon = -1 }, 160, "keskarEpsilon"},
		"more eigenvalues than steps": {func(r *Request) { r.Eigenvalues = 9 }, 160, "eigenvalues"},
		"a mistyped number of steps":  {func(r *Request) { r.LanczosSteps = 30_000 }, 160, "lanczosSteps"},
		"one trace vector":            {func(r *Request) { r.TraceVectors = 1 }, 160, "traceVectors"},
		"no density run":              {func(r *Request) { r.DensityRuns = 0 }, 160, "densityRuns"},
		"one curved image":            {func(r *Request) { r.CurvedImages = 1 }, 160, "curvedImages"},
		"one sample":                  {func(r *Request) { r.Samples = 1 }, 160, "samples"},
		"one pair":                    {func(r *Request) { r.Pairs = 1 }, 160, "pairs"},
	} {
		r := everything()
		if name == "the default" {
			r = DefaultRequest()
		}
		test.edit(&r)
		err := r.Validate(test.n)
		if test.field == "" {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		var field *FieldError
		if !errors.As(err, &field) || field.Field != test.field || field.Advice == "" || !strings.Contains(err.Error(), "expected") {
			t.Errorf("%s: got %v, want an error of %s", name, err, test.field)
		}
	}
	// What is not asked for is not looked at.
	r := everything()
	r.What, r.Radius, r.LearningRate = []Kind{Keskar}, 0, 0
	if err := r.Validate(160); err != nil {
		t.Error(err)
	}
}

// Whoever stops Run keeps the groups that were finished.
func TestRunStopsAndKeepsWhatItHas(t *testing.T) {
	subject := mlpSubject(t)
	ctx, cancel := context.WithCancel(t.Context())
	report, err := Run(ctx, everything(), subject, func(p Progress) {
		if p.Group == Sharpness {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), string(Sharpness)) || report == nil {
		t.Fatalf("got %v, %v", report, err)
	}
	if _, ok := report.Quantity("noiseLevel"); !ok {
		t.Error("what was finished is lost")
	}
	if _, ok := report.Quantity("worstSharpness"); ok {
		t.Error("a group is half reported")
	}
	if _, err := Run(t.Context(), Request{}, subject, nil); err == nil {
		t.Error("an empty request was measured")
	}
	subject.Precise = nil
	if _, err := Run(t.Context(), everything(), subject, nil); !errors.Is(err, ErrArgument) {
		t.Errorf("double precision without gradients: %v", err)
	}
}

// A diverged network gives numbers that are not finite, no panic and no broken JSON.
func TestRunOfADivergedNetwork(t *testing.T) {
	subject := mlpSubject(t)
	for _, poison := range []float32{float32(math.NaN()), float32(math.Inf(1)), 1e30} {
		params := append([]float32{}, subject.Params...)
		for i := range params {
			params[i] = poison
		}
		sick := subject
		sick.Params = params
		for _, kind := range Kinds() {
			r := everything()
			r.What = []Kind{kind}
			report, err := Run(t.Context(), r, sick, nil)
			if report == nil {
				t.Fatalf("%g, %s: %v", poison, kind, err)
			}
			if _, err := json.Marshal(report); err != nil {
				t.Errorf("%g, %s: %v", poison, kind, err)
			}
		}
	}
}

func FuzzNumber(f *testing.F) {
	for _, seed := range []string{`1.5`, `"NaN"`, `"Infinity"`, `"-Infinity"`, `null`, `{}`, `1e999`, `"x"`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var x Number
		if x.UnmarshalJSON(text) != nil {
			return
		}
		again, err := json.Marshal(x)
		if err != nil {
			t.Fatalf("%q became %g, which %v", text, float64(x), err)
		}
		var back Number
		if err := json.Unmarshal(again, &back); err != nil || math.Float64bits(float64(back)) != math.Float64bits(float64(x)) && !math.IsNaN(float64(x)) {
			t.Fatalf("%q: %g became %g (%v)", text, float64(x), float64(back), err)
		}
	})
}

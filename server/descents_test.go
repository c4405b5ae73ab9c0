package main

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"smoothscape/landscape"
)

func descentsOf(t *testing.T, s *testServer, query string) DescentsView {
	t.Helper()
	got := s.send(t, "GET", "/api/descent?"+query, "", nil)
	if got.status != http.StatusOK {
		t.Fatalf("%s: status %d: %.300s", query, got.status, got.body)
	}
	var view DescentsView
	if err := json.Unmarshal([]byte(got.body), &view); err != nil {
		t.Fatal(err)
	}
	return view
}

func (v DescentsView) path(t *testing.T, id string) DescentPath {
	t.Helper()
	i := slices.IndexFunc(v.Paths, func(p DescentPath) bool { return p.ID == id })
	if i < 0 {
		t.Fatalf("no path %q", id)
	}
	return v.Paths[i]
}

// What is known of a few descents: where they end, and what is said of it.
func TestDescentsEndWhereTheyMust(t *testing.T) {
	slow(t)
	t.Parallel()
	s := newTestServer(t, &guard{}, "")
	tests := []struct {
		name, query, id string
		x, y, within    float64 // of the end; not checked where within is 0
		end, says       string
	}{
		{"gradient descent stays in the nearest valley", "f=rastrigin&eta=0.001&c=2800&paths=gd&x0=2.2&y0=0.1", "gd", 1.98991, 0, 1e-4, "finished", "ends in the local minimum at (1.99, 0.00), where f = 3.98"},
		{"on f̂ past convexity it ends in the middle", "f=rastrigin&eta=0.01&c=320&paths=smoothed&x0=2.2&y0=0.1", "smoothed", 0, 0, 1e-4, "finished", "ends in the global minimum"},
		{"with a curvature of 397 it overshoots from η = 2/397 on", "f=rastrigin&eta=0.0055&c=20&paths=gd&x0=0.05&y0=0", "gd", 0, 0, 0, "finished", "above 2/λ = 0.00504"},
		{"a quartic diverges", "f=himmelblau&eta=0.1&paths=gd&x0=3.1&y0=2.05", "gd", 0, 0, 0, "diverged", "diverges: after 4 steps"},
		{"SGD leaves the sharp minimum that GD keeps", "f=dent&eta=0.05&b=64&c=28&paths=gd,sgd&x0=1.05&y0=0.05", "gd", 0.967, 0, 2e-3, "finished", "local minimum at (0.97, 0.00)"},
		{"and wanders about the flat one", "f=dent&eta=0.05&b=64&c=28&paths=gd,sgd&x0=1.05&y0=0.05", "sgd", 0, 0, 1.5, "finished", "at the end in the valley of the global minimum"},
		{"implicit graduated optimization comes to rest there", "f=dent&eta=0.05&b=64&c=28&paths=implicit&x0=1.05&y0=0.05", "implicit", 0, 0, 0.1, "finished", "the global minimum"},
		{"explicit, too", "f=dent&eta=0.05&b=64&c=28&paths=explicit&x0=1.05&y0=0.05", "explicit", 0, 0, 1e-3, "finished", "ends in the global minimum"},
		{"f̂ has its minimum elsewhere", "f=styblinski-tang&eta=0.01&b=16&c=720&paths=smoothed&x0=-3&y0=-3", "smoothed", -1.945, -1.945, 1e-2, "finished", "ends in a minimum of f̂ at (−1.94, −1.94)"},
		{"quadrature where there is no formula", "f=ackley&eta=0.02&b=16&c=120&paths=smoothed&x0=2.2&y0=1", "smoothed", 0, 0, 2e-3, "finished", "ends in the global minimum"},
		{"heavy tails are sampled", "f=ackley&kernel=stable&eta=0.02&b=16&c=100&paths=smoothed,sgd,explicit,implicit&x0=2.2&y0=1", "smoothed", 0, 0, 0.5, "finished", "f̂"},
		{"one of four", "f=himmelblau&eta=0.005&b=16&c=20&paths=gd&x0=3.2&y0=1.8", "gd", 3, 2, 1e-3, "finished", "the global minimum at (3.00, 2.00)"},
		{"downhill out of the picture", "f=schwefel&eta=10&b=1&c=30&paths=gd&x0=499&y0=499&seed=3", "gd", 0, 0, 0, "finished", ""},
	}
	for _, test := range tests {
		view := descentsOf(t, s, test.query)
		path := view.path(t, test.id)
		last := path.Points[len(path.Points)-1]
		if far := math.Hypot(last[0]-test.x, last[1]-test.y); test.within > 0 && far > test.within {
			t.Errorf("%s: ends at %v, %g from where it must", test.name, last, far)
		}
		if path.End != test.end || !strings.Contains(path.Sentence, test.says) {
			t.Errorf("%s: %s: %q, want %q", test.name, path.End, path.Sentence, test.says)
		}
		if path.End == "finished" && path.Steps != view.Steps || len(path.Points) != path.Steps+1 || len(path.F) != len(path.Points) {
			t.Errorf("%s: %d steps, %d points, %d values", test.name, path.Steps, len(path.Points), len(path.F))
		}
	}
}

// δ of each optimizer is what the formula and the schedules say, and its first learning rate the slider's.
func TestDescentsHaveOneLearningRate(t *testing.T) {
	t.Parallel()
	s := newTestServer(t, &guard{}, "")
	view := descentsOf(t, s, "f=rastrigin&eta=0.004&b=64&c=1000&paths=implicit,explicit,sgd,gd,smoothed,sgd&x0=1&y0=1")
	var ids []string
	for _, p := range view.Paths {
		ids = append(ids, p.ID)
		first, delta := p.Stages[0], 0.004*1000/8
		if p.ID == "gd" {
			delta = 0
		}
		if first.Step != 0 || first.LearningRate != 0.004 || math.Abs(first.NoiseLevel-delta) > 1e-6 {
			t.Errorf("%s begins with %+v", p.ID, first)
		}
		last := p.Stages[len(p.Stages)-1]
		want := map[string]DescentStage{
			"explicit": {1000, 0.004 * 0.01, 0, 0.005}, "implicit": {1000, 0.004 / math.Sqrt(51), 64 * 51, 0.5 / 51},
			"gd": {0, 0.004, 0, 0}, "smoothed": {0, 0.004, 0, 0.5}, "sgd": {0, 0.004, 64, 0.5},
		}[p.ID]
		if last.Step != want.Step || math.Abs(last.LearningRate-want.LearningRate) > 1e-8 || math.Abs(last.NoiseLevel-want.NoiseLevel) > 1e-6 || math.Abs(last.BatchSize-want.BatchSize) > 0.1 {
			t.Errorf("%s ends with %+v, want %+v", p.ID, last, want)
		}
	}
	if strings.Join(ids, ",") != "gd,smoothed,sgd,explicit,implicit" {
		t.Errorf("the paths are %v", ids)
	}
	if view.Calm < 0.001 || view.Calm > 2/397.0 {
		t.Errorf("a calm learning rate of Rastrigin is %g", view.Calm)
	}
	cut := descentsOf(t, s, "f=rastrigin&eta=0.1&b=1&c=28&paths=smoothed,sgd&x0=1&y0=1")
	if p := cut.path(t, "smoothed"); p.Stages[0].NoiseLevel != 0.9 || !strings.Contains(p.How, "0.9, the most that the picture draws") {
		t.Errorf("beyond the picture: %+v, %q", p.Stages, p.How)
	}
	if p := cut.path(t, "sgd"); p.Stages[0].NoiseLevel != 2.8 {
		t.Errorf("the noise of SGD was cut: %+v", p.Stages)
	}
}

// In d > 2 variables a path leaves the plane of the picture, and that far away it is said to be.
func TestDescentsLeaveThePlane(t *testing.T) {
	slow(t)
	t.Parallel()
	s := newTestServer(t, &guard{}, "")
	view := descentsOf(t, s, "f=rastrigin&dim=10&eta=0.001&b=16&c=400&paths=gd,sgd,explicit&x0=2.2&y0=0.1")
	if away := view.path(t, "gd").Away; away[0] != 0 || slices.Max(away) != 0 {
		t.Errorf("gradient descent leaves a plane of symmetry by %g", slices.Max(away))
	}
	// One step of noise has the length δ in all, of which √(8/10) is across the plane.
	if away := view.path(t, "sgd").Away; away[0] != 0 || away[1] < 0.02 || away[1] > 0.2 || len(away) != view.Steps+1 {
		t.Errorf("SGD with δ = 0.1 is %g away after a step, %d values", away[1], len(away))
	}
}

// queryAtRandom is a link with random good values, and sometimes a bad one.
func queryAtRandom(rng *rand.Rand) string {
	q := url.Values{}
	pick := func(of ...string) string { return of[rng.IntN(len(of))] }
	var ids []string
	for _, o := range landscape.Explored() {
		ids = append(ids, o.ID)
	}
	number := func(lo, hi float64) string { return strconv.FormatFloat(lo*math.Pow(hi/lo, rng.Float64()), 'g', 4, 64) }
	q.Set("f", pick(ids...))
	q.Set("paths", pick("gd", "sgd", "smoothed,sgd", "explicit", "implicit,gd", "gd,smoothed,sgd,explicit,implicit"))
	q.Set("eta", number(1e-5, 10))
	q.Set("c", number(1e-3, 1e5))
	q.Set("b", strconv.Itoa(1+rng.IntN(65536)))
	q.Set("kernel", pick("gaussian", "uniform", "gaussian", "stable"))
	q.Set("convention", pick("vector", "coordinate"))
	q.Set("seed", strconv.Itoa(rng.IntN(100000)))
	q.Set("dim", pick("2", "2", "2", "2", "3", "7", "200"))
	for _, key := range []string{"x0", "y0"} {
		q.Set(key, pick("0", "1e6", "-1e6", number(1e-3, 1e3), "-"+number(1e-3, 1e3)))
	}
	if rng.IntN(10) == 0 {
		q.Set(pick("eta", "x0", "paths", "dim", "f"), pick("", "NaN", "-1e400", "gd,,sgd", "slice:fashion-convnet", "1001"))
	}
	return q.Encode()
}

// Whatever is asked, the answer is a fault of the asker or finite numbers, and the same bytes from another server.
func TestDescentsAnswerAnything(t *testing.T) {
	slow(t)
	t.Parallel()
	rng := rand.New(rand.NewPCG(5, 2))
	one, other := newDescents(), newDescents()
	for range 60 {
		query := queryAtRandom(rng)
		state, err := parseView(query)
		if err != nil {
			continue
		}
		text, err := one.answer(t.Context(), state, false)
		again, errAgain := other.answer(t.Context(), state, false)
		if string(text) != string(again) || (err == nil) != (errAgain == nil) {
			t.Errorf("%s: two answers differ", query)
		}
		if err != nil {
			if len(faults(err)) == 0 {
				t.Errorf("%s: %v", query, err)
			}
			continue
		}
		var view DescentsView
		if err := json.Unmarshal(text, &view); err != nil {
			t.Errorf("%s: %v", query, err)
		}
		for _, p := range view.Paths {
			if len(p.Points) == 0 || len(p.Points) > 2000 || p.Sentence == "" || p.How == "" || strings.Contains(p.Sentence+p.How, "NaN") || strings.Contains(p.Sentence+p.How, "Inf") {
				t.Errorf("%s: %s has %d points: %q, %q", query, p.ID, len(p.Points), p.Sentence, p.How)
			}
		}
	}
}

// No query leads to a panic or to JSON that is none.
func FuzzDescentQuery(f *testing.F) {
	f.Add("f=rastrigin&paths=gd,sgd&x0=3.2&y0=2.1")
	f.Add("f=dent&paths=explicit&x0=1e6&eta=1e-5&dim=3&kernel=uniform")
	f.Add("f=slice:fashion-convnet&paths=gd")
	f.Add("paths=,")
	f.Fuzz(func(t *testing.T, query string) {
		state, err := parseView(query)
		if err != nil {
			return
		}
		state.Dim = min(state.Dim, 20)
		text, err := newDescents().answer(t.Context(), state, false)
		if err != nil && len(faults(err)) == 0 {
			t.Fatalf("%q: %v", query, err)
		}
		if err == nil && !json.Valid(text) {
			t.Fatalf("%q: no JSON", query)
		}
	})
}

func TestDescentsRefuse(t *testing.T) {
	t.Parallel()
	s := newTestServer(t, &guard{}, "")
	for _, test := range []struct{ query, field string }{
		{"f=slice:fashion-convnet&paths=gd", "f"}, {"f=rastrigin", "paths"}, {"paths=", "paths"}, {"paths=gd,adam", "paths"}, {"f=himmelblau&dim=3&paths=gd", "dim"},
		{"paths=gd&x0=NaN", "x0"}, {"paths=gd&eta=0", "eta"}, {"paths=gd&kernel=stable", "kernel"}, {"paths=gd&seed=-1", "seed"}, {"paths=gd&dim=1e9", "dim"},
	} {
		for _, route := range []string{"/api/descent?", "/api/descent/ensemble?"} {
			got := s.send(t, "GET", route+test.query, "", nil)
			if got.status != http.StatusBadRequest || !strings.Contains(got.body, `"field":"`+test.field+`"`) {
				t.Errorf("%s%s: status %d: %s", route, test.query, got.status, got.body)
			}
		}
	}
	// A third ensemble at once is refused, and the first two are not hurt; who has gone away is not waited for.
	ds := newDescents()
	for range ensemblesAtOnce {
		if err := ds.enter(t.Context(), true); err != nil {
			t.Fatal(err)
		}
	}
	state := defaultView()
	state.Paths = "gd"
	_, err := ds.answer(t.Context(), state, true)
	if known := faults(err); len(known) != 1 || known[0].status() != http.StatusTooManyRequests {
		t.Errorf("a third: %v", err)
	}
	ds.leave(true)
	if _, err := ds.answer(t.Context(), state, true); err != nil {
		t.Errorf("after one has left: %v", err)
	}
}

// The slope of what many who drag do: all get the same answer, and what is kept is bounded.
func TestDescentsAreKept(t *testing.T) {
	t.Parallel()
	ds := newDescents()
	state := defaultView()
	state.Function, state.Paths = "dent", "sgd,gd"
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if text, err := ds.answer(t.Context(), state, false); err != nil || len(text) < 1000 {
				t.Errorf("%d bytes, %v", len(text), err)
			}
		})
	}
	group.Wait()
	state.Kernel.Alpha, state.Yaw, state.Step, state.Paths = 1.7, 1, 40, "gd,sgd" // mean nothing to the paths
	if _, err := ds.answer(t.Context(), state, false); err != nil || len(ds.kept) != 1 {
		t.Errorf("%d answers are kept, %v", len(ds.kept), err)
	}
	for i := range 2 * mostDescents {
		ds.keep(descentQuery{function: strconv.Itoa(i)}, nil)
	}
	if len(ds.kept) != mostDescents {
		t.Errorf("%d are kept, want %d", len(ds.kept), mostDescents)
	}
}

// On the dent, gradient descent ends in the flat minimum from everywhere but the sharp valley, on f̂ from everywhere; of 100 starts
// with the same seed exactly the same.
func TestDescentEnsembles(t *testing.T) {
	t.Parallel()
	s := newTestServer(t, &guard{}, "")
	ask := func(query string) (DescentEnsembleView, string) {
		got := s.send(t, "GET", "/api/descent/ensemble?"+query, "", nil)
		var view DescentEnsembleView
		if err := json.Unmarshal([]byte(got.body), &view); err != nil || got.status != http.StatusOK {
			t.Fatalf("%s: status %d, %v: %.300s", query, got.status, err, got.body)
		}
		return view, got.body
	}
	view, text := ask("f=dent&eta=0.05&b=64&c=28&paths=gd,smoothed,sgd,implicit&seed=7")
	gd, smoothed, implicit := view.Methods[0], view.Methods[1], view.Methods[3]
	if view.Runs != 100 || gd.Global.Successes < 88 || gd.Global.Successes == 100 || smoothed.Global.Successes != 100 || smoothed.Arrived.Successes != 100 || implicit.Global.Successes < gd.Global.Successes {
		t.Errorf("of %d: %+v", view.Runs, view.Methods)
	}
	if gd.Global.Lo >= gd.Global.Rate || gd.Global.Hi <= gd.Global.Rate || !strings.Contains(gd.Sentence, "95 % interval") {
		t.Errorf("%+v", gd)
	}
	if _, again := ask("f=dent&eta=0.05&b=64&c=28&paths=smoothed,gd,sgd,implicit&seed=7&x0=1"); again != text {
		t.Error("the same seed gave other numbers")
	}
	if many, _ := ask("f=rastrigin&dim=500&eta=0.001&paths=gd"); many.Runs != 20 {
		t.Errorf("%d runs in 500 dimensions", many.Runs)
	}
}

// What a request for all five costs at half of the picture's δ.
func BenchmarkDescents(b *testing.B) {
	for _, ensemble := range []bool{false, true} {
		for _, o := range landscape.Explored() {
			for _, law := range []landscape.Law{landscape.Gaussian, landscape.Uniform} {
				state := defaultView()
				state.Function, state.Paths, state.Kernel.Law, state.LearningRate = o.ID, strings.Join(descentIDs, ","), law, calmRate(o)
				state.GradStdDev, state.StartX, state.StartY = 2*o.DeltaMax/state.LearningRate, 0.6*o.Hi, 0.4*o.Hi
				name := map[bool]string{false: "paths/", true: "ensemble/"}[ensemble] + o.ID + "/" + string(law)
				b.Run(name, func(b *testing.B) {
					for b.Loop() {
						text, err := newDescents().answer(b.Context(), state, ensemble)
						if err != nil {
							b.Fatal(err)
						}
						b.ReportMetric(float64(len(text)), "bytes")
					}
				})
			}
		}
	}
}

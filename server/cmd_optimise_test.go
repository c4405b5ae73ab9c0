package main

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"
)

// optimisedBy runs optimise and reads what it wrote.
func optimisedBy(t *testing.T, args ...string) optimised {
	t.Helper()
	out, log, code := shell(t, t.Context(), append([]string{"optimise", "--json"}, args...)...)
	if code != 0 {
		t.Fatalf("exit code %d: %s", code, log)
	}
	var result optimised
	if err := json.Unmarshal([]byte(out), &result); err != nil {
		t.Fatalf("%v: %.200q", err, out)
	}
	return result
}

// Gradient descent from one place ends in the minimum of its valley; on f̂ it passes over the valley's wall.
func TestOptimiseFromOnePlace(t *testing.T) {
	slow(t)
	t.Parallel()
	from := []string{"--runs", "1", "--start", "2.2,0.1", "--eta", "0.001", "--keep", "50"}
	plain := optimisedBy(t, append(from, "--method", "gd", "--steps", "2000")...)
	if plain.Path == nil || plain.Outcome != nil || len(plain.Path.Points) > 50 || plain.Path.Last().Step != 2000 {
		t.Fatalf("got %+v", plain)
	}
	if x := plain.Path.Last().X; math.Abs(x[0]-1.99) > 0.01 || math.Abs(x[1]) > 1e-3 {
		t.Errorf("descent on f ends at %v, want (1.99, 0)", x)
	}
	smooth := optimisedBy(t, append(from, "--method", "smoothed", "--convention", "coordinate", "--delta", "0.6", "--steps", "5000")...)
	if x := smooth.Path.Last().X; math.Hypot(x[0], x[1]) > 1e-3 || smooth.Path.SmoothedBy != "closed form" {
		t.Errorf("descent on f̂ (%s) ends at %v, want the origin", smooth.Path.SmoothedBy, x)
	}
}

// Explicit graduated optimization with the authors' constants arrives under their convention, and not under the paper's.
func TestOptimiseExplicitly(t *testing.T) {
	t.Parallel()
	slow(t)
	for _, c := range []struct {
		convention string
		arrives    bool
	}{{"coordinate", true}, {"vector", false}} {
		r := optimisedBy(t, "--dim", "50", "--method", "explicit", "--convention", c.convention, "--runs", "2")
		if r.Dim != 50 || r.Outcome == nil || r.Outcome.Success == nil || (r.Outcome.Success.Successes == 2) != c.arrives || len(r.Method.Stages) != 51 {
			t.Errorf("%s: %+v", c.convention, r.Outcome)
		}
	}
}

// The result is one of the seeds alone.
func TestOptimiseIsRepeatable(t *testing.T) {
	slow(t)
	t.Parallel()
	args := []string{"--method", "implicit", "--schedule", "polynomial", "--power", "0.5", "--stages", "10", "--stage-steps", "20", "--spread", "30", "--runs", "20", "--seed", "7"}
	one := optimisedBy(t, append(args, "--workers", "1")...)
	four := optimisedBy(t, append(args, "--workers", "4")...)
	if !reflect.DeepEqual(one, four) {
		t.Error("four workers give another result than one")
	}
	if len(one.Method.Stages) != 10 || one.Method.Stages[0].Steps != 20 || one.Method.GradStdDev != 30 {
		t.Errorf("the method is %+v", one.Method)
	}
	other := optimisedBy(t, append(args, "--seed", "8")...)
	if reflect.DeepEqual(one.Outcome.Finals, other.Outcome.Finals) {
		t.Error("another seed gives the same runs")
	}
}

func TestOptimiseForAReader(t *testing.T) {
	slow(t)
	t.Parallel()
	out, log, code := shell(t, t.Context(), "optimize", "--function", "himmelblau", "--runs", "50", "--steps", "500")
	if code != 0 || !strings.Contains(out, "Himmelblau, d = 2: 50 runs of 500 steps") || !strings.Contains(out, "95 % interval") || !strings.Contains(out, "ended in     (3, 2)") {
		t.Errorf("exit code %d, %q, %q", code, out, log)
	}
	out, log, code = shell(t, t.Context(), "optimise", "--runs", "1", "--method", "sgd", "--eta", "1e6", "--steps", "100")
	if code != 0 || !strings.Contains(out, "Diverged") {
		t.Errorf("a run that diverges: exit code %d, %q, %q", code, out, log)
	}
}

func TestOptimiseRefusals(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ args, says string }{
		"no method":                  {"--method newton", "explicit"},
		"no schedule":                {"--method implicit --schedule cosine", "hybrid"},
		"a negative rate":            {"--eta -1", "learning"},
		"a batch of none":            {"--method sgd --batch 0", "batch"},
		"no steps":                   {"--steps 0", "steps"},
		"no runs":                    {"--runs 0", "runs"},
		"momentum of one":            {"--momentum 1", "momentum"},
		"a place of one number":      {"--start 3", "2 numbers"},
		"a place that is no number":  {"--start 3,x", "finite numbers"},
		"f̂ that is not there":       {"--method smoothed --kernel stable --alpha 1.5", "infinite"},
		"a function without so many": {"--function himmelblau --dim 5", "5 variables"},
		"words":                      {"fast", "no more words"},
	} {
		_, log, code := shell(t, t.Context(), append([]string{"optimise"}, strings.Fields(c.args)...)...)
		if code != 2 || !strings.Contains(log, c.says) {
			t.Errorf("%s: exit code %d, %q, want %q in it", name, code, log, c.says)
		}
	}
}

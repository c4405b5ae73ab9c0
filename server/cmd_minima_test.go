package main

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// treeOf runs minima and reads what it wrote.
func treeOf(t *testing.T, args ...string) familyTree {
	t.Helper()
	out, log, code := shell(t, t.Context(), append([]string{"minima", "--json"}, args...)...)
	if code != 0 {
		t.Fatalf("exit code %d: %s", code, log)
	}
	var tree familyTree
	if err := json.Unmarshal([]byte(out), &tree); err != nil {
		t.Fatalf("%v: %.200q", err, out)
	}
	return tree
}

// The deaths that the closed form of Rastrigin gives, and the δ at which it becomes convex: once from the closed form, once from a grid.
func TestMinimaOfRastrigin(t *testing.T) {
	t.Parallel()
	slow(t)
	deaths := []float64{0.436352, 0.382758, 0.351397, 0.328219, 0.309411} // of the ring |x| ≈ k
	for _, c := range []struct {
		source    string
		args      []string
		tolerance float64
	}{{"closed form", nil, 1e-5}, {"grid", []string{"--grid", "--nodes", "101"}, 0.01}} {
		tree := treeOf(t, append([]string{"--convention", "coordinate"}, c.args...)...)
		if tree.Source != c.source || len(tree.Tree.Branches) != 121 || len(tree.Tree.Alive(0)) != 121 {
			t.Fatalf("%s: source %q, %d branches", c.source, tree.Source, len(tree.Tree.Branches))
		}
		for _, b := range tree.Tree.Branches {
			ring := int(math.Round(max(math.Abs(b.Points[0].X[0]), math.Abs(b.Points[0].X[1]))))
			switch {
			case ring == 0 && b.Died != nil:
				t.Errorf("%s: the minimum at the origin died at δ = %g", c.source, *b.Died)
			case ring > 0 && (b.Died == nil || math.Abs(*b.Died/deaths[ring-1]-1) > c.tolerance):
				t.Errorf("%s: the minimum at %v died at %v, want %g", c.source, b.Points[0].X, b.Died, deaths[ring-1])
			}
		}
		if tree.Convex == nil || math.Abs(*tree.Convex/0.517447-1) > c.tolerance {
			t.Errorf("%s: convex from %v on, want 0.517447", c.source, tree.Convex)
		}
	}
}

func TestMinimaForAReader(t *testing.T) {
	slow(t)
	t.Parallel()
	file := filepath.Join(t.TempDir(), "tree.json")
	out, log, code := shell(t, t.Context(), "minima", "--function", "dent", "--dim", "1", "--convention", "coordinate", "-o", file)
	if code != 0 || !strings.Contains(out, "2 minima at first, 1 at last") || !strings.Contains(out, "0.107174") || !strings.Contains(out, "convex on the domain from δ = 0.215") {
		t.Errorf("exit code %d, %q, %q", code, out, log)
	}
	text, err := os.ReadFile(file)
	if err != nil || !json.Valid(text) {
		t.Errorf("the file: %v, %.100q", err, text)
	}
}

// A formula with the wells of a closed form in the catalogue has its tree: half the bowl and the dent, in two variables.
func TestMinimaOfAFormula(t *testing.T) {
	slow(t)
	t.Parallel()
	tree := treeOf(t, "--formula", "(x^2+y^2)/2 - 0.3*exp(-50*((x-1)^2+y^2))", "--lo", "-1.5", "--hi", "1.5", "--convention", "coordinate", "--nodes", "129", "--convex=false")
	if len(tree.Tree.Branches) != 2 || tree.Source != "grid" || tree.Convex != nil {
		t.Fatalf("%d branches from a %s", len(tree.Tree.Branches), tree.Source)
	}
	if died := tree.Tree.Branches[1].Died; died == nil || math.Abs(*died/0.0801-1) > 0.01 {
		t.Errorf("the dent dies at %v, want 0.080", died)
	}
}

// In one variable a formula is smoothed by quadrature: the dent once more, with the numbers of its closed form.
func TestMinimaOfAFormulaInOneVariable(t *testing.T) {
	t.Parallel()
	slow(t)
	tree := treeOf(t, "--formula", "x^2/2 - 0.3*exp(-50*(x-1)^2)", "--lo", "-1.5", "--hi", "1.5", "--convention", "coordinate")
	if len(tree.Tree.Branches) != 2 || tree.Source != "quadrature" || tree.Convex == nil {
		t.Fatalf("%d branches by %s, convex from %v on", len(tree.Tree.Branches), tree.Source, tree.Convex)
	}
	if died := tree.Tree.Branches[1].Died; died == nil || math.Abs(*died-0.107174) > 1e-5 || math.Abs(*tree.Convex-0.215365) > 1e-5 {
		t.Errorf("the dent dies at %v, convex from %v on; want 0.107174 and 0.215365", died, *tree.Convex)
	}
}

func TestMinimaOfASlice(t *testing.T) {
	t.Parallel()
	slow(t)
	slice, _ := sliceOf(t, trained(t), "--level", "1", "--images", "16", "--lift=false")
	text, err := json.Marshal(slice)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "slice.json")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	tree := treeOf(t, "--slice", file, "--nodes", "49")
	if tree.Source != "grid" || tree.Kernel.Dim != 2 || len(tree.Tree.Deltas) < 4 || tree.Tree.Deltas[0] != 0 {
		t.Errorf("got source %q, kernel %+v, δ %v", tree.Source, tree.Kernel, tree.Tree.Deltas)
	}
}

func TestMinimaRefusals(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ args, says string }{
		"no such function":                {"--function rastrogin", "rastrogin"},
		"no mean under heavy tails":       {"--kernel stable --alpha 1.5", "infinite"},
		"a tail index of two":             {"--kernel stable --alpha 2", "1 < α < 2"},
		"no kernel":                       {"--kernel box", "box"},
		"a formula and a function":        {"--formula x --function dent", "both"},
		"a formula with a stray sign":     {"--formula x+*2", "column"},
		"a domain that ends before it is": {"--formula x^2+y^2 --lo 5 --hi -5", "expected"},
		"a domain without a formula":      {"--lo 5", "--formula"},
		"no variables":                    {"--dim 0", "1 to"},
		"too many for a grid":             {"--function ackley --dim 3", "found 3"},
		"no δ":                            {"--delta-max 0", "above 0"},
		"too few nodes":                   {"--grid --nodes 3", "nodes"},
		"a file that is not there":        {"--slice nowhere.json", "nowhere.json"},
		"no levels":                       {"--levels 1", "1"},
		"a folder that is not there":      {"-o nowhere/tree.json", "folder"},
		"words":                           {"rastrigin", "no more words"},
	} {
		_, log, code := shell(t, t.Context(), append([]string{"minima"}, strings.Fields(c.args)...)...)
		if code != 2 || !strings.Contains(log, c.says) {
			t.Errorf("%s: exit code %d, %q, want %q in it", name, code, log, c.says)
		}
	}
}

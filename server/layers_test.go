package main

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// goPackage is what `go list -json` tells about one.
type goPackage struct {
	ImportPath string
	Standard   bool
	Imports    []string
	Deps       []string // imports, and theirs
	Module     *struct{ Path string }
}

// layer is what the packages under a path may know.
type layer struct {
	path    string
	modules []string // modules whose packages it may import itself, besides the standard library and its own tree
	never   []string // packages that must not be among its imports or theirs
}

// Import directions: server knows everybody; landscape and trainer are siblings, web knows templ alone, static
// nothing. web is left out of the rule about net/http: templ brings it in.
func TestImportDirections(t *testing.T) {
	const own = "smoothscape/"
	layers := []layer{
		{"landscape", []string{"gonum.org/v1/gonum", "gonum.org/v1/plot", "golang.org/x/image", "github.com/expr-lang/expr"}, []string{own + "trainer", own + "server", own + "web", own + "static", "net/http"}},
		{"trainer", []string{"gorgonia.org/gorgonia", "gorgonia.org/tensor", "go4.org/unsafe/assume-no-moving-gc", "gonum.org/v1/gonum", "golang.org/x/sys", "github.com/gogpu/wgpu", "github.com/gogpu/gputypes"}, []string{own + "landscape", own + "server", own + "web", own + "static", "net/http"}},
		{"web", []string{"github.com/a-h/templ"}, []string{own + "landscape", own + "trainer", own + "server", own + "static"}},
		{"static", nil, []string{own + "landscape", own + "trainer", own + "server", own + "web", "net/http"}},
	}
	packages := goList(t)
	for _, l := range layers {
		found := 0
		for _, p := range packages {
			if !under(p.ImportPath, own+l.path) || p.ImportPath == own+"static/browsertest" { // for tests alone: see below
				continue
			}
			found++
			for _, problem := range l.problems(p, packages) {
				t.Errorf("%s %s", p.ImportPath, problem)
			}
		}
		if found == 0 {
			t.Errorf("no package %s: the test looks in the wrong place", own+l.path)
		}
	}
}

// What drives a browser is for tests: the program does not hold it.
func TestTheProgramHoldsNoBrowserDriver(t *testing.T) {
	for _, path := range goList(t)["smoothscape/server"].Deps {
		if under(path, "smoothscape/static/browsertest") || under(path, "github.com/chromedp/chromedp") || path == "testing" {
			t.Errorf("the program knows %s", path)
		}
	}
}

// The test of directions would see a wrong import.
func TestAWrongImportIsSeen(t *testing.T) {
	packages := goList(t)
	innocent := layer{"server", nil, []string{"smoothscape/landscape", "net/http"}}
	problems := strings.Join(innocent.problems(packages["smoothscape/server"], packages), "\n")
	for _, want := range []string{"net/http", "smoothscape/landscape", "github.com/spf13/cobra"} {
		if !strings.Contains(problems, want) {
			t.Errorf("an import of %s is not seen in: %s", want, problems)
		}
	}
}

// problems says what a package knows that its layer may not.
func (l layer) problems(p goPackage, all map[string]goPackage) []string {
	var problems []string
	for _, path := range p.Imports {
		imported := all[path]
		module := ""
		if imported.Module != nil {
			module = imported.Module.Path
		}
		if !imported.Standard && module != "smoothscape" && !slices.Contains(l.modules, module) {
			problems = append(problems, "imports "+path)
		}
	}
	for _, path := range p.Deps {
		for _, banned := range l.never {
			if under(path, banned) {
				problems = append(problems, "knows "+path)
			}
		}
	}
	return problems
}

func under(path, folder string) bool { return path == folder || strings.HasPrefix(path, folder+"/") }

// goList is every package of this module and of its dependencies, by import path.
func goList(t *testing.T) map[string]goPackage {
	t.Helper()
	cmd := exec.Command("go", "list", "-deps", "-json=ImportPath,Standard,Imports,Deps,Module", "./...")
	cmd.Dir = ".."
	out, err := cmd.Output()
	if err != nil {
		var failed *exec.ExitError
		if errors.As(err, &failed) {
			t.Fatalf("go list: %v\n%s", err, failed.Stderr)
		}
		t.Fatal(err)
	}
	packages := map[string]goPackage{}
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		packages[p.ImportPath] = p
	}
}

package main

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"smoothscape/static/browsertest"
)

func treeViewOf(t *testing.T, s *testServer, query string) TreeView {
	t.Helper()
	got := s.send(t, "GET", "/api/tree"+query, "", nil)
	if got.status != http.StatusOK {
		t.Fatalf("%s: status %d: %.300s", query, got.status, got.body)
	}
	var view TreeView
	if err := json.Unmarshal([]byte(got.body), &view); err != nil {
		t.Fatal(err)
	}
	return view
}

// Every view has a tree that fits together, and the Gaussian trees of Rastrigin and the dent are those of their closed forms.
func TestTreesOfTheViews(t *testing.T) {
	t.Parallel()
	slow(t)
	s := newTestServer(t, &guard{}, "")
	for _, query := range []string{"?f=rastrigin&convention=coordinate", "?f=dent", "?f=rastrigin&kernel=uniform", "?f=himmelblau", "?f=slice:fashion-convnet"} {
		view := treeViewOf(t, s, query)
		if len(view.Branches) == 0 || len(view.Deltas) < 4 || view.Deltas[0] != 0 {
			t.Fatalf("%s: %d branches, %d degrees", query, len(view.Branches), len(view.Deltas))
		}
		died := 0
		for i, b := range view.Branches {
			if len(b.X) == 0 || len(b.X) != len(b.Y) || len(b.X) != len(b.F) || b.First+len(b.X) > len(view.Deltas)+1 {
				t.Errorf("%s: branch %d has %d places from degree %d of %d on", query, i, len(b.X), b.First, len(view.Deltas))
			}
			if b.Died != nil {
				died++
				if *b.Died < b.Born {
					t.Errorf("%s: branch %d dies at %g before it is born at %g", query, i, *b.Died, b.Born)
				}
			}
			if b.Parent != nil && (*b.Parent == i || *b.Parent < 0 || *b.Parent >= len(view.Branches)) {
				t.Errorf("%s: branch %d ends in %d", query, i, *b.Parent)
			}
		}
		listed := 0
		for i, e := range view.Events {
			listed += len(e.Died)
			if i > 0 && e.Delta < view.Events[i-1].Delta {
				t.Errorf("%s: the events are not in order", query)
			}
		}
		if listed != died {
			t.Errorf("%s: %d branches died, the events have %d", query, died, listed)
		}
	}
	rastrigin := treeViewOf(t, s, "?f=rastrigin&convention=coordinate")
	if len(rastrigin.Branches) != 121 || len(rastrigin.Events) != 5 || math.Abs(rastrigin.Events[4].Delta-0.436352) > 1e-5 || rastrigin.Convex == nil || math.Abs(*rastrigin.Convex-0.517447) > 1e-5 {
		t.Errorf("Rastrigin has %d branches, events %v, convex from %v on", len(rastrigin.Branches), rastrigin.Events, rastrigin.Convex)
	}
	if dent := treeViewOf(t, s, "?f=dent"); len(dent.Events) != 1 || math.Abs(dent.Events[0].Delta-0.1133) > 1e-3 {
		t.Errorf("the dent dies at %v, want 0.1133 (vector)", dent.Events)
	}
}

// Many who ask for one tree at once get the same, and no more are kept than there is room for.
func TestTreesAreKept(t *testing.T) {
	slow(t)
	t.Parallel()
	ts := newTrees()
	state := defaultView()
	state.Function = "dent"
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if view, err := ts.of(t.Context(), state); err != nil || len(view.Branches) != 2 {
				t.Errorf("%d branches, %v", len(view.Branches), err)
			}
		})
	}
	group.Wait()
	state.Kernel.Alpha = 1.7 // means nothing to a Gaussian
	if _, err := ts.of(t.Context(), state); err != nil || len(ts.kept) != 1 {
		t.Errorf("%d trees are kept, %v", len(ts.kept), err)
	}
	for i := range 2 * mostTrees {
		ts.keep(treeKey{function: string(rune('a' + i))}, TreeView{})
	}
	if len(ts.kept) != mostTrees {
		t.Errorf("%d trees are kept, want %d", len(ts.kept), mostTrees)
	}
}

// In the page: the tree beside the picture says which minima live; a join that is chosen sets δ just over it.
func TestFamilyTreeInTheBrowser(t *testing.T) {
	t.Parallel()
	b := browsertest.Start(t, 1200, 800)
	b.Open(startProgram(t)+"/?convention=coordinate&c=13&n=129", "dark")
	const count = "document.querySelector('[data-testid=minima-count]').textContent"
	b.Wait(20*time.Second, count+" === '81'")
	b.Do(chromedp.KeyEvent("y"))
	b.Wait(20*time.Second, `document.querySelector("[data-testid=family-note]").textContent.includes("121 at δ = 0")`)
	dots := `document.querySelector(".family-dots").getAttribute("d").split("M").length - 1`
	if n := browsertest.Evaluate[int](b, dots); n != 81 {
		t.Errorf("%d branches are marked as living, want 81", n)
	}
	for i, want := range []string{"81", "49", "25", "9", "1"} {
		browsertest.Evaluate[bool](b, fmt.Sprintf(`(document.querySelectorAll("[data-testid=family-events] button")[%d].click(), true)`, i))
		b.Wait(20*time.Second, count+" === '"+want+"'")
		b.Wait(20*time.Second, dots+" === "+want)
	}
	// Pointing at a branch rings its minimum and tells its fate.
	told := browsertest.Evaluate[[]string](b, `(() => {
		const { page } = document.querySelector("#explore"), svg = document.querySelector("#family-tree"), box = svg.getBoundingClientRect(), family = page.panels.find((panel) => panel.grown !== undefined).tree;
		const i = family.tree.branches.findIndex((b) => Math.abs(b.x[0] - 0.995) < 0.01 && Math.abs(b.y[0]) < 0.01);
		svg.dispatchEvent(new PointerEvent("pointermove", { clientX: box.left + family.px(i), clientY: box.top + family.py(0.2) }));
		const told = document.querySelector("[data-testid=family-note]").textContent;
		page.degree.choose(0.2);
		svg.dispatchEvent(new PointerEvent("pointerleave"));
		svg.dispatchEvent(new PointerEvent("pointermove", { clientX: box.left + family.px(i), clientY: box.top + family.py(0.2) }));
		return [told, page.surface.pins.ring ? page.surface.pins.ring.x.toFixed(1) : "none"];
	})()`)
	if !strings.Contains(told[0], "dies at δ = 0.4364") || !strings.Contains(told[0], "(0, 0) inherits") || told[1] != "1.0" {
		t.Errorf("the branch says %q, and the ring is at %s", told[0], told[1])
	}
}

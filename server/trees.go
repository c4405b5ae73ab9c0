package main

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"sync"

	"smoothscape/landscape"
)

// TreeView is the family tree of the minima of a view, as GET /api/tree sends it: as much of it as is drawn. δ is in the units of the
// picture: for a slice those of its plane.
type TreeView struct {
	Source   string       `json:"source"` // "closed form" or "grid"
	Deltas   []float64    `json:"deltas"` // sampled δ, increasing from 0
	Branches []TreeBranch `json:"branches"`
	Events   []TreeEvent  `json:"events"` // by increasing δ
	Convex   *float64     `json:"convex"` // δ from which on f̂ is convex on the domain; null where it is not
}

// TreeBranch is one minimum through δ.
type TreeBranch struct {
	Born   float64   `json:"born"`
	Died   *float64  `json:"died"`   // null: there at the last δ
	Parent *int      `json:"parent"` // who inherits its valley; null where nobody does
	First  int       `json:"first"`  // index in Deltas of its first place
	X      []float64 `json:"x"`      // its places
	Y      []float64 `json:"y"`
	F      []float64 `json:"f"` // f̂ there
}

// TreeEvent is one δ at which minima die or are born.
type TreeEvent struct {
	Delta float64 `json:"delta"`
	Died  []int   `json:"died"` // indices of Branches
	Born  []int   `json:"born"`
}

// mostTrees is how many trees are kept; a tree takes about 100 kB.
const mostTrees = 64

// trees grows family trees, one at a time, and keeps them: a view's tree never changes.
type trees struct {
	slot chan struct{} // of the one that grows
	mu   sync.Mutex    // protects kept
	kept map[treeKey]TreeView
}

// treeKey is all of a view that its tree depends on.
type treeKey struct {
	function string
	dim      float64
	kernel   landscape.Kernel
}

func newTrees() *trees {
	return &trees{slot: make(chan struct{}, 1), kept: make(map[treeKey]TreeView)}
}

// treeNodes is the grid of every tree. The δ of a death agrees on all grids to 1 %, so one does for all.
const treeNodes = 129

// of returns the tree of a view.
func (ts *trees) of(ctx context.Context, state viewState) (TreeView, error) {
	key := treeKey{state.Function, state.Dim, state.Kernel}
	if key.kernel.Law == landscape.Stable {
		key.kernel.Convention = ""
	} else {
		key.kernel.Alpha = 0
	}
	if view, ok := ts.find(key); ok {
		return view, nil
	}
	select {
	case ts.slot <- struct{}{}:
		defer func() { <-ts.slot }()
	case <-ctx.Done():
		return TreeView{}, ctx.Err()
	}
	if view, ok := ts.find(key); ok { // another has grown it meanwhile
		return view, nil
	}
	view, err := growTree(ctx, state)
	if err == nil {
		ts.keep(key, view)
	}
	return view, err
}

func (ts *trees) find(key treeKey) (TreeView, bool) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	view, ok := ts.kept[key]
	return view, ok
}

// keep makes room by forgetting any other tree: it can be grown again.
func (ts *trees) keep(key treeKey, view TreeView) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	for other := range ts.kept {
		if len(ts.kept) < mostTrees {
			break
		}
		delete(ts.kept, other)
	}
	ts.kept[key] = view
}

func growTree(ctx context.Context, state viewState) (TreeView, error) {
	slice, err := sliceOfView(state)
	if err != nil {
		return TreeView{}, err
	}
	var source treeSource
	if slice != nil {
		source, err = treeOfSlice(slice, state.Kernel, treeNodes)
	} else {
		var objective landscape.Objective
		if objective, err = objectiveOf(state); err == nil {
			source, err = treeOfObjective(objective.Plane(), state.Kernel, treeNodes, false)
		}
	}
	if err != nil {
		return TreeView{}, err
	}
	grown, err := source.grow(ctx, source.of.Options(source.limit), true)
	if err != nil {
		return TreeView{}, fmt.Errorf("growing the tree of %s: %w", state.Function, err)
	}
	return treeView(grown), nil
}

// treeView keeps what is drawn, with six digits.
func treeView(grown familyTree) TreeView {
	view := TreeView{Source: grown.Source, Deltas: grown.Tree.Deltas, Branches: []TreeBranch{}, Events: []TreeEvent{}, Convex: grown.Convex}
	for _, b := range grown.Tree.Branches {
		branch := TreeBranch{Born: b.Born, Died: b.Died, Parent: b.Parent, First: b.First}
		for _, p := range b.Points {
			branch.X, branch.Y, branch.F = append(branch.X, sixDigits(p.X[0])), append(branch.Y, sixDigits(p.X[1])), append(branch.F, sixDigits(p.F))
		}
		if len(b.Points) == 0 { // it lived between two sampled δ
			branch.X, branch.Y, branch.F = []float64{sixDigits(b.Last[0])}, []float64{sixDigits(b.Last[1])}, []float64{0}
		}
		view.Branches = append(view.Branches, branch)
	}
	for _, e := range grown.Tree.Events {
		view.Events = append(view.Events, TreeEvent{Delta: e.Delta, Died: orEmpty(e.Died), Born: orEmpty(e.Born)})
	}
	return view
}

func orEmpty(ids []int) []int {
	if ids == nil {
		return []int{}
	}
	return ids
}

func sixDigits(v float64) float64 {
	if v == 0 || math.IsNaN(v) || math.IsInf(v, 0) {
		return v
	}
	unit := math.Pow(10, 5-math.Floor(math.Log10(math.Abs(v))))
	if math.IsInf(unit, 0) {
		return 0
	}
	return math.Round(v*unit) / unit
}

// tree answers GET /api/tree: the family tree of the view in the query.
func (s *server) tree(w http.ResponseWriter, r *http.Request) error {
	state, err := parseView(r.URL.RawQuery)
	if err != nil {
		return err
	}
	view, err := s.trees.of(r.Context(), state)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, view)
	return nil
}

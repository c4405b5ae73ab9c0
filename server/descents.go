package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"smoothscape/landscape"
)

// descents runs optimizers on the closed forms of the Explore page, a few requests at a time, and keeps what they answered: the same
// query has the same answer, byte for byte.
type descents struct {
	paths     chan struct{} // holds a token for each request for paths that is at work; others wait
	ensembles chan struct{} // the same for ensembles; others are refused
	mu        sync.Mutex    // protects kept
	kept      map[descentQuery][]byte
}

const (
	pathsAtOnce     = 2
	ensemblesAtOnce = 2
	mostDescents    = 48               // answers that are kept; five paths take about 150 kB
	longestDescent  = 20 * time.Second // that a request may take: many times what the slowest takes on a free processor
)

func newDescents() *descents {
	return &descents{paths: make(chan struct{}, pathsAtOnce), ensembles: make(chan struct{}, ensemblesAtOnce), kept: make(map[descentQuery][]byte)}
}

// descentQuery is all of a view that its descents depend on.
type descentQuery struct {
	ensemble       bool
	function       string
	eta, b, c      float64
	kernel         landscape.Kernel // of as many dimensions as the function
	methods        string           // ids in the order of descentIDs, none twice, joined by commas
	startX, startY float64
	seed           uint64
}

// queryOf refuses what cannot be descended.
func queryOf(state viewState, ensemble bool) (descentQuery, landscape.Objective, error) {
	if strings.HasPrefix(state.Function, slicePrefix) {
		return descentQuery{}, landscape.Objective{}, &fault{Field: "f", Doing: "descending on " + state.Function, Expected: "a closed form, such as rastrigin", Found: "a slice of a network",
			Advice: "Choose a closed form; the path of a network's training is on the page of its run."}
	}
	d := int(state.Dim)
	objective, ok := landscape.ObjectiveByID(state.Function, d)
	if !ok {
		return descentQuery{}, landscape.Objective{}, &fault{Field: "dim", Doing: "descending on " + state.Function, Expected: "a number of variables that it has", Found: fmt.Sprint(d), Advice: "Take 2."}
	}
	q := descentQuery{ensemble: ensemble, function: state.Function, eta: state.LearningRate, b: state.BatchSize, c: state.GradStdDev, kernel: state.Kernel, seed: uint64(state.Seed)}
	q.kernel.Dim = d
	if q.kernel.Law == landscape.Stable {
		q.kernel.Convention = ""
	} else {
		q.kernel.Alpha = 0
	}
	if !ensemble {
		q.startX, q.startY = state.StartX, state.StartY
	}
	asked := "," + state.Paths + ","
	var methods []string
	for _, id := range descentIDs {
		if strings.Contains(asked, ","+id+",") {
			methods = append(methods, id)
		}
	}
	if len(methods) == 0 {
		return q, objective, &fault{Field: "paths", Doing: "descending on " + state.Function, Expected: "some of " + strings.Join(descentIDs, ", ") + ", joined by commas", Found: "none", Advice: "Ask for example with paths=gd,sgd."}
	}
	q.methods = strings.Join(methods, ",")
	return q, objective, nil
}

// answer returns the JSON for a view, which the caller must not change.
func (ds *descents) answer(ctx context.Context, state viewState, ensemble bool) ([]byte, error) {
	q, objective, err := queryOf(state, ensemble)
	if err != nil {
		return nil, err
	}
	if text, ok := ds.find(q); ok {
		return text, nil
	}
	if err := ds.enter(ctx, ensemble); err != nil {
		return nil, err
	}
	defer ds.leave(ensemble)
	if text, ok := ds.find(q); ok { // another has made it meanwhile
		return text, nil
	}
	limited, cancel := context.WithTimeout(ctx, longestDescent)
	defer cancel()
	var view any
	if ensemble {
		view, err = descendMany(limited, q, objective)
	} else {
		view, err = descend(limited, q, objective)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return nil, &fault{Status: http.StatusServiceUnavailable, Doing: "descending on " + objective.Name, Expected: fmt.Sprintf("to be done within %v", longestDescent), Found: "a processor that is too busy",
			Advice: "Ask again, or for fewer methods at once."}
	}
	if err != nil {
		return nil, descentFault(err)
	}
	text, err := json.Marshal(view)
	if err != nil {
		return nil, fmt.Errorf("writing the descents on %s: %w", objective.ID, err)
	}
	ds.keep(q, text)
	return text, nil
}

func (ds *descents) enter(ctx context.Context, ensemble bool) error {
	if !ensemble {
		select {
		case ds.paths <- struct{}{}:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	select {
	case ds.ensembles <- struct{}{}:
		return nil
	default:
		return &fault{Status: http.StatusTooManyRequests, Doing: "starting many descents", Expected: fmt.Sprintf("at most %d such requests at once", ensemblesAtOnce), Found: "one more", Advice: "Ask again in a second."}
	}
}

func (ds *descents) leave(ensemble bool) {
	if ensemble {
		<-ds.ensembles
	} else {
		<-ds.paths
	}
}

func (ds *descents) find(q descentQuery) ([]byte, bool) {
	ds.mu.Lock()
	defer ds.mu.Unlock()
	text, ok := ds.kept[q]
	return text, ok
}

// keep makes room by forgetting any other answer: it can be made again.
func (ds *descents) keep(q descentQuery, text []byte) {
	ds.mu.Lock()
	defer ds.mu.Unlock()
	for other := range ds.kept {
		if len(ds.kept) < mostDescents {
			break
		}
		delete(ds.kept, other)
	}
	ds.kept[q] = text
}

// descent answers GET /api/descent: the paths of the view in the query.
func (s *server) descent(w http.ResponseWriter, r *http.Request) error { return s.descend(w, r, false) }

// descentEnsemble answers GET /api/descent/ensemble: where many runs of the same methods end.
func (s *server) descentEnsemble(w http.ResponseWriter, r *http.Request) error {
	return s.descend(w, r, true)
}

func (s *server) descend(w http.ResponseWriter, r *http.Request, ensemble bool) error {
	state, err := parseView(r.URL.RawQuery)
	if err != nil {
		return err
	}
	text, err := s.descents.answer(r.Context(), state, ensemble)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_, _ = w.Write(text) // an error of the connection is the client's loss
	return nil
}

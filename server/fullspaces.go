package main

import (
	"context"
	"log/slog"
	"net/http"
	"runtime"
	"strings"
	"sync"
)

const (
	spacesAtOnce = 2  // computations at the same time
	mostSpaces   = 32 // kept results; one takes some 200 kB
)

// spaces computes pictures in full space, some at the same time, and keeps the results: the same view always gives the same ones. Whoever
// asks for what is being computed joins; what nobody waits for any more stops.
type spaces struct {
	log     *slog.Logger
	mu      sync.Mutex // protects what follows
	working int        // computations whose goroutines have not ended
	running map[spaceKey]*spaceTask
	kept    map[spaceKey]*spaceTask // done
}

func newSpaces(log *slog.Logger) *spaces {
	return &spaces{log: log, running: make(map[spaceKey]*spaceTask), kept: make(map[spaceKey]*spaceTask)}
}

// spaceTask is one computation with what it has found so far.
type spaceTask struct {
	viewers int // protected by spaces.mu
	stop    context.CancelFunc
	ended   chan struct{} // closed when its goroutine has ended

	mu      sync.Mutex    // protects what follows
	lines   [4]spaceLine  // the head, the newest frame of each picture, the end
	changed chan struct{} // closed, and replaced, at each change
}

// spaceLine is a line to send and how often it was replaced; a nil text is not there yet.
type spaceLine struct {
	text    []byte
	version int
}

// The places of spaceTask.lines, in the order in which they are sent.
const (
	lineHead = iota
	lineFull
	lineMeasured
	lineEnd
)

// put makes a value the newest of its kind.
func (t *spaceTask) put(value any) error {
	place := lineEnd
	switch v := value.(type) {
	case SpaceHead:
		place = lineHead
	case SpaceFrame:
		if place = lineFull; v.Picture == pictureMeasured {
			place = lineMeasured
		}
	}
	text, err := lineOf(value)
	if err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lines[place] = spaceLine{text, t.lines[place].version + 1}
	close(t.changed)
	t.changed = make(chan struct{})
	return nil
}

// newer returns the lines that a viewer who has seen those versions has not, and what to wait on for more; end says that there is none.
func (t *spaceTask) newer(seen *[4]int) (texts [][]byte, changed <-chan struct{}, end bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i, line := range t.lines {
		if line.version > seen[i] {
			seen[i] = line.version
			texts = append(texts, line.text)
		}
	}
	return texts, t.changed, seen[lineEnd] > 0
}

// errSpacesBusy is what whoever asks for one computation too many learns.
func errSpacesBusy() error {
	return &fault{
		Status: http.StatusServiceUnavailable, Doing: "sampling in full space", Expected: "one of the two places that compute", Found: "both at work for others",
		Advice: "Try again in a few seconds; what was computed is kept.",
	}
}

// join returns the task of a key, which begins if nobody has asked for it, and how to leave it.
func (ss *spaces) join(key spaceKey, run func(ctx context.Context, emit func(any) error) error) (task *spaceTask, leave func(), err error) {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	if task, ok := ss.kept[key]; ok {
		return task, func() {}, nil
	}
	task, ok := ss.running[key]
	if !ok {
		if ss.working >= spacesAtOnce {
			return nil, nil, errSpacesBusy()
		}
		ss.working++
		ctx, stop := context.WithCancel(context.Background())
		task = &spaceTask{stop: stop, ended: make(chan struct{}), changed: make(chan struct{})}
		ss.running[key] = task
		go ss.compute(ctx, key, task, run)
	}
	task.viewers++
	return task, func() { ss.leave(key, task) }, nil
}

// compute runs a task to its end and keeps what it found, unless it was stopped.
func (ss *spaces) compute(ctx context.Context, key spaceKey, task *spaceTask, run func(ctx context.Context, emit func(any) error) error) {
	defer close(task.ended)
	defer task.stop()
	end := spaceEnd{Type: "end"}
	err := run(ctx, task.put)
	if err != nil && ctx.Err() == nil {
		known := publicFaults(err)[0]
		if end.Failed = known.Error(); known == errInternal {
			ss.log.Error("full space failed", "function", key.function, "dim", key.kernel.Dim, "cause", err)
		}
	}
	_ = task.put(end) // plain strings
	ss.mu.Lock()
	defer ss.mu.Unlock()
	ss.working--
	ss.forget(key, task)
	if err != nil {
		return
	}
	for other := range ss.kept {
		if len(ss.kept) < mostSpaces {
			break
		}
		delete(ss.kept, other) // any: it can be computed again
	}
	ss.kept[key] = task
}

// leave takes a viewer off; the last one stops the task and waits for its end.
func (ss *spaces) leave(key spaceKey, task *spaceTask) {
	ss.mu.Lock()
	task.viewers--
	last := task.viewers == 0
	if last {
		ss.forget(key, task) // nobody joins what is being stopped
		task.stop()
	}
	ss.mu.Unlock()
	if last {
		<-task.ended
	}
}

// forget makes a task one that nobody joins. The caller holds mu.
func (ss *spaces) forget(key spaceKey, task *spaceTask) {
	if ss.running[key] == task {
		delete(ss.running, key)
	}
}

// spaceWorkers is how many goroutines a computation takes, so that all of them keep the processors busy and no more.
func spaceWorkers() int { return max(1, runtime.GOMAXPROCS(0)/spacesAtOnce) }

// fullspace answers GET /api/fullspace: what smoothing in all dimensions makes of the view in the query, as lines of JSON that become better.
// Of a network's slice it is what ships with the program.
func (s *server) fullspace(w http.ResponseWriter, r *http.Request) error {
	state, err := parseView(r.URL.RawQuery)
	if err != nil {
		return err
	}
	if id, ok := strings.CutPrefix(state.Function, slicePrefix); ok {
		body, err := shippedSpace(id)
		if err != nil {
			return err
		}
		spaceHeaders(w)
		_, _ = w.Write(body) // an error of the connection is the client's loss
		return nil
	}
	key, objective, err := spaceKeyOf(state)
	if err != nil {
		return err
	}
	if r.Method == http.MethodHead {
		spaceHeaders(w)
		return nil
	}
	task, leave, err := s.spaces.join(key, objectiveSpace{key, objective, spaceWorkers()}.run)
	if err != nil {
		return err
	}
	defer leave()
	stream(w, r, task)
	return nil
}

// stream sends what a task has found and finds, until its end or that of the request.
func stream(w http.ResponseWriter, r *http.Request, task *spaceTask) {
	spaceHeaders(w)
	control := http.NewResponseController(w)
	var seen [4]int
	for {
		texts, changed, end := task.newer(&seen)
		for _, text := range texts {
			if _, err := w.Write(text); err != nil {
				return // the client has gone
			}
		}
		if end {
			return
		}
		_ = control.Flush() // what cannot be flushed comes at the end
		select {
		case <-changed:
		case <-r.Context().Done():
			return
		}
	}
}

func spaceHeaders(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/x-ndjson; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
}

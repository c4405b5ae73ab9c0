package main

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/go-chi/chi/v5"

	"smoothscape/server/curve"
	"smoothscape/server/hub"
	"smoothscape/server/store"
)

// The states of a run in the hub.
const (
	stateRun         = "run"
	stateSlice       = "slice"
	stateMeasurement = "measurement"
	stateGone        = "gone" // it has been deleted
)

// Limits of a frame of events.
const (
	frameEvents = 2000
	frameBytes  = 1 << 20 // unless a single event is longer
)

// leapEvents is how far a viewer that takes curves may be behind the log before it is told to leap over what the curves hold.
const leapEvents = 20_000

// socket answers GET /ws/runs/{id}?from=OFFSET with a live connection: see protocol.go. With curves=1 a viewer that is far behind leaps: a
// hello, the first or another one, whose next is beyond what it has, means that the events before that are to be read as curves. The viewer's own goroutine reads what it lacks from
// the hub or the store, at its own pace; nobody ever waits for it.
func (rs *Runs) socket(w http.ResponseWriter, r *http.Request) error {
	from, err := countParameter(r, "from", 0)
	if err != nil {
		return err
	}
	id := chi.URLParam(r, "id")
	if _, err := rs.Run(r.Context(), id); err != nil {
		return err
	}
	return rs.serveSocket(w, r, false, func(ctx context.Context, conn *socketConn) error {
		v := &viewer{runs: rs, id: id, next: from, leaps: r.URL.Query().Get("curves") == "1", conn: conn}
		return v.talk(ctx)
	})
}

// viewer is one open socket of a run.
type viewer struct {
	runs  *Runs
	id    string
	conn  *socketConn
	next  int64 // offset of the first event that has not been sent
	leaps bool  // it reads curves where it is far behind
}

// talk sends until ctx ends.
func (v *viewer) talk(ctx context.Context) error {
	subscription := v.runs.hub.Subscribe(v.id) // before the store is read, so that nothing falls between
	defer subscription.Close()
	if err := v.greet(ctx); err != nil {
		return err
	}
	for {
		more, err := v.sendNews(ctx, subscription)
		if err != nil {
			return err
		}
		if more && ctx.Err() == nil {
			continue
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-subscription.Wakeup():
		}
	}
}

// greet sends what a page needs before the first event.
func (v *viewer) greet(ctx context.Context) error {
	run, err := v.runs.row(ctx, v.id)
	if err != nil {
		return err
	}
	if v.next > run.Length { // the log of another data folder: begin anew, and say so by the length
		v.next = 0
	}
	if _, err := v.leap(ctx, run); err != nil {
		return err
	}
	if err := v.hello(run); err != nil {
		return err
	}
	v.runs.slices.want(v.id) // somebody looks: is the picture as fine as it can be?
	measurement, err := v.runs.newestMeasurement(ctx, v.id)
	if err != nil {
		v.runs.log.Error("a measurement cannot be shown", "run", v.id, "cause", err)
	} else if measurement != nil {
		if err := v.conn.send(measurement); err != nil {
			return err
		}
	}
	slice, err := v.runs.sliceJSON(ctx, v.id)
	if err != nil {
		return nil // none yet
	}
	frame, err := json.Marshal(sliceFrame{Type: "slice", Slice: slice})
	if err != nil {
		return err
	}
	return v.conn.send(frame)
}

func (v *viewer) hello(run store.Run) error {
	frame, err := json.Marshal(helloFrame{Type: "hello", Run: viewOf(run), Next: v.next, Length: run.Length})
	if err != nil {
		return err
	}
	return v.conn.send(frame)
}

// leap goes to the end of what the curves hold, if the viewer wants that and much lies between.
func (v *viewer) leap(ctx context.Context, run store.Run) (leapt bool, err error) {
	if !v.leaps || run.Length-v.next <= leapEvents {
		return false, nil
	}
	chunks, err := v.runs.store.CurveCount(ctx, v.id, 0)
	if kept := int64(chunks) * curve.ChunkEvents; err == nil && kept-v.next > leapEvents/2 {
		v.next, leapt = kept, true
	} else if err == nil {
		v.runs.curves.want(v.id) // soon they reach further
	}
	return leapt, err
}

// fallenBehind lets a viewer leap that the hub has nothing for.
func (v *viewer) fallenBehind(ctx context.Context) error {
	if !v.leaps {
		return nil
	}
	run, err := v.runs.row(ctx, v.id)
	if err != nil {
		return err
	}
	if leapt, err := v.leap(ctx, run); err != nil || !leapt {
		return err
	}
	return v.hello(run)
}

// sendNews sends one frame of events, if there are any, and the states that changed. more says that there may be more events already.
func (v *viewer) sendNews(ctx context.Context, subscription *hub.Viewer) (more bool, err error) {
	if subscription.Take(stateGone) != nil {
		return false, noSuchRun(v.id, store.ErrNotFound)
	}
	bodies, ok := v.runs.hub.Since(v.id, v.next, frameEvents)
	if !ok {
		if err := v.fallenBehind(ctx); err != nil {
			return false, err
		}
		if bodies, err = v.runs.bodies(ctx, v.id, v.next, frameEvents); err != nil {
			return false, err
		}
	}
	if bodies = firstBytes(bodies, frameBytes); len(bodies) > 0 {
		if err := v.conn.send(appendEventsFrame(nil, v.next, bodies)); err != nil {
			return false, err
		}
		v.next += int64(len(bodies))
	}
	for _, state := range []string{stateRun, stateSlice, stateMeasurement} {
		if frame := subscription.Take(state); frame != nil {
			if err := v.conn.send(frame); err != nil {
				return false, err
			}
		}
	}
	return len(bodies) > 0, nil
}

// firstBytes cuts a list of bodies to about limit bytes, but to no less than one body.
func firstBytes(bodies [][]byte, limit int) [][]byte {
	total := 0
	for i, body := range bodies {
		if total += len(body); total > limit && i > 0 {
			return bodies[:i]
		}
	}
	return bodies
}

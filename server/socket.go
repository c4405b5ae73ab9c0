package main

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/go-chi/chi/v5"

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

// socket answers GET /ws/runs/{id}?from=OFFSET with a live connection: see protocol.go. The viewer's own goroutine reads what it lacks from
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
		v := &viewer{runs: rs, id: id, next: from, conn: conn}
		return v.talk(ctx)
	})
}

// viewer is one open socket of a run.
type viewer struct {
	runs *Runs
	id   string
	conn *socketConn
	next int64 // offset of the first event that has not been sent
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
	run, err := v.runs.store.Run(ctx, v.id)
	if err != nil {
		return err
	}
	if v.next > run.Length { // the log of another data folder: begin anew, and say so by the length
		v.next = 0
	}
	hello, err := json.Marshal(helloFrame{Type: "hello", Run: viewOf(run), Next: v.next, Length: run.Length})
	if err != nil {
		return err
	}
	if err := v.conn.send(hello); err != nil {
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

// sendNews sends one frame of events, if there are any, and the states that changed. more says that there may be more events already.
func (v *viewer) sendNews(ctx context.Context, subscription *hub.Viewer) (more bool, err error) {
	if subscription.Take(stateGone) != nil {
		return false, noSuchRun(v.id, store.ErrNotFound)
	}
	bodies, ok := v.runs.hub.Since(v.id, v.next, frameEvents)
	if !ok {
		if bodies, err = v.runs.store.Events(ctx, v.id, v.next, frameEvents); err != nil {
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

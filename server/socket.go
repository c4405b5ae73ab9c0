package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/gorilla/websocket"

	"smoothscape/server/hub"
	"smoothscape/server/store"
)

// The states of a run in the hub.
const (
	stateRun         = "run"
	stateSlice       = "slice"
	stateMeasurement = "measurement"
)

// Limits of a socket. A viewer that does not take a frame within writeWait is let go: it comes back and asks from where it was.
const (
	maxViewers     = 1000
	viewerReads    = 4 << 10 // bytes of a message from a viewer, which has nothing to say
	writeWait      = 10 * time.Second
	pingPeriod     = 25 * time.Second
	pongWait       = 60 * time.Second
	frameEvents    = 2000
	frameBytes     = 1 << 20 // of events in one frame, unless a single one is longer
	farewellPeriod = 200 * time.Millisecond
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
	if err := rs.admit(); err != nil {
		return err
	}
	defer rs.dismiss()
	var refusal error
	upgrader := websocket.Upgrader{
		HandshakeTimeout: writeWait, ReadBufferSize: 1 << 10, WriteBufferSize: 16 << 10,
		Error: func(_ http.ResponseWriter, _ *http.Request, status int, reason error) {
			refusal = &fault{Status: status, Doing: "opening a live connection", Expected: "a websocket handshake of this page", Found: reason.Error(), Advice: "Open the run's page instead."}
		},
	}
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		if refusal != nil {
			return refusal
		}
		return nil // the connection broke in the middle: nobody is left to be told
	}
	defer conn.Close()
	v := &viewer{runs: rs, id: id, next: from, conn: conn, gone: make(chan struct{})}
	listener := make(chan struct{})
	go func() {
		defer close(listener)
		v.listen()
	}()
	v.talk()
	_ = conn.Close() // ends listen, if it has not ended
	<-listener
	return nil
}

// admit counts a viewer in, or refuses it.
func (rs *Runs) admit() error {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	if rs.closed {
		return errClosing
	}
	if rs.watch >= maxViewers {
		return &fault{
			Status: http.StatusServiceUnavailable, Doing: "opening a live connection", Expected: "at most " + strconv.Itoa(maxViewers) + " viewers",
			Found: "as many", Advice: "Try again later.",
		}
	}
	rs.watch++
	rs.viewers.Add(1)
	return nil
}

func (rs *Runs) dismiss() {
	rs.mu.Lock()
	rs.watch--
	rs.mu.Unlock()
	rs.viewers.Done()
}

// viewer is one open socket. listen and talk are its two pumps; each runs in one goroutine.
type viewer struct {
	runs *Runs
	id   string
	conn *websocket.Conn
	next int64         // offset of the first event that has not been sent; owned by talk
	gone chan struct{} // closed when the other side has left
}

// listen reads what the other side sends, which is pongs and at last a goodbye.
func (v *viewer) listen() {
	defer close(v.gone)
	alive := func(string) error { return v.conn.SetReadDeadline(time.Now().Add(pongWait)) }
	v.conn.SetReadLimit(viewerReads)
	v.conn.SetPongHandler(alive)
	_ = alive("")
	for {
		if _, _, err := v.conn.ReadMessage(); err != nil {
			return
		}
	}
}

// talk sends until somebody leaves.
func (v *viewer) talk() {
	subscription := v.runs.hub.Subscribe(v.id) // before the store is read, so that nothing falls between
	defer subscription.Close()
	ctx, cancel := context.WithCancel(v.runs.ctx)
	defer cancel()
	if err := v.greet(ctx); err != nil {
		v.part(err)
		return
	}
	ping := time.NewTicker(pingPeriod)
	defer ping.Stop()
	for {
		more, err := v.sendNews(ctx, subscription)
		if err != nil {
			v.part(err)
			return
		}
		if more {
			select {
			case <-v.gone:
				return
			case <-v.runs.closing:
				v.part(errClosing)
				return
			default:
				continue
			}
		}
		select {
		case <-v.gone:
			return
		case <-v.runs.closing:
			v.part(errClosing)
			return
		case <-subscription.Wakeup():
		case <-ping.C:
			if err := v.conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(writeWait)); err != nil {
				return
			}
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
	if err := v.send(hello); err != nil {
		return err
	}
	v.runs.slices.want(v.id) // somebody looks: is the picture as fine as it can be?
	measurement, err := v.runs.newestMeasurement(ctx, v.id)
	if err != nil {
		v.runs.log.Error("a measurement cannot be shown", "run", v.id, "cause", err)
	} else if measurement != nil {
		if err := v.send(measurement); err != nil {
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
	return v.send(frame)
}

// sendNews sends one frame of events, if there are any, and the states that changed. more says that there may be more events already.
func (v *viewer) sendNews(ctx context.Context, subscription *hub.Viewer) (more bool, err error) {
	bodies, ok := v.runs.hub.Since(v.id, v.next, frameEvents)
	if !ok {
		if bodies, err = v.runs.store.Events(ctx, v.id, v.next, frameEvents); err != nil {
			return false, err
		}
	}
	if bodies = firstBytes(bodies, frameBytes); len(bodies) > 0 {
		if err := v.send(appendEventsFrame(nil, v.next, bodies)); err != nil {
			return false, err
		}
		v.next += int64(len(bodies))
	}
	for _, state := range []string{stateRun, stateSlice, stateMeasurement} {
		if frame := subscription.Take(state); frame != nil {
			if err := v.send(frame); err != nil {
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

func (v *viewer) send(frame []byte) error {
	if err := v.conn.SetWriteDeadline(time.Now().Add(writeWait)); err != nil {
		return err
	}
	return v.conn.WriteMessage(websocket.TextMessage, frame)
}

// part says goodbye with a reason that the other side may show, if the connection still takes it.
func (v *viewer) part(reason error) {
	code, text := websocket.CloseInternalServerErr, "the log cannot be read"
	switch {
	case errors.Is(reason, errClosing), errors.Is(reason, store.ErrClosed), errors.Is(reason, context.Canceled):
		code, text = websocket.CloseGoingAway, "Smoothscape is being closed"
	}
	_ = v.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, text), time.Now().Add(farewellPeriod))
}

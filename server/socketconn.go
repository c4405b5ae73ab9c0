package main

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"smoothscape/server/store"
)

// Limits of a socket. Who does not take a frame within writeWait is let go: they come back and ask from where they were.
const (
	maxViewers     = 1000
	viewerReads    = 4 << 10 // bytes of a message from the other side
	writeWait      = 10 * time.Second
	pingPeriod     = 25 * time.Second
	pongWait       = 60 * time.Second
	farewellPeriod = 200 * time.Millisecond
)

// socketConn is one open websocket. It belongs to the goroutine that serves it, which alone sends.
type socketConn struct {
	conn     *websocket.Conn
	messages chan []byte // what the other side says, closed when it has left; nil where nobody wants to know
}

// errGone: the other side has left.
var errGone = errors.New("the other side has left")

// serveSocket opens a websocket and serves it until the returned error, the end of the program, or the other side ends it: then ctx ends, with
// errClosing or errGone as its cause. The error of attend decides the goodbye. It returns when all its goroutines have ended.
// Where the other side may speak, attend must take its messages.
func (rs *Runs) serveSocket(w http.ResponseWriter, r *http.Request, speaks bool, attend func(ctx context.Context, conn *socketConn) error) error {
	if err := rs.admit(); err != nil {
		return err
	}
	defer rs.dismiss()
	var refusal error
	upgrader := websocket.Upgrader{
		HandshakeTimeout: writeWait, ReadBufferSize: 1 << 10, WriteBufferSize: 16 << 10,
		Error: func(_ http.ResponseWriter, _ *http.Request, status int, reason error) {
			refusal = &fault{Status: status, Doing: "opening a live connection", Expected: "a websocket handshake of this page", Found: reason.Error(), Advice: "Open the page itself instead."}
		},
	}
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return refusal // nil if the connection broke in the middle: nobody is left to be told
	}
	defer conn.Close()
	c := &socketConn{conn: conn}
	if speaks {
		c.messages = make(chan []byte)
	}
	ctx, cancel := context.WithCancelCause(rs.ctx)
	defer cancel(nil)
	var pumps sync.WaitGroup
	pumps.Go(func() {
		c.listen(ctx)
		cancel(errGone)
	})
	pumps.Go(func() { c.keepAlive(ctx, rs.closing, cancel) })
	c.part(attend(ctx, c))
	cancel(nil)
	_ = conn.Close() // ends listen, if it has not ended
	pumps.Wait()
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

// listen reads what the other side sends: messages, pongs and at last a goodbye.
func (c *socketConn) listen(ctx context.Context) {
	if c.messages != nil {
		defer close(c.messages)
	}
	alive := func(string) error { return c.conn.SetReadDeadline(time.Now().Add(pongWait)) }
	c.conn.SetReadLimit(viewerReads)
	c.conn.SetPongHandler(alive)
	_ = alive("")
	for {
		_, text, err := c.conn.ReadMessage()
		if err != nil {
			return
		}
		if c.messages == nil {
			continue
		}
		select {
		case c.messages <- text:
		case <-ctx.Done():
			return
		}
	}
}

// keepAlive pings, which is allowed beside the goroutine that sends, and ends ctx when the program closes.
func (c *socketConn) keepAlive(ctx context.Context, closing <-chan struct{}, cancel context.CancelCauseFunc) {
	ping := time.NewTicker(pingPeriod)
	defer ping.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-closing:
			cancel(errClosing)
			return
		case <-ping.C:
			if err := c.conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(writeWait)); err != nil {
				cancel(errGone)
				return
			}
		}
	}
}

func (c *socketConn) send(frame []byte) error {
	if err := c.conn.SetWriteDeadline(time.Now().Add(writeWait)); err != nil {
		return err
	}
	return c.conn.WriteMessage(websocket.TextMessage, frame)
}

// part says goodbye with a reason that the other side may show, if the connection still takes it.
func (c *socketConn) part(reason error) {
	code, text := websocket.CloseInternalServerErr, "the log cannot be read"
	var refusal *fault
	switch {
	case reason == nil, errors.Is(reason, errGone):
		code, text = websocket.CloseNormalClosure, ""
	case errors.Is(reason, errClosing), errors.Is(reason, store.ErrClosed), errors.Is(reason, context.Canceled):
		code, text = websocket.CloseGoingAway, "Smoothscape is being closed"
	case errors.As(reason, &refusal):
		code, text = websocket.ClosePolicyViolation, "refused"
	}
	_ = c.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, text), time.Now().Add(farewellPeriod))
}

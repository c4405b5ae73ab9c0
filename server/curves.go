package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"sync"
	"time"

	"smoothscape/server/curve"
	"smoothscape/server/store"
)

// curver keeps the curves of all runs in levels (package curve): as chunks of their logs become full, and at the start of the program for
// runs of older versions. It works behind the log: what it has not reached is read from the log itself.
type curver struct {
	runs  *Runs
	wake  chan struct{} // one token: wanted has changed
	end   context.CancelFunc
	done  chan struct{}
	slots chan struct{} // holds one token for each answer that is being made

	mu     sync.Mutex
	wanted map[string]bool // runs that may have a full chunk; true: somebody waits for its curves
}

// Limits of an answer of curves.
const (
	curvesAtOnce  = 4
	leastPoints   = 64
	mostPoints    = 8192
	usualPoints   = 2048
	tailEvents    = 4 * curve.ChunkEvents // the most that are read from the log for it
	wholeRun      = math.MaxInt32         // the end of a range that has none
	epochsInCurve = 500
)

func startCurver(runs *Runs) *curver {
	ctx, end := context.WithCancel(runs.ctx)
	c := &curver{
		runs: runs, wake: make(chan struct{}, 1), end: end, done: make(chan struct{}), slots: make(chan struct{}, curvesAtOnce), wanted: map[string]bool{},
	}
	go c.loop(ctx)
	return c
}

func (c *curver) close() {
	c.end()
	<-c.done
}

// want says that a run has a full chunk.
func (c *curver) want(id string) {
	c.mu.Lock()
	c.wanted[id] = true
	c.mu.Unlock()
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// loop is the goroutine.
func (c *curver) loop(ctx context.Context) {
	defer close(c.done)
	if all, err := c.runs.store.Runs(ctx); err == nil {
		c.mu.Lock()
		for _, run := range all {
			c.wanted[run.ID] = c.wanted[run.ID] || false
		}
		c.mu.Unlock()
	}
	for {
		for id, urgent := c.next(); id != "" && ctx.Err() == nil; id, urgent = c.next() {
			if err := c.grow(ctx, id, urgent); err != nil && ctx.Err() == nil {
				c.runs.log.Error("the curves of a run cannot be kept; they are read from its log", "run", id, "cause", err)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-c.wake:
		}
	}
}

// next is a run that is to be looked at, an urgent one first; "" if there is none.
func (c *curver) next() (id string, urgent bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for id, urgent = range c.wanted {
		if urgent {
			break
		}
	}
	delete(c.wanted, id)
	return id, urgent
}

// grow makes the pieces of all full chunks that have none: at half speed, and making way for urgent ones, where nobody waits.
func (c *curver) grow(ctx context.Context, id string, urgent bool) error {
	chunks, err := c.runs.store.CurveCount(ctx, id, 0)
	if err != nil {
		return err
	}
	var before json.RawMessage
	for ; ctx.Err() == nil; chunks++ {
		began := time.Now()
		bodies, err := c.runs.store.Events(ctx, id, int64(chunks)*curve.ChunkEvents, curve.ChunkEvents)
		if err != nil || len(bodies) < curve.ChunkEvents {
			return err
		}
		if before == nil && chunks > 0 {
			last, err := c.pieces(ctx, id, 1, chunks-1, chunks)
			if err != nil {
				return err
			}
			before = last[0].After
		}
		if before, err = c.add(ctx, id, chunks, before, bodies); err != nil {
			return err
		}
		if urgent {
			continue
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Since(began)):
		case <-c.wake: // somebody wants something: this run goes on afterwards
			c.mu.Lock()
			c.wanted[id] = c.wanted[id] || false
			c.mu.Unlock()
			return nil
		}
	}
	return ctx.Err()
}

// add makes the pieces that a chunk completes, on all levels, and returns the state after it.
func (c *curver) add(ctx context.Context, id string, chunk int, before json.RawMessage, bodies [][]byte) (json.RawMessage, error) {
	piece, err := curve.Read(before, bodies)
	if err != nil {
		return nil, err
	}
	var state curve.State
	if err := json.Unmarshal(piece.After, &state); err != nil {
		return nil, err
	}
	var rows []store.Curve
	keep := func(level, number int, p *curve.Piece) error {
		body, err := curve.Pack(p)
		rows = append(rows, store.Curve{Level: level, Number: number, Last: state.Step, Body: body})
		return err
	}
	above := curve.Above([]*curve.Piece{piece})
	if err := keep(0, chunk, piece); err != nil {
		return nil, err
	}
	for level, number := 1, chunk; ; level, number = level+1, number/curve.Fan {
		if err := keep(level, number, above); err != nil {
			return nil, err
		}
		if number%curve.Fan != curve.Fan-1 {
			break
		}
		family, err := c.pieces(ctx, id, level, number-curve.Fan+1, number)
		if err != nil {
			return nil, err
		}
		above = curve.Above(append(family, above))
	}
	return piece.After, c.runs.store.PutCurves(id, rows)
}

// pieces are those of a level from number from to before number end. That one is missing is an error.
func (c *curver) pieces(ctx context.Context, id string, level, from, end int) ([]*curve.Piece, error) {
	rows, err := c.runs.store.Curves(ctx, id, level, from, end)
	if err != nil {
		return nil, err
	}
	if len(rows) != end-from {
		return nil, fmt.Errorf("run %s: %d pieces of its curves from %d/%d on, expected %d", id, len(rows), level, from, end-from)
	}
	all := make([]*curve.Piece, len(rows))
	for i, row := range rows {
		if all[i], err = curve.Unpack(row.Body); err != nil {
			return nil, fmt.Errorf("run %s, piece %d/%d: %w", id, level, row.Number, err)
		}
	}
	return all, nil
}

// curveRange is what somebody wants to see of a run's curves.
type curveRange struct {
	from, to int   // steps; to may be wholeRun
	points   int   // groups of each quantity, at least, where there are as many values
	before   int64 // of the log, the events before this offset
}

// read gives a part of a run's curves. next is the offset after the last event that was taken into account: a log that is far ahead of its
// pieces is not read to its end.
func (c *curver) read(ctx context.Context, run store.Run, want curveRange) (p *curve.Piece, next int64, err error) {
	built, err := c.runs.store.CurveCount(ctx, run.ID, 0)
	if err != nil {
		return nil, 0, err
	}
	limit := min(run.Length, want.before)
	chunks := min(built, int(limit/curve.ChunkEvents))
	next = min(limit, int64(chunks)*curve.ChunkEvents+tailEvents)
	first, end := 0, chunks
	if want.from > 0 {
		if first, err = c.chunkOf(ctx, run.ID, want.from, chunks); err != nil {
			return nil, 0, err
		}
	}
	if want.to < wholeRun {
		last, err := c.chunkOf(ctx, run.ID, want.to, chunks)
		if err != nil {
			return nil, 0, err
		}
		end = min(chunks, last+1)
		if last < chunks { // nothing of the range is in the tail
			p, err = c.cover(ctx, run.ID, first, end, want)
			return p, next, err
		}
	}
	if p, err = c.cover(ctx, run.ID, first, end, want); err != nil {
		return nil, 0, err
	}
	err = c.addTail(ctx, run.ID, p, chunks, next)
	return p, next, err
}

// chunkOf is the number of the chunk that reaches a step, chunks if there is none.
func (c *curver) chunkOf(ctx context.Context, id string, step, chunks int) (int, error) {
	at, err := c.runs.store.CurveAt(ctx, id, step)
	if err != nil || at < 0 {
		return chunks, err
	}
	return min(at, chunks), nil
}

// cover joins pieces over the chunks from first to before end: of the highest level that still has that many groups in the range.
func (c *curver) cover(ctx context.Context, id string, first, end int, want curveRange) (*curve.Piece, error) {
	whole := &curve.Piece{}
	level, values := 0, min((end-first)*curve.ChunkEvents, want.to-want.from+1)
	for width := curve.Fan; width*want.points <= values; width *= curve.Fan {
		level++
	}
	for at := first; at < end; {
		here, span := level, 1 // chunks of a piece
		for range level - 1 {
			span *= curve.Fan
		}
		for here > 1 && (at%span != 0 || at+span > end) {
			here, span = here-1, span/curve.Fan
		}
		count := 1 // pieces of this level in a row
		for here == level && at+(count+1)*span <= end && count < 4*curve.Fan {
			count++
		}
		some, err := c.pieces(ctx, id, here, at/span, at/span+count)
		if err != nil {
			return nil, err
		}
		for _, p := range some {
			whole.Add(p)
		}
		at += count * span
	}
	return whole, nil
}

// addTail adds what the pieces of that many chunks do not hold, up to before offset next.
func (c *curver) addTail(ctx context.Context, id string, p *curve.Piece, chunks int, next int64) error {
	from := int64(chunks) * curve.ChunkEvents
	bodies, err := c.runs.bodies(ctx, id, from, int(next-from))
	if err != nil {
		return err
	}
	before := p.After
	if before == nil && chunks > 0 { // the range begins in the tail
		last, err := c.pieces(ctx, id, 1, chunks-1, chunks)
		if err != nil {
			return err
		}
		before = last[0].After
	}
	tail, err := curve.Read(before, bodies)
	if err == nil {
		p.Add(tail)
	}
	return err
}

// Package hub tells viewers that something is new, and never waits for one.
//
// A topic (a run) carries two sorts of things. Its log only grows: the hub keeps the newest events in a ring, and a viewer reads from
// there by offset at its own pace; one that fell behind the ring reads the store, where everything is. Its states (the run's row, the
// newest slice) replace each other: a viewer finds the newest of each when it comes to look. So publishing is a few assignments and a
// non-blocking send per viewer, whatever the viewers do, and what a stopped viewer costs is its one-slot mailbox.
//
// A topic lives as long as it has viewers. Publish after the store has the events on disk; then a viewer that subscribes first and reads
// the store afterwards misses nothing.
package hub

import "sync"

// Hub joins publishers and viewers. The zero value is not usable. All methods may be called by many goroutines.
type Hub struct {
	mu     sync.Mutex // guards everything below, topics included
	topics map[string]*topic
	ring   int
}

type topic struct {
	viewers map[*Viewer]struct{}
	first   int64    // offset of events[0]
	events  [][]byte // newest, at most 2·ring of them
}

// New makes a hub that remembers at least the last ring events of each topic with viewers.
func New(ring int) *Hub {
	return &Hub{topics: map[string]*topic{}, ring: max(1, ring)}
}

// Publish tells the viewers of a topic about events whose first has offset from. The hub keeps the bodies and nobody may change them.
func (h *Hub) Publish(name string, from int64, bodies [][]byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	t := h.topics[name]
	if t == nil || len(bodies) == 0 {
		return
	}
	if t.first+int64(len(t.events)) != from { // the first events since the first viewer came, or a gap
		t.first, t.events = from, nil
	}
	t.events = append(t.events, bodies...)
	if surplus := len(t.events) - h.ring; surplus > h.ring {
		t.events = append([][]byte(nil), t.events[surplus:]...) // a copy, so that the old bodies can be freed
		t.first += int64(surplus)
	}
	t.wake()
}

// SetState replaces one of a topic's states, such as "slice", by a newer one. The hub keeps the frame and nobody may change it.
func (h *Hub) SetState(name, state string, frame []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	t := h.topics[name]
	if t == nil {
		return
	}
	for v := range t.viewers {
		v.unseen[state] = frame
	}
	t.wake()
}

// wake puts a token into each mailbox that has none.
func (t *topic) wake() {
	for v := range t.viewers {
		select {
		case v.wakeup <- struct{}{}:
		default:
		}
	}
}

// Since returns at most limit events from offset from on. ok is false if the hub does not remember them (then the store does): always
// true with no events at the end of the log.
func (h *Hub) Since(name string, from int64, limit int) (bodies [][]byte, ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	t := h.topics[name]
	if t == nil || from < t.first || from > t.first+int64(len(t.events)) || t.events == nil {
		return nil, false
	}
	rest := t.events[from-t.first:]
	return append([][]byte(nil), rest[:min(limit, len(rest))]...), true
}

// Viewer is one subscription. It belongs to one goroutine.
type Viewer struct {
	hub    *Hub
	name   string
	wakeup chan struct{}
	unseen map[string][]byte // guarded by hub.mu
}

// Subscribe begins a subscription; Close must end it.
func (h *Hub) Subscribe(name string) *Viewer {
	h.mu.Lock()
	defer h.mu.Unlock()
	t := h.topics[name]
	if t == nil {
		t = &topic{viewers: map[*Viewer]struct{}{}}
		h.topics[name] = t
	}
	v := &Viewer{hub: h, name: name, wakeup: make(chan struct{}, 1), unseen: map[string][]byte{}}
	t.viewers[v] = struct{}{}
	return v
}

// Wakeup receives when there is something new since the last receive.
func (v *Viewer) Wakeup() <-chan struct{} { return v.wakeup }

// Take returns the state if it changed since the last call, the newest alone, or nil.
func (v *Viewer) Take(state string) []byte {
	v.hub.mu.Lock()
	defer v.hub.mu.Unlock()
	frame := v.unseen[state]
	delete(v.unseen, state)
	return frame
}

// Close ends the subscription. The topic of the last viewer is forgotten.
func (v *Viewer) Close() {
	v.hub.mu.Lock()
	defer v.hub.mu.Unlock()
	t := v.hub.topics[v.name]
	if t == nil {
		return
	}
	delete(t.viewers, v)
	if len(t.viewers) == 0 {
		delete(v.hub.topics, v.name)
	}
}

// Viewers counts the subscriptions of a topic.
func (h *Hub) Viewers(name string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	if t := h.topics[name]; t != nil {
		return len(t.viewers)
	}
	return 0
}

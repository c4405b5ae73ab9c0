package hub

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"
)

func bodies(from, to int) [][]byte {
	var all [][]byte
	for i := from; i < to; i++ {
		all = append(all, fmt.Append(nil, i))
	}
	return all
}

// Viewers of all speeds read a topic that grows; each sees every event once, in order, or is sent to the store.
func TestViewersReadInOrder(t *testing.T) {
	const events, ring = 5000, 64
	h := New(ring)
	var group sync.WaitGroup
	for viewer := range 8 {
		rng := rand.New(rand.NewPCG(3, uint64(viewer)))
		v := h.Subscribe("run")
		group.Go(func() {
			defer v.Close()
			next := int64(0)
			for next < events {
				select {
				case <-v.Wakeup():
				case <-time.After(10 * time.Second):
					t.Errorf("viewer %d was not woken at %d", viewer, next)
					return
				}
				for {
					got, ok := h.Since("run", next, 1+rng.IntN(50))
					if !ok { // fell behind: the store has the rest
						next++
						continue
					}
					if len(got) == 0 {
						break
					}
					for _, body := range got {
						if string(body) != fmt.Sprint(next) {
							t.Errorf("viewer %d: got %s, want %d", viewer, body, next)
							return
						}
						next++
					}
				}
				if viewer%2 == 0 {
					time.Sleep(time.Duration(rng.IntN(300)) * time.Microsecond)
				}
			}
		})
	}
	for from := 0; from < events; from += 10 {
		h.Publish("run", int64(from), bodies(from, from+10))
	}
	group.Wait()
	if n := h.Viewers("run"); n != 0 {
		t.Errorf("%d viewers are left", n)
	}
	if len(h.topics) != 0 {
		t.Errorf("%d topics are left", len(h.topics))
	}
}

func TestSince(t *testing.T) {
	h := New(4)
	if _, ok := h.Since("run", 0, 10); ok {
		t.Error("an unknown topic remembers something")
	}
	v := h.Subscribe("run")
	defer v.Close()
	if _, ok := h.Since("run", 0, 10); ok {
		t.Error("a topic without events cannot know where the log ends")
	}
	h.Publish("run", 10, bodies(10, 13))
	for _, test := range []struct {
		from int64
		want int
		ok   bool
	}{{9, 0, false}, {10, 3, true}, {12, 1, true}, {13, 0, true}, {14, 0, false}} {
		if got, ok := h.Since("run", test.from, 10); len(got) != test.want || ok != test.ok {
			t.Errorf("from %d: %d events, %v; want %d, %v", test.from, len(got), ok, test.want, test.ok)
		}
	}
	for from := 13; from < 100; from++ {
		h.Publish("run", int64(from), bodies(from, from+1))
		if n := len(h.topics["run"].events); n > 8 {
			t.Fatalf("%d events are remembered, at most 8 should be", n)
		}
		if got, ok := h.Since("run", int64(from-2), 10); !ok || len(got) != 3 {
			t.Fatalf("the last three of %d: %d, %v", from, len(got), ok)
		}
	}
	h.Publish("run", 200, bodies(200, 201)) // a gap: what is before cannot be told from the log's own
	if _, ok := h.Since("run", 99, 10); ok {
		t.Error("a gap was bridged")
	}
}

func TestTheNewestStateWins(t *testing.T) {
	h := New(4)
	h.SetState("run", "slice", []byte("nobody sees this"))
	v, w := h.Subscribe("run"), h.Subscribe("run")
	defer w.Close()
	for i := range 100 {
		h.SetState("run", "slice", fmt.Append(nil, i))
	}
	h.SetState("run", "run", []byte("row"))
	<-v.Wakeup()
	if got := v.Take("slice"); string(got) != "99" {
		t.Errorf("got %q, want the newest", got)
	}
	if got := v.Take("slice"); got != nil {
		t.Errorf("got %q twice", got)
	}
	if got := v.Take("run"); string(got) != "row" {
		t.Errorf("got %q", got)
	}
	select {
	case <-v.Wakeup():
		t.Error("woken twice")
	default:
	}
	v.Close()
	v.Close() // harmless
	h.Publish("run", 0, bodies(0, 1))
	h.SetState("other", "run", nil)
	if string(w.Take("slice")) != "99" {
		t.Error("one viewer took what belongs to another")
	}
}

func BenchmarkPublish200Viewers(b *testing.B) {
	h := New(4096)
	for range 200 {
		defer h.Subscribe("run").Close()
	}
	body := [][]byte{make([]byte, 250)}
	from := int64(0)
	for b.Loop() {
		h.Publish("run", from, body)
		from++
	}
}

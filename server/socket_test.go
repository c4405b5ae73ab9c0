package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/gorilla/websocket"

	"smoothscape/server/store"
)

// liveServer serves the sockets and the JSON interface of runs.
func liveServer(t *testing.T, rs *Runs) *httptest.Server {
	t.Helper()
	answer := func(h func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if err := h(w, r); err != nil {
				writeJSON(w, statusOf(err), map[string]any{"error": publicFaults(err)[0]})
			}
		}
	}
	mux := chi.NewMux()
	mux.Get("/ws/runs/{id}", answer(rs.socket))
	mux.Get("/api/runs", answer(rs.apiRuns))
	mux.Post("/api/runs", answer(rs.apiCreate))
	mux.Get("/api/runs/{id}", answer(rs.apiRun))
	mux.Post("/api/runs/{id}/{move}", answer(rs.apiMove))
	mux.Get("/api/runs/{id}/events", answer(rs.apiEvents))
	mux.Get("/api/runs/{id}/slice", answer(rs.apiSlice))
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

func dial(t testing.TB, s *httptest.Server, id string, from int64, more ...string) *websocket.Conn {
	t.Helper()
	url := fmt.Sprintf("ws%s/ws/runs/%s?from=%d&%s", strings.TrimPrefix(s.URL, "http"), id, from, strings.Join(more, "&"))
	conn, _, err := websocket.DefaultDialer.Dial(url, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetReadDeadline(time.Now().Add(60 * time.Second))
	return conn
}

// anyFrame is every frame at once.
type anyFrame struct {
	Type       string
	Run        RunView
	From, Next int64
	Length     int64
	Events     []json.RawMessage
	Slice      *Slice
}

func readFrame(conn *websocket.Conn) (anyFrame, error) {
	var f anyFrame
	_, text, err := conn.ReadMessage()
	if err != nil {
		return f, err
	}
	return f, json.Unmarshal(text, &f)
}

// follower reads a run over any number of connections and keeps what a page would.
type follower struct {
	next   int64
	bodies []string
	run    RunView
	slices int
}

// read takes frames from one connection until enough says so.
func (f *follower) read(conn *websocket.Conn, enough func() bool) error {
	for !enough() {
		frame, err := readFrame(conn)
		if err != nil {
			return err
		}
		switch frame.Type {
		case "hello":
			f.run = frame.Run
			if frame.Next != f.next {
				return fmt.Errorf("hello from %d, asked for %d", frame.Next, f.next)
			}
		case "events":
			if frame.From != f.next || frame.Next != f.next+int64(len(frame.Events)) || len(frame.Events) == 0 || len(frame.Events) > frameEvents {
				return fmt.Errorf("events %d … %d (%d), expected to go on from %d", frame.From, frame.Next, len(frame.Events), f.next)
			}
			for _, body := range frame.Events {
				f.bodies = append(f.bodies, string(body))
			}
			f.next = frame.Next
		case "run":
			f.run = frame.Run
		case "slice":
			f.slices++
		default:
			return fmt.Errorf("a frame of type %q", frame.Type)
		}
	}
	return nil
}

func sameLog(t *testing.T, who string, got []string, rs *Runs, id string) {
	t.Helper()
	want, err := rs.Events(t.Context(), id, 0, 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != len(want) {
		t.Errorf("%s: %d events, the log has %d", who, len(got), len(want))
	}
	for i := range min(len(got), len(want)) {
		if got[i] != string(want[i]) {
			t.Fatalf("%s, offset %d: got %s, want %s", who, i, got[i], want[i])
		}
	}
}

// Viewers come late and again and again, cut off at random places, while the run writes; each ends with the whole log, in order, once.
func TestViewersMissNothingAndGetNothingTwice(t *testing.T) {
	steps := 3000
	if testing.Short() {
		steps = 600
	}
	rs := fakeRuns(t, t.TempDir(), fmt.Sprintf("steps=%d delay=200us nan", steps))
	s := liveServer(t, rs)
	id := mustCreate(t, rs, testConfig())
	awaitStep(t, rs, id, 50)
	followers := make([]*follower, 5)
	var group sync.WaitGroup
	for i := range followers {
		f := &follower{}
		followers[i] = f
		rng := rand.New(rand.NewPCG(7, uint64(i)))
		group.Go(func() {
			for cuts := 0; ; cuts++ {
				conn := dial(t, s, id, f.next)
				patience := 1 + rng.IntN(8) // frames until the next cut
				err := f.read(conn, func() bool {
					patience--
					return patience < 0 && cuts < 40 || f.run.Status == StatusDone && f.isWhole()
				})
				_ = conn.UnderlyingConn().Close() // without a goodbye
				if err != nil {
					t.Errorf("follower %d: %v", i, err)
					return
				}
				if f.run.Status == StatusDone && f.isWhole() {
					return
				}
			}
		})
	}
	awaitStatus(t, rs, id, StatusDone)
	group.Wait()
	for i, f := range followers {
		sameLog(t, fmt.Sprintf("follower %d", i), f.bodies, rs, id)
	}
	late := &follower{}
	if err := late.read(dial(t, s, id, 0), func() bool { return late.isWhole() && late.slices > 0 }); err != nil {
		t.Fatal(err)
	}
	sameLog(t, "the late viewer", late.bodies, rs, id)
}

// isWhole says whether the last word has been read.
func (f *follower) isWhole() bool {
	return len(f.bodies) > 0 && strings.Contains(f.bodies[len(f.bodies)-1], `"kind":"ended"`)
}

// Fifty viewers that never read cost a reading one nothing but a little memory.
func TestStoppedViewersCostOthersNothing(t *testing.T) {
	rs := fakeRuns(t, t.TempDir(), "steps=2000 delay=100us")
	s := liveServer(t, rs)
	id := mustCreate(t, rs, testConfig())
	for range 50 {
		dial(t, s, id, 0)
	}
	f := &follower{}
	worst := time.Duration(0)
	began := time.Now()
	err := f.read(dial(t, s, id, 0), func() bool {
		worst = max(worst, time.Since(began))
		began = time.Now()
		return f.run.Status == StatusDone && f.isWhole()
	})
	if err != nil {
		t.Fatal(err)
	}
	sameLog(t, "the reading viewer", f.bodies, rs, id)
	t.Logf("longest pause between two frames: %v", worst)
	if worst > writeWait/2 {
		t.Errorf("the reading viewer waited %v for a frame", worst)
	}
}

// The publisher's side alone: with viewers whose buffers are full, a batch is handed over at once.
func TestPublishingNeverBlocks(t *testing.T) {
	rs := fakeRuns(t, t.TempDir(), "")
	s := liveServer(t, rs)
	if err := rs.store.CreateRun(testRow("r")); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		dial(t, s, "r", 0)
	}
	for deadline := time.Now().Add(10 * time.Second); rs.hub.Viewers("r") < 3; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the viewers did not come")
		}
	}
	big := strings.Repeat("x", 100_000)
	began := time.Now()
	for step := 1; step <= 200; step++ { // 20 MB, more than any socket buffers
		body := fmt.Appendf(nil, `{"kind":"update","step":%d,"pad":"%s"}`, step, big)
		done, err := rs.store.Append("r", []store.Event{{Kind: "update", Step: step, Body: body}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		rs.hub.Publish("r", done.From, [][]byte{body})
	}
	if took := time.Since(began); took > writeWait {
		t.Errorf("publishing 200 batches took %v", took)
	}
}

func testRow(id string) store.Run {
	return store.Run{ID: id, Name: id, Status: string(StatusStopped), Config: []byte(`{"model":"softmax","dataset":"fashion-mnist-8k"}`)}
}

func TestSocketsSayGoodbye(t *testing.T) {
	rs := fakeRuns(t, t.TempDir(), "")
	s := liveServer(t, rs)
	if err := rs.store.CreateRun(testRow("r")); err != nil {
		t.Fatal(err)
	}
	conn := dial(t, s, "r", 0)
	hello, err := readFrame(conn)
	if err != nil || hello.Type != "hello" || hello.Run.ID != "r" {
		t.Fatalf("got %+v, %v", hello, err)
	}
	go closeRuns(t, rs)
	if _, err := readFrame(conn); !websocket.IsCloseError(err, websocket.CloseGoingAway) {
		t.Errorf("got %v, want going away", err)
	}
	closeRuns(t, rs)
}

func TestSocketRefusals(t *testing.T) {
	rs := fakeRuns(t, t.TempDir(), "")
	s := liveServer(t, rs)
	if err := rs.store.CreateRun(testRow("r")); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		path string
		want int
	}{
		{"/ws/runs/nobody", http.StatusNotFound},
		{"/ws/runs/r?from=-1", http.StatusBadRequest},
		{"/ws/runs/r?from=1e3", http.StatusBadRequest},
		{"/ws/runs/r?from=99999999999999999999", http.StatusBadRequest},
	} {
		_, response, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(s.URL, "http")+test.path, nil)
		if err == nil || response == nil || response.StatusCode != test.want {
			t.Errorf("%s: got %v, want %d", test.path, response, test.want)
		}
	}
	response, err := http.Get(s.URL + "/ws/runs/r")
	if err != nil || response.StatusCode != http.StatusBadRequest {
		t.Errorf("without an upgrade: %v, %v", response, err)
	}
	_ = response.Body.Close()

	// An offset beyond the log, from another data folder: the page is told the truth and gets everything.
	hello, err := readFrame(dial(t, s, "r", 100))
	if err != nil || hello.Next != 0 || hello.Length != 0 {
		t.Errorf("got %+v, %v", hello, err)
	}

	// A viewer that talks too much is let go.
	conn := dial(t, s, "r", 0)
	_ = conn.WriteMessage(websocket.TextMessage, make([]byte, viewerReads+1))
	for frames := 0; ; frames++ {
		if _, err := readFrame(conn); err != nil {
			break // by a close frame, or by a reset where that did not come through
		}
		if frames > 0 { // the hello is no mistake
			t.Fatal("a viewer that wrote more than the limit is still there")
		}
	}
}

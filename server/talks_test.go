package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// talkFrame is every frame of a talk at once.
type talkFrame struct {
	Type, Query, Sentence string
	Seq, Followers        int
	Presenting            bool
}

// talkServer serves talks behind no guard.
func talkServer(t testing.TB) (*server, *httptest.Server) {
	t.Helper()
	s := &server{guard: &guard{}, runs: fakeRuns(t, t.TempDir(), ""), talks: newTalks()}
	listening := httptest.NewServer(s.handler())
	t.Cleanup(listening.Close)
	return s, listening
}

// attend opens a socket of a talk and says hello.
func attend(t testing.TB, s *httptest.Server, id, hello string) *websocket.Conn {
	t.Helper()
	conn, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(s.URL, "http")+"/ws/talks/"+id, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetReadDeadline(time.Now().Add(60 * time.Second))
	say(t, conn, hello)
	return conn
}

func say(t testing.TB, conn *websocket.Conn, text string) {
	t.Helper()
	if err := conn.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
		t.Fatal(err)
	}
}

// awaitFrame reads frames until one is wanted.
func awaitFrame(t testing.TB, conn *websocket.Conn, wanted func(talkFrame) bool) talkFrame {
	t.Helper()
	for {
		var f talkFrame
		if err := conn.ReadJSON(&f); err != nil {
			t.Fatal(err)
		}
		if wanted(f) {
			return f
		}
	}
}

func isType(name string) func(talkFrame) bool {
	return func(f talkFrame) bool { return f.Type == name }
}

const followHello = `{"type":"follow"}`

func presentHello(key string) string { return fmt.Sprintf(`{"type":"present","key":%q}`, key) }

func TestFollowersSeeWhatThePresenterShows(t *testing.T) {
	s, listening := talkServer(t)
	id, key, err := s.talks.begin(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	presenter := attend(t, listening, id, presentHello(key))
	early := attend(t, listening, id, followHello)
	if f := awaitFrame(t, early, func(f talkFrame) bool { return f.Type == "crowd" && f.Presenting && f.Followers == 1 }); f.Query != "" {
		t.Errorf("got %+v", f)
	}
	say(t, presenter, `{"type":"view","query":"?f=dent&eta=0.05"}`)
	if f := awaitFrame(t, early, isType("view")); f.Query != "?f=dent&eta=0.05" || f.Seq != 1 {
		t.Errorf("got %+v", f)
	}
	late := attend(t, listening, id, followHello)
	if f := awaitFrame(t, late, isType("view")); f.Query != "?f=dent&eta=0.05" {
		t.Errorf("who comes late got %+v", f)
	}
	awaitFrame(t, presenter, func(f talkFrame) bool { return f.Followers == 2 })

	// A view that cannot be shown is refused with the reason, and nobody else sees it.
	say(t, presenter, `{"type":"view","query":"?eta=-1"}`)
	if f := awaitFrame(t, presenter, isType("refused")); !strings.Contains(f.Sentence, "eta") {
		t.Errorf("got %+v", f)
	}
	say(t, presenter, `{"type":"view","query":"?f=ackley"}`)
	if f := awaitFrame(t, late, isType("view")); f.Query != "?f=ackley" {
		t.Errorf("got %+v", f)
	}

	// The presenter's page is reloaded: the talk stays.
	_ = presenter.Close()
	awaitFrame(t, late, func(f talkFrame) bool { return f.Type == "crowd" && !f.Presenting })
	presenter = attend(t, listening, id, presentHello(key))
	awaitFrame(t, late, func(f talkFrame) bool { return f.Type == "crowd" && f.Presenting })

	say(t, presenter, `{"type":"end"}`)
	awaitFrame(t, late, isType("end"))
	if _, response, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(listening.URL, "http")+"/ws/talks/"+id, nil); err == nil || response == nil || response.StatusCode != http.StatusNotFound {
		t.Errorf("a talk that has ended: %v", err)
	}
}

// Knowing the link gives the right to follow and no other.
func TestOnlyTheKeyPresents(t *testing.T) {
	s, listening := talkServer(t)
	id, key, err := s.talks.begin(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	watcher := attend(t, listening, id, followHello)
	for name, messages := range map[string][]string{
		"a wrong key":              {presentHello(strings.ToLower(key) + "x")},
		"an empty key":             {`{"type":"present","key":""}`},
		"no hello":                 {`{"type":"view","query":"?f=dent"}`},
		"a follower who shows":     {followHello, `{"type":"view","query":"?f=dent"}`},
		"a follower who ends":      {followHello, `{"type":"end"}`},
		"no JSON":                  {"\x00\xff"},
		"a presenter of nonsense":  {presentHello(key), `{"type":"dance"}`},
		"more than a message":      {strings.Repeat(" ", viewerReads+1)},
		"a presenter of an array":  {presentHello(key), `[]`},
		"a hello in another shape": {`{"type":7}`},
	} {
		t.Run(name, func(t *testing.T) {
			conn := attend(t, listening, id, messages[0])
			for _, text := range messages[1:] {
				say(t, conn, text)
			}
			for {
				if _, _, err := conn.ReadMessage(); err != nil {
					var closed *websocket.CloseError
					if errors.As(err, &closed) && closed.Code == websocket.CloseNormalClosure {
						t.Errorf("let go without a reason: %v", err)
					}
					return
				}
			}
		})
	}
	presenter := attend(t, listening, id, presentHello(key))
	say(t, presenter, `{"type":"view","query":"?f=himmelblau"}`)
	if f := awaitFrame(t, watcher, isType("view")); f.Query != "?f=himmelblau" || f.Seq != 1 {
		t.Errorf("somebody without the key has shown something: %+v", f)
	}
}

func TestTalksAreLimitedAndForgotten(t *testing.T) {
	ts, now := newTalks(), time.Now()
	ids := map[string]bool{}
	for range maxTalks {
		id, _, err := ts.begin(now)
		if err != nil || ids[id] || len(id) != 6 {
			t.Fatal(id, err)
		}
		ids[id] = true
	}
	if _, _, err := ts.begin(now.Add(talkRests)); err == nil || statusOf(err) != http.StatusServiceUnavailable {
		t.Errorf("one more: %v", err)
	}
	id, key, err := ts.begin(now.Add(talkRests + time.Second))
	if err != nil {
		t.Fatal(err)
	}
	seat, err := ts.enter(id, key)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := ts.begin(now.Add(24 * time.Hour)); err != nil || ts.all[id] == nil {
		t.Errorf("%v; a talk with somebody in it must stay", err)
	}
	seat.leave(now.Add(24 * time.Hour))
	seat.leave(now.Add(24 * time.Hour).Add(talkRests + time.Second))
}

// crowd opens n followers; got receives the number of each view that each of them read.
func crowd(t testing.TB, s *server, listening *httptest.Server, n int) (presenter *websocket.Conn, got chan int) {
	t.Helper()
	id, key, err := s.talks.begin(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	got = make(chan int, 1000*n)
	for range n {
		conn := attend(t, listening, id, followHello)
		go func() {
			for {
				var f talkFrame
				if conn.ReadJSON(&f) != nil {
					return
				}
				if f.Type == "view" {
					got <- f.Seq
				}
			}
		}()
	}
	presenter = attend(t, listening, id, presentHello(key))
	awaitFrame(t, presenter, func(f talkFrame) bool { return f.Followers == n })
	go func() { // takes what else comes
		for {
			if _, _, err := presenter.ReadMessage(); err != nil {
				return
			}
		}
	}()
	return presenter, got
}

func TestTwoHundredFollowersAllGetTheNewestView(t *testing.T) {
	s, listening := talkServer(t)
	n := 200
	presenter, got := crowd(t, s, listening, n)
	const views = 50
	for i := range views {
		say(t, presenter, fmt.Sprintf(`{"type":"view","query":"?eta=0.%d"}`, i+1))
	}
	arrived := 0
	for limit := time.After(30 * time.Second); arrived < n; {
		select {
		case seq := <-got:
			if seq == views { // those between may be left out, the newest not
				arrived++
			}
		case <-limit:
			t.Fatalf("%d of %d followers got the newest view", arrived, n)
		}
	}
}

// BenchmarkFollowers measures the time from the presenter's message to each of 200 followers having read the view, ten views a second apart
// (aim: p99 ≤ 200 ms).
//
//	go test ./server -run XXX -bench Followers -benchtime 50x
func BenchmarkFollowers(b *testing.B) {
	s, listening := talkServer(b)
	const n = 200
	presenter, got := crowd(b, s, listening, n)
	var took []time.Duration
	for b.Loop() {
		began := time.Now()
		say(b, presenter, `{"type":"view","query":"?f=dent&eta=0.05"}`)
		for range n {
			<-got
			took = append(took, time.Since(began))
		}
		time.Sleep(20 * time.Millisecond)
	}
	reportQuantiles(b, took)
}

func reportQuantiles(b *testing.B, took []time.Duration) {
	b.Helper()
	slices.Sort(took)
	at := func(q float64) float64 { return float64(took[int(q*float64(len(took)-1))].Microseconds()) / 1000 }
	b.ReportMetric(at(0.5), "p50-ms")
	b.ReportMetric(at(0.99), "p99-ms")
	b.ReportMetric(at(1), "max-ms")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkViewers measures the time from a line of the worker, 100 a second, to the frame being handed to the socket of each of 200 viewers
// of the run, disk included (budget: p99 ≤ 150 ms to the pixel).
//
//	go test ./server -run XXX -bench Viewers -benchtime 500x
func BenchmarkViewers(b *testing.B) {
	s, listening := talkServer(b)
	rs := s.runs
	if err := rs.store.CreateRun(testRow("r")); err != nil {
		b.Fatal(err)
	}
	const n = 200
	var mu sync.Mutex
	sent := map[int]time.Time{}
	got := make(chan time.Duration, 100*n)
	for range n {
		conn := dial(b, listening, "r", 0)
		go func() {
			for {
				var frame struct {
					Type   string
					Events []struct{ Step int }
				}
				_, text, err := conn.ReadMessage()
				if err != nil {
					return
				}
				now := time.Now()
				if json.Unmarshal(text, &frame) != nil || frame.Type != "events" {
					continue
				}
				for _, e := range frame.Events {
					mu.Lock()
					began := sent[e.Step]
					mu.Unlock()
					got <- now.Sub(began)
				}
			}
		}()
	}
	for rs.hub.Viewers("r") < n {
		time.Sleep(time.Millisecond)
	}
	in := startIntake(rs, "r", nil, func(error) {})
	var took []time.Duration
	for step := 1; b.Loop(); step++ {
		mu.Lock()
		sent[step] = time.Now()
		mu.Unlock()
		if err := in.line(fmt.Appendf(nil, `{"kind":"update","time":1,"step":%d,"update":{"epoch":0,"learningRate":0.1,"batchSize":32,"trainLoss":1.5}}`, step)); err != nil {
			b.Fatal(err)
		}
		for range n {
			took = append(took, <-got)
		}
		time.Sleep(10 * time.Millisecond)
	}
	in.finish()
	reportQuantiles(b, took)
}

package main

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// testServer is the whole HTTP interface over a socket, with a fake worker and a log that tests can read.
type testServer struct {
	*httptest.Server
	runs     *Runs
	talks    *talks
	log      *lockedBuffer
	descents *descents
	spaces   *spaces
}

// newTestServer serves as `smoothscape serve` does, behind this guard; how is for the fake worker.
func newTestServer(t *testing.T, guard *guard, how string) *testServer {
	t.Helper()
	return serveRuns(t, fakeRuns(t, t.TempDir(), how), guard)
}

// serveRuns serves as `smoothscape serve` does, behind this guard.
func serveRuns(t testing.TB, runs *Runs, guard *guard) *testServer {
	t.Helper()
	log := &lockedBuffer{}
	s := &server{
		log: slog.New(slog.NewTextHandler(log, nil)), guard: guard, runs: runs, figures: make(chan struct{}, figuresAtOnce), trees: newTrees(),
		talks:    newTalks(),
		descents: newDescents(),
		planes:   newPlaneGrids(),
		spaces:   newSpaces(slog.New(slog.NewTextHandler(log, nil))),
	}
	listening := httptest.NewServer(s.handler())
	t.Cleanup(listening.Close)
	return &testServer{Server: listening, runs: runs, log: log, talks: s.talks, descents: s.descents, spaces: s.spaces}
}

// answer is what a client sees of a response.
type answer struct {
	status int
	header http.Header
	body   string
}

// send makes a request as a program does, without following redirects; change may alter it, and may be nil.
func (s *testServer) send(t *testing.T, method, path, body string, change func(*http.Request)) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if method == http.MethodPost && !strings.HasPrefix(path, "/api/") {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if change != nil {
		change(r)
	}
	response, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusSwitchingProtocols {
		return answer{response.StatusCode, response.Header, ""}
	}
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{response.StatusCode, response.Header, string(text)}
}

// with sets one header.
func with(key, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(key, value) }
}

// upgrading asks for a websocket.
func upgrading(r *http.Request) {
	for key, value := range map[string]string{
		"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
	} {
		r.Header.Set(key, value)
	}
}

// lockedBuffer is a buffer for many goroutines.
type lockedBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// slow leaves a test out of -short, as the race detector runs it: it mostly computes, and what it starts others start too.
func slow(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("skipped: slow, and not part of -short")
	}
}

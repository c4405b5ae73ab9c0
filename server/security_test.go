package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"
)

const testToken = "correct-horse-battery"

// securityHeaders stand on every response of the program.
func securityHeaders() map[string]string {
	return map[string]string{
		"Content-Security-Policy":      "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
		"X-Content-Type-Options":       "nosniff",
		"X-Frame-Options":              "DENY",
		"Referrer-Policy":              "same-origin",
		"Cross-Origin-Opener-Policy":   "same-origin",
		"Cross-Origin-Resource-Policy": "same-origin",
	}
}

// Good answers, refusals of every kind and faults of the program carry the same headers.
func TestEveryResponseCarriesTheHeaders(t *testing.T) {
	s := newTestServer(t, &guard{}, "")
	guarded := newTestServer(t, &guard{token: testToken}, "")
	answers := map[string]answer{
		"wrong host":   s.send(t, "GET", "/", "", func(r *http.Request) { r.Host = "evil.example" }),
		"wrong origin": s.send(t, "POST", "/runs", "", with("Origin", "http://evil.example")),
		"no token":     guarded.send(t, "GET", "/api/runs", "", nil),
		"no page":      s.send(t, "GET", "/nothing", "", nil),
		"bad method":   s.send(t, "PATCH", "/", "", nil),
		"too large":    s.send(t, "POST", "/api/runs", strings.Repeat(" ", maxBodyBytes+1), nil),
	}
	for _, r := range (&server{}).routes() {
		if !strings.Contains(r.Status, "101") { // the answer of an upgrade is written by the websocket library, and is no document
			answers[r.Method+" "+r.Path] = s.send(t, r.Method, strings.NewReplacer("{id}", "x", "{move}", "stop", "{file}", "x").Replace(r.Path), "", nil)
		}
	}
	for what, a := range answers {
		for key, want := range securityHeaders() {
			if got := a.header.Get(key); got != want {
				t.Errorf("%s (status %d): %s is %q, want %q", what, a.status, key, got, want)
			}
		}
	}
}

// Only the one origin that --embed-in names may show a page in a frame, and only /embed.
func TestEmbedding(t *testing.T) {
	s := newTestServer(t, &guard{frames: "https://lectures.example.org"}, "")
	for _, path := range []string{"/", "/runs", "/embed/", "/login", "/api/runs", "/nothing"} {
		if h := s.send(t, "GET", path, "", nil).header; !strings.HasSuffix(h.Get("Content-Security-Policy"), "; frame-ancestors 'none'") || h.Get("X-Frame-Options") != "DENY" {
			t.Errorf("%s may be shown in a frame: %v", path, h)
		}
	}
	h := s.send(t, "GET", "/embed", "", nil).header
	if got := h.Get("Content-Security-Policy"); !strings.HasSuffix(got, "; frame-ancestors https://lectures.example.org") || h.Get("X-Frame-Options") != "" {
		t.Errorf("policy %q, X-Frame-Options %q", got, h.Get("X-Frame-Options"))
	}
	for _, origin := range []string{"*", "lectures.example.org", "https://a.example/path", "https://a.example/", "ftp://a.example", "https://a.example https://b.example", "https://a.example;script-src *", "'self'"} {
		if _, err := embedder(origin); len(faults(err)) != 1 {
			t.Errorf("--embed-in %q: %v, want a fault", origin, err)
		}
	}
}

// A name that an attacker points at this machine (DNS rebinding) is refused on every route, whatever the method.
func TestHostIsCheckedOnEveryRequest(t *testing.T) {
	s := newTestServer(t, &guard{hosts: map[string]bool{"gpu.example.org": true, "192.168.7.1": true}}, "")
	for _, r := range (&server{}).routes() {
		a := s.send(t, r.Method, strings.NewReplacer("{id}", "x", "{move}", "stop", "{file}", "x").Replace(r.Path), "", func(q *http.Request) {
			q.Host = "evil.example"
			if strings.HasPrefix(r.Path, "/ws/") {
				upgrading(q)
			}
		})
		if a.status != http.StatusForbidden {
			t.Errorf("%s %s for evil.example: status %d, want 403", r.Method, r.Path, a.status)
		}
	}
	for host, want := range map[string]int{
		"localhost": 200, "LOCALHOST:8080": 200, "localhost.": 200, "localhost.:1": 200, "127.0.0.1": 200, "127.0.0.1:9": 200, "127.9.9.9": 200, "[::1]": 200, "[::1]:8080": 200,
		"[0:0:0:0:0:0:0:1]:8080": 200, "[::ffff:127.0.0.1]:8080": 200, "gpu.example.org": 200, "GPU.example.org:8443": 200, "192.168.7.1:8080": 200,
		"evil.example:8080": 403, "localhost.evil.example": 403, "127.0.0.1.evil.example": 403, "evil.localhost": 403, "evilgpu.example.org": 403, "gpu.example.org.evil.example": 403,
		"192.168.7.2": 403, "0.0.0.0:8080": 403, "[::]:8080": 403, "127.1": 403, "2130706433": 403, "0x7f.0.0.1": 403, "::1": 200, "[fe80::1]": 403,
	} {
		recorder := httptest.NewRecorder()
		request := httptest.NewRequest("GET", "/healthz", nil)
		request.Host = host
		s.Config.Handler.ServeHTTP(recorder, request)
		if recorder.Code != want {
			t.Errorf("Host: %s: status %d, want %d", host, recorder.Code, want)
		}
	}
	recorder := httptest.NewRecorder()
	request := httptest.NewRequest("GET", "/healthz", nil)
	request.Host = "" // HTTP/1.0
	s.Config.Handler.ServeHTTP(recorder, request)
	if recorder.Code != http.StatusForbidden {
		t.Errorf("no Host: status %d, want 403", recorder.Code)
	}
}

// A page of another origin cannot change anything, nor open a socket, with the user's browser.
func TestOtherOriginsChangeNothing(t *testing.T) {
	s := newTestServer(t, &guard{}, "steps=100000 delay=10ms")
	run := mustCreate(t, s.runs, testConfig())
	awaitStep(t, s.runs, run, 1)
	foreign := map[string]func(*http.Request){
		"another site":        with("Origin", "http://evil.example"),
		"another port":        with("Origin", "http://127.0.0.1:1"),
		"a sandboxed frame":   with("Origin", "null"),
		"a file":              with("Origin", "file://"),
		"a name like ours":    with("Origin", s.URL+".evil.example"),
		"ours in the user":    with("Origin", strings.Replace(s.URL, "http://", "http://x@", 1)+".evil.example"),
		"an empty origin":     with("Origin", ""),
		"cross-site fetch":    with("Sec-Fetch-Site", "cross-site"),
		"same-site fetch":     with("Sec-Fetch-Site", "same-site"),
		"two origins":         func(r *http.Request) { r.Header["Origin"] = []string{s.URL, "http://evil.example"} },
		"origin and its fake": func(r *http.Request) { r.Header.Set("Origin", s.URL); r.Header.Set("Sec-Fetch-Site", "cross-site") },
	}
	for _, r := range (&server{}).routes() {
		path := strings.NewReplacer("{id}", run, "{move}", "stop").Replace(r.Path)
		for who, change := range foreign {
			ask := change
			if strings.HasPrefix(path, "/ws/") {
				ask = func(q *http.Request) { upgrading(q); change(q) }
			} else if r.Method == http.MethodGet {
				continue
			}
			if a := s.send(t, r.Method, path, "", ask); a.status != http.StatusForbidden {
				t.Errorf("%s %s from %s: status %d, want 403", r.Method, path, who, a.status)
			}
		}
	}
	if all := ownRuns(t, s.runs); len(all) != 1 || all[0].Status != StatusRunning {
		t.Errorf("after all that: %+v; want the one run, running", all)
	}
	// Links from elsewhere may be followed, and our own pages and programs may change things.
	if a := s.send(t, "GET", "/runs", "", with("Sec-Fetch-Site", "cross-site")); a.status != http.StatusOK {
		t.Errorf("a link from another site: status %d", a.status)
	}
	own := func(r *http.Request) { r.Header.Set("Origin", s.URL); r.Header.Set("Sec-Fetch-Site", "same-origin") }
	if a := s.send(t, "GET", "/ws/runs/"+run, "", func(r *http.Request) { upgrading(r); own(r) }); a.status != http.StatusSwitchingProtocols {
		t.Errorf("our own socket: status %d: %s", a.status, a.body)
	}
	if a := s.send(t, "POST", "/runs/"+run+"/stop", "", own); a.status != http.StatusSeeOther {
		t.Errorf("our own button: status %d: %s", a.status, a.body)
	}
}

// With a token set, nothing of the program's state is shown or changed without it.
func TestNothingWithoutTheToken(t *testing.T) {
	s := newTestServer(t, &guard{token: testToken}, "")
	open := []string{"/healthz", "/login", "/static/{file}"}
	wrong := map[string]func(*http.Request){
		"nothing":             nil,
		"another token":       with("Authorization", "Bearer wrong-horse-battery"),
		"half of it":          with("Authorization", "Bearer "+testToken[:8]),
		"none after Bearer":   with("Authorization", "Bearer "),
		"the token as basic":  func(r *http.Request) { r.SetBasicAuth("user", testToken) },
		"the token in a link": func(r *http.Request) { r.URL.RawQuery = "token=" + testToken },
		"it as a cookie":      func(r *http.Request) { r.AddCookie(&http.Cookie{Name: tokenCookie, Value: testToken}) },
		"an empty cookie":     func(r *http.Request) { r.AddCookie(&http.Cookie{Name: tokenCookie}) },
	}
	for _, r := range (&server{}).routes() {
		if slices.Contains(open, r.Path) {
			continue
		}
		want := http.StatusSeeOther // to the login
		if strings.HasPrefix(r.Path, "/api/") || strings.HasPrefix(r.Path, "/ws/") {
			want = http.StatusUnauthorized
		}
		for what, change := range wrong {
			a := s.send(t, r.Method, strings.NewReplacer("{id}", "x", "{move}", "stop").Replace(r.Path), "", change)
			if a.status != want || want == http.StatusSeeOther && a.header.Get("Location") != loginPath {
				t.Errorf("%s %s with %s: status %d to %q, want %d", r.Method, r.Path, what, a.status, a.header.Get("Location"), want)
			}
		}
	}
	if a := s.send(t, "GET", "/api/runs", "", with("Authorization", "Bearer "+testToken)); a.status != http.StatusOK {
		t.Errorf("with the token: status %d", a.status)
	}
}

// The form gives a cookie that scripts cannot read and other sites cannot send, which does not hold the token.
func TestLogin(t *testing.T) {
	s := newTestServer(t, &guard{token: testToken}, "")
	if a := s.send(t, "POST", "/login", "token=wrong&next=/runs", nil); a.status != http.StatusForbidden || len(a.header.Values("Set-Cookie")) > 0 {
		t.Errorf("a wrong token: status %d, cookie %q", a.status, a.header.Values("Set-Cookie"))
	}
	a := s.send(t, "POST", "/login", "token="+testToken+"&next=/runs", nil)
	cookie := a.header.Get("Set-Cookie")
	if a.status != http.StatusSeeOther || a.header.Get("Location") != "/runs" {
		t.Errorf("status %d to %q", a.status, a.header.Get("Location"))
	}
	for _, want := range []string{"HttpOnly", "SameSite=Strict", "Path=/"} {
		if !strings.Contains(cookie, want) {
			t.Errorf("the cookie %q lacks %s", cookie, want)
		}
	}
	if strings.Contains(cookie, testToken) {
		t.Error("the cookie holds the token")
	}
	value, _, _ := strings.Cut(cookie, ";")
	if a := s.send(t, "GET", "/runs", "", with("Cookie", value)); a.status != http.StatusOK {
		t.Errorf("with the cookie: status %d", a.status)
	}
	for _, next := range []string{"//evil.example", "/\\evil.example", "https://evil.example", "evil", "/\t/evil.example", "", "/\n"} {
		if got := localPath(next); got != "/" {
			t.Errorf("logging in leads to %q for %q", got, next)
		}
	}
	if page := s.send(t, "POST", "/login", `token=x&next=/"><script>alert(1)</script>`, nil).body; strings.Contains(page, "<script") {
		t.Errorf("the form holds what was sent: %s", page)
	}
	if strings.Contains(s.log.String(), testToken) {
		t.Error("the log holds the token")
	}
}

// Bodies and headers have a limit before they are read.
func TestSizeLimits(t *testing.T) {
	s := newTestServer(t, &guard{}, "")
	for _, path := range []string{"/runs", "/api/runs", "/login"} {
		guarded := s
		if path == "/login" {
			guarded = newTestServer(t, &guard{token: testToken}, "")
		}
		a := guarded.send(t, "POST", path, `name=`+strings.Repeat("x", maxBodyBytes), nil)
		if a.status != http.StatusRequestEntityTooLarge && a.status != http.StatusBadRequest {
			t.Errorf("%s with %d bytes: status %d: %.200s", path, maxBodyBytes+5, a.status, a.body)
		}
	}
	if all := ownRuns(t, s.runs); len(all) != 0 {
		t.Errorf("%d runs were made of it", len(all))
	}
	url := serveForTest(t, s.Config.Handler)
	r, _ := http.NewRequestWithContext(t.Context(), "GET", url+"/healthz", nil)
	r.Header.Set("X-Long", strings.Repeat("x", 2*maxHeaderBytes))
	response, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("%d bytes of headers: status %d, want 431", 2*maxHeaderBytes, response.StatusCode)
	}
}

// A client that sends its request a byte at a time does not hold a connection for longer than readHeaderTimeout.
func TestDribbledRequestsAreCutOff(t *testing.T) {
	if testing.Short() {
		t.Skip("takes readHeaderTimeout")
	}
	t.Parallel()
	url := serveForTest(t, http.NotFoundHandler())
	conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	began := time.Now()
	go func() {
		for _, c := range "GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: " + strings.Repeat("x", 1000) {
			if _, err := fmt.Fprintf(conn, "%c", c); err != nil {
				return
			}
			time.Sleep(50 * time.Millisecond)
		}
	}()
	_ = conn.SetReadDeadline(began.Add(4 * readHeaderTimeout))
	_, _ = io.Copy(io.Discard, bufio.NewReader(conn)) // until the server hangs up, perhaps with a reset
	if took := time.Since(began); took > 3*readHeaderTimeout {
		t.Errorf("the connection was held for %v", took)
	}
}

// serveForTest serves with the limits of the program until the test ends, and returns the address.
func serveForTest(t *testing.T, handler http.Handler) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	go func() { ended <- serveUntil(ctx, listener, handler, func() {}, func() error { return nil }) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return "http://" + listener.Addr().String()
}

// A fault of the program is a 500 that tells nothing of its cause, and the next request is answered as if nothing had been.
func TestAPanicIsAnsweredAndLogged(t *testing.T) {
	log := &lockedBuffer{}
	s := &server{log: slog.New(slog.NewTextHandler(log, nil)), guard: &guard{}}
	handler := s.guard.protect(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/api/panic", "/panic":
			var nothing []int
			_ = nothing[len(r.URL.Path)]
		case "/abort":
			panic(http.ErrAbortHandler)
		}
	}), s.fail)
	for path, kind := range map[string]string{"/panic": "text/html; charset=utf-8", "/api/panic": "application/json; charset=utf-8"} {
		recorder := httptest.NewRecorder()
		request := httptest.NewRequest("GET", path, nil)
		request.Host = "localhost"
		handler.ServeHTTP(recorder, request)
		if recorder.Code != 500 || recorder.Header().Get("Content-Type") != kind || strings.Contains(recorder.Body.String(), "index out of range") {
			t.Errorf("%s: %d %s: %s", path, recorder.Code, recorder.Header().Get("Content-Type"), recorder.Body)
		}
	}
	if !strings.Contains(log.String(), "index out of range") || !strings.Contains(log.String(), "security_test.go") {
		t.Errorf("the log lacks the cause or its place: %s", log)
	}
	defer func() {
		if recover() != http.ErrAbortHandler {
			t.Error("http.ErrAbortHandler must reach net/http")
		}
	}()
	request := httptest.NewRequest("GET", "/abort", nil)
	request.Host = "localhost"
	handler.ServeHTTP(httptest.NewRecorder(), request)
}

// What a person typed comes back as text, never as HTML.
func TestWhatWasTypedIsEscaped(t *testing.T) {
	s := newTestServer(t, &guard{}, "steps=5")
	const bait = `<script>alert("x")</script>`
	run, err := s.runs.Create(t.Context(), bait, testConfig())
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{
		"/?f=%3Cscript%3Ealert(%22x%22)%3C/script%3E", "/?eta=%3Cscript%3Ealert(%22x%22)%3C/script%3E", "/%3Cscript%3Ealert(%22x%22)%3C/script%3E",
		"/runs", "/runs/" + run.ID, "/runs/%3Cscript%3Ealert(%22x%22)%3C%2Fscript%3E",
	} {
		if page := s.send(t, "GET", path, "", nil).body; strings.Contains(page, "<script>alert") {
			t.Errorf("%s: %s", path, page)
		}
	}
	if page := s.send(t, "POST", "/runs", "name=x&learningRate=%22%3E%3Cscript%3Ealert(%22x%22)%3C/script%3E", nil).body; strings.Contains(page, "<script>alert") {
		t.Errorf("the form: %s", page)
	}
}

package main

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"smoothscape/static/browsertest"
)

// A page presents and a program follows; then a page follows and a program presents. The numbers on the page are the witness.
func TestFollowMe(t *testing.T) {
	t.Parallel()
	b := browsertest.Start(t, 1280, 800)
	s := &server{guard: &guard{}, runs: fakeRuns(t, t.TempDir(), ""), talks: newTalks(), trees: newTrees(), figures: make(chan struct{}, figuresAtOnce)}
	listening := httptest.NewServer(s.handler())
	t.Cleanup(listening.Close)
	const minutes = 20 * time.Second
	text := func(id string) string {
		return "(document.querySelector('[data-testid=" + id + "]')?.textContent ?? '')"
	}

	b.Open(listening.URL+"/?f=dent&n=129&split=0", "dark")
	b.Wait(minutes, text("minima-count")+" !== '–'")
	b.Do(chromedp.Click("[data-testid=talk-toggle]"))
	b.Wait(minutes, text("talk-sentence")+".includes('?follow=')")
	sentence := browsertest.Evaluate[string](b, text("talk-sentence"))
	id := sentence[strings.Index(sentence, "follow=")+len("follow="):][:6]
	follower := attend(t, listening, id, followHello)
	if f := awaitFrame(t, follower, isType("view")); !strings.Contains(f.Query, "f=dent") {
		t.Errorf("the first view is %+v", f)
	}
	b.Wait(minutes, text("talk-sentence")+".startsWith('1 follows')")
	b.Type("delta", "0.1")
	awaitFrame(t, follower, func(f talkFrame) bool { return f.Type == "view" && strings.Contains(f.Query, "eta=") })
	b.Do(chromedp.Reload()) // the tab keeps the key
	b.Wait(minutes, text("talk-sentence")+".includes('"+id+"')")
	b.Type("delta", "0.2")
	awaitFrame(t, follower, func(f talkFrame) bool { return f.Type == "view" && f.Seq > 1 })
	b.Do(chromedp.Click("[data-testid=talk-toggle]"))
	awaitFrame(t, follower, isType("end"))

	id, key, err := s.talks.begin(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	presenter := attend(t, listening, id, presentHello(key))
	say(t, presenter, `{"type":"view","query":"?f=dent&c=1&b=1&eta=0.01&convention=coordinate&n=129"}`)
	b.Open(listening.URL+"/?follow="+id, "light")
	b.Wait(minutes, text("minima-count")+" === '2' && document.querySelector('[data-testid=function]').value === 'dent'")
	say(t, presenter, `{"type":"view","query":"?f=dent&c=1&b=1&eta=0.15&convention=coordinate&n=129"}`)
	b.Wait(minutes, text("minima-count")+" === '1'")
	if got := browsertest.Evaluate[string](b, "new Promise((r) => setTimeout(() => r(location.search), 400))"); got != "?follow="+id {
		t.Errorf("the address became %q", got)
	}

	// The hand on a control leaves; the presenter's views wait until the follower rejoins.
	b.Do(chromedp.Focus("[data-testid=eta]"), chromedp.KeyEvent(kb.ArrowLeft))
	b.Wait(minutes, text("talk-action")+" === 'Rejoin'")
	say(t, presenter, `{"type":"view","query":"?f=rastrigin&c=1&b=1&eta=0.05&convention=coordinate&n=129"}`)
	b.Do(chromedp.Sleep(300 * time.Millisecond))
	if got := browsertest.Evaluate[string](b, "document.querySelector('[data-testid=function]').value"); got != "dent" {
		t.Errorf("who has left was taken to %s", got)
	}
	b.Do(chromedp.Click("[data-testid=talk-action]"))
	b.Wait(minutes, text("minima-count")+" === '121'")

	say(t, presenter, `{"type":"end"}`)
	b.Wait(minutes, text("talk-sentence")+".includes('has ended')")
	b.Allow = append(b.Allow, "404", "WebSocket connection")
	b.Open(listening.URL+"/?follow=aaaaaa", "light")
	b.Wait(minutes, text("talk-sentence")+".includes('has ended')")
	if response, err := http.Get(listening.URL + "/?follow=%3Cscript%3E"); err != nil || response.StatusCode != http.StatusOK {
		t.Errorf("a hostile name: %v, %v", response, err)
	}
}

// fickle is a listener whose connections are lost when somebody says so.
type fickle struct {
	net.Listener
	mu   sync.Mutex
	open []net.Conn
	down bool
}

func (l *fickle) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.down {
		_ = conn.Close()
	}
	l.open = append(l.open, conn)
	return conn, nil
}

// lose ends all connections, and while down each new one.
func (l *fickle) lose(down bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.down = down
	for _, conn := range l.open {
		_ = conn.Close()
	}
	l.open = nil
}

// A follower whose connection is lost says so, comes back by itself, and shows what the presenter has done meanwhile.
func TestAFollowerComesBack(t *testing.T) {
	b := browsertest.Start(t, 1280, 800)
	b.Allow = append(b.Allow, "WebSocket connection", "ERR_")
	s := &server{guard: &guard{}, runs: fakeRuns(t, t.TempDir(), ""), talks: newTalks(), trees: newTrees(), figures: make(chan struct{}, figuresAtOnce)}
	steady := httptest.NewServer(s.handler()) // the presenter's way
	t.Cleanup(steady.Close)
	lost := httptest.NewUnstartedServer(s.handler())
	line := &fickle{Listener: lost.Listener}
	lost.Listener = line
	lost.Start()
	t.Cleanup(lost.Close)
	text := func(id string) string {
		return "(document.querySelector('[data-testid=" + id + "]')?.textContent ?? '')"
	}
	id, key, err := s.talks.begin(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	presenter := attend(t, steady, id, presentHello(key))
	view := func(eta string) {
		say(t, presenter, `{"type":"view","query":"?f=dent&c=1&b=1&eta=`+eta+`&convention=coordinate&n=129"}`)
	}
	view("0.01")
	b.Open(lost.URL+"/?follow="+id, "light")
	b.Wait(20*time.Second, text("minima-count")+" === '2' && "+text("talk-sentence")+".startsWith('Following')")
	line.lose(true)
	b.Wait(20*time.Second, text("talk-sentence")+".includes('connection is lost')")
	view("0.05")
	view("0.15")
	if got := browsertest.Evaluate[string](b, text("minima-count")); got != "2" {
		t.Errorf("%s minima without a connection", got)
	}
	line.lose(false)
	b.Wait(30*time.Second, text("minima-count")+" === '1' && "+text("talk-sentence")+".startsWith('Following')")
	view("0.01") // and it follows on
	b.Wait(20*time.Second, text("minima-count")+" === '2'")
}

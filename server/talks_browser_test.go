package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"smoothscape/static/browsertest"
)

// A page presents and a program follows; then a page follows and a program presents. The numbers on the page are the witness.
func TestFollowMe(t *testing.T) {
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

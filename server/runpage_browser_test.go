package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"smoothscape/static/browsertest"
)

// A recorded run melts what δ cannot tell apart: of three minima one is left at first, and all of them at the end. Then a run of the data folder
// that is deleted while somebody watches says so and asks no more.
func TestRunPagesOfTheWholeProgram(t *testing.T) {
	t.Parallel()
	s := &server{guard: &guard{}, runs: fakeRuns(t, t.TempDir(), "steps=60"), talks: newTalks(), trees: newTrees(), descents: newDescents(), figures: make(chan struct{}, figuresAtOnce)}
	listening := httptest.NewServer(s.handler())
	t.Cleanup(listening.Close)
	done := doneRun(t, s.runs)
	b := browsertest.Start(t, 1440, 900)
	b.Allow = append(b.Allow, "404", "WebSocket connection")
	text := func(id, part string) string {
		return fmt.Sprintf("document.getElementById('%s').textContent.includes(%q)", id, part)
	}
	minima := func(n int) string {
		return fmt.Sprintf("document.getElementById('slice-minima').textContent === '%d'", n)
	}
	b.Open(listening.URL+"/runs/recorded-lr-decay?at=334", "dark")
	b.Wait(20*time.Second, minima(1)+" && "+text("slice-caption", "δ = 0.440, drawn ×22.9")+" && "+text("slice-lift", "at δ = 0.440"))
	b.Wait(15*time.Second, "document.getElementById('delta-row').getBoundingClientRect().bottom <= innerHeight && !document.getElementById('measure')")
	// Heights and levels are those of all kept slices: they stay while the run plays, and the newest slice alone has its own.
	const scale = `[...document.querySelectorAll("#slice-view .color-bar text")].map((e) => e.textContent).join()`
	b.Wait(15*time.Second, text("slice-caption", "one scale for all")+" && "+text("slice-sentence", "of all kept slices, "))
	before := browsertest.Evaluate[string](b, scale)
	for range 3 {
		at := browsertest.Evaluate[string](b, "location.search")
		b.Do(chromedp.KeyEvent(kb.ArrowRight))
		b.Wait(15*time.Second, fmt.Sprintf("location.search !== %q && document.getElementById('slice-caption').textContent.includes('update ' + Number(new URLSearchParams(location.search).get('at')).toLocaleString('en').replace(',', '\u202f'))", at))
		if got := browsertest.Evaluate[string](b, scale); got != before || got == "" {
			t.Errorf("the color bar says %q, then %q", before, got)
		}
	}
	b.Do(chromedp.KeyEvent(kb.End))
	b.Wait(15*time.Second, "!"+text("slice-caption", "one scale for all")+" && "+scale+" !== "+fmt.Sprintf("%q", before))
	b.Wait(15*time.Second, minima(3)+" && "+text("slice-caption", "δ = 0.0293")+" && location.search === ''")
	if href := browsertest.Evaluate[string](b, "document.getElementById('slice-figure').href"); drawn(t, s, strings.TrimPrefix(href, listening.URL)) == 0 {
		t.Errorf("there is no figure at %s", href)
	}
	b.Do(chromedp.KeyEvent("h")) // the link says what differs from what this page shows by itself
	b.Wait(15*time.Second, "location.search === '?log=0'")

	b.Open(listening.URL+"/runs/"+done, "light")
	b.Wait(20*time.Second, "document.getElementById('run-connection').dataset.state === 'live'")
	request, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, listening.URL+"/api/runs/"+done, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatal(answer, err)
	}
	answer.Body.Close()
	b.Wait(15*time.Second, "!document.getElementById('run-gone').hidden && document.getElementById('run-connection').dataset.state === 'gone'")
}

// drawn is the size of the figure at a path.
func drawn(t *testing.T, s *server, path string) int {
	t.Helper()
	answer := httptest.NewRecorder()
	s.handler().ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "http://127.0.0.1"+path, nil))
	if answer.Code != http.StatusOK {
		t.Errorf("GET %s: %d, %.300s", path, answer.Code, answer.Body)
		return 0
	}
	return answer.Body.Len()
}

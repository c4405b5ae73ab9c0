package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"smoothscape/static/browsertest"
)

// The figure alone: a picture, a sentence and one slider that works; a page of the origin that --embed-in names may show it in a frame.
func TestEmbeddedFigure(t *testing.T) {
	t.Parallel()
	b := browsertest.Start(t, 960, 600)
	host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, `<!doctype html><title>A slide</title><iframe width="800" height="500" src="`+r.URL.Query().Get("show")+`"></iframe>`)
	}))
	t.Cleanup(host.Close)
	s := &server{guard: &guard{frames: host.URL}, runs: fakeRuns(t, t.TempDir(), ""), talks: newTalks(), trees: newTrees(), figures: make(chan struct{}, figuresAtOnce)}
	listening := httptest.NewServer(s.handler())
	t.Cleanup(listening.Close)

	b.Open(listening.URL+"/embed?f=rastrigin&convention=coordinate&c=1&b=1&eta=0.05&n=129", "light")
	const count = "document.querySelector('[data-testid=minima-count]').textContent"
	b.Wait(20*time.Second, count+" === '121'")
	seen := browsertest.Evaluate[[]string](b, `[...document.querySelectorAll("header, canvas, input, button, select, a")].filter((e) => e.checkVisibility() && e.offsetWidth > 1).map((e) => e.id || e.localName)`)
	if got, want := fmt.Sprint(seen), "[surface delta b-typed b embed-origin]"; got != want {
		t.Errorf("the figure shows %s, want %s", got, want)
	}
	b.Type("delta", "0.44")
	b.Wait(20*time.Second, count+" === '1'")
	b.Wait(20*time.Second, "location.pathname === '/embed' && document.querySelector('#embed-origin').search === location.search")

	b.Open(host.URL+"/?show="+listening.URL+"/embed?f=dent", "light") // a refusal would be a complaint, and fail the test
	b.Wait(20*time.Second, "document.readyState === 'complete'")
	b.Allow = append(b.Allow, "frame-ancestors")
	b.Open(host.URL+"/?show="+listening.URL+"/runs", "light")
	b.Wait(20*time.Second, "document.readyState === 'complete'")
}

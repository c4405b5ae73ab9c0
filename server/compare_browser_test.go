package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"smoothscape/static/browsertest"
	"smoothscape/trainer"
)

// doneStudy trains each schedule from the seeds 1 and 2, with their slices and measurements.
func doneStudy(t *testing.T, rs *Runs, schedules ...string) string {
	t.Helper()
	cfg := usualStudy()
	cfg.Epochs, cfg.StageEpochs = 5, 1
	study, err := rs.CreateStudy(t.Context(), newStudy{Name: "four <b>ways</b>", Config: cfg, Schedules: schedules, Seeds: []uint64{1, 2}})
	if err != nil {
		t.Fatal(err)
	}
	for _, run := range study.Runs {
		awaitStatus(t, rs, run.Run, StatusDone)
	}
	return study.ID
}

// comparisonDrawn says when a page shows so many runs that are done, with their curves.
func comparisonDrawn(runs int) string {
	return fmt.Sprintf("document.querySelector('#compare-progress').textContent.includes('%d of %d runs are done') && document.querySelectorAll('.chart-host canvas').length === 8", runs, runs)
}

// The page of a study: what each control does to it, by keys; what was typed stays text; the link brings all of it back.
func TestComparePage(t *testing.T) {
	t.Parallel()
	b := browsertest.Start(t, 1280, 900)
	s := newTestServer(t, &guard{}, "steps=60")
	study := doneStudy(t, s.runs, trainer.Constant, trainer.LRDecay)
	b.Open(s.URL+"/compare?study="+study, "dark")
	b.Wait(20*time.Second, comparisonDrawn(4))
	for selector, want := range map[string]string{
		"#compare-title":                    "four <b>ways</b>",
		"[data-testid=legend-A]":            "A constant 2 seeds",
		"#results [data-group=B] th":        "B lr-decay",
		"#results [data-group=B] td.number": "2",
	} {
		got := strings.Join(strings.Fields(browsertest.Evaluate[string](b, fmt.Sprintf("document.querySelector(%q)?.innerText ?? ''", selector))), " ")
		if got != want {
			t.Errorf("%s reads %q, want %q", selector, got, want)
		}
	}
	if n := browsertest.Evaluate[int](b, "document.querySelectorAll('#each tbody tr').length"); n != 4 {
		t.Errorf("%d runs are listed", n)
	}

	press := func(key, until string) {
		t.Helper()
		b.Do(chromedp.KeyEvent(key))
		b.Wait(15*time.Second, until)
	}
	figure := "document.querySelector('[data-testid=chart-testAccuracy]')"
	before := browsertest.Evaluate[string](b, figure+".dataset.to")
	press("a", "location.search.includes('x=samples') && "+figure+".dataset.to !== '"+before+"'")
	press("b", "location.search.includes('band=range') && document.querySelector('[data-of=range]').checkVisibility() && !document.querySelector('[data-of=sd]').checkVisibility()")
	press("l", "location.search.includes('logy=1')")
	press("1", "location.search.includes('hide=A') && document.querySelector('[data-testid=legend-A]').getAttribute('aria-pressed') === 'false'")
	press("r", "location.search.includes('raw=1')")
	press("m", "location.search.includes('map=1')")
	press("?", "document.querySelector('#compare-keys').open")
	b.Do(chromedp.KeyEvent("\u001b"))
	b.Wait(15*time.Second, "!document.querySelector('#compare-keys').open")
	link := browsertest.Evaluate[string](b, "location.href")
	browsertest.Evaluate[bool](b, "(document.querySelector('#compare-landscapes').scrollIntoView(), true)")
	b.Wait(30*time.Second, "document.querySelector('[data-testid=landscape-0] > p').textContent.includes('in view')")
	if got := browsertest.Evaluate[string](b, "document.querySelector('[data-testid=landscape-0] figcaption').innerText"); !strings.Contains(got, "B lr-decay") {
		t.Errorf("the only landscape is %q", got)
	}

	b.Open(link, "light")
	b.Wait(20*time.Second, comparisonDrawn(4))
	if again := browsertest.Evaluate[string](b, "location.href"); again != link || !browsertest.Evaluate[bool](b, "document.querySelector('[name=log-y]').checked && document.querySelector('[value=range]').checked && document.querySelector('[value=samples]').checked") {
		t.Errorf("the link %s opened as %s", link, again)
	}

	// Runs that are gone are named.
	for _, run := range ownRuns(t, s.runs) {
		if run.Config.Schedule == trainer.LRDecay {
			if _, err := s.runs.Delete(run.ID); err != nil {
				t.Fatal(err)
			}
		}
	}
	b.Open(link, "light")
	b.Wait(20*time.Second, "document.querySelectorAll('#compare-missing li').length === 2 && document.querySelectorAll('#compare-legend button').length === 1")
}

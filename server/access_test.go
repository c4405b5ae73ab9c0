package main

import (
	"fmt"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"smoothscape/static/browsertest"
	"smoothscape/trainer"
)

// openPage is a page of the whole program, and what says that it is ready.
type openPage struct{ name, path, ready string }

// pagesToRead are the pages as people meet them: with a run that has been trained, and with panels open.
func pagesToRead(t *testing.T) (base string, pages []openPage) {
	t.Helper()
	s := &server{guard: &guard{}, runs: fakeRuns(t, t.TempDir(), "steps=60"), talks: newTalks(), trees: newTrees(), descents: newDescents(), figures: make(chan struct{}, figuresAtOnce)}
	listening := httptest.NewServer(s.handler())
	t.Cleanup(listening.Close)
	done := doneRun(t, s.runs)
	awaitSlice(t, s.runs, done, func(*Slice) bool { return true })
	study := doneStudy(t, s.runs, trainer.Constant, trainer.LRDecay)
	const counted = "document.querySelector('[data-testid=minima-count]').textContent !== '–'"
	return listening.URL, []openPage{
		{"Explore", "/?n=129", counted},
		{"Explore with everything beside the picture", "/?n=129&tree=1&cut=x&scene=5&kernel=uniform&paths=gd,sgd&x0=2&y0=1", counted + " && document.querySelector('#descent-sentence').textContent && document.querySelectorAll('#family-events li').length > 0"},
		{"a figure alone", "/embed?n=129", counted},
		{"Runs", "/runs", "document.querySelector('#runs-connection[data-state=live]')"},
		{"Runs with everything open", "/runs?new=1", `document.querySelector('.run-editor') || document.querySelector('#runs-connection[data-state=live]') && (() => {
			document.querySelectorAll('[data-status=done] :is([data-part=choose], [data-part=more])').forEach((e) => e.click());
			const top = document.createElement("button"); // Tab goes on from where it was
			document.body.prepend(top);
			top.focus();
			top.remove();
		})()`},
		{"a run", "/runs/" + done, "document.querySelector('#slice-minima').textContent !== '–' && (document.querySelector('[data-testid=export]').open = true)"},
		{"Compare", "/compare", "document.querySelector('[data-testid=start-study]')"},
		{"a comparison", "/compare?study=" + study, comparisonDrawn(4) + " && (document.querySelector('[data-testid=export]').open = true)"},
		{"an error", "/nothing", "document.querySelector('h1')"},
	}
}

// Every page in both themes against the rules of axe-core (WCAG 2 A and AA, and its best practices).
func TestAxeFindsNothing(t *testing.T) {
	t.Parallel()
	axe, err := os.ReadFile("../static/node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Skip("skipped: axe-core is not here; (cd static && npm ci) brings it")
	}
	b := browsertest.Start(t, 1280, 900)
	b.Allow = append(b.Allow, "404")
	base, pages := pagesToRead(t)
	for _, theme := range []string{"dark", "light"} {
		for _, p := range pages {
			b.Open(base+p.path, theme)
			b.Wait(20*time.Second, p.ready)
			browsertest.Evaluate[bool](b, string(axe)+"; true")
			for _, violation := range browsertest.Evaluate[[]string](b, `axe.run(document, { resultTypes: ["violations"] }).then((r) => r.violations.flatMap((v) => v.nodes.map((n) => v.id + ": " + n.target.join(" ") + ": " + (n.any[0]?.message ?? n.all[0]?.message ?? v.help))))`) {
				t.Errorf("%s, %s: %s", p.name, theme, violation)
			}
		}
	}
}

// Tab alone reaches everything that can be used, in view and visibly, and comes out at the end.
func TestKeyboardReachesEverything(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int64{{1280, 900}, {390, 844}} {
		b := browsertest.Start(t, size[0], size[1])
		b.Allow = append(b.Allow, "404")
		base, pages := pagesToRead(t)
		for _, p := range pages {
			b.Open(base+p.path, "dark")
			b.Wait(20*time.Second, p.ready)
			where := fmt.Sprintf("%s, %d pixels wide", p.name, size[0])
			walk(b, where)
		}
	}
}

// walk presses Tab until the focus has left the page.
func walk(b *browsertest.Browser, where string) {
	b.Helper()
	browsertest.Evaluate[bool](b, `(() => {
		const name = (e) => e.id || e.getAttribute("aria-label") || e.textContent.trim().slice(0, 30) || e.localName;
		const radio = (e) => e.localName === "input" && e.type === "radio";
		const usable = (e) => !e.disabled && e.checkVisibility({ visibilityProperty: true }) && e.tabIndex >= 0 && !e.closest("details:not([open]) > :not(summary)");
		const walk = window.walk = { reached: new Set(), complaints: [] };
		const ring = (e) => { const s = getComputedStyle(e); return (s.outlineStyle !== "none" && parseFloat(s.outlineWidth) > 0) || s.boxShadow !== "none"; };
		document.addEventListener("focusin", ({ target: e }) => {
			walk.reached.add(e);
			const box = e.getBoundingClientRect(), x = box.left + box.width / 2, y = box.top + Math.min(box.height / 2, 20);
			if (![e, e.nextElementSibling, e.parentElement].some((shown) => shown && ring(shown))) walk.complaints.push("no visible focus: " + name(e));
			if (box.width > 1 && (x < 0 || y < 0 || x > innerWidth || y > innerHeight)) walk.complaints.push("out of sight: " + name(e));
			const top = document.elementFromPoint(x, y);
			if (box.width > 1 && top && !e.contains(top) && !top.contains(e) && !e.labels?.[0]?.contains(top)) walk.complaints.push("covered by " + name(top) + ": " + name(e));
		});
		walk.missed = () => [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")]
			.filter((e) => usable(e) && !walk.reached.has(e) && !(radio(e) && [...walk.reached].some((r) => radio(r) && r.name === e.name))).map(name);
		document.body.focus();
		return true;
	})()`)
	for press := 0; press < 200; press++ {
		b.Do(chromedp.KeyEvent(kb.Tab))
		if press > 3 && browsertest.Evaluate[bool](b, "document.activeElement === document.body") {
			break
		}
	}
	for _, complaint := range browsertest.Evaluate[[]string](b, `[...walk.complaints, ...(document.activeElement === document.body ? [] : ["the focus does not come out"])]`) {
		b.Errorf("%s: %s", where, complaint)
	}
	if missed := browsertest.Evaluate[[]string](b, "walk.missed()"); len(missed) > 0 {
		b.Errorf("%s: Tab does not reach %s", where, strings.Join(missed, ", "))
	}
}

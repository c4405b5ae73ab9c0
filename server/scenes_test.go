package main

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"smoothscape/static/browsertest"
)

func TestScenesAreLinks(t *testing.T) {
	if n := len(scenes()); n < 8 {
		t.Errorf("%d lessons, want at least 8", n)
	}
	for i, s := range scenes() {
		state, err := parseView(s.Query)
		if err != nil {
			t.Errorf("lesson %d: %v", i+1, err)
		}
		if written, err := parseView(strings.TrimPrefix(state.query(), "?")); err != nil || written != state {
			t.Errorf("lesson %d does not survive its link: %v", i+1, err)
		}
		if s.Title == "" || !strings.HasSuffix(s.Claim, ".") || !strings.HasSuffix(s.Task, ".") || strings.Count(s.Claim, ". ") > 1 {
			t.Errorf("lesson %d is not a title, a sentence and a task: %+v", i+1, s)
		}
	}
}

// seen is what the page shows, in numbers.
type seen struct {
	Count       int
	X, Y        float64 // of the lowest minimum of f̂
	Delta       float64
	Temperature float64 // η/b
	Change      float64 // greatest difference between f and f̂, as a part of the range of f
	Sum         float64 // of the heights of f̂
}

// lessonReader reads the page once its words are about its newest picture.
const lessonReader = `(() => {
	const { page } = document.querySelector("#explore"), { frame, sampled, state } = page, [lowest] = frame.minima;
	let change = 0, sum = 0;
	for (let i = 0; i < frame.heights.length; i++) { change = Math.max(change, Math.abs(frame.heights[i] - sampled.raw[i])); sum += frame.heights[i]; }
	return { Count: frame.minima.length, X: lowest?.x ?? NaN, Y: lowest?.y ?? NaN, Delta: page.delta, Temperature: state.eta / state.b, Change: change / (sampled.range[1] - sampled.range[0]), Sum: sum };
})()`

// Every lesson opens, says its sentence, and its claim and its task hold in numbers.
func TestLessonsAreTrue(t *testing.T) {
	t.Parallel()
	b := browsertest.Start(t, 1200, 800)
	b.Open(startProgram(t)+"/?n=129", "dark")
	look := func() seen {
		t.Helper()
		b.Wait(20*time.Second, `(() => { const { page, dataset } = document.querySelector("#explore"); return page?.sampled && page.smoothing.seq === page.frame?.seq && page.smoothing.seq === Number(dataset.seq); })()`)
		return browsertest.Evaluate[seen](b, lessonReader)
	}
	typed := func(id, value string) seen { t.Helper(); b.Type(id+"-typed", value); return look() }
	near := func(what string, got, want, tolerance float64) {
		t.Helper()
		if !(math.Abs(got-want) <= tolerance) {
			t.Errorf("%s is %g, want %g", what, got, want)
		}
	}
	count := func(what string, s seen, want int) {
		t.Helper()
		if s.Count != want {
			t.Errorf("%s: %d minima, want %d", what, s.Count, want)
		}
	}
	claims := []func(before seen){
		func(s seen) {
			count("b = 4096", s, 2)
			near("δ", s.Delta, 0.022, 5e-4)
			count("b = 64", typed("b", "64"), 1)
		},
		func(s seen) {
			count("b = 16", s, 1)
			after := typed("b", "64")
			count("b = 64", after, 121)
			near("δ before over δ after", s.Delta/after.Delta, 2, 1e-12)
		},
		func(s seen) {
			typed("eta", "0.1")
			after := typed("b", "64")
			near("δ", s.Delta, 0.35, 1e-12)
			near("the difference of the pictures", after.Sum-s.Sum, 0, 0)
			near("the ratio of the temperatures", s.Temperature/after.Temperature, 2, 1e-12)
		},
		func(s seen) {
			typed("eta", "0.1")
			after := typed("b", "256")
			near("δ", s.Delta, 0.175, 1e-12)
			near("the difference of the pictures", after.Sum-s.Sum, 0, 1e-6*math.Abs(s.Sum))
			near("η/b before", s.Temperature, 0.0016, 5e-5)
			near("η/b after", after.Temperature, 0.0004, 5e-5)
		},
		func(s seen) {
			count("C = 24", s, 1)
			count("C = 26", typed("c", "26"), 16)
		},
		func(s seen) {
			near("δ over δ at 64 times the batch", s.Delta/typed("b", "1024").Delta, 2, 1e-9)
			thin := typed("alpha", "1.99")
			near("the same with nearly normal noise", typed("b", "16").Delta/thin.Delta, 7.9, 0.1)
		},
		func(s seen) {
			b.Do(chromedp.KeyEvent("1"))
			b.Wait(20*time.Second, `document.querySelector("#explore").page.state.m === 1`)
			after := look()
			if !(s.Change > 3*after.Change && after.Change < 0.05) {
				t.Errorf("drawn as it was the picture changes by %.3f of its range, at its true width by %.3f", s.Change, after.Change)
			}
			if text := b.Text("slice-facts"); !strings.Contains(text, "lift") {
				t.Errorf("no lift is told: %q", text)
			}
		},
		func(s seen) {
			near("δ", s.Delta, 1.8, 1e-12)
			near("the lowest place", s.X, -1.9, 0.05)
			after := typed("eta", "0.0005")
			near("the lowest place in the end, x₁", after.X, -2.9035, 1e-2)
			near("the lowest place in the end, x₂", after.Y, -2.9035, 1e-2)
		},
		func(s seen) {
			for _, c := range []seen{s, typed("c", "8"), typed("c", "2")} {
				near("the lowest place, x₁", c.X, 3, 0.2)
				near("the lowest place, x₂", c.Y, 2, 0.25)
			}
		},
	}
	if len(claims) != len(scenes()) {
		t.Fatalf("%d lessons and %d claims", len(scenes()), len(claims))
	}
	for i, s := range scenes() {
		b.Click("scene-next")
		b.Wait(20*time.Second, fmt.Sprintf(`document.querySelector("[data-testid=scene-list]").value === "%d"`, i+1))
		if i > 0 {
			b.Wait(20*time.Second, fmt.Sprintf(`location.search.includes("scene=%d")`, i+1))
		}
		if title, claim := b.Text("scene-title"), b.Text("scene-claim"); !strings.Contains(title, s.Title) || claim != s.Claim {
			t.Errorf("lesson %d says %q, %q", i+1, title, claim)
		}
		before := look()
		if t.Failed() {
			t.Logf("lesson %d: %+v", i+1, before)
		}
		claims[i](before)
		if t.Failed() {
			t.Fatalf("lesson %d, %s", i+1, s.Title)
		}
	}
}

// A presenter keeps the lesson, δ and one slider; a link hides what it says.
func TestPresenterAndHiddenParts(t *testing.T) {
	t.Parallel()
	b := browsertest.Start(t, 1200, 800)
	address := startProgram(t)
	b.Open(address+"/?"+scenes()[0].Query+"&scene=1&n=129", "light")
	visible := func(selector string) bool {
		t.Helper()
		return browsertest.Evaluate[bool](b, fmt.Sprintf(`document.querySelector(%q).checkVisibility()`, selector))
	}
	b.Wait(20*time.Second, `document.querySelector("#explore").page?.frame !== null`)
	b.Do(chromedp.KeyEvent("p"))
	b.Wait(20*time.Second, `document.documentElement.hasAttribute("data-presenting")`)
	for selector, want := range map[string]bool{"#b": true, "#eta": false, "#c": false, "#kernel": false, "#scene-claim": true, "#scene-notes": true, "#delta": true, "header.site": false} {
		if visible(selector) != want {
			t.Errorf("presenting: %s is visible: %v", selector, !want)
		}
	}
	b.Do(chromedp.KeyEvent("p"))
	b.Wait(20*time.Second, `!document.documentElement.hasAttribute("data-presenting")`)
	if !visible("#eta") || !visible("#kernel") {
		t.Error("after presenting the controls do not come back")
	}
	b.Open(address+"/?n=129&hide=kernel,eta", "light")
	b.Wait(20*time.Second, `document.querySelector("#explore").page?.frame !== null`)
	for selector, want := range map[string]bool{"#b": true, "#eta": false, "#kernel": false, "#function": true} {
		if visible(selector) != want {
			t.Errorf("hide=kernel,eta: %s is visible: %v", selector, !want)
		}
	}
	b.Open(address+"/?n=129&lock=kernel,eta", "light")
	b.Wait(20*time.Second, `document.querySelector("#explore").page?.frame !== null`)
	if got := browsertest.Evaluate[string](b, `(() => {
		const page = document.querySelector("#explore").page, off = (q) => document.querySelector(q).disabled, eta = page.state.eta;
		document.dispatchEvent(new KeyboardEvent("keydown", { key: "]" }));
		const locked = [off("#eta"), off("#eta-typed"), off("input[name=kernel]"), off("#b"), page.state.eta === eta].join();
		page.change({ lock: [] });
		return locked + " " + [off("#eta"), off("input[name=kernel]"), document.querySelector("#delta").title.startsWith("Type")].join();
	})()`); got != "true,true,true,false,true false,false,true" {
		t.Errorf("lock=kernel,eta: got %s", got)
	}
}

package main

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"smoothscape/static/browsertest"
)

// shownPictures is what the page says of its pictures, in their order.
type shownPictures struct {
	IDs, Labels, Sources []string
	Values, Errors       []float64
	Sentence             string
}

func picturesIn(b *browsertest.Browser) shownPictures {
	b.Helper()
	return browsertest.Evaluate[shownPictures](b, `(() => {
		const cards = [...document.querySelectorAll(".picture-card")], of = (part) => cards.map((c) => c.querySelector(part).textContent), value = (key) => cards.map((c) => Number(c.querySelector(".picture-value").dataset[key]));
		return { IDs: cards.map((c) => c.dataset.testid.replace("picture-", "")), Labels: of("h2"), Sources: of(".picture-source"), Values: value("value"), Errors: value("error"),
			Sentence: document.querySelector("[data-testid=pictures-sentence]").textContent };
	})()`)
}

// The pictures are all there, and none of another view.
const picturesSettled = `document.querySelectorAll(".picture-card").length > 0 && document.querySelectorAll(".picture-card.stale").length === 0 && !/…/.test([...document.querySelectorAll(".picture-source")].map((p) => p.textContent).join())`

func typeInto(b *browsertest.Browser, id, value string) {
	b.Helper()
	browsertest.Evaluate[bool](b, `(() => { const e = document.querySelector("[data-testid=`+id+`]"); e.focus(); e.value = "`+value+`"; e.dispatchEvent(new Event("change", { bubbles: true })); e.blur(); return true; })()`)
}

// Rastrigin of 50 variables side by side, and what becomes of the pictures with two variables, with another law, on a network and when closed.
func TestFourPicturesInTheBrowser(t *testing.T) {
	t.Parallel()
	b := browsertest.Start(t, 1280, 800)
	b.Open(startProgram(t)+"/?f=rastrigin&dim=50&c=20&n=129&pictures=1", "dark")
	b.Wait(60*time.Second, picturesSettled)
	typeInto(b, "pictures-x", "1.25")
	typeInto(b, "pictures-y", "-0.625")
	got := picturesIn(b)
	if strings.Join(got.Labels, "; ") != "slice smoothing (illustrative); projected; full space; measured" {
		t.Errorf("labels %q", got.Labels)
	}
	// Under a Gaussian of standard deviation s, x² − 10cos2πx + 10 becomes x² + s² + 10 − 10·exp(−2π²s²)·cos2πx. The cursor is on a node.
	const d, delta = 50, 0.5
	wave := func(x, s2 float64) float64 {
		return x*x + s2 + 10 - 10*math.Exp(-2*math.Pi*math.Pi*s2)*math.Cos(2*math.Pi*x)
	}
	plane := func(s2 float64) float64 { return wave(1.25, s2) + wave(-0.625, s2) }
	narrow := delta * delta / d
	full := plane(narrow) + (d-2)*wave(0, narrow)
	for i, want := range []float64{plane(delta * delta / 2), plane(narrow), full, full} {
		if near := 4*got.Errors[i] + 1e-3; math.Abs(got.Values[i]-want) > near || (got.Errors[i] > 0) != (i == 3) {
			t.Errorf("%s: %g ± %g, want %g", got.IDs[i], got.Values[i], got.Errors[i], want)
		}
	}
	for _, words := range []string{"In 50 dimensions the noise has only δ/√d = 0.0707", "Full space lies 45.", "nearly the same everywhere) above projected", "other 48 directions", "away from projected (typically", "agrees with full space within its errors"} {
		if !strings.Contains(got.Sentence, words) {
			t.Errorf("the sentence says %q, not %q", got.Sentence, words)
		}
	}
	if !strings.Contains(got.Sources[2], "exact, by formula; Monte Carlo,") || !strings.Contains(got.Sources[3], "200 noise vectors of a simulated SGD run, seed 1, ±") {
		t.Errorf("sources %q", got.Sources)
	}
	linked := browsertest.Evaluate[[]any](b, `(() => {
		const { page } = document.querySelector("#explore"), { cards } = page.panels.find((p) => p.layers).view, views = [...cards.values()].map((c) => c.view), key = (v) => JSON.stringify(v);
		views[0].options.cameraMoved({ ...views[0].camera, yaw: 0.3 });
		return [views.every((v) => key(v.scale) === key(views[0].scale)), views.slice(1).every((v) => v.camera.yaw === 0.3), views.every((v) => v.pins.cursor.x === 1.25 && v.pins.cursor.y === -0.625), page.state.yaw];
	})()`)
	if linked[0] != true || linked[1] != true || linked[2] != true || linked[3] != 0.3 {
		t.Errorf("heights, camera, cursor, camera of the page: %v", linked)
	}
	// The lifts are taken off.
	top := `(() => { const { page } = document.querySelector("#explore"); return page.panels.find((p) => p.layers).view.cards.get("full").view.scale.range[1]; })()`
	before := browsertest.Evaluate[float64](b, top)
	b.Click("pictures-level")
	if after := browsertest.Evaluate[float64](b, top); !(after < before-40) {
		t.Errorf("the top of all heights goes from %g to %g", before, after)
	}
	// Two variables are one picture.
	typeInto(b, "dim", "2")
	b.Wait(60*time.Second, `document.querySelectorAll(".picture-card").length === 2 && `+picturesSettled)
	got = picturesIn(b)
	if got.IDs[0] != "exact" || got.IDs[1] != "measured" || !strings.HasPrefix(got.Labels[0], "exact") || !strings.Contains(got.Sentence, "one picture") {
		t.Errorf("%q: %q", got.Labels, got.Sentence)
	}
	if want := plane(delta * delta / 2); math.Abs(got.Values[0]-want) > 1e-3 {
		t.Errorf("exact is %g, want %g", got.Values[0], want)
	}
	// A number that cannot be.
	typeInto(b, "dim", "2.5")
	b.Wait(20*time.Second, `document.querySelector("#dim-problem").textContent.includes("from 2 to 1000") && document.querySelector("#dim").getAttribute("aria-invalid") === "true"`)
	// A network, whose pictures ship.
	browsertest.Evaluate[bool](b, `(() => { const { page } = document.querySelector("#explore"); page.choose("slice:fashion-convnet"); return true; })()`)
	b.Wait(60*time.Second, `document.querySelectorAll(".picture-card").length === 4 && document.querySelector("[data-testid=picture-measured] .picture-source").textContent.includes("noise vectors of mini-batches")`)
	typeInto(b, "delta", "0.04")
	b.Wait(20*time.Second, `!document.querySelector("#pictures-away").hidden && document.querySelector("[data-testid=picture-full] .picture-source").textContent.includes("computed at δ =")`)
	b.Click("pictures-back")
	b.Wait(20*time.Second, `document.querySelector("#pictures-away").hidden && `+picturesSettled)
	got = picturesIn(b)
	if !strings.Contains(got.Sentence, "In 9\u202f098 dimensions") || !strings.Contains(got.Sentence, "recorded noise is not the same in all directions") {
		t.Errorf("the sentence says %q", got.Sentence)
	}
	// Key 4 closes them.
	b.Do(chromedp.KeyEvent("4"))
	b.Wait(20*time.Second, `document.querySelector("#pictures").hidden && document.querySelectorAll(".picture-card").length === 0 && document.querySelector("#stage").clientWidth > 0`)
}

// Another law, without a closed form, leaves the picture to Monte Carlo, with its errors.
func TestSampledPictureInTheBrowser(t *testing.T) {
	t.Parallel()
	b := browsertest.Start(t, 390, 844)
	b.Open(startProgram(t)+"/?f=ackley&dim=10&c=30&n=129&kernel=uniform&pictures=1", "light")
	b.Wait(60*time.Second, picturesSettled)
	got := picturesIn(b)
	if len(got.IDs) != 4 || !strings.HasPrefix(got.Sources[2], "Monte Carlo, ") || !(got.Errors[2] > 0) || math.Abs(got.Values[2]-got.Values[3]) > 4*(got.Errors[2]+got.Errors[3]) {
		t.Errorf("%q: %v ± %v", got.Sources, got.Values, got.Errors)
	}
	if !strings.Contains(got.Sentence, "only δ/√(d+2) = 0.217") {
		t.Errorf("the sentence says %q", got.Sentence)
	}
	// Without a variance there is nothing to sample, and the page says why.
	browsertest.Evaluate[bool](b, `(document.querySelector("#explore").page.change({ f: "schwefel", dim: 3, kernel: "stable", c: 800 }), true)`)
	b.Wait(60*time.Second, `document.querySelector("[data-testid=picture-measured] .picture-source").textContent.includes("standard error")`)
	if got := picturesIn(b); !strings.Contains(got.Sources[2], "standard error") || strings.Contains(got.Sentence, "Full space") {
		t.Errorf("%q: %q", got.Sources, got.Sentence)
	}
	if wide := browsertest.Evaluate[float64](b, `Math.max(...[...document.querySelectorAll(".pictures *")].map((e) => e.getBoundingClientRect().right))`); wide > 391 {
		t.Errorf("the pictures reach to %g of 390 pixels", wide)
	}
}

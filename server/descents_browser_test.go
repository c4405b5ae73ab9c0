package main

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"smoothscape/static/browsertest"
)

// descentPage is the Explore page of the whole program with its panel of descents.
type descentPage struct{ *browsertest.Browser }

func (p descentPage) until(what, script string) {
	p.Helper()
	p.Logf("waiting for %s", what)
	p.Wait(20*time.Second, script)
}

// row waits until a row of the table says that.
func (p descentPage) row(method, name, text string) {
	p.Helper()
	p.until(method+" "+name+" "+text, fmt.Sprintf(`document.querySelector('[data-method=%q] [data-cell=%q]').textContent === %q`, method, name, text))
}

func (p descentPage) eval(script string) bool {
	p.Helper()
	return browsertest.Evaluate[bool](p.Browser, script)
}

// lines are the paths that the surface was given: for each, its id, how many points are shown, and the last of them.
func (p descentPage) lines() map[string][3]float64 {
	p.Helper()
	return browsertest.Evaluate[map[string][3]float64](p.Browser, `Object.fromEntries(document.querySelector("#explore").page.surface.paths.map((l) => [l.id, [l.shown, l.points[2 * l.shown - 2], l.points[2 * l.shown - 1]]]))`)
}

// The panel in a browser: a link opens with its paths drawn; they end where they must; time is played, stepped and scrubbed by hand and by
// keys; the start is clicked, carried and typed; the sliders move the paths; and all of it is in the link.
func TestDescentsInTheBrowser(t *testing.T) {
	t.Parallel()
	address := startProgram(t)
	p := descentPage{browsertest.Start(t, 1440, 900)}
	p.Open(address+"/?f=rastrigin&split=0&eta=0.001&c=3200&n=129&view=map&paths=gd,smoothed&x0=2.2&y0=0.1", "dark")
	p.eval(`(window.descentPanel = () => document.querySelector("#explore").page.panels.find((panel) => panel.player && panel.feed), true)`)

	// δ = 0.8: f̂ is convex, and descent on it ends in the middle; on f in the local minimum near (2, 0).
	p.row("gd", "now", "3.98")
	p.row("gd", "off", "0 local")
	near := func(method string, x, y, within float64) {
		t.Helper()
		if last := p.lines()[method]; math.Hypot(last[1]-x, last[2]-y) > within || last[0] != 1021 {
			t.Errorf("%s ends at %v, want (%g, %g) after 1020 steps", method, last, x, y)
		}
	}
	near("gd", 1.99, 0, 0.01)
	near("smoothed", 0, 0, 0.6) // slowly, at this η
	if said := p.Text("descent-sentence"); !strings.Contains(said, "local minimum at (1.99, 0.00)") {
		t.Errorf("the sentence is %q", said)
	}

	// Keys and the scrubber, and what the scrubber says.
	p.Do(chromedp.Focus("[data-testid=descent-step]"), chromedp.KeyEvent(kb.Home))
	p.until("the first step", `document.querySelector("#descent-step").value === "1" && location.search.includes("t=1")`)
	p.eval(`(document.activeElement.blur(), true)`)
	p.Do(chromedp.KeyEvent(kb.ArrowRight))
	p.eval(`(document.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", shiftKey: true, bubbles: true })), document.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowLeft", bubbles: true })), true)`)
	p.until("step 11", `document.querySelector("#descent-step").value === "11" && location.search.includes("t=11")`)
	said := browsertest.Evaluate[string](p.Browser, `document.querySelector("#descent-step").getAttribute("aria-valuetext")`)
	if !strings.HasPrefix(said, "step 11 of 1020, Gradient descent on f at f = ") {
		t.Errorf("the scrubber says %q", said)
	}
	if last := p.lines()["gd"]; last[0] != 12 {
		t.Errorf("after 11 steps %v points are shown", last[0])
	}
	// Space on the page plays; while it rests no frame is asked for.
	p.Do(chromedp.KeyEvent(" "))
	p.until("the player", `Number(document.querySelector("#descent-step").value) > 20`)
	p.Do(chromedp.KeyEvent(" "))
	p.until("the pause", `!window.descentPanel().player.playing && document.querySelector("#descent-play").textContent === "Play"`)
	p.eval(quietly)
	p.until("a pause without frames", `window.quiet`) // dying marks fade first, and the sharp drawing is made
	p.Shot("descent")

	// The step in the link: opened again, it is the same picture.
	step := browsertest.Evaluate[string](p.Browser, `document.querySelector("#descent-step").value`)
	p.until("the link of the step", `location.search.includes("t=`+step+`")`)
	before, link := p.lines(), browsertest.Evaluate[string](p.Browser, `location.search`)
	p.Open(address+"/"+link, "dark")
	p.eval(`(window.descentPanel = () => document.querySelector("#explore").page.panels.find((panel) => panel.player && panel.feed), true)`)
	p.until("the same paths", `window.descentPanel().lines.length === 2`)
	if after := p.lines(); fmt.Sprint(after) != fmt.Sprint(before) || p.eval(`window.descentPanel().player.playing`) {
		t.Errorf("opened again: %v, want %v", after, before)
	}

	// A click starts there, and plays the paths; a key or a typed place shows them whole.
	p.eval(`(window.descentPanel().tapped({ x: 1.2, y: -0.9 }), true)`)
	p.until("the start of the click", `location.search.includes("x0=1.2&y0=-0.9") && !location.search.includes("t=")`)
	p.until("its paths, played", `window.descentPanel().lines[0].points[0].toFixed(1) === "1.2" && window.descentPanel().player.playing && document.activeElement.id === "descent-step"`)
	p.Do(chromedp.Focus("[data-testid=descent-start]"), chromedp.KeyEvent(kb.ArrowUp), chromedp.KeyEvent(kb.ArrowRight))
	p.until("a carried start", `location.search.includes("x0=1.3&y0=-0.8") && !window.descentPanel().player.playing && document.querySelector("#descent-step").value === "1020"`)
	p.Type("descent-x", "-3,1")
	p.until("a typed start", `location.search.includes("x0=-3.1&y0=-0.8")`)
	p.Type("descent-y", "far")
	p.until("the complaint", `document.querySelector("#descent-problem").textContent.includes("found “far”")`)
	p.Type("descent-y", "2")

	// The slider moves the paths, from the same start; SGD has a seed.
	p.Click("path-gd")
	p.Click("path-sgd")
	p.row("gd", "now", "")
	p.until("SGD", `window.descentPanel().lines.map((l) => l.id).join() === "smoothed,sgd" && document.querySelector("[data-method=sgd] [data-cell=now]").textContent !== ""`)
	end := p.lines()["sgd"]
	p.Type("descent-seed", "7")
	p.until("another path", fmt.Sprintf(`Math.abs(window.descentPanel().lines[1].points.at(-1) - %g) > 1e-9`, end[2]))
	p.Type("eta-typed", "0.01")
	p.row("smoothed", "now", "0") // with ten times the learning rate it arrives: δ = 8 is cut to what the picture draws
	if from := browsertest.Evaluate[[]float64](p.Browser, `[...window.descentPanel().lines[0].points.slice(0, 2)]`); math.Hypot(from[0]+3.1, from[1]-2) > 1e-6 {
		t.Errorf("the slider moved the start to %v", from)
	}
	// A slice has no descent, and says so; the key closes the panel and opens it.
	p.eval(`(document.querySelector("#explore").page.change({ f: "slice:fashion-convnet" }), true)`)
	p.until("the reason", `!document.querySelector("#descent-closed").hidden && document.querySelector("#descent-parts").hidden && window.descentPanel().lines.length === 0`)
	p.eval(`(document.querySelector("#explore").page.change({ f: "dent", eta: 0.05, b: 64, c: 28 }), true)`)
	p.until("a start in the sharp valley", `Math.abs(document.querySelector("#explore").page.state.x0 - 1) < 0.1 && window.descentPanel().lines.length === 2`)
	p.Do(chromedp.KeyEvent("d"))
	p.until("no panel", `document.querySelector("#descent").hidden && !location.search.includes("paths=") && window.descentPanel().lines.length === 0`)
	p.Do(chromedp.KeyEvent("d"))
	p.until("the panel again", `location.search.includes("paths=smoothed,sgd") && window.descentPanel().lines.length === 2`)

	// Who asked for less motion sees the paths whole.
	p.eval(`(() => { const ask = window.matchMedia; window.matchMedia = () => ({ matches: true }); window.descentPanel().tapped({ x: 0.5, y: 0.5 }); window.matchMedia = ask; return true; })()`)
	p.until("its paths, at rest", `window.descentPanel().lines[0].points[0] === 0.5 && !window.descentPanel().player.playing && document.querySelector("#descent-step").value === "1020"`)

	// A hundred starts.
	p.Click("descent-many")
	p.until("the count", `document.querySelector("#descent-counted").textContent.includes("Gradient descent on f̂: 100 (96 to 100 %)")`)
	p.Type("eta-typed", "0.04")
	p.until("no stale count", `document.querySelector("#descent-counted").textContent === ""`)
}

// quietly sets window.quiet as soon as no frame was asked for in a whole second. What draws for ever never lets it.
const quietly = `(() => {
	let since = performance.now();
	const ask = window.requestAnimationFrame;
	window.quiet = false;
	window.requestAnimationFrame = (f) => { since = performance.now(); return ask(f); };
	const look = setInterval(() => {
		if (performance.now() - since < 1000) return;
		clearInterval(look);
		window.requestAnimationFrame = ask;
		window.quiet = true;
	}, 50);
	return true;
})()`

package static_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"smoothscape/static/browsertest"
)

// cutRead is the place and the two heights that the strip tells.
func (p explore) cutRead(t *testing.T) (at, raw, smooth float64) {
	t.Helper()
	wait(p.Browser, "the curves", `document.querySelector("[data-testid=cut-read]").textContent.length > 5`)
	text := strings.NewReplacer("\u2212", "-", "x₁", "", "x₂", "", "f̂", "", "f", "").Replace(p.text("cut-read"))
	if _, err := fmt.Sscan(text, &at, &raw, &smooth); err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return at, raw, smooth
}

// On the line x₂ = 1 the lowest place of f̂ is x₁ = 0, where Rastrigin is 1 and f̂, by its closed form with σ = δ, is
// 20 + 1 + 2σ² − 20e^{−2π²σ²}. The strip tells four digits.
func TestCutShowsTheFunctionOnTheLine(t *testing.T) {
	p := openExplore(t, 1280, 800, "?convention=coordinate&cut=x&at=1&n=201")
	p.set("delta", "0.2")
	p.settled()
	wait(p.Browser, "the new curves", `document.querySelector("[data-testid=cut-read]").textContent.includes("12")`)
	at, raw, smooth := p.cutRead(t)
	const sigma = 0.2
	want := 20 + 1 + 2*sigma*sigma - 20*math.Exp(-2*math.Pi*math.Pi*sigma*sigma)
	if at != 0 || math.Abs(raw-1) > 1e-3 || math.Abs(smooth-want) > 2e-3*want {
		t.Errorf("at %g f is %g and f̂ %g, want 1 and %g", at, raw, smooth, want)
	}
}

// The line is moved by its slider and by dragging it over the map, turned and put away by a key, and all of it is in the link.
func TestCutIsDraggedAndKept(t *testing.T) {
	p := openExplore(t, 1280, 800, "?n=129&view=map&split=0&c=5")
	hidden := `document.querySelector("#cut").hidden`
	if !browsertest.Evaluate[bool](p.Browser, hidden) {
		t.Error("a line is shown that nobody asked for")
	}
	p.Do(chromedp.KeyEvent("x"))
	wait(p.Browser, "the strip", "!"+hidden)
	p.Do(chromedp.Focus("#cut-at"), chromedp.KeyEvent(kb.Home))
	wait(p.Browser, "the link of the border", `location.search.includes("cut=x") && location.search.includes("at=-5")`)
	if said := browsertest.Evaluate[string](p.Browser, `document.querySelector("#cut-at").getAttribute("aria-valuetext")`); said != "x₂ −5.000" {
		t.Errorf("the slider says %q", said)
	}
	p.Do(chromedp.KeyEvent("x"))
	wait(p.Browser, "the other axis", `location.search.includes("cut=y")`)
	moved := browsertest.Evaluate[[]float64](p.Browser, `(() => {
		const page = document.querySelector("#explore").page, canvas = document.querySelector("#surface"), box = canvas.getBoundingClientRect();
		page.change({ at: 0 });
		const event = (type, part) => canvas.dispatchEvent(new PointerEvent(type, { bubbles: true, pointerId: 1, isPrimary: true, clientX: box.left + box.width * part, clientY: box.top + box.height / 2 }));
		canvas.setPointerCapture = () => {};
		const yaw = page.state.yaw;
		event("pointerdown", 0.5); event("pointermove", 0.55); event("pointerup", 0.55);
		const dragged = page.state.at;
		event("pointermove", 0.6);
		return [dragged, page.state.at, page.state.yaw - yaw];
	})()`)
	if !(moved[0] > 0.2 && moved[0] < 5) || moved[1] != moved[0] || moved[2] != 0 {
		t.Errorf("a drag to the right of the middle put the line at %g, %g after it, and turned by %g", moved[0], moved[1], moved[2])
	}
	p.Do(chromedp.KeyEvent("x"))
	wait(p.Browser, "no strip", hidden+` && !location.search.includes("cut=")`)
}

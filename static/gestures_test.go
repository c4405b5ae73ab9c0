package static_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"smoothscape/static/browsertest"
)

// touch sends a touch event with those fingers: pairs of pixels.
func (p explore) touch(kind input.DispatchTouchEventType, fingers ...[2]float64) {
	p.Helper()
	p.touchAt(time.Now(), kind, fingers...)
}

// touchAt is touch at that moment of the fingers' own clock, however long the page takes to hear of it.
func (p explore) touchAt(at time.Time, kind input.DispatchTouchEventType, fingers ...[2]float64) {
	p.Helper()
	points := []*input.TouchPoint{}
	for i, f := range fingers {
		id := float64(i)
		points = append(points, &input.TouchPoint{X: f[0], Y: f[1], ID: &id})
	}
	if _, err := chromedp.Call(p.Ctx, input.DispatchTouchEvent, input.DispatchTouchEventParams{Type: kind, TouchPoints: points, Timestamp: input.TimeSinceEpoch(float64(at.UnixMicro()) / 1e6)}); err != nil {
		p.Fatal(err)
	}
}

// camera is the state's yaw, pitch, zoom, panx, pany.
func (p explore) camera() []float64 {
	p.Helper()
	return browsertest.Evaluate[[]float64](p.Browser, `(({ yaw, pitch, zoom, panx, pany }) => [yaw, pitch, zoom, panx, pany])(document.querySelector("#explore").page.state)`)
}

// On a phone one finger scrolls the page or reads, with a tap or a long press, and two fingers turn and zoom.
func TestSurfaceOnAPhone(t *testing.T) {
	p := openExplore(t, 390, 844, "?n=129&split=0&c=20")
	if _, err := chromedp.Call(p.Ctx, emulation.SetTouchEmulationEnabled, emulation.SetTouchEmulationEnabledParams{Enabled: true, MaxTouchPoints: 5}); err != nil {
		t.Fatal(err)
	}
	p.settled()
	middle := [2]float64{190, 240}
	start := p.camera()
	hidden := `document.querySelector("#readout").hidden`

	p.touch(input.DispatchTouchEventTypeTouchStart, middle)
	p.touch(input.DispatchTouchEventTypeTouchEnd)
	wait(p.Browser, "what a tap reads", "!"+hidden)
	if read := p.text("readout"); !strings.Contains(read, "x₁") || !strings.Contains(read, "f̂") {
		t.Errorf("a tap reads %q", read)
	}
	browsertest.Evaluate[bool](p.Browser, `(document.querySelector("#readout").hidden = true)`)
	p.touch(input.DispatchTouchEventTypeTouchStart, middle)
	time.Sleep(500 * time.Millisecond)
	wait(p.Browser, "what a long press reads", "!"+hidden)
	before := p.text("readout")
	p.touch(input.DispatchTouchEventTypeTouchMove, [2]float64{210, 260})
	p.touch(input.DispatchTouchEventTypeTouchMove, [2]float64{220, 270})
	wait(p.Browser, "the held finger reads on", fmt.Sprintf(`document.querySelector("#readout").textContent !== %q`, before))
	p.touch(input.DispatchTouchEventTypeTouchEnd)
	if got := p.camera(); fmt.Sprint(got) != fmt.Sprint(start) {
		t.Errorf("reading moved the camera from %v to %v", start, got)
	}
	if y := browsertest.Evaluate[float64](p.Browser, "scrollY"); y != 0 {
		t.Errorf("reading scrolled the page by %v", y)
	}

	p.touch(input.DispatchTouchEventTypeTouchStart, [2]float64{150, 240}, [2]float64{230, 240})
	for i := range 6 {
		d := float64(10 * (i + 1))
		p.touch(input.DispatchTouchEventTypeTouchMove, [2]float64{150 + d - d/2, 240 - d}, [2]float64{230 + d + d/2, 240 - d})
	}
	p.touch(input.DispatchTouchEventTypeTouchEnd)
	wait(p.Browser, "the turned camera in the address", `location.search.includes("yaw=") && location.search.includes("zoom=")`)
	if got := p.camera(); !(got[2] > 1.3*start[2]) || got[0] == start[0] || got[1] == start[1] {
		t.Errorf("two fingers moved the camera from %v to %v: they should zoom in and turn", start, got)
	}
	if y := browsertest.Evaluate[float64](p.Browser, "scrollY"); y != 0 {
		t.Errorf("two fingers scrolled the page by %v", y)
	}

	turned := p.camera()
	at := time.Now()
	p.touchAt(at, input.DispatchTouchEventTypeTouchStart, [2]float64{190, 350})
	for i := range 8 { // a frame apart, which is no long press even where the page hears of them late
		at = at.Add(16 * time.Millisecond)
		p.touchAt(at, input.DispatchTouchEventTypeTouchMove, [2]float64{190, 350 - 30*float64(i+1)})
	}
	p.touch(input.DispatchTouchEventTypeTouchEnd)
	wait(p.Browser, "the scrolled page", "scrollY > 40")
	if got := p.camera(); fmt.Sprint(got) != fmt.Sprint(turned) {
		t.Errorf("scrolling moved the camera from %v to %v", turned, got)
	}
}

// A mouse and keys: turn, move what is looked at inside the domain, reset, logarithmic heights that read true, numbers on the contours
// of the map that do not lie over each other, the full screen, and a grid of 513² that is dragged coarsely and settles.
func TestSurfaceIsMovedAndRead(t *testing.T) {
	p := openExplore(t, 1000, 640, "?n=129&split=0&c=22&view=map")
	p.settled()
	mouse := func(kind input.DispatchMouseEventType, x, y float64, button input.MouseButton, modifiers int64) {
		t.Helper()
		if _, err := chromedp.Call(p.Ctx, input.DispatchMouseEvent, input.DispatchMouseEventParams{Type: kind, X: x, Y: y, Button: button, ClickCount: 1, Modifiers: modifiers}); err != nil {
			t.Fatal(err)
		}
	}
	drag := func(button input.MouseButton, modifiers int64) {
		t.Helper()
		mouse(input.DispatchMouseEventTypeMousePressed, 300, 300, button, modifiers)
		mouse(input.DispatchMouseEventTypeMouseMoved, 320, 310, button, modifiers)
		mouse(input.DispatchMouseEventTypeMouseMoved, 380, 350, button, modifiers)
		mouse(input.DispatchMouseEventTypeMouseReleased, 380, 350, button, modifiers)
	}
	wait(p.Browser, "the numbers on the contours", `[...document.querySelectorAll("#stage .level")].filter((e) => e.textContent).length > 2`)
	overlap := browsertest.Evaluate[[]string](p.Browser, `(() => {
		const all = [...document.querySelectorAll("#stage .level")].filter((e) => e.textContent), bad = [];
		for (const e of all) if (Number(e.textContent) % 25 !== 0) bad.push("a number on a line that is not bold: " + e.textContent); // 24 lines over 0 … 80: 5 apart, every fifth bold
		const boxes = all.map((e) => e.getBoundingClientRect());
		boxes.forEach((a, i) => boxes.forEach((b, j) => { if (i < j && a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom) bad.push("numbers over each other: " + all[i].textContent + ", " + all[j].textContent); }));
		return bad;
	})()`)
	if len(overlap) > 0 {
		t.Error(strings.Join(overlap, "\n"))
	}

	mouse(input.DispatchMouseEventTypeMouseMoved, 300, 200, input.MouseButtonNone, 0)
	wait(p.Browser, "what lies under the pointer", `!document.querySelector("#readout").hidden`)
	even := p.text("readout")
	p.Do(chromedp.KeyEvent("l"))
	wait(p.Browser, "the logarithmic scale in the address and on the axis", `location.search.includes("log=1") && [...document.querySelectorAll("#stage .name")].some((e) => e.textContent.includes("log scale")) && document.querySelector("[data-testid=picture-label]").textContent.includes("log(1")`)
	p.Do(chromedp.KeyEvent("3"))
	wait(p.Browser, "the surface", `!location.search.includes("view=map")`)
	mouse(input.DispatchMouseEventTypeMouseMoved, 302, 230, input.MouseButtonNone, 0)
	wait(p.Browser, "another place under the pointer", fmt.Sprintf(`document.querySelector("#readout").textContent !== %q`, even))
	wrong := browsertest.Evaluate[[]float64](p.Browser, `(() => {
		const { reader } = document.querySelector("#explore").page.surface, bad = [];
		for (let x = 200; x <= 400; x += 25) {
			const place = reader.under(x, 260), f = 20 + [place.x, place.y].reduce((sum, v) => sum + v * v - 10 * Math.cos(2 * Math.PI * v), 0);
			if (Math.abs(place.raw - f) > 1) bad.push(place.x, place.y, place.raw, f); // 1: two cells between nodes
		}
		return bad;
	})()`)
	if len(wrong) > 0 {
		t.Errorf("the logarithmic surface reads (x₁, x₂, f, want) %v", wrong)
	}
	p.Do(chromedp.KeyEvent("L"))
	wait(p.Browser, "linear heights", `!location.search.includes("log=1")`)

	start := p.camera()
	drag(input.MouseButtonLeft, 0)
	if got := p.camera(); got[0] == start[0] || got[3] != 0 || got[4] != 0 {
		t.Errorf("a drag moved the camera from %v to %v: it should turn", start, got)
	}
	turned := p.camera()
	for _, c := range []struct {
		name      string
		button    input.MouseButton
		modifiers int64
	}{{"Shift", input.MouseButtonLeft, 8}, {"the right button", input.MouseButtonRight, 0}} {
		before := p.camera()
		drag(c.button, c.modifiers)
		if got := p.camera(); got[0] != turned[0] || got[1] != turned[1] || (got[3] == before[3] && got[4] == before[4]) {
			t.Errorf("a drag with %s moved the camera from %v to %v: it should move what is looked at", c.name, before, got)
		}
	}
	p.Do(chromedp.Focus("#surface"))
	for range 40 {
		p.Do(chromedp.KeyEvent(kb.ArrowLeft, chromedp.KeyModifiers(chromedp.ModifierShift)))
	}
	if got := p.camera(); got[3] < -1 || got[3] > 1 || got[4] < -1 || got[4] > 1 || (got[3] != -1 && got[4] != -1 && got[3] != 1 && got[4] != 1) {
		t.Errorf("Shift+← forty times looks at %v: it should stop at the border", got[3:])
	}
	wait(p.Browser, "the place in the address", `location.search.includes("panx=") || location.search.includes("pany=")`)
	p.Do(chromedp.KeyEvent(kb.Home))
	wait(p.Browser, "the view at rest", `!/pan|yaw|zoom/.test(location.search)`)

	p.Do(chromedp.KeyEvent("f"))
	wait(p.Browser, "the full screen", `document.fullscreenElement?.classList.contains("picture") === true`)
	p.Do(chromedp.KeyEvent("f"))
	wait(p.Browser, "the page again", `document.fullscreenElement === null`)

	browsertest.Evaluate[bool](p.Browser, `(() => { const s = document.querySelector("#nodes"); s.value = "513"; s.dispatchEvent(new Event("change")); return true; })()`)
	p.settled()
	sides := browsertest.Evaluate[[]float64](p.Browser, `(async () => {
		const page = document.querySelector("#explore").page, sides = [page.frame.n], slider = document.querySelector("#eta"), heard = page.surface.frame.bind(page.surface);
		page.surface.frame = (frame) => { sides.push(frame.n); heard(frame); };
		for (let i = 0; i < 300 && !(i >= 4 && sides.includes(257)); i++) { slider.value = String(500 + i % 50); slider.dispatchEvent(new Event("input", { bubbles: true })); await new Promise((done) => setTimeout(done, 30)); }
		for (let i = 0; i < 400 && sides.at(-1) !== 513; i++) await new Promise((done) => setTimeout(done, 25));
		page.surface.frame = heard;
		return sides;
	})()`)
	if sides[0] != 513 || !slices.Contains(sides, 257) || sides[len(sides)-1] != 513 {
		t.Errorf("a drag at 513² went through grids of %v: it should be coarse while it moves, and settle", sides)
	}
	p.settled()
	p.want("minima at 513²", p.text("minima-count"), fmt.Sprint(browsertest.Evaluate[int](p.Browser, `document.querySelector("#explore").page.frame.minima.length`)))
}

package static_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/heapprofiler"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"smoothscape/static/browsertest"
)

// counted makes the page count animation frames, draw calls, uploads, and the things that it makes on the graphics card.
const counted = `(() => {
	const n = (window.counted = { frames: 0, draws: 0, uploads: 0, made: 0 }), request = window.requestAnimationFrame;
	window.requestAnimationFrame = (f) => { n.frames++; return request(f); };
	const gl = WebGL2RenderingContext.prototype, watch = (key, names, does) => { for (const name of names) { const real = gl[name]; gl[name] = does ? function (...rest) { n[key]++; return real.apply(this, rest); } : function () { n[key]++; }; } };
	watch("draws", ["drawElements", "drawArrays", "drawArraysInstanced", "drawElementsInstanced"], false); // in software they would take most of the test's time
	watch("uploads", ["texImage2D", "texSubImage2D"], false);
	watch("made", ["createTexture", "createBuffer", "createProgram", "createShader", "createVertexArray", "createFramebuffer", "bufferData"], true);
	return true;
})()`

// heap is the size of the page's JavaScript heap after its garbage was collected.
func (p explore) heap() float64 {
	p.Helper()
	for range 2 {
		if _, err := chromedp.Call(p.Ctx, heapprofiler.CollectGarbage, cdp.Empty{}); err != nil {
			p.Fatal(err)
		}
	}
	usage, err := chromedp.Call(p.Ctx, runtime.GetHeapUsage, cdp.Empty{})
	if err != nil {
		p.Fatal(err)
	}
	return usage.UsedSize
}

// drag changes η so many times, `each` of them between two breaths of the page, and waits for the last one.
func (p explore) drag(changes, each int) {
	p.Helper()
	browsertest.Evaluate[bool](p.Browser, fmt.Sprintf(`(async () => {
		const slider = document.querySelector("#eta"), channel = new MessageChannel(), breath = () => new Promise((done) => { channel.port1.onmessage = done; channel.port2.postMessage(0); });
		for (let i = 0; i < %d; i++) {
			slider.value = String(500 + 200 * Math.sin(i / 20));
			slider.dispatchEvent(new Event("input", { bubbles: true }));
			if (i %% %d === 0) { await breath(); await new Promise((done) => setTimeout(done)); }
		}
		return true;
	})()`, changes, each))
	p.settled()
}

// At rest the page asks for no frame and draws nothing; a drag takes at most three draw calls and one upload a frame; a long one
// leaves nothing behind; and drawing makes no garbage to speak of.
func TestFrameLoopIsLean(t *testing.T) {
	p := openExplore(t, 800, 600, "?n=129&split=0&c=20")
	p.settled()
	browsertest.Evaluate[bool](p.Browser, counted)
	type counts struct{ Frames, Draws, Uploads, Made float64 }
	read := func() counts {
		return browsertest.Evaluate[counts](p.Browser, `(({ frames, draws, uploads, made }) => ({ Frames: frames, Draws: draws, Uploads: uploads, Made: made }))(window.counted)`)
	}
	p.drag(400, 6) // until the engine has made its code and the figures of the drags are full
	// Dying marks fade, the sharp drawing is made; on a machine with much to do that may take its time, but what draws for ever never has a second of rest.
	rest := browsertest.Evaluate[counts](p.Browser, `(async () => {
		const n = window.counted;
		for (let tries = 0; tries < 10; tries++) {
			Object.assign(n, { frames: 0, draws: 0, uploads: 0 });
			await new Promise((done) => setTimeout(done, 1000));
			if (n.frames + n.draws + n.uploads === 0) break;
		}
		return { Frames: n.frames, Draws: n.draws, Uploads: n.uploads, Made: 0 };
	})()`)
	if rest != (counts{}) {
		t.Errorf("in every one of ten seconds at rest the page does something, in the last %+v, want nothing", rest)
	}

	before, heap := read(), p.heap()
	drawn := `document.querySelector("#explore").page.timings.latencies.length`
	browsertest.Evaluate[bool](p.Browser, `(document.querySelector("#explore").page.timings.latencies.length = 0, true)`)
	p.drag(300, 3)
	after, frames := read(), browsertest.Evaluate[float64](p.Browser, drawn)
	if draws := after.Draws - before.Draws; frames < 20 || draws > 3*(frames+40) { // 40: fading marks draw without a new δ
		t.Errorf("%v draw calls for %v values of δ", draws, frames)
	}
	if uploads := after.Uploads - before.Uploads; uploads > frames+5 {
		t.Errorf("%v uploads for %v values of δ", uploads, frames)
	}
	p.drag(1700, 6)
	grown := p.heap() - heap
	if made := read().Made - before.Made; made != 0 {
		t.Errorf("2,000 changes of δ made %v things on the graphics card", made)
	}
	t.Logf("2,000 changes of δ: the heap grew by %.0f bytes from %.0f", grown, heap)
	if grown > 250_000 { // code and type feedback that the engine keeps
		t.Errorf("2,000 changes of δ left %.0f bytes behind", grown)
	}

	if _, err := chromedp.Call(p.Ctx, heapprofiler.Enable, cdp.Empty{}); err != nil {
		t.Fatal(err)
	}
	browsertest.Evaluate[bool](p.Browser, drawings(400)) // until the engine has made its code
	all := true
	if _, err := chromedp.Call(p.Ctx, heapprofiler.StartSampling, heapprofiler.StartSamplingParams{SamplingInterval: 64, IncludeObjectsCollectedByMajorGC: &all, IncludeObjectsCollectedByMinorGC: &all}); err != nil {
		t.Fatal(err)
	}
	browsertest.Evaluate[bool](p.Browser, drawings(400))
	profile, err := chromedp.Call(p.Ctx, heapprofiler.StopSampling, cdp.Empty{})
	if err != nil {
		t.Fatal(err)
	}
	bytes := map[string]float64{}
	collect(profile.Profile.Head, false, bytes)
	total, report := 0.0, []string{}
	for name, size := range bytes {
		total += size
		report = append(report, fmt.Sprintf("%8.0f %s", size/400, name))
	}
	slices.Sort(report)
	slices.Reverse(report)
	t.Logf("a drawing allocates %.0f bytes:\n%s", total/400, strings.Join(report[:min(8, len(report))], "\n"))
	if total/400 > 1000 {
		t.Errorf("a drawing allocates %.0f bytes, want next to nothing", total/400)
	}
}

// drawings takes the newest frame again and draws it, so many times.
func drawings(times int) string {
	return fmt.Sprintf(`(() => { const page = document.querySelector("#explore").page, { surface, frame } = page;
		(function drawAll() { for (let i = 0; i < %d; i++) { surface.pins.frame(frame, true); surface.painter.smooth(frame.heights, frame.n); surface.step(8); surface.draw(false); } })(); return true; })()`, times)
}

// collect adds up what was allocated below the function drawAll, by the function that did.
func collect(node *heapprofiler.SamplingHeapProfileNode, inside bool, bytes map[string]float64) {
	name := node.CallFrame.FunctionName
	inside = inside || name == "drawAll"
	if inside {
		bytes[fmt.Sprintf("%s (%s:%d)", name, node.CallFrame.URL[strings.LastIndex(node.CallFrame.URL, "/")+1:], node.CallFrame.ColumnNumber)] += node.SelfSize
	}
	for _, child := range node.Children {
		collect(child, inside, bytes)
	}
}

package main

import (
	"encoding/csv"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"smoothscape/static/browsertest"
)

// longPage is a long run, its server and its page.
type longPage struct {
	testing.TB
	b       *browsertest.Browser
	s       *testServer
	updates int
}

// openLong opens the page of a run of so many updates, whose curves are kept, and waits until it shows them all.
func openLong(t testing.TB, updates int) *longPage {
	t.Helper()
	rs, err := openRuns(t.Context(), runsOptions{Folder: t.TempDir(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeRuns(t, rs) })
	longRun(t, rs, "long", updates)
	awaitCurves(t, rs, "long")
	p := &longPage{t, browsertest.Start(t, 1440, 900), serveRuns(t, rs, &guard{}), updates}
	p.b.Open(p.s.URL+"/runs/long", "dark")
	p.awaitUpdates(updates)
	return p
}

// awaitUpdates waits until the page has drawn that many losses.
func (p *longPage) awaitUpdates(count int) {
	p.Helper()
	p.updates = count
	p.b.Wait(60*time.Second, fmt.Sprintf(`document.querySelector("#chart-loss-sentence").textContent.replace(/\u202f/g, "").startsWith("training, each batch: %d values") && (window.drawn ??= performance.now())`, count))
}

// click presses a button of the charts so many times.
func (p *longPage) click(zoom string, times int) {
	p.Helper()
	browsertest.Evaluate[bool](p.b, fmt.Sprintf(`(() => { for (let i = 0; i < %d; i++) document.querySelector("[data-zoom=%s]").click(); return true; })()`, times, zoom))
}

// view is what the chart of the loss shows.
func (p *longPage) view() (from, to float64) {
	p.Helper()
	ends := browsertest.Evaluate[[]float64](p.b, `(({ from, to }) => [Number(from), Number(to)])(document.querySelector("[data-chart=loss]").dataset)`)
	return ends[0], ends[1]
}

// drawn are the losses that the chart draws against updates, by their update.
func (p *longPage) drawn() map[int]float64 { return p.drawnAgainst(1) }

// drawnAgainst are those on another axis, which an update moves by unit.
func (p *longPage) drawnAgainst(unit float64) map[int]float64 {
	p.Helper()
	text := browsertest.Evaluate[string](p.b, `(async () => {
		const make = URL.createObjectURL, click = HTMLAnchorElement.prototype.click;
		let made = null;
		URL.createObjectURL = (blob) => { made = blob; return make(blob); };
		HTMLAnchorElement.prototype.click = () => {};
		document.querySelector("[data-testid=export-csv]").click();
		URL.createObjectURL = make;
		HTMLAnchorElement.prototype.click = click;
		return made.text();
	})()`)
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		p.Fatal(err)
	}
	losses := map[int]float64{}
	for _, row := range rows[1:] {
		x, err := strconv.ParseFloat(row[0], 64)
		if err == nil && row[1] != "" {
			losses[int(math.Round(x/unit))], err = strconv.ParseFloat(row[1], 64)
		}
		if err != nil {
			p.Fatal(row, err)
		}
	}
	return losses
}

// awaitDetail waits until there is a point in each so many updates of the view.
func (p *longPage) awaitDetail(within float64) map[int]float64 {
	p.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		from, to := p.view()
		losses := p.drawn()
		steps := []int{int(math.Floor(from)), int(math.Ceil(min(to, float64(p.updates))))}
		for step := range losses {
			steps = append(steps, step)
		}
		slices.Sort(steps)
		gap := 0
		for i := 1; i < len(steps); i++ {
			gap = max(gap, steps[i]-steps[i-1])
		}
		if float64(gap) <= within {
			return losses
		}
		if time.Now().After(deadline) {
			p.Fatalf("updates %.0f … %.0f: %d updates in a row have no point, want at most %v", from, to, gap, within)
		}
	}
}

// check holds what is drawn to the log: true values, every spike and every loss that is not finite in view.
func (p *longPage) check(losses map[int]float64) {
	p.Helper()
	from, to := p.view()
	for step, v := range losses {
		if want := longLoss(step); v != want && !(math.IsNaN(v) && math.IsNaN(want)) {
			p.Fatalf("update %d is drawn as %v, the log has %v", step, v, want)
		}
	}
	column := int((to - from) / 400) // at least: two in one of the picture's columns are one
	odd := func(v float64) bool { return math.IsNaN(v) || v > 30 }
	for step := int(math.Ceil(from)); step <= int(min(to, float64(p.updates))); step++ {
		if !odd(longLoss(step)) {
			continue
		}
		seen := false
		for near := step - column; near <= step+column; near++ {
			v, ok := losses[near]
			seen = seen || ok && odd(v)
		}
		if !seen {
			p.Errorf("updates %.0f … %.0f: the loss %v of update %d is not drawn", from, to, longLoss(step), step)
		}
	}
}

// A long run opens with few points of its curves; every spike and NaN is seen at every zoom, down to each single update; and what comes
// live goes on behind them, also after the page fell far behind.
func TestALongRunOnItsPage(t *testing.T) {
	t.Parallel()
	p := openLong(t, 30_000)
	if _, to := p.view(); to != 30_000 {
		t.Errorf("the whole ends at %v", to)
	}
	p.check(p.drawn())
	if got := p.b.Text("marks-loss"); !strings.Contains(got, "4 values are not finite") {
		t.Errorf("beside the title stands %q", got)
	}
	p.b.Shot("long-whole-dark")
	for _, zoom := range []struct {
		times  int
		within float64
	}{{3, 30}, {3, 4}, {3, 1}} { // an eighth, and so on: at last every update is there
		p.click("in", zoom.times)
		losses := p.awaitDetail(zoom.within)
		p.check(losses)
	}
	p.b.Shot("long-zoomed-dark")
	for axis, unit := range map[string]float64{"epoch": 1. / 400, "samples": 128, "time": 0.01} { // of 400 updates, of 128 images, 10 ms each
		p.b.Click("axis-" + axis)
		inView := 0
		for step, v := range p.drawnAgainst(unit) {
			if want := longLoss(step); v != want && !math.IsNaN(want) {
				t.Fatalf("against %s, update %d is drawn as %v, the log has %v", axis, step, v, want)
			}
			inView++
		}
		if inView < 50 {
			t.Errorf("against %s, %d updates are in view", axis, inView)
		}
	}
	browsertest.Evaluate[bool](p.b, `(document.querySelector("[name=axis]").click(), true)`) // updates
	p.click("in", 1)
	p.click("out", 1)
	p.awaitDetail(1)
	from, to := p.view()
	p.click("on", 12)
	p.check(p.awaitDetail(1))
	p.click("back", 12)
	if again, end := p.view(); math.Abs(again-from) > 1e-6 || math.Abs(end-to) > 1e-6 {
		t.Errorf("forth and back the view goes from %v … %v to %v … %v", from, to, again, end)
	}
	rs := p.s.runs
	grow := func(to int, wake bool) {
		t.Helper()
		row, err := rs.store.Run(t.Context(), "long")
		if err != nil {
			t.Fatal(err)
		}
		appendLong(t, rs.store, "long", p.updates+1, to+1)
		rs.curves.want("long")
		awaitCurves(t, rs, "long")
		if wake { // what it needs is not in the hub
			rs.hub.Publish("long", 1<<40, [][]byte{[]byte("{}")})
			p.awaitUpdates(to)
			return
		}
		bodies, err := rs.store.Events(t.Context(), "long", row.Length, 10_000)
		if err != nil {
			t.Fatal(err)
		}
		rs.hub.Publish("long", row.Length, bodies)
		p.awaitUpdates(to)
	}
	grow(31_000, false)
	grow(60_000, true)
	if now, end := p.view(); math.Abs(now-from) > 1e-6 || math.Abs(end-to) > 1e-6 {
		t.Errorf("news moved the view from %v … %v to %v … %v", from, to, now, end)
	}
	p.check(p.awaitDetail(1)) // the leap made the curves coarse; the part in view became fine again by itself
	p.click("whole", 1)
	p.check(p.drawn())
	if got := p.b.Text("now-trainLoss"); got != fmt.Sprintf("%.4g", longLoss(60_000)) && !strings.HasPrefix(got, fmt.Sprintf("%.3f", longLoss(60_000))) {
		t.Errorf("the newest loss reads %q, the log has %v", got, longLoss(60_000))
	}

	// Curves that cannot be read cost time, and nothing else: the page takes every event.
	p.b.Allow = []string{"500"}
	longRun(t, rs, "broken", 20_500)
	awaitCurves(t, rs, "broken")
	editDatabase(t, rs.options.Folder, "UPDATE curves SET body = x'00' WHERE run = 'broken'")
	p.b.Open(p.s.URL+"/runs/broken", "light")
	p.awaitUpdates(20_500)
	p.check(p.drawn())
}

// BenchmarkLongPage says how fast the page of a million updates opens and moves.
//
//	go test ./server -run xxx -bench LongPage -benchtime 1x
func BenchmarkLongPage(b *testing.B) {
	for b.Loop() {
		p := openLong(b, 1_000_000)
		b.ReportMetric(browsertest.Evaluate[float64](p.b, "window.drawn"), "ms/open")
		p.check(p.drawn())
		frames := func(name string) {
			const pan = `(async () => {
				const costs = [], on = document.querySelector("[data-zoom=on]"), back = document.querySelector("[data-zoom=back]");
				for (let i = 0; i < 60; i++) {
					await new Promise(requestAnimationFrame);
					const began = performance.now();
					(i %% 20 < 10 ? on : back).click();
					await null; // uPlot draws in a microtask
					costs.push(performance.now() - began);
				}
				return costs.sort((a, b) => a - b)[%d];
			})()`
			b.ReportMetric(browsertest.Evaluate[float64](p.b, fmt.Sprintf(pan, 30)), name+"-ms/pan-median")
			b.ReportMetric(browsertest.Evaluate[float64](p.b, fmt.Sprintf(pan, 57)), name+"-ms/pan-p95")
		}
		p.click("in", 3)
		frames("eighth")
		began := time.Now()
		p.click("in", 7)
		p.check(p.awaitDetail(1))
		b.ReportMetric(float64(time.Since(began).Milliseconds()), "ms/zoom-to-detail")
		frames("thousandth")
		b.ReportMetric(browsertest.Evaluate[float64](p.b, "performance.memory.usedJSHeapSize / 1e6"), "MB-heap")
	}
}

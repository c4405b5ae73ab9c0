package web_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"smoothscape/static/browsertest"
)

// The run moves δ; who takes hold of it detaches it; one key gives it back. Then back through the kept slices: the picture, δ, the numbers and
// the curves go together.
func TestTheRunSetsTheSliderAndTimeGoesBack(t *testing.T) {
	f := startFixture(t)
	f.append(history(200)...)
	f.kept = map[int]string{50: keptSlice(50), 100: keptSlice(100), 150: keptSlice(150)}
	b := browsertest.Start(t, 1440, 900)
	b.Open(f.url+"/runs/7", "dark")
	b.Wait(20*time.Second, updates(200))
	f.setSlice(sampleSlice(49, 3, 200))
	typed := "document.querySelector('#delta-typed').value"
	attached := "document.querySelector('#delta-row').dataset.attached"
	b.Wait(20*time.Second, attached+" === 'true' && !document.querySelector('#delta-row').hidden")
	f.append(update(201, 1, 0.4, 16, "0.5", 0.9)) // δ = 0.4·0.9/√16
	b.Wait(15*time.Second, typed+" === '0.09'")
	f.append(update(202, 1, 0.2, 16, "0.5", 0.9))
	b.Wait(15*time.Second, typed+" === '0.045'")
	b.Wait(20*time.Second, `/^δ 0\.0450, \d+ minim(a|um) left in view$/.test(document.querySelector('#delta-range').getAttribute('aria-valuetext'))`)

	// Taken hold of: the run goes on without the picture, and its δ stays marked.
	browsertest.Evaluate[bool](b, "((i) => { i.value = '0.08'; i.dispatchEvent(new Event('change')); return true })(document.querySelector('#delta-typed'))")
	b.Wait(15*time.Second, attached+" === 'false'")
	b.Wait(15*time.Second, shown("slice-caption", "δ = 0.0800"))
	f.append(update(203, 1, 0.1, 16, "0.5", 0.9))
	b.Wait(15*time.Second, shown("delta-state", "detached; the run's δ is 0.0225"))
	b.Wait(15*time.Second, "location.search.includes('delta=0.08')")
	if got := browsertest.Evaluate[string](b, "document.querySelector('#slice-figure').href"); !strings.Contains(got, "delta=0.08") {
		t.Errorf("the figure is linked as %s", got)
	}
	press(b, "a")
	b.Wait(15*time.Second, attached+" === 'true' && "+typed+" === '0.0225' && !location.search.includes('delta')")

	// Back in time.
	b.Wait(15*time.Second, "!document.querySelector('#time').hidden")
	press(b, "ArrowLeft")
	b.Wait(20*time.Second, shown("slice-caption", "update 100"))
	b.Wait(15*time.Second, shown("time-place", "update 100, 103 behind the newest"))
	b.Wait(15*time.Second, typed+fmt.Sprintf(" === '%.4g'", sampleDelta(100)))
	b.Wait(15*time.Second, "document.querySelector('#run-numbers').hasAttribute('data-past')")
	then := browsertest.Evaluate[string](b, "document.querySelector('#now-trainLoss').innerText")
	press(b, "Home")
	b.Wait(20*time.Second, shown("slice-caption", "update 50"))
	if now := browsertest.Evaluate[string](b, "document.querySelector('#now-trainLoss').innerText"); now == then {
		t.Errorf("the loss at update 50 is that at update 100: %s", now)
	}
	b.Wait(15*time.Second, "location.search === '?at=50'")
	b.Wait(15*time.Second, "document.querySelector('#slice-data').getAttribute('href').endsWith('?step=50')")
	f.setSlice(sampleSlice(49, 3, 203)) // what comes does not pull the reader away
	f.append(update(204, 1, 0.1, 16, "0.5", 0.9))
	b.Wait(15*time.Second, shown("time-place", "update 50, 154 behind the newest"))
	if got := b.Text("slice-caption"); !strings.Contains(got, "update 50") {
		t.Errorf("the picture went to %q", got)
	}

	// The way of the run, and how far it is from the picture.
	press(b, "j")
	b.Wait(15*time.Second, shown("slice-way", "at update 0 the parameters were 3.35 from here, 95.5 % of it out of this plane (3.20)"))
	if got := browsertest.Evaluate[string](b, "((d) => [d.points, d.distance, Number(d.out).toFixed(3)].join())(document.querySelector('#slice-way').dataset)"); got != "3,3.2,0.955" {
		t.Errorf("the way is drawn as %s: want 3 points, the farthest 3.2 from the plane, 95.5 %% of its way", got)
	}
	b.Shot("run-time-dark")

	press(b, " ") // plays to the end
	b.Wait(20*time.Second, shown("slice-caption", "update 150"))
	b.Wait(15*time.Second, shown("time-play", "Play the run"))
	press(b, "End")
	b.Wait(15*time.Second, shown("slice-caption", "update 203"))
	b.Wait(15*time.Second, "!document.querySelector('#run-numbers').hasAttribute('data-past') && "+typed+" === '0.0225'")

	// Taken hold of with a key, from where the run has it.
	press(b, "]")
	b.Wait(15*time.Second, attached+" === 'false' && "+typed+" === '0.02363' && location.search === '?delta=0.02363&way=1'")

	// A link opens the same view; a broken one opens what can be read of it.
	b.Open(f.url+"/runs/7?at=100&delta=0.05&m=40&close=1&way=1&view=map&axis=epoch&picture=nonsense&palette=cividis&log=1", "light")
	b.Wait(20*time.Second, shown("slice-caption", "δ = 0.0500, drawn ×40"))
	b.Wait(20*time.Second, shown("slice-caption", "update 100"))
	b.Wait(15*time.Second, "document.querySelector('input[name=axis][value=epoch]').checked && document.querySelector('input[name=view][value=map]').checked && document.querySelector('input[name=picture][value=slice]').checked")
	b.Wait(15*time.Second, "location.search === '?at=100&delta=0.05&m=40&close=1&view=map&way=1&log=1&palette=cividis&axis=epoch'")
	if got := browsertest.Evaluate[string](b, "document.querySelector('#slice-figure').getAttribute('href')"); got != "/runs/7/figure.png?m=40&kernel=gaussian&convention=vector&close=1&log=1&palette=cividis&step=100&delta=0.05" {
		t.Errorf("the figure is linked as %s", got)
	}
	browsertest.Evaluate[bool](b, "document.querySelector('#slice-figure').addEventListener('click', (e) => { e.preventDefault(); e.target.dataset.asked = '1'; }), true")
	press(b, "e")
	b.Wait(15*time.Second, "document.querySelector('#slice-figure').dataset.asked === '1'")
	b.Shot("run-time-light")
}

// A recorded run is played from its start; slices without a finite value say so; a run that is gone while it is watched says so, once.
func TestRunsThatDoNotGoOn(t *testing.T) {
	f := startFixture(t)
	f.append(history(200)...)
	f.run["status"], f.run["accepts"], f.run["reason"] = "recorded", []string{}, "It ships with the program."
	f.kept = map[int]string{0: keptSlice(0), 100: keptSlice(100), 200: keptSlice(200)}
	f.slice = keptSlice(200)
	b := browsertest.Start(t, 390, 844)
	b.Allow = []string{"WebSocket connection", "404"}
	b.Open(f.url+"/runs/7", "light")
	b.Wait(20*time.Second, updates(200))
	b.Wait(15*time.Second, shown("time-place", "the last slice"))
	if got := browsertest.Evaluate[int](b, "document.querySelectorAll('#run-actions form:not([hidden])').length"); got != 0 {
		t.Errorf("a recorded run has %d buttons that change it", got)
	}
	b.Click("time-play")
	for _, step := range []int{0, 100, 200} {
		b.Wait(15*time.Second, shown("slice-caption", fmt.Sprintf("δ = %s", map[int]string{0: "0.200", 100: "0.100", 200: "0.0667"}[step])))
		b.Wait(15*time.Second, shown("slice-caption", fmt.Sprintf("update %d", step)))
	}
	b.Wait(15*time.Second, shown("time-play", "Play the run"))
	b.Wait(15*time.Second, "!document.querySelector('#kernel-mark').hidden && document.documentElement.scrollWidth <= innerWidth")
	b.Shot("recorded-phone-light")
	b.Open(f.url+"/runs/7?at=0", "dark")
	b.Wait(20*time.Second, shown("slice-caption", "update 0"))
	b.Wait(15*time.Second, "location.search === '?at=0'")
	b.Shot("recorded-phone-dark")

	press(b, "End")
	f.setSlice(strings.Replace(sampleSlice(3, 0, 201), between(sampleSlice(3, 0, 201), `"z":[`, "]"), strings.TrimSuffix(strings.Repeat("null,", 9), ","), 1))
	b.Wait(15*time.Second, shown("slice-sentence", "None of the 9 losses around update 201 is finite"))
	f.setSlice(`{"run":"7","step":202,"delta":null,"alphas":[],"betas":[],"z":[],"level":0,"levels":4,"viewHalfWidth":1,"halo":0.5,"norms":[1,1],"cosine":0,"images":512,"loss":null,"lift":null,"label":"","magnification":null}`)
	b.Wait(15*time.Second, shown("slice-sentence", "The slice of update 202 holds no values"))
	f.setSlice(keptSlice(203))
	b.Wait(15*time.Second, shown("slice-sentence", "around update 203"))
	b.Wait(15*time.Second, "!document.querySelector('#slice-view').hasAttribute('data-hollow') && Number(document.querySelector('#slice-minima').innerText) >= 1")

	f.mu.Lock()
	f.gone = true
	f.mu.Unlock()
	f.cut()
	b.Wait(15*time.Second, shown("run-gone", "This run is no longer here"))
	b.Wait(15*time.Second, shown("run-connection", "gone since"))
	before := f.refusals()
	time.Sleep(1200 * time.Millisecond) // the first pauses are shorter than half a second
	if now := f.refusals(); now != before {
		t.Errorf("the page asked %d more times for a run that is gone", now-before)
	}
	if got := b.Text("run-progress"); !strings.Contains(got, "200 of") {
		t.Errorf("what had been received is lost: %q", got)
	}
}

// between is what stands in a text between two others.
func between(text, from, to string) string {
	_, rest, _ := strings.Cut(text, from)
	inside, _, _ := strings.Cut(rest, to)
	return inside
}

// Every state that the page of a run can write is read back the same.
func TestRunViewStateRoundTrip(t *testing.T) {
	bad := runScript[[]string](t, `
		import { readView, writeView } from "./run/viewstate";
		let seed = 7;
		const random = () => ((seed = (seed * 1103515245 + 12345) % 2147483648) / 2147483648);
		const bad: string[] = [];
		for (let i = 0; i < 300; i++) {
			const s = { ...readView(""), at: Math.floor(random() * 1e9), delta: Number((random() * 10 + 1e-6).toPrecision(4)), m: Number((random() * 100 + 1e-3).toPrecision(6)), raw: random() < 0.5, close: random() < 0.5,
				picture: (["slice", "projected", "full", "measured"] as const)[Math.floor(random() * 4)]!, kernel: random() < 0.5 ? "gaussian" : "uniform", view: random() < 0.5 ? "surface" : "map", way: random() < 0.5, log: random() < 0.5, palette: random() < 0.5 ? "viridis" : "cividis", axis: random() < 0.5 ? "step" : "epoch",
				yaw: Number((random() * 6 - 3).toPrecision(3)), panx: Number((random() - 0.5).toPrecision(3)) };
			if (JSON.stringify(readView(writeView(s))) !== JSON.stringify(s)) bad.push(writeView(s));
		}
		if (writeView(readView("?at=-1&delta=NaN&m=1e99&yaw=100&unknown=1")) !== "") bad.push("hostile");
		if (readView("?picture=full", true).picture !== "slice" || readView("?picture=projected", true).picture !== "projected") bad.push("full space of a recorded run");
		if (writeView({ ...readView(""), at: 0 }) !== "?at=0") bad.push("the first update");
		export default bad;`)
	if len(bad) > 0 {
		t.Errorf("not read back: %v", bad)
	}
}

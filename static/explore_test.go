package static_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"smoothscape/static/browsertest"
)

// explore is the Explore page in a browser.
type explore struct{ *browsertest.Browser }

// openExplore opens the page with that query and waits for the first drawing of f̂.
func openExplore(t testing.TB, width, height int64, query string) explore {
	t.Helper()
	address := startFixture(t)
	p := explore{browsertest.Start(t, width, height)}
	theme(p.Browser, "dark", true)
	p.Do(chromedp.Navigate(address + "/" + query))
	wait(p.Browser, "the first drawing", `document.querySelector("#explore")?.page?.timings.first > 0`)
	return p
}

func (p explore) text(id string) string {
	p.Helper()
	return browsertest.Evaluate[string](p.Browser, fmt.Sprintf("document.querySelector('[data-testid=%q]').textContent", id))
}

// set types a value into a field and leaves it.
func (p explore) set(id, value string) {
	p.Helper()
	browsertest.Evaluate[bool](p.Browser, fmt.Sprintf(`(() => {
		const e = document.querySelector('[data-testid=%q]');
		e.focus(); e.value = %q; e.dispatchEvent(new Event("change", { bubbles: true })); e.blur();
		return true;
	})()`, id, value))
}

func (p explore) click(id string) {
	p.Helper()
	browsertest.Evaluate[bool](p.Browser, fmt.Sprintf(`(document.querySelector('[data-testid=%q]').click(), true)`, id))
}

// settled waits until the words are about the newest request.
func (p explore) settled() {
	p.Helper()
	wait(p.Browser, "the newest frame", `(() => { const p = document.querySelector("#explore").page; return p.smoothing.seq === (p.frame?.seq ?? -1) && p.smoothing.seq === Number(document.querySelector("#explore").dataset.seq); })()`)
}

func (p explore) minima() string {
	p.Helper()
	p.settled()
	return p.text("minima-count")
}

func (p explore) want(what, got, want string) {
	p.Helper()
	if got != want {
		p.Errorf("%s: got %q, want %q", what, got, want)
	}
}

// The counts that the project promises, through the page's own controls: typed δ, kernel and convention.
func TestExploreCountsMinima(t *testing.T) {
	p := openExplore(t, 1280, 800, "?n=129")
	p.click("convention-coordinate")
	for _, c := range []struct{ delta, count string }{{"0.05", "121"}, {"0.42", "9"}, {"0.44", "1"}, {"0.6", "1"}} {
		p.set("delta", c.delta)
		p.want("Gaussian, coordinate, δ = "+c.delta, p.minima(), c.count)
	}
	p.click("kernel-uniform")
	p.click("convention-vector")
	for _, c := range []struct{ delta, count string }{{"0.6", "1"}, {"0.65", "16"}} {
		p.set("delta", c.delta)
		p.want("uniform, vector, δ = "+c.delta, p.minima(), c.count)
	}
	// Four of them are equally low: rounding decides which is named.
	if s := p.text("sentence"); !regexp.MustCompile(`It has 16 minima, which need not be among the 121: a disc makes new ones, too\. The lowest lies at \(−?0\.45, −?0\.45\)\.$`).MatchString(s) {
		t.Errorf("the sentence is %q", s)
	}
}

// A drag of the batch size from large to small, by keys on the focused slider: the count falls.
func TestExploreSliderMeltsMinima(t *testing.T) {
	p := openExplore(t, 1280, 800, "?n=129&b=4096&split=0")
	p.want("b = 4096", p.minima(), "121")
	p.Do(chromedp.Focus(`#b`))
	counts := []string{}
	for range 7 {
		p.Do(chromedp.KeyEvent(kb.PageDown))
		counts = append(counts, p.minima())
	}
	if last := counts[len(counts)-1]; last != "1" {
		t.Errorf("after paging b down the minima are %v, want 1 at the end", counts)
	}
	if speech := browsertest.Evaluate[string](p.Browser, `document.querySelector("#b").getAttribute("aria-valuetext")`); !strings.Contains(speech, "batch size") || !strings.Contains(speech, "1 minimum left") {
		t.Errorf("the slider is spoken as %q", speech)
	}
	wait(p.Browser, "the polite count", `document.querySelector("[data-testid=spoken]").textContent.includes("1 minimum left")`)
}

// The bare page opens on its split picture, with a true sentence, and its address stays bare.
func TestExploreOpens(t *testing.T) {
	p := openExplore(t, 1440, 900, "")
	p.want("the count", p.minima(), "1")
	if s := p.text("sentence"); !strings.Contains(s, "Left of the cut: f, with 121 minima") || !strings.Contains(s, "One minimum is left, at (0.00, 0.00)") {
		t.Errorf("the sentence is %q", s)
	}
	first := browsertest.Evaluate[float64](p.Browser, `document.querySelector("#explore").page.timings.first`)
	t.Logf("first drawing of f̂ %.0f ms after navigation (software rendering, shared machine)", first)
	p.want("the query", browsertest.Evaluate[string](p.Browser, "location.search"), "")
	blank := browsertest.Evaluate[float64](p.Browser, `new Promise((done) => requestAnimationFrame(() => {
		const c = document.querySelector("#surface"), page = document.querySelector("#explore").page;
		page.surface.draw(false);
		const gl = c.getContext("webgl2"), pixel = new Uint8Array(4 * 512);
		gl.readPixels(c.width / 2 - 256, c.height / 2, 512, 1, gl.RGBA, gl.UNSIGNED_BYTE, pixel);
		done(new Set(pixel).size);
	}))`)
	if blank < 8 {
		t.Errorf("the middle of the picture holds %v different values: it is blank", blank)
	}
}

// Keys do what the list of keys says.
func TestExploreKeys(t *testing.T) {
	p := openExplore(t, 1280, 800, "?n=129&c=22")
	press := func(key string) { p.Do(chromedp.KeyEvent(key)) }
	p.want("smoothed", p.minima(), "9")
	press("r")
	wait(p.Browser, "raw", `document.querySelector("[data-testid=minima-count]").textContent === "121"`)
	press("r")
	wait(p.Browser, "smoothed", `document.querySelector("[data-testid=minima-count]").textContent === "9"`)
	for range 4 {
		press("]")
	}
	p.want("after ]", p.minima(), "1")
	for range 4 {
		press("[")
	}
	p.want("after [", p.minima(), "9")
	press("m")
	press("s")
	wait(p.Browser, "the address", `location.search.includes("view=map") && location.search.includes("split=1")`)
	press("t")
	wait(p.Browser, "the light theme", `document.documentElement.dataset.theme === "light"`)
	press("?")
	wait(p.Browser, "the list of keys", `document.querySelector("#keys-dialog").open`)
	press(kb.Escape)
	wait(p.Browser, "the list is closed", `!document.querySelector("#keys-dialog").open`)
	p.Do(chromedp.Focus("#surface"))
	press("m")
	press(kb.ArrowLeft)
	wait(p.Browser, "the turned camera", `location.search.includes("yaw=")`)
}

// What a reader types wrongly is answered beside the field, and what was there stays.
func TestExploreRefusesWhatIsNoNumber(t *testing.T) {
	p := openExplore(t, 1280, 800, "?n=129")
	for _, c := range []struct{ field, typed, problem string }{
		{"eta-typed", "-1", "Expected a number from 1·10⁻⁵ to 10"},
		{"eta-typed", "NaN", "found “NaN”"},
		{"b-typed", "0", "Expected a whole number from 1 to 65\u202f536"},
		{"b-typed", "2.5", "found “2.5”"},
		{"c-typed", "", "found “”"},
	} {
		p.set(c.field, c.typed)
		id := strings.TrimSuffix(c.field, "-typed")
		if got := browsertest.Evaluate[string](p.Browser, fmt.Sprintf("document.querySelector('#%s-problem').textContent", id)); !strings.Contains(got, c.problem) {
			t.Errorf("%s = %q: the page says %q, want %q in it", c.field, c.typed, got, c.problem)
		}
	}
	p.want("the count", p.minima(), "1")
	p.set("delta", "abc")
	if got := browsertest.Evaluate[string](p.Browser, "document.querySelector('#delta-problem').textContent"); !strings.Contains(got, "found “abc”") {
		t.Errorf("δ = abc: the page says %q", got)
	}
}

// An α-stable kernel is offered only where f̂ exists, and no link forces it.
func TestExploreOffersStableOnlyWhereItExists(t *testing.T) {
	p := openExplore(t, 1280, 800, "?n=129&kernel=stable&alpha=1.5")
	disabled := func() bool {
		return browsertest.Evaluate[bool](p.Browser, `document.querySelector("[data-testid=kernel-stable]").disabled`)
	}
	if !disabled() || !strings.Contains(p.text("stable-reason"), "grows as |x|") {
		t.Errorf("Rastrigin: α-stable is offered, or not refused with its reason: %q", p.text("stable-reason"))
	}
	if strings.Contains(p.text("picture-label"), "stable") {
		t.Errorf("a link forced a picture that does not exist: %q", p.text("picture-label"))
	}
	browsertest.Evaluate[bool](p.Browser, `(() => { const s = document.querySelector("#function"); s.value = "ackley"; s.dispatchEvent(new Event("change")); return true; })()`)
	p.settled()
	if disabled() {
		t.Error("Ackley: α-stable is not offered, though Ackley is bounded")
	}
	p.click("kernel-stable")
	p.settled()
	if !browsertest.Evaluate[bool](p.Browser, `!document.querySelector("[data-formula=stable]").hasAttribute("hidden") && document.querySelector("[data-formula=variance]").hasAttribute("hidden")`) {
		t.Error("the formula did not follow the kernel")
	}
	if label, caution := p.text("picture-label"), p.text("caution"); !strings.Contains(label, "α = 1.5") || !strings.Contains(caution, "mirrored") {
		t.Errorf("label %q, caution %q", label, caution)
	}
}

// A δ beyond the range of the function is drawn at its end, and the page says so.
func TestExploreClampsDelta(t *testing.T) {
	p := openExplore(t, 1280, 800, "?n=129&eta=1&b=1&c=50")
	p.settled()
	if got := p.text("caution"); !strings.Contains(got, "δ is 50") || !strings.Contains(got, "stops at 0.9") {
		t.Errorf("the caution is %q", got)
	}
}

// The slice of a network: its label, its magnification, ×1 on a key, and what it says of true width and lift.
func TestExploreSlice(t *testing.T) {
	p := openExplore(t, 1280, 800, "?f=slice:fashion-convnet&c=4&n=129")
	p.settled()
	for id, words := range map[string]string{"picture-label": "slice smoothing (illustrative), drawn ×20", "slice-facts": "at m = 1 it is 0.005", "sentence": "an analogue", "warning": "1 of 2 401 values"} {
		if got := strings.ReplaceAll(p.text(id), "\u202f", " "); !strings.Contains(got, words) {
			t.Errorf("%s is %q, want %q in it", id, got, words)
		}
	}
	smooth := p.minima()
	p.Do(chromedp.KeyEvent("1"))
	wait(p.Browser, "×1", `document.querySelector("[data-testid=picture-label]").textContent.includes("drawn ×1:")`)
	wait(p.Browser, "the address", `location.search.includes("m=1")`)
	if raw := p.minima(); raw <= smooth {
		t.Errorf("%s minima at ×20 and %s at ×1: the true width should smooth less", smooth, raw)
	}
}

// Every state that the page can write is read back the same.
func TestStateRoundTrip(t *testing.T) {
	b := browsertest.Start(t, 400, 300)
	bad := runScript[[]string](t, b, `
		import { defaults, descents, parts, read, write, limits, sizes, type ViewState } from "./state";
		let seed = 7;
		const random = (): number => ((seed = (seed * 1103515245 + 12345) % 2147483648) / 2147483648);
		const one = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
		const log = ([lo, hi]: readonly [number, number]): number => Number((lo * Math.pow(hi / lo, random())).toPrecision(6));
		const bad: string[] = [];
		for (let i = 0; i < 500; i++) {
			const s: ViewState = { ...defaults(),
				f: one(["rastrigin", "dent", "slice:fashion-convnet"]), eta: log(limits.eta), b: Math.round(log(limits.b)), c: log(limits.c), kernel: one(["gaussian", "uniform", "stable"] as const),
				convention: one(["vector", "coordinate"] as const), raw: random() < 0.5, split: random() < 0.5, view: one(["surface", "map"] as const), m: random() < 0.5 ? 0 : log(limits.m), n: one(sizes),
				cut: one(["off", "x", "y"] as const), at: Number((random() * 6 - 3).toPrecision(4)),
				log: random() < 0.5, dim: 2 + Math.floor(random() * 998), pictures: random() < 0.5, paths: descents.filter(() => random() < 0.5), x0: Number((random() * 6 - 3).toPrecision(4)), y0: Number((random() * 6 - 3).toPrecision(4)),
				seed: Math.floor(random() * 99999), t: Math.floor(random() * 99999), hide: parts.filter(() => random() < 0.2), lock: parts.filter(() => random() < 0.2), tree: random() < 0.5, scene: Math.floor(random() * 9), present: random() < 0.5,
				yaw: Number((random() * 6 - 3).toPrecision(3)), pitch: Number((0.1 + random()).toPrecision(3)), zoom: Number((0.5 + random()).toPrecision(3)), panx: Number((2 * random() - 1).toPrecision(3)), pany: Number((2 * random() - 1).toPrecision(3)), palette: one(["viridis", "cividis"] as const) };
			if (s.kernel === "stable") s.alpha = Number((1.01 + 0.98 * random()).toPrecision(6));
			const query = write(s), back = read(query);
			if (JSON.stringify(back) !== JSON.stringify(s) || query.length > 500) bad.push(query);
		}
		const same = (query: string, key: keyof ViewState, want: unknown): void => { if (read(query)[key] !== want) bad.push(query + " " + key + " " + String(read(query)[key])); };
		same("?eta=-1", "eta", defaults().eta);
		same("?eta=NaN", "eta", defaults().eta);
		same("?b=2.5", "b", defaults().b);
		same("?n=500", "n", defaults().n);
		same("?f=../../etc", "f", "rastrigin");
		same("?unknown=1", "split", true);
		same("", "split", true);
		same("?c=3", "split", false);
		if (write({ ...defaults(), split: true }) !== "" || write(defaults()) !== "?split=0") bad.push("the bare page");
		export default bad;`)
	if len(bad) > 0 {
		t.Errorf("not read back: %s", strings.Join(bad, "\n"))
	}
}

package main

import (
	"fmt"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"smoothscape/server/store"
	"smoothscape/static/browsertest"
)

// listedRuns makes runs of these names, the first the newest, as if they had been trained.
func listedRuns(t testing.TB, rs *Runs, names ...string) {
	t.Helper()
	for i, name := range names {
		accuracy, delta, eta, batch := 0.5+float64(i%40)/100, 0.3/float64(i+1), 0.1, 32<<(i%4)
		schedule := []string{"constant", "hybrid", "cosine"}[i%3]
		config := fmt.Sprintf(`{"dataset":"fashion-mnist-8k","model":"mlp","engine":"cpu","schedule":%q,"learningRate":0.1,"batchSize":32,"epochs":10,"seed":%d}`, schedule, i)
		id := fmt.Sprintf("listed%d", i)
		err := rs.store.CreateRun(store.Run{ID: id, Name: name, Created: time.Now().UnixMilli() - int64(i)*60_000, Config: []byte(config), Status: string(StatusDone)})
		if err == nil {
			_, err = rs.store.UpdateRun(id, func(r *store.Run) error {
				r.Step, r.TotalSteps, r.TestAccuracy, r.NoiseLevel, r.LearningRate, r.BatchSize = 900, 900, &accuracy, &delta, &eta, &batch
				return nil
			})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// shownNames are the names in the list, from top to bottom, without those of recorded runs.
const shownNames = `[...document.querySelectorAll("#run-rows [data-run]:not([data-status=recorded]) [data-part=name]")].map((a) => a.textContent).join()`

func awaitNames(b *browsertest.Browser, want string) {
	b.Helper()
	b.Wait(15*time.Second, fmt.Sprintf("document.querySelector('#runs-connection[data-state=live]') && %s === %q", shownNames, want))
}

// on is an expression for a part of a run's line.
func on(name, part string) string {
	return fmt.Sprintf(`[...document.querySelectorAll("#run-rows [data-run]")].find((tr) => tr.querySelector("[data-part=name]").textContent === %q).querySelector("[data-part=%s]")`, name, part)
}

func press(b *browsertest.Browser, keys string) {
	b.Helper()
	b.Do(chromedp.KeyEvent(keys))
}

// strike presses a letter in the page; of one that press sends, the text would still be typed where the page moves the focus.
func strike(b *browsertest.Browser, key string) {
	b.Helper()
	does(b, fmt.Sprintf(`document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key: %q, bubbles: true, cancelable: true }))`, key))
}

func does(b *browsertest.Browser, script string) {
	b.Helper()
	browsertest.Evaluate[bool](b, "("+script+", true)")
}

func TestListOfRuns(t *testing.T) {
	t.Parallel()
	s := newTestServer(t, &guard{}, "steps=5")
	listedRuns(t, s.runs, "alpha", "beta", "gamma", "Delta")
	b := browsertest.Start(t, 1280, 900)
	b.Open(s.URL+"/runs", "dark")
	awaitNames(b, "alpha,beta,gamma,Delta")
	is := func(what, script string) {
		t.Helper()
		t.Log(what)
		b.Wait(15*time.Second, script)
	}
	row := func(id string) RunView { t.Helper(); return sayJSON[RunView](t, s, "GET", "/api/runs/"+id, "", 200) }

	// Searching, sorting, and the way back.
	strike(b, "/")
	for _, key := range "hyb" {
		press(b, string(key))
	}
	awaitNames(b, "beta")
	is("the count", `document.querySelector("#runs-count").textContent === "1 of 6 shown" && location.search === "?q=hyb"`)
	press(b, kb.Escape)
	awaitNames(b, "alpha,beta,gamma,Delta")
	does(b, `document.querySelector("[data-sort=name]").click()`)
	awaitNames(b, "alpha,beta,Delta,gamma")
	does(b, `document.querySelector("[data-sort=name]").click()`)
	awaitNames(b, "gamma,Delta,beta,alpha")
	is("the order in words", `document.querySelector("th.at-name").ariaSort === "descending" && location.search === "?sort=name&turn=1"`)
	does(b, "history.back()")
	awaitNames(b, "alpha,beta,Delta,gamma")
	does(b, "history.forward()")
	awaitNames(b, "gamma,Delta,beta,alpha")
	b.Open(s.URL+"/runs?sort=delta&turn=1&q=MLP&tag=&sort=delta&nonsense=1&status=evil", "dark")
	awaitNames(b, "Delta,gamma,beta,alpha")

	// Pin, rename, and what another client does; other lines stay as they are.
	does(b, on("beta", "pin")+".click()")
	awaitNames(b, "beta,Delta,gamma,alpha")
	if !row("listed1").Pinned {
		t.Error("the server does not know that beta is pinned")
	}
	does(b, on("gamma", "name")+".focus()")
	press(b, kb.F2)
	does(b, `document.activeElement.value = "  gam <b>ma</b> "`)
	press(b, kb.Escape)
	is("the old name", `document.activeElement.textContent === "gamma"`)
	press(b, kb.F2)
	does(b, `document.activeElement.value = "  gam <b>ma</b> "`)
	press(b, kb.Enter)
	awaitNames(b, "beta,Delta,gam <b>ma</b>,alpha")
	does(b, `window.touched = new Set(), new MutationObserver((all) => { for (const m of all) touched.add((m.target.closest ? m.target : m.target.parentElement).closest("tr")?.dataset.run ?? "the table"); })
		.observe(document.querySelector("#run-rows"), { subtree: true, childList: true, characterData: true, attributes: true })`)
	sayJSON[RunView](t, s, "PATCH", "/api/runs/listed3", `{"name":"delta","tags":["to repeat","<i>"]}`, 200)
	awaitNames(b, "beta,delta,gam <b>ma</b>,alpha")
	is("one line that was touched", `[...touched].join() === "listed3"`)

	// Tags, color and notes; what cannot be saved is not lost.
	does(b, on("alpha", "name")+".focus()")
	strike(b, "e")
	const notes = "<script>alert(1)</script>\nsecond line"
	does(b, fmt.Sprintf(`document.execCommand("insertText", false, %q)`, notes))
	does(b, `window.really = window.fetch, window.fetch = () => Promise.reject(new Error("away"))`)
	does(b, `document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", ctrlKey: true, bubbles: true }))`)
	is("the refusal", `document.querySelector("[data-testid=edit-state]").textContent.startsWith("Not saved: The server could not be reached.")`)
	press(b, kb.Escape)
	is("the badge", `/^stale since \d\d:\d\d:\d\d$/.test(document.querySelector("#runs-connection").textContent)`)
	does(b, `window.fetch = window.really`)
	strike(b, "e")
	is("what was typed", fmt.Sprintf(`document.querySelector("#edit-notes").value === %q`, notes))
	does(b, `document.querySelector("#edit-tags").value = "one, two,one", document.querySelector(".inks [value=violet]").click()`)
	does(b, `document.querySelector("#edit-tags").dispatchEvent(new Event("change", { bubbles: true }))`)
	is("that it is saved", `document.querySelector("[data-testid=edit-state]").textContent === "Saved."`)
	if got := row("listed0"); got.Notes != notes || strings.Join(got.Tags, "|") != "one|two" || got.Color != "violet" {
		t.Errorf("saved: %+v", got)
	}
	is("the line", on("alpha", "notes")+`.textContent === "<script>alert(1)</script> …" && `+on("alpha", "color")+`.textContent === "V"`)
	b.Shot("runs-editor-dark")
	press(b, kb.Escape)
	b.Open(s.URL+"/runs/listed0", "dark")
	is("the run's own page", `document.querySelector(".run-notes").textContent === `+fmt.Sprintf("%q", notes)+` && document.querySelectorAll(".run-marks .tag").length === 2`)
	b.Open(browsertest.Evaluate[string](b, `document.querySelector(".run-marks > a:last-child").href`), "dark")
	is("the editor by its link", `document.querySelector("#edit-notes")?.value.endsWith("second line") && document.activeElement.id === "edit-notes"`)
	press(b, kb.Escape)
	b.Open(s.URL+"/runs?sort=delta&turn=1&q=MLP", "dark")
	awaitNames(b, "beta,delta,gam <b>ma</b>,alpha")
	does(b, on("alpha", "tags")+`.firstElementChild.click()`)
	awaitNames(b, "alpha")
	is("the tag in the link", `new URLSearchParams(location.search).get("tag") === "one"`)
	does(b, "history.back()")
	awaitNames(b, "beta,delta,gam <b>ma</b>,alpha")

	// Several at once: a range with Shift, a tag, the export, delete and undo.
	does(b, on("delta", "choose")+".click()")
	does(b, on("alpha", "choose")+`.dispatchEvent(new MouseEvent("click", { bubbles: true, shiftKey: true }))`)
	is("three selected", `document.querySelector("#bulk-count").textContent === "3 selected" && document.querySelector("#export-runs").value === "listed3,listed2,listed0"`)
	does(b, `document.querySelector("#bulk-tag-text").value = "three", document.querySelector("#bulk-tag").requestSubmit()`)
	is("the tag on all", on("alpha", "tags")+`.textContent.includes("three") && `+on("delta", "tags")+`.textContent.includes("three")`)
	exported := browsertest.Evaluate[string](b, `fetch("/api/runs/export", { method: "POST", body: new URLSearchParams([...new FormData(document.querySelector(".runs-export")), ["format", "csv"]]) }).then((r) => r.text())`)
	if lines := strings.Split(exported, "\r\n"); len(lines) < 4 || !strings.HasPrefix(lines[1], "listed3,delta,done,") {
		t.Errorf("exported\n%s", exported)
	}
	b.Shot("runs-selected-dark")
	does(b, `document.querySelector("#bulk-delete").focus()`)
	press(b, kb.Enter)
	awaitNames(b, "beta")
	is("the way back under the focus", `document.activeElement.id === "undo" && document.querySelector("#undo-text").textContent === "3 runs deleted." && document.querySelector("#runs-bulk").hidden`)
	press(b, kb.Enter)
	awaitNames(b, "beta,delta,gam <b>ma</b>,alpha")
	does(b, on("beta", "name")+".focus()")
	press(b, kb.Delete)
	awaitNames(b, "delta,gam <b>ma</b>,alpha")
	strike(b, "z")
	awaitNames(b, "beta,delta,gam <b>ma</b>,alpha")
	for _, hidden := range []string{"listed1"} {
		if _, err := s.runs.Delete(hidden); err != nil { // by another client
			t.Fatal(err)
		}
	}
	awaitNames(b, "delta,gam <b>ma</b>,alpha")
	// The line that takes back goes after ten seconds, by the page's clock, but not from under the focus.
	does(b, `window.clock = [], window.setTimeout = ((real) => (call, ms, ...rest) => (ms === 10_000 ? clock.push(call) : real(call, ms, ...rest)))(window.setTimeout)`)
	const line = `document.querySelector("#runs-undo")`
	does(b, on("alpha", "name")+".focus()")
	press(b, kb.Delete)
	awaitNames(b, "delta,gam <b>ma</b>")
	is("the line under the focus", line+`.contains(document.activeElement) && `+line+`.matches(".on") && clock.length > 0`)
	does(b, `clock.splice(0).at(-1)()`)
	is("the line ten seconds later", line+`.matches(".on") && clock.length === 1`)
	does(b, `document.activeElement.blur(), clock.splice(0).at(-1)()`)
	is("no line ten seconds after the focus has left", `!`+line+`.matches(".on") && document.querySelector("#undo-text").textContent === "" && document.querySelector("#undo").hidden`)
	strike(b, "z") // there is nothing to take back any more
	awaitNames(b, "delta,gam <b>ma</b>")
	if _, err := s.runs.Restore(t.Context(), "listed0"); err != nil {
		t.Fatal(err)
	}
	// The runs of a study stand together, under its name.
	member := func(id, name string, hoursAgo int64) store.Run {
		return store.Run{ID: id, Name: name, Created: time.Now().UnixMilli() - hoursAgo*3_600_000, Config: []byte(`{"dataset":"fashion-mnist-8k","model":"mlp","schedule":"cosine"}`), Status: string(StatusDone)}
	}
	err := s.runs.store.CreateStudy(store.Study{ID: "study1", Name: "Four <schedules>", Config: []byte("{}"), Members: []store.Member{{Run: "m1", Schedule: "cosine", Seed: "1"}, {Run: "m2", Schedule: "cosine", Seed: "2"}}},
		[]store.Run{member("m1", "member 1", 0), member("m2", "member 2", 99)})
	if err != nil {
		t.Fatal(err)
	}
	b.Open(s.URL+"/runs", "dark")
	awaitNames(b, "member 1,alpha,gam <b>ma</b>,delta,member 2")
	strike(b, "g")
	awaitNames(b, "member 1,member 2,alpha,gam <b>ma</b>,delta")
	is("the study's name", `document.querySelector(".study-head a").textContent === "Four <schedules>" && document.querySelector(".study-head small").textContent === "2 runs" && location.search === "?group=1"`)
	b.Shot("runs-grouped-dark")
	if faults := browsertest.Evaluate[string](b, `document.querySelector("script:not([src], [type])")?.textContent ?? ""`); faults != "" {
		t.Errorf("a script came from what somebody typed: %s", faults)
	}
	b.Do(chromedp.EmulateViewport(390, 844))
	if over := browsertest.Evaluate[int](b, "document.documentElement.scrollWidth - innerWidth"); over > 0 {
		t.Errorf("on a phone the page is %d pixels too wide", over)
	}
}

// BenchmarkListOfRuns is what a list of 1,000 runs costs in the page, in milliseconds: until all are there, to search, to sort, and to show
// the change of one.
func BenchmarkListOfRuns(b *testing.B) {
	rs := fakeRuns(b, b.TempDir(), "steps=5")
	names := make([]string, 1000)
	for i := range names {
		names[i] = fmt.Sprintf("run %d", i)
	}
	listedRuns(b, rs, names...)
	listening := httptest.NewServer((&server{guard: &guard{}, runs: rs, log: slog.New(slog.DiscardHandler)}).handler())
	b.Cleanup(listening.Close)
	page := browsertest.Start(b, 1440, 900)
	const search = `document.querySelector("#runs-search")`
	measured := func(name, script string) {
		b.Helper()
		b.ReportMetric(browsertest.Evaluate[float64](page, "(() => { "+script+" })()"), name)
	}
	for b.Loop() {
		page.Open(listening.URL+"/runs", "dark")
		page.Wait(30*time.Second, `document.querySelectorAll("[data-run]").length >= 1000`)
		measured("all-ms", "return performance.now()") // 40 ms at a time
		measured("search-ms", "const f = "+search+`, t = performance.now(); f.value = "run 77"; f.dispatchEvent(new Event("input")); document.body.offsetHeight; return performance.now() - t`)
		measured("all-again-ms", "const f = "+search+`, t = performance.now(); f.value = ""; f.dispatchEvent(new Event("input")); document.body.offsetHeight; return performance.now() - t`)
		measured("sort-ms", `const t = performance.now(); document.querySelector("[data-sort=accuracy]").click(); document.body.offsetHeight; return performance.now() - t`)
	}
}

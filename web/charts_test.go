package web_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"smoothscape/static/browsertest"
)

// strike sends a key to the element that has the focus.
func strike(b *browsertest.Browser, key string) {
	b.Helper()
	browsertest.Evaluate[bool](b, fmt.Sprintf("document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {key: %q, bubbles: true, cancelable: true})) || true", key))
}

// exported clicks an export button and gives the file's name and text.
func exported(b *browsertest.Browser, kind string) (name, text string) {
	b.Helper()
	got := browsertest.Evaluate[[]string](b, fmt.Sprintf(`(async () => {
		const made = [], make = URL.createObjectURL, click = HTMLAnchorElement.prototype.click;
		let name = '';
		URL.createObjectURL = (blob) => { made.push(blob); return make(blob); };
		HTMLAnchorElement.prototype.click = function () { name = this.download; };
		document.querySelector('[data-testid=export-%s]').click();
		URL.createObjectURL = make;
		HTMLAnchorElement.prototype.click = click;
		return [name, await made[0].text()];
	})()`, kind))
	return got[0], got[1]
}

// The tools over the charts of a run: what each does to what is shown, by mouse and by keyboard.
func TestChartTools(t *testing.T) {
	f := startFixture(t)
	f.run["name"] = "=cmd|' /C calc'!A0, hybrid"
	f.append(history(600)...)
	f.append(update(601, 6, 0.0649, 216, `"NaN"`, 4), update(602, 6, 0.0649, 216, `-0.5`, 4), update(603, 6, 0.0649, 216, `0.4`, 4))
	b := browsertest.Start(t, 1440, 900)
	b.Open(f.url+"/runs/7", "light")
	b.Wait(20*time.Second, updates(603))
	sentence := func() string {
		return browsertest.Evaluate[string](b, "document.querySelector('#chart-loss-sentence').textContent")
	}

	// Smoothing, in words; the raw line stays in the legend and in the sentence.
	if got := b.Text("smoothing-said"); got != "off" {
		t.Errorf("at first the slider says %q", got)
	}
	browsertest.Evaluate[bool](b, `(() => { const s = document.querySelector('[data-testid=smoothing]'); s.value = 5; s.dispatchEvent(new Event('input', {bubbles: true})); return true })()`)
	b.Wait(20*time.Second, shown("chart-loss", "training, each batch, smoothed"))
	if got := browsertest.Evaluate[string](b, "document.querySelector('[data-testid=smoothing]').getAttribute('aria-valuetext')"); got != "average over about 50 updates" {
		t.Errorf("the slider says %q of itself", got)
	}
	if got := sentence(); !strings.Contains(got, "603 values") || !strings.Contains(got, "A smoothed line lies over it") {
		t.Errorf("the sentence reads %q", got)
	}
	b.Shot("tools-smoothed-light")

	// Each axis keeps the reader's place; each has its unit.
	browsertest.Evaluate[bool](b, "(document.querySelector('[data-chart=loss] .chart-host').focus(), true)")
	strike(b, "+")
	b.Wait(20*time.Second, "!document.querySelector('#zoom-reset').hidden")
	for axis, want := range map[string]float64{"epoch": 3, "samples": 21e3, "time": 6} {
		b.Click("axis-" + axis)
		from, to := browsertest.Evaluate[float64](b, "Number(document.querySelector('[data-chart=loss]').dataset.from)"), browsertest.Evaluate[float64](b, "Number(document.querySelector('[data-chart=loss]').dataset.to)")
		if !(from > 0 && from < want && to > want) {
			t.Errorf("against %s the zoom is %v … %v, want it around %v", axis, from, to, want)
		}
		browsertest.Evaluate[bool](b, "(document.querySelector('[name=axis]').click(), true)")
	}
	b.Click("zoom-reset")

	// Logarithmic axes say what they cannot show.
	b.Click("log-y")
	b.Wait(20*time.Second, shown("marks-loss", "1 drawn value of 0 or below has no place on a logarithmic axis"))
	if got := b.Text("marks-loss"); !strings.Contains(got, "1 value is not finite") {
		t.Errorf("beside the title stands %q", got)
	}
	b.Click("log-x")
	b.Wait(20*time.Second, "document.querySelector('[data-chart=loss]').dataset.from === '1'")
	b.Shot("tools-log-light")
	strike(b, "+")
	b.Wait(20*time.Second, "document.querySelector('[data-chart=loss]').dataset.from > 4 && document.querySelector('[data-chart=loss]').dataset.to < 150")
	strike(b, "Home")
	b.Click("log-x")
	b.Click("log-y")

	// Reading point by point.
	strike(b, "Enter")
	b.Wait(20*time.Second, shown("reading-loss", "update 603: training, each batch 0.4000"))
	strike(b, "ArrowLeft")
	strike(b, "ArrowLeft")
	b.Wait(20*time.Second, shown("reading-loss", "update 601: training, each batch not shown"))
	strike(b, "Home")
	b.Wait(20*time.Second, shown("reading-loss", "update 1:"))
	b.Shot("tools-reading-light")
	f.append(update(604, 6, 0.0649, 216, `0.4`, 4)) // news moves neither the reading nor what it says
	b.Wait(20*time.Second, updates(604))
	if got := b.Text("reading-loss"); !strings.HasPrefix(got, "update 1:") {
		t.Errorf("after news the reading says %q", got)
	}
	strike(b, "Escape")
	b.Wait(20*time.Second, "document.querySelector('[data-testid=reading-loss]').textContent === ''")

	// Exactly what is shown leaves the page: the visible range, on the axis in use, raw and smoothed, NaN as it is.
	for range 6 {
		strike(b, "+")
	}
	browsertest.Evaluate[bool](b, `(() => { const on = document.querySelector('[data-zoom=on]'); for (let i = 0; i < 80; i++) on.click(); return true })()`)
	b.Wait(20*time.Second, "document.querySelector('[data-chart=loss]').dataset.to === '604'")
	name, text := exported(b, "csv")
	if name != "cmd-c-calc-a0-hybrid-loss.csv" {
		t.Errorf("the file is called %q", name)
	}
	lines := strings.Split(strings.TrimSuffix(text, "\r\n"), "\r\n")
	if len(lines) < 8 || lines[0] != `update,"training, each batch","training, each batch, smoothed over 50 updates","test, each epoch"` {
		t.Fatalf("the file begins %q, with %d lines", lines[0], len(lines))
	}
	if got := lines[len(lines)-4]; got != "601,NaN,NaN," {
		t.Errorf("the line of the NaN reads %q", got)
	}
	if got := lines[len(lines)-3]; got != "602,-0.5,-0.5," {
		t.Errorf("the line after it reads %q: the average begins anew", got)
	}
	_, text = exported(b, "json")
	var sheet struct {
		Run, Chart, Against string
		From, To            float64
		Smoothing           int
		Thinned             bool
		Columns             []struct {
			Title  string
			Values []any
		}
	}
	if err := json.Unmarshal([]byte(text), &sheet); err != nil {
		t.Fatal(err)
	}
	if sheet.Run != f.run["name"] || sheet.Against != "updates" || sheet.Smoothing != 50 || sheet.Thinned || sheet.To != 604 || len(sheet.Columns) != 4 || len(sheet.Columns[0].Values) != len(lines)-1 {
		t.Errorf("the JSON says %+v", sheet)
	}

	// The table says the same, and in few rows even of the whole run.
	strike(b, "Home")
	browsertest.Evaluate[bool](b, "(document.querySelector('[data-testid=data-loss]').open = true)")
	b.Wait(20*time.Second, "document.querySelectorAll('[data-testid=data-loss] tbody tr').length > 50")
	if got := browsertest.Evaluate[int](b, "document.querySelectorAll('[data-testid=data-loss] tbody tr').length"); got > 200 {
		t.Errorf("the table has %d rows", got)
	}
	if got := b.Text("data-loss"); !strings.Contains(got, "601\tNaN\tNaN") {
		t.Errorf("the table does not say NaN at update 601")
	}
	b.Shot("tools-table-light")
}

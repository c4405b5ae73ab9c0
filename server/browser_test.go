package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"smoothscape/static/browsertest"
)

// startProgram runs the whole program on a free port, as `smoothscape serve` does, and returns its address without the final slash. It
// ends with the test.
func startProgram(t *testing.T) string {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	lines, out := io.Pipe()
	done := make(chan error, 1)
	go func() {
		done <- run(ctx, []string{"serve", "--addr", "127.0.0.1:0", "--data", t.TempDir()}, strings.NewReader(""), out, io.Discard)
		out.Close()
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("ending the program: %v", err)
		}
	})
	line := make([]byte, 200)
	n, err := lines.Read(line)
	if err != nil {
		t.Fatalf("the program ended before it said where it serves: %v", <-done)
	}
	return strings.TrimSuffix(strings.TrimSpace(string(line[:n])), "/")
}

// TestSliderMeltsTheMinimaInTheWholeProgram drives the learning rate by keys, as a person would.
func TestSliderMeltsTheMinimaInTheWholeProgram(t *testing.T) {
	t.Parallel()
	b := browsertest.Start(t, 900, 700)
	b.Open(startProgram(t)+"/?f=rastrigin&convention=coordinate&c=1&b=1&eta=0.05&n=129", "dark")
	const count = "document.querySelector('[data-testid=minima-count]').textContent"
	b.Wait(20*time.Second, count+" === '121'")
	b.Do(chromedp.Focus("[data-testid=eta]"))
	last := 121
	for press := 0; last > 1; press++ {
		if press == 300 {
			t.Fatalf("after %d presses of → there are still %d minima", press, last)
		}
		b.Do(chromedp.KeyEvent(kb.ArrowRight))
		b.Wait(20*time.Second, `(() => { // the words are about the newest value
			const { page, dataset } = document.querySelector("#explore");
			return page.smoothing.seq === page.frame?.seq && page.smoothing.seq === Number(dataset.seq);
		})()`)
		now := browsertest.Evaluate[int](b, "Number("+count+")")
		if now > last {
			t.Fatalf("the count rose from %d to %d: Gaussian smoothing of Rastrigin makes no minima", last, now)
		}
		last = now
	}
	if query := browsertest.Evaluate[string](b, "new Promise((r) => setTimeout(() => r(location.search), 500))"); !strings.Contains(query, "eta=0.") {
		t.Errorf("the link %q does not follow the slider", query)
	}
}

// TestCountsOfMinimaInTheWholeProgram: the numbers that paper and closed form give, on the page that people see.
func TestCountsOfMinimaInTheWholeProgram(t *testing.T) {
	t.Parallel()
	b := browsertest.Start(t, 480, 480)
	address := startProgram(t)
	for _, test := range []struct {
		kernel, convention, delta, want string
	}{
		{"gaussian", "coordinate", "0.05", "121"}, {"gaussian", "coordinate", "0.42", "9"}, {"gaussian", "coordinate", "0.44", "1"},
		{"gaussian", "coordinate", "0.6", "1"}, {"uniform", "vector", "0.6", "1"}, {"uniform", "vector", "0.65", "16"},
	} {
		b.Open(fmt.Sprintf("%s/?kernel=%s&convention=%s&c=1&b=1&eta=0.01", address, test.kernel, test.convention), "light")
		b.Wait(20*time.Second, "document.querySelector('[data-testid=minima-count]').textContent === '121'")
		b.Type("delta", test.delta)
		b.Wait(20*time.Second, fmt.Sprintf("document.querySelector('[data-testid=minima-count]').textContent === %q", test.want))
	}
}

// TestRunMovesTheCurve starts a run by the form and watches its page.
func TestRunMovesTheCurve(t *testing.T) {
	b := browsertest.Start(t, 1200, 900)
	address := startProgram(t)
	b.Open(address+"/runs", "dark")
	browsertest.Evaluate[bool](b, `(() => {
		const set = (name, value) => {
			const field = document.querySelector("[name=" + name + "]");
			field.value = value;
			field.dispatchEvent(new Event("change", { bubbles: true }));
		};
		set("model", "mlp");
		set("epochs", "6"); // long enough to be seen at work by a page that is slow to open
		set("stageEpochs", "3");
		set("name", "browser test");
		return true;
	})()`)
	b.Do(chromedp.Submit("form[action='/runs']"))
	b.Wait(20*time.Second, "document.querySelector('[data-testid=run-name]')?.innerText === 'browser test'")
	const loss = "document.querySelector('[data-testid=now-trainLoss]').textContent"
	b.Wait(30*time.Second, "/^[0-9.]+$/.test("+loss+")")
	b.Wait(30*time.Second, "/^[0-9.]+$/.test(document.querySelector('[data-testid=now-noiseLevel]').textContent)")
	first := browsertest.Evaluate[string](b, loss)
	b.Wait(60*time.Second, fmt.Sprintf("%s !== %q", loss, first))
	b.Wait(90*time.Second, "document.querySelector('[data-testid=run-status]').textContent === 'done'")
	b.Wait(20*time.Second, "/%/.test(document.querySelector('[data-testid=now-testAccuracy]').textContent)")
	b.Wait(90*time.Second, "!document.querySelector('#slice-body').hidden && document.querySelector('[data-testid=slice-caption]').textContent.includes('δ')")
	b.Shot("run-whole-program")

	href := browsertest.Evaluate[string](b, "document.querySelector('a[href*=\"figure.png\"]').href")
	response, err := http.Get(href)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK || response.Header.Get("Content-Type") != "image/png" {
		t.Errorf("the figure %s answers %s, %s", href, response.Status, response.Header.Get("Content-Type"))
	}
}

// TestOwnNetworkMeasuredFromThePage starts a run of a network of one's own by the form, refused once, and measures it on its page.
func TestOwnNetworkMeasuredFromThePage(t *testing.T) {
	t.Parallel()
	b := browsertest.Start(t, 1440, 900)
	b.Allow = []string{"400"}
	b.Open(startProgram(t)+"/runs", "light")
	b.Wait(20*time.Second, "document.querySelector('[data-testid=form-hint]').textContent.includes('updates of')")
	b.Shot("whole-form-light")
	set := func(id, value string) {
		browsertest.Evaluate[bool](b, fmt.Sprintf(`(() => {
			const field = document.querySelector("#" + %q);
			field.value = %q;
			for (const type of ["input", "change"]) field.dispatchEvent(new Event(type, { bubbles: true }));
			return true;
		})()`, id, value))
	}
	set("model", "custom")
	b.Wait(20*time.Second, "document.querySelector('#spec-start').options.length > 5")
	set("spec-start", "softmax")
	set("schedule", "polynomial")
	set("power", "0.5")
	set("carrier", "both")
	set("epochs", "2")
	set("batchSize", "64")
	set("momentum", "0.9")
	b.Wait(20*time.Second, "document.querySelector('[data-testid=form-hint]').textContent.includes('of 7\u202f850 parameters')")
	text := browsertest.Evaluate[string](b, "document.querySelector('#spec').value")
	set("spec", strings.Replace(text, `"units":10`, `"units":11`, 1))
	b.Do(chromedp.Submit("form[action='/runs']"))
	b.Wait(20*time.Second, "document.querySelector('[data-testid=problem-spec]')?.innerText.includes('11×1×1')")
	if kept := browsertest.Evaluate[string](b, "[document.querySelector('#spec').value.includes('11'), document.querySelector('#power').value, document.querySelector('#momentum').value, document.querySelector('[data-testid=advanced]').open].join(' ')"); kept != "true 0.5 0.9 true" {
		t.Errorf("of what was typed is left: %s", kept)
	}
	b.Shot("whole-form-refused-light")
	set("spec", text)
	b.Do(chromedp.Submit("form[action='/runs']"))
	b.Wait(20*time.Second, "location.pathname.startsWith('/runs/')")
	b.Wait(90*time.Second, "document.querySelector('[data-testid=run-status]')?.textContent === 'done'")
	browsertest.Evaluate[bool](b, "(document.querySelector('[data-testid=run-facts]').open = true)")
	for _, want := range []string{"softmax, 2 layers", "η and b", "0.9"} {
		if facts := b.Text("run-facts"); !strings.Contains(facts, want) {
			t.Errorf("the facts do not say %q: %s", want, facts)
		}
	}
	for _, box := range []string{"noise", "hessian", "density", "scale"} {
		b.Click("measure-" + box)
	}
	b.Type("measure-images", "128")
	b.Click("measure-start")
	b.Wait(20*time.Second, "!document.querySelector('#measure-progress').hidden || !document.querySelector('#measure-shown').hidden")
	b.Wait(180*time.Second, "document.querySelectorAll('[data-quantity=topEigenvalue]').length === 1 && document.querySelectorAll('.miniplot').length >= 4")
	if row := browsertest.Evaluate[string](b, "document.querySelector('[data-quantity=gradStdDev]').innerText"); !strings.Contains(row, "±") || !strings.Contains(row, "nats/length") {
		t.Errorf("C reads %q", row)
	}
	b.Shot("whole-measured-light")
	b.Do(chromedp.Reload())
	b.Wait(20*time.Second, "document.querySelectorAll('[data-quantity=topEigenvalue]').length === 1") // it is kept with the run
}

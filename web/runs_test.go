package web_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"smoothscape/web"

	"smoothscape/static/browsertest"
)

func TestRefusedFormKeepsWhatWasTyped(t *testing.T) {
	form := sampleForm()
	form.Name.Value = `<b>"mine"</b>`
	form.LearningRate = web.TextField{Value: "NaN", Problem: "The learning rate must be a number above 0, found “NaN”."}
	form.Dataset.Value = "gone"
	var page bytes.Buffer
	if err := web.Runs(web.RunsView{Form: form}).Render(context.Background(), &page); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`data-testid="problem-learningRate">The learning rate must be a number above 0, found “NaN”.`,
		`value="NaN" aria-invalid="true" aria-describedby="learningRate-problem"`,
		`value="&lt;b&gt;&#34;mine&#34;&lt;/b&gt;"`,
		`<option value="gone" selected>gone (not known here)</option>`,
		`data-testid="form-problem"`,
		`data-testid="runs-empty"`,
	} {
		if !strings.Contains(page.String(), want) {
			t.Errorf("the page does not contain %s", want)
		}
	}
	if strings.Contains(page.String(), "style=") {
		t.Error("the page has a style attribute, which the content policy forbids")
	}
}

func TestFormHelpsWhileTyping(t *testing.T) {
	f := startFixture(t)
	b := browsertest.Start(t, 1440, 900)
	b.Allow = []string{"400"}
	b.Open(f.url+"/runs", "light")
	b.Wait(20*time.Second, shown("form-hint", "754 updates of 9\u202f098 parameters. η ends at 0.0563, b at 324: δ ends at 0.25 of its start, if C stays."))
	if got := b.Text("preview"); !strings.Contains(got, "0.1 → 0.0563") || !strings.Contains(got, "64 → 324") || !strings.Contains(got, "1 → 0.25") {
		t.Errorf("the preview says %q", got)
	}
	b.Shot("form-light")
	choose := func(id, value string) {
		browsertest.Evaluate[bool](b, "((e) => { e.value = '"+value+"'; e.dispatchEvent(new Event('input', {bubbles: true})); return true })(document.querySelector('#"+id+"'))")
	}
	choose("epochs", "3")
	choose("model", "mlp")
	if got := browsertest.Evaluate[string](b, "['learningRate','batchSize','epochs'].map((id) => document.getElementById(id).value).join(' ')"); got != "0.08 32 3" {
		t.Errorf("after choosing mlp the form holds η, b, epochs = %s; want its presets and the 3 epochs typed by hand", got)
	}
	choose("learningRate", "NaN")
	b.Wait(20*time.Second, shown("form-hint", `Reading the learning rate η: expected a number above 0, found "NaN".`))
	b.Wait(20*time.Second, "document.querySelector('[data-testid=preview]').hidden")
	browsertest.Evaluate[bool](b, "(document.querySelector('[data-testid=start-run]').click(), true)")
	b.Wait(20*time.Second, shown("problem-learningRate", "found “NaN”"))
	if got := browsertest.Evaluate[string](b, "document.activeElement.id"); got != "learningRate" {
		t.Errorf("the focus is on %q, want the refused field", got)
	}
	b.Shot("form-refused-light")
	choose("learningRate", "0.1")
	browsertest.Evaluate[bool](b, "(document.querySelector('[data-testid=start-run]').click(), true)")
	b.Wait(20*time.Second, "location.pathname === '/runs/7'")
}

// visible says which of these fields can be seen.
func visible(b *browsertest.Browser, fields ...string) string {
	b.Helper()
	return browsertest.Evaluate[string](b, "("+marshal(fields)+").filter((f) => document.querySelector(`[data-testid=field-${f}]`).checkVisibility({contentVisibilityAuto: true, visibilityProperty: true})).join(' ')")
}

// The first glance is simple: what a schedule or a model does not use is not there.
func TestFormShowsWhatTheChoiceNeeds(t *testing.T) {
	f := startFixture(t)
	b := browsertest.Start(t, 390, 844)
	b.Open(f.url+"/runs", "dark")
	b.Wait(20*time.Second, shown("form-hint", "754 updates"))
	choose := func(id, value string) {
		browsertest.Evaluate[bool](b, "((e) => { e.value = '"+value+"'; e.dispatchEvent(new Event('input', {bubbles: true})); e.dispatchEvent(new Event('change', {bubbles: true})); return true })(document.querySelector('#"+id+"'))")
	}
	for schedule, want := range map[string]string{
		"constant": "", "hybrid": "stageEpochs", "polynomial": "power carrier", "cosine": "carrier", "exponential": "factor carrier", "step": "stageEpochs factor carrier",
	} {
		choose("schedule", schedule)
		if got := visible(b, "stageEpochs", "power", "factor", "carrier", "spec", "momentum"); got != want {
			t.Errorf("%s shows %q, want %q", schedule, got, want)
		}
	}
	if got := browsertest.Evaluate[string](b, "document.querySelector('#advanced-set').textContent"); got != "none of them" {
		t.Errorf("the folded settings are said to be %q", got)
	}
	browsertest.Evaluate[bool](b, "(document.querySelector('[data-testid=advanced]').open = true)")
	choose("momentum", "0.9")
	choose("augment", "paper")
	browsertest.Evaluate[bool](b, "(document.querySelector('#nesterov').click(), true)")
	if got := browsertest.Evaluate[string](b, "document.querySelector('#advanced-set').textContent"); got != "Nesterov μ = 0.9, paper" {
		t.Errorf("the folded settings are said to be %q", got)
	}
	choose("model", "custom")
	if got := visible(b, "spec"); got != "spec" {
		t.Error("the network of one's own has no field")
	}
	b.Wait(20*time.Second, "document.querySelector('#spec-start').options.length === 2") // the one that does not fit is left out
	choose("spec-start", "softmax")
	b.Wait(20*time.Second, "document.querySelector('#spec').value.includes('flatten')")
	if over := browsertest.Evaluate[int](b, "document.documentElement.scrollWidth - innerWidth"); over > 0 {
		t.Errorf("the page is %d px too wide", over)
	}
	b.Shot("form-custom-phone-dark")
	deadline := time.Now().Add(5 * time.Second)
	for {
		f.mu.Lock()
		last := f.previewed[len(f.previewed)-1]
		f.mu.Unlock()
		if last.Get("model") == "custom" && last.Get("momentum") == "0.9" && last.Get("nesterov") == "true" && last.Get("augment") == "paper" && strings.Contains(last.Get("spec"), "flatten") {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the server was asked about %v", last)
		}
		time.Sleep(40 * time.Millisecond)
	}
}

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
	b.Wait(10*time.Second, shown("form-hint", "updates; η/√b goes from 0.0125 to"))
	choose := func(id, value string) {
		browsertest.Evaluate[bool](b, "((e) => { e.value = '"+value+"'; e.dispatchEvent(new Event('input', {bubbles: true})); return true })(document.querySelector('#"+id+"'))")
	}
	choose("epochs", "3")
	choose("model", "mlp")
	if got := browsertest.Evaluate[string](b, "['learningRate','batchSize','epochs'].map((id) => document.getElementById(id).value).join(' ')"); got != "0.08 32 3" {
		t.Errorf("after choosing mlp the form holds η, b, epochs = %s; want its presets and the 3 epochs typed by hand", got)
	}
	choose("learningRate", "NaN")
	b.Wait(5*time.Second, shown("form-hint", "η must be a number above 0"))
	browsertest.Evaluate[bool](b, "(document.querySelector('[data-testid=start-run]').click(), true)")
	b.Wait(10*time.Second, shown("problem-learningRate", "found “NaN”"))
	if got := browsertest.Evaluate[string](b, "document.activeElement.id"); got != "learningRate" {
		t.Errorf("the focus is on %q, want the refused field", got)
	}
	b.Shot("form-refused-light")
	choose("learningRate", "0.1")
	browsertest.Evaluate[bool](b, "(document.querySelector('[data-testid=start-run]').click(), true)")
	b.Wait(10*time.Second, "location.pathname === '/runs/7'")
}

func TestListFollowsTheRuns(t *testing.T) {
	f := startFixture(t)
	b := browsertest.Start(t, 1440, 900)
	b.Open(f.url+"/runs", "light")
	b.Wait(10*time.Second, shown("runs-empty", "No run yet"))
	f.mu.Lock()
	f.rows = sampleRows()
	f.mu.Unlock()
	b.Wait(10*time.Second, "document.querySelectorAll('[data-testid=run-row]').length === 3")
	browsertest.Evaluate[bool](b, "(document.getElementById('run-link-7').focus(), true)")
	f.mu.Lock()
	f.rows[1].Status.Word = "done"
	f.mu.Unlock()
	b.Wait(10*time.Second, "document.querySelector('[data-run=\"7\"] .status').dataset.status === 'done'")
	if got := browsertest.Evaluate[string](b, "document.activeElement.id"); got != "run-link-7" {
		t.Errorf("the focus went to %q when the list was refreshed", got)
	}
}

package web_test

import (
	"bytes"
	"context"
	"regexp"
	"strings"
	"testing"

	"github.com/a-h/templ"

	"smoothscape/web"
)

func render(t *testing.T, component templ.Component) string {
	t.Helper()
	var page bytes.Buffer
	if err := component.Render(context.Background(), &page); err != nil {
		t.Fatal(err)
	}
	return page.String()
}

// A run without parameters to sample around says so, and cannot be asked for full space.
func TestFullSpaceNeedsParameters(t *testing.T) {
	for _, space := range []string{"", "/api/runs/7/fullspace"} {
		view := sampleRun()
		view.Paths.Space = space
		page := render(t, web.Run(view))
		for _, picture := range []string{"picture-full", "picture-measured"} {
			if disabled := strings.Contains(tag(t, page, picture), " disabled"); disabled != (space == "") {
				t.Errorf("%q: %s is disabled: %v", space, picture, disabled)
			}
		}
		if said := strings.Contains(page, "which do not ship with this one"); said != (space == "") {
			t.Errorf("%q: the reason is said: %v", space, said)
		}
	}
}

// tag is the opening tag of the element with that data-testid, and what follows it up to the next tag.
func tag(t *testing.T, page, testID string) string {
	t.Helper()
	found := regexp.MustCompile(`<[a-z0-9]+[^>]*data-testid="` + testID + `"[^>]*>[^<]*`).FindString(page)
	if found == "" {
		t.Errorf("no element has data-testid %q", testID)
	}
	return found
}

func TestRunPageOffersWhatTheStatusAccepts(t *testing.T) {
	view := sampleRun()
	view.Status = web.Status{Word: "interrupted", Reason: "The program ended while this run was trained."}
	for i := range view.Actions {
		view.Actions[i].Accepted = view.Actions[i].Name == "resume"
	}
	page := render(t, web.Run(view))
	if !strings.Contains(tag(t, page, "run-status"), "interrupted") {
		t.Error("the badge does not show the status")
	}
	if got := tag(t, page, "run-reason"); !strings.Contains(got, "The program ended") || strings.Contains(got, "hidden") {
		t.Errorf("the reason is not shown: %s", got)
	}
	for _, move := range []string{"pause", "resume", "stop"} {
		form := regexp.MustCompile(`<form[^>]*data-action="` + move + `"[^>]*>`).FindString(page)
		if !strings.Contains(form, `method="post"`) || !strings.Contains(form, `action="/runs/7/`+move+`"`) {
			t.Errorf("the form to %s reads %s", move, form)
		}
		if hidden := strings.Contains(form, "hidden"); hidden == (move == "resume") {
			t.Errorf("hidden of the form to %s is %v", move, hidden)
		}
	}
	for _, chart := range []string{"chart-loss", "chart-accuracy", "chart-schedule", "chart-noise", "chart-spread"} {
		tag(t, page, chart)
	}
	if got := tag(t, page, "now-noiseLevel"); !strings.HasSuffix(got, ">–") {
		t.Errorf("δ is not known, and shown as %s", got)
	}
}

func TestPagesEscapeWhatWasTyped(t *testing.T) {
	evil := `</script><script>alert("&")</script>`
	run, rows := sampleRun(), sampleRows()
	run.Name, run.Status.Reason, run.Facts[0].Value = evil, evil, evil
	rows[0].Name, rows[0].Status.Reason, rows[0].Tags, rows[0].Remark, rows[0].Color = evil, evil, []string{evil}, evil, evil
	form := sampleForm()
	form.Name.Value, form.Problem, form.Hints.Presets[0].Model = evil, evil, evil
	for name, page := range map[string]string{
		"run":   render(t, web.Run(run)),
		"runs":  render(t, web.Runs(web.RunsView{Form: form, Runs: rows})),
		"error": render(t, web.Error(web.ErrorView{Status: 400, Title: evil, Sentences: []string{evil, evil}, Advice: evil, Href: "javascript:alert(1)", LinkText: evil})),
	} {
		if strings.Contains(page, "<script>alert") || strings.Contains(page, "javascript:") {
			t.Errorf("%s: what was typed became a script", name)
		}
		if strings.Contains(page, " style=") || regexp.MustCompile(` on[a-z]+=`).MatchString(page) {
			t.Errorf("%s: the page has a style attribute or an inline handler, which the content policy forbids", name)
		}
	}
}

func TestErrorPageSaysEverySentence(t *testing.T) {
	page := render(t, web.Error(web.ErrorView{
		Status: 400, Title: "This link cannot be shown", Sentences: []string{"η: expected a number above 0, found “-1”.", "n: expected 129, 201 or 257, found “7”."},
		Advice: "Correct the link.", Href: "/?f=ackley", LinkText: "Show what was understood",
	}))
	for _, want := range []string{"400", "found “-1”", "found “7”", "Correct the link.", `href="/?f=ackley"`, "Show what was understood"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %s", want)
		}
	}
}

package main

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// goodForm is a form that starts a run, with these fields changed: name, value, …
func goodForm(changed ...string) url.Values {
	form := url.Values{}
	for key, value := range formOf(testConfig()) {
		form.Set(key, value)
	}
	for i := 0; i < len(changed); i += 2 {
		form.Set(changed[i], changed[i+1])
	}
	return form
}

// A form that is refused comes back with what was typed, and a sentence at each field that was at fault.
func TestRefusedFormKeepsWhatWasTyped(t *testing.T) {
	s := newTestServer(t, &guard{}, "")
	tests := []struct {
		name   string
		typed  []string
		fields []string
	}{
		{"words for numbers", []string{"name", "my run", "learningRate", "fast", "batchSize", "many", "epochs", "1.5", "seed", "-1"}, []string{"learningRate", "batchSize", "epochs", "seed"}},
		{"NaN", []string{"learningRate", "NaN"}, []string{"learningRate"}},
		{"infinite", []string{"learningRate", "+Inf"}, []string{"learningRate"}},
		{"beyond float64", []string{"learningRate", "1e999"}, []string{"learningRate"}},
		{"out of range", []string{"learningRate", "-0.1", "batchSize", "0", "epochs", "0"}, []string{"learningRate", "batchSize", "epochs"}},
		{"nothing", []string{"learningRate", "", "seed", ""}, []string{"learningRate", "seed"}},
		{"unknown choices", []string{"model", "resnet99", "dataset", "../etc"}, []string{"dataset", "model"}},
		{"a long name", []string{"name", strings.Repeat("n", 1000)}, []string{"name"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			form := goodForm(test.typed...)
			got := s.send(t, "POST", "/runs", form.Encode(), nil)
			if got.status != 400 {
				t.Fatalf("status %d: %.300s", got.status, got.body)
			}
			for _, field := range test.fields {
				if !strings.Contains(got.body, `data-testid="problem-`+field+`"`) {
					t.Errorf("no sentence at %s", field)
				}
			}
			if problems := strings.Count(got.body, `data-testid="problem-`); problems != len(test.fields) {
				t.Errorf("%d sentences, want %d", problems, len(test.fields))
			}
			for _, field := range []string{"learningRate", "batchSize", "epochs", "seed", "name", "dataset", "model"} {
				if !strings.Contains(got.body, `value="`+form.Get(field)+`"`) {
					t.Errorf("%s=%q is lost", field, form.Get(field))
				}
			}
		})
	}
	if all := ownRuns(t, s.runs); len(all) != 0 {
		t.Errorf("%d runs were made of it", len(all))
	}
}

// ownRuns are the runs without the recorded ones.
func ownRuns(t *testing.T, rs *Runs) []RunView {
	t.Helper()
	all, err := rs.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(all, func(r RunView) bool { return r.Status == StatusRecorded })
}

func TestGoodFormLeadsToItsRun(t *testing.T) {
	s := newTestServer(t, &guard{}, "steps=5")
	got := s.send(t, "POST", "/runs", goodForm("name", "  the\tfirst ", "learningRate", " 0.2 ", "stageEpochs", "").Encode(), nil)
	all := ownRuns(t, s.runs)
	if len(all) != 1 || got.status != 303 || got.header.Get("Location") != "/runs/"+all[0].ID {
		t.Fatalf("status %d to %q; runs %+v", got.status, got.header.Get("Location"), all)
	}
	if all[0].Name != "the first" || all[0].Config.LearningRate != 0.2 || all[0].Config.StageEpochs != 0 {
		t.Errorf("%+v", all[0])
	}
	awaitStatus(t, s.runs, all[0].ID, StatusDone)
	if again := s.send(t, "POST", "/runs/"+all[0].ID+"/pause", "", nil); again.status != 409 || !strings.Contains(again.body, "Not now") {
		t.Errorf("pausing what is done: status %d: %.300s", again.status, again.body)
	}
}

// The page of a bad link says each fault and leads to what could be read of it.
func TestPageOfABadLink(t *testing.T) {
	s := newTestServer(t, &guard{}, "")
	for query, want := range map[string]string{
		"eta=-1&b=64":                 `href="/?b=64"`,
		"f=slice:nosuch&palette=x":    `href="/?split=0"`,
		"f=rastrigin&kernel=stable":   `href="/?split=0"`,
		"f=ackley&kernel=stable&eta=": `href="/?f=ackley&amp;kernel=stable"`,
		"v=9":                         "newer Smoothscape",
	} {
		if got := s.send(t, "GET", "/?"+query, "", nil); got.status != 400 || !strings.Contains(got.body, want) {
			t.Errorf("%s: status %d, lacks %s: %s", query, got.status, want, got.body)
		}
	}
	if title := errorView([]*fault{{Doing: "reading a"}, {Doing: "reading b"}}).Title; title != "Some of this was not understood" {
		t.Errorf("the title of two faults: %q", title)
	}
}

func TestErrorsForPeopleAndPrograms(t *testing.T) {
	s := newTestServer(t, &guard{}, "")
	for path, kind := range map[string]string{"/runs/none": "text/html; charset=utf-8", "/api/runs/none": "application/json; charset=utf-8"} {
		if got := s.send(t, "GET", path, "", nil); got.status != 404 || got.header.Get("Content-Type") != kind {
			t.Errorf("%s: status %d, %s", path, got.status, got.header.Get("Content-Type"))
		}
	}
	if got := s.send(t, "POST", "/runs", "name="+strings.Repeat("x", maxBodyBytes), nil); got.status != 413 {
		t.Errorf("a form that is too large: status %d", got.status)
	}
}

// The list leaves out the year where it is this one.
func TestShortMoment(t *testing.T) {
	at := time.Date(2026, time.November, 22, 23, 50, 0, 0, time.Local)
	if got := shortMoment(at.UnixMilli(), at.AddDate(0, 0, 1)).Text; got != "22 Nov, 23:50" {
		t.Errorf("this year: %q", got)
	}
	if got := shortMoment(at.UnixMilli(), at.AddDate(1, 0, 0)).Text; got != "22 Nov 2026, 23:50" {
		t.Errorf("last year: %q", got)
	}
}

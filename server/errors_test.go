package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"smoothscape/trainer"
	"smoothscape/trainer/engine"
)

// The one table from errors to statuses; what it does not know is 500 and says nothing of its cause.
func TestErrorsBecomeStatuses(t *testing.T) {
	bad := &fault{Doing: "reading x", Expected: "a", Found: "b"}
	gone := &fault{Status: http.StatusNotFound, Doing: "looking", Expected: "a", Found: "b"}
	secret := errors.New("open /home/user/secret: permission denied")
	for _, c := range []struct {
		what   string
		err    error
		status int
		faults int
	}{
		{"a fault", bad, 400, 1},
		{"a fault with its own status", gone, 404, 1},
		{"a wrapped fault", fmt.Errorf("run 7: %w", gone), 404, 1},
		{"several", errors.Join(bad, nil, fmt.Errorf("twice: %w", errors.Join(gone, bad))), 400, 3},
		{"a fault beside another error", errors.Join(bad, secret), 500, 1},
		{"another error", secret, 500, 1},
		{"a body that is too long", fmt.Errorf("reading: %w", &http.MaxBytesError{Limit: 9}), 413, 1},
		{"a client that left", fmt.Errorf("reading: %w", context.Canceled), 503, 1},
		{"bad fields of a configuration", configFaults(trainer.Config{}.Validate(10)), 400, len(trainer.FieldErrors(trainer.Config{}.Validate(10)))},
		{"an error of an engine", engine.ErrShape, 500, 1},
		{"no page", noSuchPage(nil, httptest.NewRequest("GET", "/x", nil)), 404, 1},
		{"no method", noSuchMethod(nil, httptest.NewRequest("PUT", "/x", nil)), 405, 1},
	} {
		got := publicFaults(c.err)
		if len(got) != c.faults || got[0].status() != c.status {
			t.Errorf("%s: %d faults, the first with status %d; want %d with %d", c.what, len(got), got[0].status(), c.faults, c.status)
		}
		for _, f := range got {
			if strings.Contains(f.Error(), "secret") {
				t.Errorf("%s: the cause is shown: %v", c.what, f)
			}
		}
		if want := map[bool]int{true: 1, false: 2}[c.status >= 500 || c.status == 413]; exitCode(c.err) != want {
			t.Errorf("%s: exit code %d, want %d", c.what, exitCode(c.err), want)
		}
	}
	if exitCode(nil) != 0 {
		t.Error("success must be 0")
	}
}

// A fault is one sentence and what to do; what was found is on one line and short whatever it was.
func TestFaultsAreSentences(t *testing.T) {
	f := &fault{Doing: "reading --jobs", Expected: "a whole number from 1 on", Found: quoted("-1"), Advice: "Give 1."}
	if got, want := f.Error(), `reading --jobs: expected a whole number from 1 on, found "-1". Give 1.`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for _, text := range []string{strings.Repeat("x", 1000), "two\nlines", "\x1b[31m", "\u202e", "\xff\xfe", ""} {
		got := quoted(text)
		if len(got) > 500 || strings.ContainsAny(got, "\n\x1b\u202e") || got == "" {
			t.Errorf("quoted(%.20q) = %s", text, got)
		}
	}
}

// Programs get JSON with every fault; people a page; both the status. The cause of a 500 goes to the log alone.
func TestFailuresAreAnsweredInTheAskersForm(t *testing.T) {
	log := &lockedBuffer{}
	s := &server{log: slog.New(slog.NewTextHandler(log, nil)), guard: &guard{}}
	fail := func(path string, err error) *httptest.ResponseRecorder {
		recorder := httptest.NewRecorder()
		s.fail(recorder, httptest.NewRequest("GET", path, nil), err)
		return recorder
	}
	both := errors.Join(&fault{Status: 409, Field: "b", Doing: "d", Expected: "e", Found: "f", Advice: "a"}, &fault{Doing: "second", Expected: "e", Found: "f"})
	api := fail("/api/x", both)
	var body struct {
		Error  fault
		Errors []fault
	}
	if err := json.Unmarshal(api.Body.Bytes(), &body); err != nil || api.Code != 409 || body.Error != (fault{Field: "b", Doing: "d", Expected: "e", Found: "f", Advice: "a"}) || len(body.Errors) != 2 {
		t.Errorf("status %d, %v: %s", api.Code, err, api.Body)
	}
	page := fail("/x", both)
	if page.Code != 409 || !strings.Contains(page.Header().Get("Content-Type"), "text/html") || !strings.Contains(page.Body.String(), "Second: expected e, found f.") {
		t.Errorf("status %d: %s", page.Code, page.Body)
	}
	if log.String() != "" {
		t.Errorf("the asker's mistakes are logged: %s", log)
	}
	for _, path := range []string{"/api/x", "/x"} {
		if got := fail(path, errors.New("disk on fire")); got.Code != 500 || strings.Contains(got.Body.String(), "fire") {
			t.Errorf("%s: status %d: %s", path, got.Code, got.Body)
		}
	}
	if strings.Count(log.String(), "disk on fire") != 2 {
		t.Errorf("the log lacks the cause: %s", log)
	}
}

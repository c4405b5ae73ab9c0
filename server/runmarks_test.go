package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"smoothscape/server/store"
)

// sayJSON makes a request of the JSON API and reads the answer into a value, or ends the test if the status is another one.
func sayJSON[T any](t *testing.T, s *testServer, method, path, body string, status int) T {
	t.Helper()
	got := s.send(t, method, path, body, nil)
	var value T
	if got.status != status {
		t.Fatalf("%s %s %.80s: status %d, want %d: %.300s", method, path, body, got.status, status, got.body)
	}
	if err := json.Unmarshal([]byte(got.body), &value); err != nil {
		t.Fatalf("%s %s: %v: %.300s", method, path, err, got.body)
	}
	return value
}

type refusals struct {
	Errors []fault `json:"errors"`
}

func TestWhatPeopleSayOfARun(t *testing.T) {
	s := newTestServer(t, &guard{}, "steps=5")
	id := doneRun(t, s.runs)
	path := "/api/runs/" + id
	before := sayJSON[RunView](t, s, "GET", path, "", 200)
	if before.Pinned || before.Tags == nil || len(before.Tags) != 0 || before.LearningRate == nil || before.BatchSize == nil {
		t.Errorf("before: %+v", before)
	}
	const hostile = "<script>alert(1)</script>"
	notes := "=1+1\n" + hostile + "\n\u202eδ \x00"
	text, _ := json.Marshal(map[string]any{"notes": strings.ReplaceAll(notes, "\n", "\r\n"), "tags": []string{" a  b ", hostile, "a b"}, "name": "\t" + hostile + "\n\x1b δ"})
	got := sayJSON[RunView](t, s, "PATCH", path, string(text), 200)
	if got.Notes != notes || !reflect.DeepEqual(got.Tags, []string{"a b", hostile}) || got.Name != hostile+" δ" {
		t.Errorf("%+v", got)
	}
	// Two people who change different things do not undo each other's work.
	done := make(chan answer)
	for _, body := range []string{`{"pinned":true}`, `{"color":"violet"}`} {
		go func() { done <- s.send(t, "PATCH", path, body, nil) }()
	}
	<-done
	<-done
	got = sayJSON[RunView](t, s, "GET", path, "", 200)
	if !got.Pinned || got.Color != "violet" || got.Notes != notes || len(got.Tags) != 2 {
		t.Errorf("after two at once: %+v", got)
	}
	for _, page := range []string{"/runs", "/runs/" + id} {
		if body := s.send(t, "GET", page, "", nil).body; strings.Contains(body, hostile) || !strings.Contains(body, "&lt;script&gt;") {
			t.Errorf("%s does not escape what somebody typed", page)
		}
	}
	many := make([]string, maxTags+1)
	for i := range many {
		many[i] = fmt.Sprint(i)
	}
	for field, values := range map[string][]any{
		"name": {"", " \n ", strings.Repeat("δ", maxRunName+1), 1}, "pinned": {"yes"}, "color": {"blue;", "Blue", "\x00"},
		"tags": {many, []string{""}, []string{"a,b"}, []string{strings.Repeat("δ", maxTag+1)}, "a", []int{1}}, "notes": {strings.Repeat("x", maxNotes+1), []string{}},
		"status": {"done"}, "id": {"other"}, "config": {map[string]any{}},
	} {
		for _, value := range values {
			text, _ := json.Marshal(map[string]any{field: value})
			refused := sayJSON[refusals](t, s, "PATCH", path, string(text), 400)
			if f := refused.Errors[0]; f.Field != field || f.Advice == "" || strings.Contains(f.Error(), "configuration") {
				t.Errorf("%.60s was refused with %+v", text, f)
			}
		}
	}
	both := sayJSON[refusals](t, s, "PATCH", path, `{"name":"","color":"no","pinned":false}`, 400)
	if len(both.Errors) != 2 {
		t.Errorf("two mistakes were answered with %+v", both)
	}
	for _, body := range []string{"", "[]", "{", `{"pinned":false}{}`, "null null"} {
		sayJSON[refusals](t, s, "PATCH", path, body, 400)
	}
	if got := s.send(t, "PATCH", path, `{"notes":"`+strings.Repeat("x", maxBodyBytes)+`"}`, nil); got.status != http.StatusRequestEntityTooLarge {
		t.Errorf("a body that is too long: %d", got.status)
	}
	if after := sayJSON[RunView](t, s, "GET", path, "", 200); !reflect.DeepEqual(after, got) {
		t.Errorf("what was refused has changed something: %+v, was %+v", after, got)
	}
	full := sayJSON[RunView](t, s, "PATCH", path, fmt.Sprintf(`{"name":%q,"notes":%q,"color":""}`, strings.Repeat("δ", maxRunName), strings.Repeat("x", maxNotes)), 200)
	if full.Color != "" || len(full.Notes) != maxNotes {
		t.Error("what is just within the limits was not taken")
	}
	if other := s.send(t, "PATCH", path, `{"pinned":false}`, with("Origin", "http://evil.example")); other.status != http.StatusForbidden {
		t.Errorf("another site's page: %d", other.status)
	}
}

func TestDeleteAndRestore(t *testing.T) {
	folder := t.TempDir()
	rs := fakeRuns(t, folder, "steps=100000 delay=2ms")
	trains := mustCreate(t, rs, testConfig())
	waits := mustCreate(t, rs, testConfig())
	awaitStep(t, rs, trains, 1)
	if _, err := rs.Delete(trains); statusOf(err) != http.StatusConflict {
		t.Errorf("deleting what trains: %v", err)
	}
	before, err := rs.Changed(t.Context(), "")
	if err != nil || !before.All || len(before.Runs) < 2 {
		t.Fatalf("%+v, %v", before, err)
	}
	if _, err := rs.Delete(waits); err != nil {
		t.Fatal(err)
	}
	if _, err := rs.Delete(waits); statusOf(err) != http.StatusNotFound {
		t.Errorf("deleting it twice: %v", err)
	}
	news, err := rs.Changed(t.Context(), before.Version)
	if err != nil || news.All || !reflect.DeepEqual(news.Gone, []string{waits}) {
		t.Errorf("the news are %+v, %v", news, err)
	}
	if _, err := rs.Do(t.Context(), waits, MovePause); statusOf(err) != http.StatusNotFound {
		t.Errorf("pausing what is deleted: %v", err)
	}
	mustDo(t, rs, trains, MoveStop)
	awaitStatus(t, rs, trains, StatusStopped) // there is a place now, but not for what is deleted
	if _, err := rs.Delete(trains); err != nil {
		t.Error(err)
	}
	closeRuns(t, rs)

	rs = fakeRuns(t, folder, "steps=5") // a restart changes nothing about it
	if again, err := rs.Changed(t.Context(), news.Version); err != nil || !again.All || again.Version == news.Version {
		t.Errorf("after a restart the list is %+v, %v; want the whole one", again, err)
	}
	for _, id := range []string{waits, trains} {
		if _, err := rs.Run(t.Context(), id); statusOf(err) != http.StatusNotFound {
			t.Errorf("%s after a restart: %v", id, err)
		}
		if _, err := rs.Restore(t.Context(), id); err != nil {
			t.Error(err)
		}
	}
	awaitStatus(t, rs, waits, StatusDone) // it waited in the queue, and got its turn
	if run, err := rs.Restore(t.Context(), trains); err != nil || run.Status != StatusStopped {
		t.Errorf("restored: %+v, %v", run, err)
	}
	if _, err := rs.Restore(t.Context(), "nobody"); statusOf(err) != http.StatusNotFound {
		t.Errorf("restoring nobody: %v", err)
	}
	for days, want := range map[int]int{6: http.StatusOK, 8: http.StatusNotFound} {
		if _, err := rs.Delete(waits); err != nil {
			t.Fatal(err)
		}
		rs.purge(t.Context(), time.Now().Add(time.Duration(days)*24*time.Hour))
		if _, err := rs.Restore(t.Context(), waits); statusOf(err) != want {
			t.Errorf("restoring it after %d days: %v", days, err)
		}
		if want == http.StatusNotFound {
			break
		}
	}
}

// Who watches a run that is deleted is told so, and finds it no more.
func TestDeletingWhatIsWatched(t *testing.T) {
	s := newTestServer(t, &guard{}, "steps=5")
	id := doneRun(t, s.runs)
	viewer := s.runs.hub.Subscribe(id)
	defer viewer.Close()
	if _, err := s.runs.Delete(id); err != nil {
		t.Fatal(err)
	}
	if viewer.Take(stateGone) == nil {
		t.Error("nobody told the viewer")
	}
	for _, path := range []string{"/runs/" + id, "/api/runs/" + id, "/api/runs/" + id + "/events", "/api/runs/" + id + "/slices", "/api/runs/" + id + "/slice", "/api/runs/" + id + "/trajectory", "/runs/" + id + "/figure.png"} {
		if got := s.send(t, "GET", path, "", nil); got.status != http.StatusNotFound {
			t.Errorf("%s: %d", path, got.status)
		}
	}
}

func TestExportedRuns(t *testing.T) {
	s := newTestServer(t, &guard{}, "steps=5")
	first, second := doneRun(t, s.runs), doneRun(t, s.runs)
	for id, body := range map[string]string{
		first:  `{"name":"=HYPERLINK(\"http://evil\",\"x\")","tags":["+a","=b"],"notes":" \t@SUM(1)\nline, \"two\""}`,
		second: `{"name":"harmless δ − 1","notes":"＝1","pinned":true,"color":"pink"}`,
	} {
		sayJSON[RunView](t, s, "PATCH", "/api/runs/"+id, body, 200)
	}
	export := func(query string) answer {
		return s.send(t, "POST", "/api/runs/export", query, with("Content-Type", "application/x-www-form-urlencoded"))
	}
	got := export("format=csv&runs=" + second + "%2C" + first)
	if got.status != 200 || !strings.HasPrefix(got.header.Get("Content-Disposition"), `attachment; filename="runs-2`) || !strings.HasPrefix(got.header.Get("Content-Type"), "text/csv") {
		t.Fatalf("%d %v", got.status, got.header)
	}
	lines, err := csv.NewReader(strings.NewReader(got.body)).ReadAll()
	if err != nil || len(lines) != 3 || lines[1][0] != second || lines[2][0] != first {
		t.Fatalf("%v, %v", lines, err)
	}
	cell := func(line int, column string) string {
		for i, name := range lines[0] {
			if name == column {
				return lines[line][i]
			}
		}
		return "no column " + column
	}
	for column, want := range map[string]string{"name": `'=HYPERLINK("http://evil","x")`, "tags": "'+a, =b", "notes": "' \t@SUM(1)\nline, \"two\"", "status": "done", "updates": "5"} {
		if cell(2, column) != want {
			t.Errorf("%s is %q, want %q", column, cell(2, column), want)
		}
	}
	if cell(1, "name") != "harmless δ − 1" || cell(1, "notes") != "'＝1" || cell(1, "pinned") != "true" || cell(1, "learning rate") == "" {
		t.Errorf("%q", lines[1])
	}
	all := export("format=json")
	var read struct{ Runs []RunView }
	if err := json.Unmarshal([]byte(all.body), &read); err != nil || len(read.Runs) < 2 {
		t.Errorf("%.300s, %v", all.body, err)
	}
}

// A measurement of a deleted run waits until the run is restored.
func TestMeasurementsOfDeletedRunsWait(t *testing.T) {
	rs := fakeRuns(t, t.TempDir(), "steps=50")
	id := doneRun(t, rs)
	if _, err := rs.store.UpdateRun(id, func(r *store.Run) error { r.Deleted = 1; return nil }); err != nil {
		t.Fatal(err)
	}
	_, err := rs.store.AddMeasurement(store.Measurement{Run: id, Request: []byte(`{"what":["spread"]}`), Status: string(MeasureWaiting)}, func(*store.Measurement) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	rs.measures.want()
	if due, err := rs.store.MeasurementsDue(t.Context(), string(MeasureWaiting)); err != nil || len(due) != 0 {
		t.Errorf("due: %+v, %v", due, err)
	}
	if _, err := rs.Restore(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	awaitMeasurement(t, rs, id, 1, is(MeasureDone))
}

// A group whose runs all have a color keeps it in a comparison; any other has that of its place.
func TestColorsOfRunsInComparisons(t *testing.T) {
	run := func(color string) *compared { return &compared{run: RunView{Color: color}} }
	for want, colors := range map[int][]string{inks + 1: {"amber", "amber"}, inks + 8: {"violet"}, 0: {"amber", ""}} {
		g := group{}
		for _, color := range colors {
			g.runs = append(g.runs, run(color))
		}
		if got := g.ownInk(); got != want {
			t.Errorf("%q: ink %d, want %d", colors, got, want)
		}
	}
	if got := (&group{runs: []*compared{run("")}}).ownInk(); got != 0 {
		t.Errorf("without a color: ink %d", got)
	}
}

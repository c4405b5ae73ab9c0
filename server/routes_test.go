package main

import (
	"context"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"smoothscape/static"
)

// Every line of `smoothscape serve --help` answers with every status that it states, and with no other one that is asked here.
func TestEachRouteAnswersAsItsLineSays(t *testing.T) {
	s := newTestServer(t, &guard{}, "steps=60 delay=5ms")
	guarded := newTestServer(t, &guard{token: testToken}, "")
	done := mustCreate(t, s.runs, testConfig())
	awaitStatus(t, s.runs, done, StatusDone)
	awaitSlice(t, s.runs, done, func(*Slice) bool { return true })
	again := doneRun(t, s.runs)
	const runForm = "dataset=fashion-mnist-8k&model=softmax&engine=cpu&schedule=constant&learningRate=0.1&batchSize=32&epochs=1&stageEpochs=&seed=1&name="
	const runJSON = `{"name":"x","config":{"dataset":"fashion-mnist-8k","model":"softmax","engine":"cpu","schedule":"constant","learningRate":0.1,"batchSize":32,"epochs":1,"seed":1}}`
	measurement := mustMeasure(t, s.runs, done, "")
	awaitMeasurement(t, s.runs, done, measurement.Number, is(MeasureDone))
	over := "/runs/" + done + "/measurements/1/stop"
	hangs := newTestServer(t, &guard{}, "steps=50 measure=hang")
	subjects := []string{doneRun(t, hangs.runs), doneRun(t, hangs.runs)}
	for _, id := range subjects {
		mustMeasure(t, hangs.runs, id, "")
	}
	endless := newTestServer(t, &guard{}, "steps=100000 delay=5ms")
	trains := mustCreate(t, endless.runs, testConfig())
	awaitStep(t, endless.runs, trains, 1)
	waits := mustCreate(t, endless.runs, testConfig()) // behind it, and never begins
	talk, _, err := s.talks.begin(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	crowded := newTestServer(t, &guard{}, "steps=50")
	for range maxTalks {
		_, _, _ = crowded.talks.begin(time.Now()) // until there is room for no more
	}
	busy := newTestServer(t, &guard{}, "")
	for range ensemblesAtOnce {
		if err := busy.descents.enter(t.Context(), true); err != nil {
			t.Fatal(err)
		}
	}
	full := doneRun(t, crowded.runs)
	awaitSlice(t, crowded.runs, full, func(s *Slice) bool { return s.Step == 50 })
	for i := range spacesAtOnce { // no place to compute is free
		_, leave, err := crowded.spaces.join(spaceKey{seed: uint64(i)}, func(ctx context.Context, _ func(any) error) error { <-ctx.Done(); return ctx.Err() })
		if err != nil {
			t.Fatal(err)
		}
		defer leave()
	}
	study, err := s.runs.CreateStudy(t.Context(), newStudy{Config: testConfig(), Schedules: paperSchedules()[:1], Seeds: []uint64{7}})
	if err != nil {
		t.Fatal(err)
	}
	// asked is a request, the route of the table that it belongs to, and the one of its statuses that it must get.
	type asked struct {
		route, path, body string
		change            func(*http.Request)
		on                *testServer // nil: s
		want              int
	}
	requests := []asked{
		{"POST /runs/{id}/{move}", "/runs/" + waits + "/pause", "", nil, endless, 303},
		{"GET /", "/", "", nil, nil, 200},
		{"GET /", "/?f=ackley&eta=0.02&kernel=stable&unknown=1", "", nil, nil, 200},
		{"GET /", "/?eta=-1", "", nil, nil, 400},
		{"GET /embed", "/embed?f=dent", "", nil, nil, 200},
		{"GET /embed", "/embed?eta=-1", "", nil, nil, 400},
		{"GET /figure.png", "/figure.png?f=dent&n=129", "", nil, nil, 200},
		{"GET /figure.png", "/figure.png?b=0", "", nil, nil, 400},
		{"GET /runs", "/runs", "", nil, nil, 200},
		{"POST /runs", "/runs", runForm, nil, nil, 303},
		{"POST /runs", "/runs", strings.Replace(runForm, "batchSize=32", "batchSize=0", 1), nil, nil, 400},
		{"GET /runs/{id}", "/runs/" + done, "", nil, nil, 200},
		{"GET /runs/{id}", "/runs/none", "", nil, nil, 404},
		{"POST /runs/{id}/{move}", "/runs/none/pause", "", nil, nil, 404},
		{"POST /runs/{id}/{move}", "/runs/" + done + "/pause", "", nil, nil, 409},
		{"POST /runs/{id}/{move}", "/runs/" + done + "/dance", "", nil, nil, 409},
		{"POST /runs/{id}/measurements", "/runs/" + done + "/measurements", "what=spread&what=noise&images=64&seed=", nil, nil, 303},
		{"POST /runs/{id}/measurements", "/runs/" + done + "/measurements", "images=64", nil, nil, 400},
		{"POST /runs/{id}/measurements", "/runs/" + done + "/measurements", "what=spread&images=few", nil, nil, 400},
		{"POST /runs/{id}/measurements", "/runs/none/measurements", "what=spread", nil, nil, 404},
		{"POST /runs/{id}/measurements", "/runs/" + subjects[0] + "/measurements", "what=spread", nil, hangs, 409},
		{"POST /runs/{id}/measurements/{number}/stop", "/runs/" + subjects[0] + "/measurements/1/stop", "", nil, hangs, 303},
		{"POST /runs/{id}/measurements/{number}/stop", "/runs/" + done + "/measurements/99/stop", "", nil, nil, 404},
		{"POST /runs/{id}/measurements/{number}/stop", over, "", nil, nil, 409},
		{"GET /runs/{id}/figure.png", "/runs/" + done + "/figure.png?raw=1", "", nil, nil, 200},
		{"GET /runs/{id}/figure.png", "/runs/" + done + "/figure.png?m=-1", "", nil, nil, 400},
		{"GET /runs/{id}/figure.png", "/runs/none/figure.png", "", nil, nil, 404},
		{"GET /runs/{id}/figure.png", "/runs/" + done + "/figure.png?delta=0", "", nil, nil, 400},
		{"GET /runs/{id}/figure.png", "/runs/" + done + "/figure.png?step=-1", "", nil, nil, 400},
		{"GET /runs/{id}/figure.png", "/runs/" + done + "/figure.png?step=999999", "", nil, nil, 404},
		{"GET /runs/{id}/figure.png", "/runs/" + done + "/figure.png?delta=0.1", "", nil, nil, 200},
		{"GET /runs/{id}/figure.png", "/runs/" + done + "/figure.png", "", nil, nil, 409}, // the fake worker measures no C
		{"GET /api/objectives", "/api/objectives?dim=0", "", nil, nil, 400},
		{"GET /api/objectives", "/api/objectives", "", nil, nil, 200},
		{"GET /api/tree", "/api/tree?f=dent", "", nil, nil, 200},
		{"GET /api/tree", "/api/tree?f=rastrigin&kernel=stable", "", nil, nil, 400},
		{"GET /api/descent", "/api/descent?f=dent&paths=gd,sgd&x0=1", "", nil, nil, 200},
		{"GET /api/descent", "/api/descent?f=slice:fashion-convnet&paths=gd", "", nil, nil, 400},
		{"GET /api/descent/ensemble", "/api/descent/ensemble?f=dent&paths=gd", "", nil, nil, 200},
		{"GET /api/descent/ensemble", "/api/descent/ensemble?f=dent", "", nil, nil, 400},
		{"GET /api/descent/ensemble", "/api/descent/ensemble?f=dent&paths=sgd", "", nil, busy, 429},
		{"GET /api/slices/{id}", "/api/slices/fashion-convnet", "", nil, nil, 200},
		{"GET /api/slices/{id}", "/api/slices/README", "", nil, nil, 404},
		{"GET /api/models", "/api/models", "", nil, nil, 200},
		{"GET /api/models", "/api/models?dataset=nothing", "", nil, nil, 400},
		{"POST /api/preview", "/api/preview", runJSON, nil, nil, 200},
		{"POST /api/preview", "/api/preview", runForm, with("Content-Type", "application/x-www-form-urlencoded"), nil, 200},
		{"POST /api/preview", "/api/preview", strings.Replace(runForm, "batchSize=32", "batchSize=0", 1), with("Content-Type", "application/x-www-form-urlencoded"), nil, 400},
		{"GET /api/runs", "/api/runs", "", nil, nil, 200},
		{"POST /api/runs", "/api/runs", runJSON, nil, nil, 201},
		{"POST /api/runs", "/api/runs", `{"name":1}`, nil, nil, 400},
		{"GET /api/runs/{id}", "/api/runs/" + done, "", nil, nil, 200},
		{"GET /api/runs/{id}", "/api/runs/none", "", nil, nil, 404},
		{"GET /api/runs/{id}/slice", "/api/runs/" + waits + "/slice", "", nil, endless, 404},
		{"PATCH /api/runs/{id}", "/api/runs/" + done, `{"pinned":true}`, nil, nil, 200},
		{"PATCH /api/runs/{id}", "/api/runs/" + done, `{"pinned":1}`, nil, nil, 400},
		{"PATCH /api/runs/{id}", "/api/runs/none", `{}`, nil, nil, 404},
		{"PATCH /api/runs/{id}", "/api/runs/recorded-constant", `{}`, nil, nil, 409},
		{"POST /api/runs/export", "/api/runs/export", "format=csv&runs=" + done, with("Content-Type", "application/x-www-form-urlencoded"), nil, 200},
		{"POST /api/runs/export", "/api/runs/export", "format=xls", with("Content-Type", "application/x-www-form-urlencoded"), nil, 400},
		{"POST /api/runs/export", "/api/runs/export", "format=json&runs=none", with("Content-Type", "application/x-www-form-urlencoded"), nil, 404},
		{"DELETE /api/runs/{id}", "/api/runs/" + again, "", nil, nil, 200},
		{"DELETE /api/runs/{id}", "/api/runs/none", "", nil, nil, 404},
		{"DELETE /api/runs/{id}", "/api/runs/" + trains, "", nil, endless, 409},
		{"POST /api/runs/{id}/restore", "/api/runs/" + again + "/restore", "", nil, nil, 200},
		{"POST /api/runs/{id}/restore", "/api/runs/none/restore", "", nil, nil, 404},
		{"POST /api/runs/{id}/{move}", "/api/runs/" + waits + "/resume", "", nil, endless, 200},
		{"POST /api/runs/{id}/{move}", "/api/runs/none/stop", "", nil, nil, 404},
		{"POST /api/runs/{id}/{move}", "/api/runs/" + done + "/stop", "", nil, nil, 409},
		{"GET /api/runs/{id}/events", "/api/runs/" + done + "/events?from=2&limit=2", "", nil, nil, 200},
		{"GET /api/runs/{id}/events", "/api/runs/none/events", "", nil, nil, 404},
		{"GET /api/runs/{id}/curves", "/api/runs/" + done + "/curves?points=64", "", nil, nil, 200},
		{"GET /api/runs/{id}/curves", "/api/runs/" + done + "/curves?from=9&to=3", "", nil, nil, 400},
		{"GET /api/runs/{id}/curves", "/api/runs/none/curves", "", nil, nil, 404},
		{"GET /api/runs/{id}/slice", "/api/runs/" + done + "/slice", "", nil, nil, 200},
		{"GET /api/runs/{id}/slice", "/api/runs/" + done + "/slice?step=60", "", nil, nil, 200},
		{"GET /api/runs/{id}/slice", "/api/runs/" + done + "/slice?step=61", "", nil, nil, 404},
		{"GET /api/runs/{id}/slice", "/api/runs/" + done + "/slice?step=-1", "", nil, nil, 400},
		{"GET /api/runs/{id}/slices", "/api/runs/" + done + "/slices", "", nil, nil, 200},
		{"GET /api/runs/{id}/slices", "/api/runs/none/slices", "", nil, nil, 404},
		{"GET /api/runs/{id}/fullspace", "/api/runs/" + done + "/fullspace?step=60&delta=0.5", "", nil, nil, 200},
		{"GET /api/runs/{id}/fullspace", "/api/runs/" + done + "/fullspace?step=60&delta=NaN", "", nil, nil, 400},
		{"GET /api/runs/{id}/fullspace", "/api/runs/" + done + "/fullspace?delta=0.5", "", nil, nil, 400},
		{"GET /api/runs/{id}/fullspace", "/api/runs/" + done + "/fullspace?step=60&delta=0.5&kernel=stable", "", nil, nil, 400},
		{"GET /api/runs/{id}/fullspace", "/api/runs/" + done + "/fullspace?step=61&delta=0.5", "", nil, nil, 404},
		{"GET /api/runs/{id}/fullspace", "/api/runs/none/fullspace?step=60&delta=0.5", "", nil, nil, 404},
		{"GET /api/runs/{id}/fullspace", "/api/runs/recorded-constant/fullspace?step=0&delta=0.5", "", nil, nil, 409},
		{"GET /api/runs/{id}/fullspace", "/api/runs/" + full + "/fullspace?step=50&delta=0.5", "", nil, crowded, 503},
		{"GET /api/runs/{id}/trajectory", "/api/runs/" + done + "/trajectory?step=60", "", nil, nil, 200},
		{"GET /api/runs/{id}/trajectory", "/api/runs/" + done + "/trajectory?step=1e3", "", nil, nil, 400},
		{"GET /api/runs/{id}/trajectory", "/api/runs/" + done + "/trajectory?step=2147483647", "", nil, nil, 404},
		{"GET /api/runs/{id}/measurements", "/api/runs/" + done + "/measurements", "", nil, nil, 200},
		{"GET /api/runs/{id}/measurements", "/api/runs/none/measurements", "", nil, nil, 404},
		{"POST /api/runs/{id}/measurements", "/api/runs/" + waits + "/measurements", "", nil, endless, 409},
		{"POST /api/runs/{id}/measurements", "/api/runs/none/measurements", "", nil, nil, 404},
		{"POST /api/runs/{id}/measurements", "/api/runs/" + done + "/measurements", `{"what":["beauty"]}`, nil, nil, 400},
		{"POST /api/runs/{id}/measurements", "/api/runs/" + again + "/measurements", `{"images":64}`, nil, nil, 202},
		{"GET /api/runs/{id}/measurements/{number}", "/api/runs/" + done + "/measurements/1", "", nil, nil, 200},
		{"GET /api/runs/{id}/measurements/{number}", "/api/runs/" + done + "/measurements/x", "", nil, nil, 404},
		{"POST /api/runs/{id}/measurements/{number}/stop", "/api/runs/" + subjects[1] + "/measurements/1/stop", "", nil, hangs, 200},
		{"POST /api/runs/{id}/measurements/{number}/stop", "/api/runs/" + done + "/measurements/77/stop", "", nil, nil, 404},
		{"POST /api/runs/{id}/measurements/{number}/stop", "/api" + over, "", nil, nil, 409},
		{"GET /ws/runs/{id}", "/ws/runs/" + done, "", upgrading, nil, 101},
		{"GET /ws/runs/{id}", "/ws/runs/none", "", upgrading, nil, 404},
		{"POST /runs/{id}/benchmarks", "/runs/" + done + "/benchmarks", benchmarkForm, asFile, nil, 303},
		{"POST /runs/{id}/benchmarks", "/runs/" + done + "/benchmarks", "file=x", nil, nil, 400},
		{"POST /runs/{id}/benchmarks", "/runs/none/benchmarks", benchmarkForm, asFile, nil, 404},
		{"POST /runs/{id}/benchmarks", "/runs/recorded-constant/benchmarks", benchmarkForm, asFile, nil, 409},
		{"GET /api/runs/{id}/benchmarks", "/api/runs/" + done + "/benchmarks", "", nil, nil, 200},
		{"GET /api/runs/{id}/benchmarks", "/api/runs/none/benchmarks", "", nil, nil, 404},
		{"POST /api/runs/{id}/benchmarks", "/api/runs/" + done + "/benchmarks", benchmarkJSON, nil, nil, 201},
		{"POST /api/runs/{id}/benchmarks", "/api/runs/" + done + "/benchmarks", "{}", nil, nil, 400},
		{"POST /api/runs/{id}/benchmarks", "/api/runs/none/benchmarks", benchmarkJSON, nil, nil, 404},
		{"POST /api/runs/{id}/benchmarks", "/api/runs/recorded-constant/benchmarks", benchmarkJSON, nil, nil, 409},
		{"POST /runs/{id}/benchmarks/{number}/remove", "/runs/" + done + "/benchmarks/1/remove", "", nil, nil, 303},
		{"POST /runs/{id}/benchmarks/{number}/remove", "/runs/" + done + "/benchmarks/x/remove", "", nil, nil, 404},
		{"DELETE /api/runs/{id}/benchmarks/{number}", "/api/runs/" + done + "/benchmarks/2", "", nil, nil, 204},
		{"DELETE /api/runs/{id}/benchmarks/{number}", "/api/runs/none/benchmarks/2", "", nil, nil, 404},
		{"POST /api/talks", "/api/talks", "", nil, nil, 201},
		{"POST /api/talks", "/api/talks", "", nil, crowded, 503},
		{"GET /api/talks/{id}", "/api/talks/" + talk, "", nil, nil, 200},
		{"GET /api/talks/{id}", "/api/talks/none", "", nil, nil, 404},
		{"GET /ws/talks/{id}", "/ws/talks/" + talk, "", upgrading, nil, 101},
		{"GET /ws/talks/{id}", "/ws/talks/none", "", upgrading, nil, 404},
		{"GET /api/plane", "/api/plane?f=ackley&dim=3&n=129", "", nil, nil, 200},
		{"GET /api/plane", "/api/plane?f=himmelblau&dim=3", "", nil, nil, 400},
		{"GET /api/plane", "/api/plane?f=slice:fashion-convnet", "", nil, nil, 404},
		{"GET /api/fullspace", "/api/fullspace?f=slice:fashion-convnet", "", nil, crowded, 200},
		{"GET /api/fullspace", "/api/fullspace?dim=1001", "", nil, nil, 400},
		{"GET /api/fullspace", "/api/fullspace?dim=3", "", nil, crowded, 503},
		{"GET /compare", "/compare", "", nil, nil, 200},
		{"GET /compare", "/compare?run=" + done + "&run=none", "", nil, nil, 200}, // the page says that one is missing
		{"GET /compare", "/compare?run=", "", nil, nil, 400},
		{"GET /compare", "/compare?study=none", "", nil, nil, 404},
		{"POST /compare", "/compare", "model=softmax&epochs=1&seeds=1", nil, nil, 303},
		{"POST /compare", "/compare", "seeds=11", nil, nil, 400},
		{"POST /api/studies", "/api/studies", `{"config":{"model":"softmax"},"schedules":["constant"],"seeds":[1]}`, nil, nil, 201},
		{"POST /api/studies", "/api/studies", `{"seeds":[1,1]}`, nil, nil, 400},
		{"GET /api/studies/{id}", "/api/studies/" + study.ID, "", nil, nil, 200},
		{"GET /api/studies/{id}", "/api/studies/none", "", nil, nil, 404},
		{"GET /api/compare", "/api/compare?run=" + done, "", nil, nil, 200},
		{"GET /api/compare", "/api/compare?run=none", "", with("If-None-Match", s.send(t, "GET", "/api/compare?run=none", "", nil).header.Get("ETag")), nil, 304},
		{"GET /api/compare", "/api/compare", "", nil, nil, 400},
		{"GET /api/compare", "/api/compare?study=none", "", nil, nil, 404},
		{"GET /api/compare/table", "/api/compare/table?format=tex&run=" + done, "", nil, nil, 200},
		{"GET /api/compare/table", "/api/compare/table?format=xls&run=" + done, "", nil, nil, 400},
		{"GET /api/compare/table", "/api/compare/table?format=csv&study=none", "", nil, nil, 404},
		{"GET /static/{file}", static.URL("explore.js"), "", nil, nil, 200},
		{"GET /static/{file}", "/static/explore.js", "", nil, nil, 404}, // without its hash
		{"GET /static/{file}", "/static/..%2fstatic.go", "", nil, nil, 404},
		{"GET /healthz", "/healthz", "", nil, nil, 200},
		{"GET /login", "/login", "", nil, nil, 303},
		{"GET /login", "/login", "", nil, guarded, 200},
		{"POST /login", "/login", "token=" + testToken, nil, guarded, 303},
		{"POST /login", "/login", "token=wrong", nil, guarded, 403},
	}
	seen := map[string][]string{}
	for _, q := range requests {
		method, _, _ := strings.Cut(q.route, " ")
		on := s
		if q.on != nil {
			on = q.on
		}
		got := on.send(t, method, q.path, q.body, q.change)
		if got.status != q.want {
			t.Errorf("%s %s: status %d, want %d: %.300s", method, q.path, got.status, q.want, got.body)
		}
		seen[q.route] = append(seen[q.route], strconv.Itoa(q.want))
	}
	for _, r := range (&server{}).routes() {
		line := r.Method + " " + r.Path
		got := seen[line]
		slices.Sort(got)
		if states := strings.Join(slices.Compact(got), ", "); states != r.Status {
			t.Errorf("%s: the table says %q, the requests of this test got %q", line, r.Status, states)
		}
		delete(seen, line)
	}
	for line := range seen {
		t.Errorf("%s is not in the table", line)
	}
}

// What no line names is 404, and another method 405, in the form that the asker reads.
func TestWhatIsNotInTheTable(t *testing.T) {
	s := newTestServer(t, &guard{}, "")
	for _, c := range []struct {
		method, path string
		status       int
		kind         string
	}{
		{"GET", "/nothing", 404, "text/html; charset=utf-8"},
		{"GET", "/api/nothing", 404, "application/json; charset=utf-8"},
		{"GET", "/../../etc/passwd", 404, "text/html; charset=utf-8"},
		{"GET", "/static/", 404, "text/html; charset=utf-8"},
		{"DELETE", "/runs", 405, "text/html; charset=utf-8"},
		{"PUT", "/api/runs", 405, "application/json; charset=utf-8"},
		{"OPTIONS", "/", 405, "text/html; charset=utf-8"},
		{"TRACE", "/", 405, "text/html; charset=utf-8"},
	} {
		got := s.send(t, c.method, c.path, "", nil)
		if got.status != c.status || got.header.Get("Content-Type") != c.kind {
			t.Errorf("%s %s: %d %s, want %d %s", c.method, c.path, got.status, got.header.Get("Content-Type"), c.status, c.kind)
		}
	}
}

// Pages hold nothing that their own Content-Security-Policy forbids, and ask no other machine for anything.
func TestPagesObeyTheirPolicy(t *testing.T) {
	s := newTestServer(t, &guard{}, "steps=5")
	id := mustCreate(t, s.runs, testConfig())
	awaitStatus(t, s.runs, id, StatusDone)
	script := regexp.MustCompile(`<script[^>]*>`)
	forbidden := regexp.MustCompile(`(?i)<style|\sstyle=|\son[a-z]+=|javascript:|(src|href|action)="(https?:)?//`)
	for _, path := range []string{"/", "/runs", "/runs/" + id, "/runs/none", "/?eta=0", "/compare", "/compare?run=" + id} {
		page := s.send(t, "GET", path, "", nil).body
		if bad := forbidden.FindString(page); bad != "" {
			t.Errorf("%s holds %q", path, bad)
		}
		for _, tag := range script.FindAllString(page, -1) {
			if !strings.Contains(tag, `src="/static/`) && !strings.Contains(tag, `type="application/json"`) {
				t.Errorf("%s holds the inline script %s", path, tag)
			}
		}
	}
}

func TestServedFilesAreKeptForeverAndCompressed(t *testing.T) {
	s := newTestServer(t, &guard{}, "")
	plain := s.send(t, "GET", static.URL("explore.js"), "", with("Accept-Encoding", "identity"))
	small := s.send(t, "GET", static.URL("explore.js"), "", with("Accept-Encoding", "gzip, br"))
	if got := small.header.Get("Content-Encoding"); got != "gzip" || len(small.body) >= len(plain.body) {
		t.Errorf("encoding %q, %d bytes against %d", got, len(small.body), len(plain.body))
	}
	for _, a := range []answer{plain, small} {
		if got := a.header.Get("Cache-Control"); got != "public, max-age=31536000, immutable" {
			t.Errorf("Cache-Control %q", got)
		}
		if got := a.header.Get("Content-Type"); !strings.HasPrefix(got, "text/javascript") {
			t.Errorf("Content-Type %q", got)
		}
	}
}

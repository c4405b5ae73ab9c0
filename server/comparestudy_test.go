package main

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"smoothscape/trainer"
)

// The four runs of a seed begin with the same parameters, bit for bit, and are one run up to the end of the first stage; then the three
// whose δ falls part from each other. Other seeds begin elsewhere. All of it in the real worker, and the sharpness of each comes by itself.
func TestRunsOfAStudyBeginAlike(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("skipped: trains eight networks")
	}
	rs := realRuns(t, t.TempDir())
	cfg := testConfig()
	cfg.Epochs, cfg.StageEpochs, cfg.BatchSize, cfg.LearningRate = 2, 1, 64, 0.05
	study, err := rs.CreateStudy(t.Context(), newStudy{Name: "four", Config: cfg, Seeds: []uint64{5, 9}})
	if err != nil {
		t.Fatal(err)
	}
	if len(study.Runs) != 8 {
		t.Fatalf("%d runs", len(study.Runs))
	}
	type beginning struct {
		params []float32
		stage  []trainer.Number // losses of the first stage
		all    int              // updates
	}
	begins := map[string]beginning{}
	for _, run := range study.Runs {
		awaitStatus(t, rs, run.Run, StatusDone)
		moments, err := rs.store.Moments(t.Context(), run.Run)
		if err != nil || len(moments) == 0 || moments[0].Step != 0 {
			t.Fatalf("run %s keeps %+v, %v", run.Run, moments, err)
		}
		checkpoint, err := readCheckpoint(rs.store.Blobs, moments[0].Parameters.SHA256)
		if err != nil {
			t.Fatal(err)
		}
		b := beginning{params: checkpoint.Params}
		for _, e := range logOf(t, rs, run.Run) {
			if e.Update != nil {
				b.all++
				if e.Update.Epoch == 0 {
					b.stage = append(b.stage, e.Update.TrainLoss)
				}
			}
		}
		begins[run.Schedule+" "+run.Seed] = b
	}
	for _, seed := range []string{"5", "9"} {
		first := begins["constant "+seed]
		for _, schedule := range paperSchedules() {
			b := begins[schedule+" "+seed]
			if !reflect.DeepEqual(b.params, first.params) {
				t.Errorf("%s, seed %s does not begin with the parameters of constant", schedule, seed)
			}
			if !reflect.DeepEqual(b.stage, first.stage) || len(b.stage) != 125 {
				t.Errorf("%s, seed %s is another run in the first stage", schedule, seed)
			}
		}
	}
	if reflect.DeepEqual(begins["constant 5"].params, begins["constant 9"].params) {
		t.Error("two seeds begin alike")
	}
	for schedule, want := range map[string]int{trainer.Constant: 250, trainer.LRDecay: 250, trainer.BatchGrowth: 125 + 63, trainer.Hybrid: 125 + 84} {
		if got := begins[schedule+" 5"].all; got != want {
			t.Errorf("%s makes %d updates, want %d", schedule, got, want)
		}
	}
	for _, run := range study.Runs {
		for deadline := time.Now().Add(60 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
			if asked, err := rs.Measurements(t.Context(), run.Run); err != nil || len(asked) > 0 {
				break
			}
		}
		m := awaitMeasurement(t, rs, run.Run, 1, is(MeasureDone))
		if !strings.Contains(string(m.Report), "worstSharpnessAdaptive") {
			t.Errorf("the report of %s is %.200s", run.Run, m.Report)
		}
	}
	view, err := rs.Compare(t.Context(), comparison{Study: study.ID, Points: 20})
	if err != nil {
		t.Fatal(err)
	}
	if len(view.Groups) != 4 || view.Active || view.Behind != 0 || view.Against != "A" || view.Groups[0].Label != "constant" {
		t.Errorf("%d groups against %q, active %v, behind %d", len(view.Groups), view.Against, view.Active, view.Behind)
	}
	for _, g := range view.Groups {
		for _, name := range []string{"testAccuracy", "worstSharpness", "worstSharpnessAdaptive", "noiseLevel", "gradStdDev", "seconds"} {
			if s := g.Summary[name]; s.N != 2 || s.SD == nil || !(s.Min <= s.Mean && s.Mean <= s.Max) {
				t.Errorf("%s of %s is %+v", name, g.Label, s)
			}
		}
		if n := len(g.Updates.Step); n < 10 || n > 20+1 || len(g.Epochs.Step) != 2 || g.Epochs.Epoch[1] != 2 || g.Updates.Epoch[n-1] != 2 {
			t.Errorf("%s has %d points, epochs %v", g.Label, n, g.Epochs.Epoch)
		}
	}
	text, err := json.Marshal(view)
	if err != nil || strings.Contains(string(text), "NaN") {
		t.Errorf("%v: %.300s", err, text)
	}
	const work = "For the same 16\u202f000 images constant makes 250 updates, batch-growth 188 (1.3 times fewer) and hybrid 209 (1.2 times fewer)"
	if got := strings.Join(view.Findings, " "); !strings.Contains(got, work) || !strings.Contains(got, "Test accuracy, last, against constant: ") {
		t.Errorf("findings: %q", got)
	}
}

func TestStudiesThatAreRefused(t *testing.T) {
	s := newTestServer(t, &guard{}, "steps=10")
	many := make([]string, 11)
	for i := range many {
		many[i] = fmt.Sprint(i)
	}
	for body, want := range map[string]string{
		`{"seeds":[` + strings.Join(many, ",") + `]}`: "at most 10",
		`{"seeds":[1,2,1]}`:                           "1 twice",
		`{"seeds":[-1]}`:                              "uint64",
		`{"seeds":[1.5]}`:                             "uint64",
		`{"schedules":["constant","constant"]}`:       "twice",
		`{"schedules":["magic"]}`:                     "some of constant",
		`{"schedules":["constant","lr-decay","batch-growth","hybrid","cosine"],"seeds":[1,2,3,4,5,6,7,8,9]}`: "at most 40",
		`{"config":{"learningRate":-1}}`:              "learning rate",
		`{"config":{"model":"gpt"}}`:                  "model",
		`{"config":{"batchSize":100000}}`:             "batch",
		`{"config":{"dataset":"none"}}`:               "dataset",
		`{"config":{"colour":1}}`:                     "colour",
		`{"name":"` + strings.Repeat("x", 200) + `"}`: "at most 100 characters",
		`{"name":`:      "reading the body",
		`{"config":[]}`: "reading the body",
		`[]`:            "reading the body",
	} {
		got := s.send(t, "POST", "/api/studies", body, nil)
		if got.status != 400 || !strings.Contains(got.body, want) {
			t.Errorf("%s: %d %s, want 400 with %q", body, got.status, got.body, want)
		}
	}
	if runs := ownRuns(t, s.runs); len(runs) != 0 {
		t.Errorf("%d runs were created", len(runs))
	}
	got := s.send(t, "POST", "/compare", "learningRate=fast&seeds=0&name=%3Cb%3E", nil)
	for _, want := range []string{`value="fast" aria-invalid="true"`, "a whole number from 1 to 10", "&lt;b&gt;", "Expected a number above 0"} {
		if !strings.Contains(got.body, want) {
			t.Errorf("the form does not hold %s", want)
		}
	}
}

// A study outlives the program; its runs are queued seed after seed, and one that is gone is named.
func TestAStudyIsKept(t *testing.T) {
	folder := t.TempDir()
	rs := fakeRuns(t, folder, "steps=20")
	study, err := rs.CreateStudy(t.Context(), newStudy{Name: "  my \n study ", Config: usualStudy(), Seeds: []uint64{1, 18446744073709551615}})
	if err != nil {
		t.Fatal(err)
	}
	if study.Name != "my study" || study.Runs[1].Schedule != trainer.LRDecay || study.Runs[1].Seed != "1" || study.Runs[7].Seed != "18446744073709551615" {
		t.Errorf("%+v", study)
	}
	for _, run := range study.Runs {
		awaitStatus(t, rs, run.Run, StatusDone)
	}
	last, err := rs.Run(t.Context(), study.Runs[7].Run)
	if err != nil || last.Name != "my study: hybrid, seed 18446744073709551615" || last.Config.Schedule != trainer.Hybrid {
		t.Errorf("%+v, %v", last, err)
	}
	closeRuns(t, rs)
	rs = fakeRuns(t, folder, "steps=20")
	for i := range study.Runs {
		study.Runs[i].Status = StatusDone
	}
	if again, err := rs.Study(t.Context(), study.ID); err != nil || !reflect.DeepEqual(again, study) {
		t.Errorf("%+v, %v; want %+v", again, err, study)
	}
	rows, err := rs.studyRows(t.Context())
	if err != nil || len(rows) != 1 || rows[0].Name != "my study" || rows[0].Href != "/compare?study="+study.ID {
		t.Errorf("%+v, %v", rows, err)
	}
}

package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"smoothscape/trainer"
	"smoothscape/trainer/device"
	"smoothscape/trainer/measure"
)

func ask(t *testing.T, method, url, body string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if !json.Valid(text) {
		t.Errorf("%s %s: not JSON: %s", method, url, text)
	}
	return response.StatusCode, string(text)
}

func TestTheJSONInterface(t *testing.T) {
	rs := fakeRuns(t, t.TempDir(), "steps=50 nan")
	s := liveServer(t, rs)
	status, text := ask(t, "POST", s.URL+"/api/runs", `{"name":"my run","config":{"model":"mlp","seed":18446744073709551615}}`)
	var run RunView
	if err := json.Unmarshal([]byte(text), &run); err != nil || status != http.StatusCreated {
		t.Fatalf("%d %s", status, text)
	}
	if run.Name != "my run" || run.Config.Model != "mlp" || run.Config.Seed != math.MaxUint64 || run.Config.LearningRate != trainer.Default("mlp").LearningRate {
		t.Errorf("created %+v", run)
	}
	awaitStatus(t, rs, run.ID, StatusDone)
	var page struct {
		Events []struct {
			Offset int64
			Event  trainer.Event
		}
		Next int64
	}
	total := int64(0)
	for {
		status, text := ask(t, "GET", fmt.Sprintf("%s/api/runs/%s/events?from=%d&limit=7", s.URL, run.ID, total), "")
		if err := json.Unmarshal([]byte(text), &page); err != nil || status != http.StatusOK {
			t.Fatalf("%d %v %s", status, err, text)
		}
		for i, e := range page.Events {
			if e.Offset != total+int64(i) {
				t.Fatalf("offset %d at %d", e.Offset, total+int64(i))
			}
		}
		if len(page.Events) == 0 {
			break
		}
		total = page.Next
	}
	if row, _ := rs.store.Run(t.Context(), run.ID); total != row.Length {
		t.Errorf("%d events in pages, the log has %d", total, row.Length)
	}
	awaitSlice(t, rs, run.ID, func(s *Slice) bool { return s.Level == 3 })
	for _, test := range []struct {
		method, path, body string
		want               int
		says               string
	}{
		{"GET", "/api/runs", "", 200, `"my run"`},
		{"GET", "/api/runs/" + run.ID, "", 200, `"done"`},
		{"GET", "/api/runs/" + run.ID + "/slice", "", 200, `"z":[null,`},
		{"GET", "/api/runs/nobody", "", 404, `"advice"`},
		{"GET", "/api/runs/nobody/events", "", 404, `"advice"`},
		{"GET", "/api/runs/nobody/slice", "", 404, `"advice"`},
		{"GET", "/api/runs/" + run.ID + "/events?from=x", "", 400, `"from"`},
		{"POST", "/api/runs/" + run.ID + "/pause", "", 409, `"move"`},
		{"POST", "/api/runs", "", 400, "reading the body"},
		{"POST", "/api/runs", `{"config":{"learningRate":NaN}}`, 400, "reading the body"},
		{"POST", "/api/runs", `{"config":{"learningRate":"fast"}}`, 400, "learningRate"},
		{"POST", "/api/runs", `{"config":{"model":"gpt"}}`, 400, "model"},
		{"POST", "/api/runs", `{"config":{"colour":"red"}}`, 400, "colour"},
		{"POST", "/api/runs", `{} {}`, 400, "reading the body"},
	} {
		if status, text := ask(t, test.method, s.URL+test.path, test.body); status != test.want || !strings.Contains(text, test.says) {
			t.Errorf("%s %s %s: got %d %.300s; want %d with %s", test.method, test.path, test.body, status, text, test.want, test.says)
		}
	}
}

var updateFrames = flag.Bool("update-frames", false, "write testdata anew")

// The frames that static/src/protocol.ts is tested against are those that the server writes.
func TestFramesAreAsAgreed(t *testing.T) {
	accuracy, delta, m, loss := 0.841, 0.125, 16.0, 0.5
	eta, batch, delta := 0.1, 32, 0.25
	run := RunView{
		ID: "abc", Name: "a <b> & δ", Status: StatusRunning, Created: 1700000000000, Config: trainer.Config{
			Dataset: "fashion-mnist-8k", Model: "mlp", Engine: "auto", Schedule: "hybrid", LearningRate: 0.1, BatchSize: 32, Epochs: 10, StageEpochs: 2, Seed: 1,
		},
		Started: &trainer.Started{Engine: "cpu", Path: "go-float32/amd64", Parameters: 101770, TrainSize: 8000, TestSize: 2000, TotalSteps: 2500, Resumed: true, Warning: "another path",
			Device: &device.Info{Name: "Radeon", Driver: "amdgpu 6.1", Backend: "Vulkan", Kind: "discrete GPU", Memory: 99293712, Checked: 5e-7}},
		Step: 2, TotalSteps: 2500, Epoch: 0, TestAccuracy: &accuracy, Accepts: StatusRunning.accepts(),
		LearningRate: &eta, BatchSize: &batch, NoiseLevel: &delta, Pinned: true, Tags: []string{"a tag", "δ"}, Color: "blue", Notes: "Two\nlines.", Study: "s",
	}
	number := func(v float64) *trainer.Number { n := trainer.Number(v); return &n }
	events := []trainer.Event{
		{Kind: trainer.KindStarted, Time: 1700000000001, Started: run.Started},
		{Kind: trainer.KindUpdate, Time: 1700000000002, Step: 1, Update: &trainer.Update{LearningRate: 0.1, BatchSize: 32, TrainLoss: 2.25}},
		{Kind: trainer.KindUpdate, Time: 1700000000003, Step: 2, Update: &trainer.Update{
			LearningRate: 0.1, BatchSize: 32, TrainLoss: trainer.Number(math.NaN()), GradStdDev: number(math.Inf(1)), GradStdDevErr: number(math.Inf(-1)), NoiseLevel: number(0.125),
		}},
		{Kind: trainer.KindEpoch, Time: 1700000000004, Step: 2, Epoch: &trainer.EpochResult{TrainLoss: 1.5, TrainAccuracy: 0.8, TestLoss: trainer.Number(math.Inf(1)), TestAccuracy: 0.841}},
		{Kind: trainer.KindCheckpoint, Time: 1700000000005, Step: 2, Checkpoint: &trainer.CheckpointRef{SHA256: strings.Repeat("0", 64), Bytes: 10}},
		{Kind: trainer.KindEnded, Time: 1700000000006, Step: 2, Ended: &trainer.Ended{Outcome: trainer.OutcomeDiverged, Reason: "the loss is NaN"}},
	}
	var bodies [][]byte
	for _, e := range events {
		bodies = append(bodies, encode(t, e))
	}
	slice := Slice{
		Run: "abc", Step: 2, Delta: &delta, Alphas: []float64{-1.75, 0, 1.75}, Betas: []float64{-1.75, 0, 1.75},
		Z: numbers{math.NaN(), 1, math.Inf(1), 0.25, 0.5, 1e-7, 3, 2.5, math.MaxFloat64}, Level: 0, Levels: 4, ViewHalfWidth: 1, Halo: 0.75,
		Norms: [2]float64{20, 21}, Cosine: 0.01, Images: 512, Loss: &loss, Lift: &Lift{Mean: 0.01, StdErr: 0.001, Pairs: 16, Delta: 0.125}, Label: "loss", Magnification: &m,
	}
	step, spread := 2, measure.Number(0.5)
	report := measure.Report{
		Request: measure.Request{What: []measure.Kind{measure.Noise}, Images: 64}, Parameters: 101770, TrainSize: 8000, Images: 64,
		Quantities: []measure.Quantity{
			{Group: measure.Noise, Name: "noiseLength", Title: "Length of the noise", Symbol: "√E‖ω‖²", Unit: "nats/length", Value: 1.25, StdErr: &spread, Definition: "root mean square", Source: "arXiv 2311.08745", Note: "a note"},
			{Group: measure.Noise, Name: "tail", Title: "Tail index", Value: measure.Number(math.NaN()), Definition: "not to be had"},
		},
		Series: []measure.Series{{
			Group: measure.Noise, Name: "pooledNoise", Title: "Noise", Kind: measure.Histogram, XTitle: "ω", YTitle: "density",
			X: []measure.Number{-1, 0, measure.Number(math.Inf(1))}, Y: []measure.Number{0.5, 0.25}, Definition: "bars",
		}},
		Warnings: []string{"Few images."},
	}
	empty := RunView{ID: "new", Name: "new", Status: StatusQueued, Accepts: StatusDone.accepts(), Tags: []string{}}
	bare := Slice{Run: "abc", Alphas: []float64{-1, 1}, Betas: []float64{-1, 1}, Z: numbers{1, 2, 3, 4}, Levels: 4}
	frames := []json.RawMessage{
		encode(t, helloFrame{Type: "hello", Run: run, Next: 3, Length: 9}),
		encode(t, helloFrame{Type: "hello", Run: empty}),
		appendEventsFrame(nil, 3, bodies),
		encode(t, runFrame{Type: "run", Run: run}),
		encode(t, sliceFrame{Type: "slice", Slice: encode(t, slice)}),
		encode(t, sliceFrame{Type: "slice", Slice: encode(t, bare)}),
		encode(t, measurementFrame{Type: "measurement", Measurement: MeasurementView{
			Run: "abc", Number: 1, Created: 1700000000007, Request: json.RawMessage(`{"what":["noise"]}`), Status: MeasureRunning, Step: &step,
			Progress: &MeasureProgress{Group: measure.Noise, Done: 40, Total: 1000},
		}}),
		encode(t, measurementFrame{Type: "measurement", Measurement: MeasurementView{
			Run: "abc", Number: 2, Created: 1700000000008, Request: json.RawMessage(`{"what":["noise"],"images":64}`), Status: MeasureDone, Step: &step, Report: encode(t, report),
		}}),
	}
	var got bytes.Buffer
	if err := json.Indent(&got, encode(t, frames), "", "  "); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join("testdata", "frames.json")
	if *updateFrames {
		if err := os.WriteFile(file, append(got.Bytes(), '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if strings.TrimSpace(string(want)) != got.String() {
		t.Errorf("frames changed; if that is meant, run go test -run FramesAreAsAgreed -update-frames ./server and tell protocol.ts.\n%s", got.String())
	}
	var back Slice
	if err := json.Unmarshal(encode(t, slice), &back); err != nil || !math.IsNaN(back.Z[0]) || !math.IsNaN(back.Z[2]) || back.Z[5] != 1e-7 || !math.IsNaN(back.Z[8]) {
		t.Errorf("a slice comes back as %+v, %v", back, err)
	}
}

func encode(t *testing.T, value any) json.RawMessage {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

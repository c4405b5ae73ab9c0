package main

import (
	"encoding/json"
	"math"
	"net/http"
	"strings"
	"testing"

	"smoothscape/trainer"
)

// previewOf asks for a preview as a program does.
func previewOf(t *testing.T, s *testServer, config string) Preview {
	t.Helper()
	got := s.send(t, "POST", "/api/preview", `{"config":`+config+`}`, nil)
	var p Preview
	if err := json.Unmarshal([]byte(got.body), &p); err != nil || got.status != http.StatusOK {
		t.Fatalf("status %d, %v: %.300s", got.status, err, got.body)
	}
	return p
}

// The hybrid schedule of 8,000 images: b = 32, 48, 72, 108, 162 and η·(√3/2)^m in stages of two epochs.
func TestPreviewIsTheSchedule(t *testing.T) {
	s := newTestServer(t, &guard{}, "")
	p := previewOf(t, s, `{"model":"mlp","schedule":"hybrid","learningRate":0.1,"batchSize":32,"epochs":10,"stageEpochs":2}`)
	if p.TrainSize != 8000 || p.Parameters != 101770 || p.Flops != 2*(784*128+128*10) || len(p.Epochs) != 10 {
		t.Errorf("%+v", p)
	}
	steps := 0
	for i, epoch := range p.Epochs {
		b, eta := []int{32, 48, 72, 108, 162}[i/2], 0.1*math.Pow(math.Sqrt(3)/2, float64(i/2))
		if epoch != i || p.BatchSize[i] != b || math.Abs(p.LearningRate[i]-eta) > 1e-12 || math.Abs(p.NoiseLevel[i]-math.Pow(math.Sqrt2, -float64(i/2))) > 1e-9 {
			t.Errorf("epoch %d: η = %v, b = %d, δ/δ₁ = %v", epoch, p.LearningRate[i], p.BatchSize[i], p.NoiseLevel[i])
		}
		steps += (8000 + b - 1) / b
	}
	if p.TotalSteps != steps {
		t.Errorf("%d updates, want %d", p.TotalSteps, steps)
	}
	long := previewOf(t, s, `{"schedule":"cosine","carrier":"batch","epochs":5000}`)
	if n := len(long.Epochs); n != previewPoints || long.Epochs[0] != 0 || long.Epochs[n-1] != 4999 || long.BatchSize[n-1] != 8000 {
		t.Errorf("%d points from epoch %d to %d, b ends at %d", n, long.Epochs[0], long.Epochs[n-1], long.BatchSize[n-1])
	}
}

func TestConfigurationsOfTheAPI(t *testing.T) {
	s := newTestServer(t, &guard{}, "steps=5")
	const own = `"spec":{"name":"mine","layers":[{"kind":"flatten"},{"kind":"linear","units":10}]}`
	for _, test := range []struct {
		name, config string
		status       int
		says         []string
	}{
		{"every setting", `{"model":"resnet8","schedule":"step","factor":0.5,"carrier":"both","warmupEpochs":1,"lateBatch":true,"momentum":0.9,"nesterov":true,"weightDecay":5e-4,"augment":"paper"}`, 201, []string{`"nesterov":true`, `"factor":0.5`}},
		{"a network of one's own", `{` + own + `}`, 201, []string{`"model":"custom"`, `"mine\" (own)`}},
		{"a network beside another model", `{"model":"mlp",` + own + `}`, 400, []string{`"field":"spec"`}},
		{"custom without a network", `{"model":"custom"}`, 400, []string{`"field":"spec"`}},
		{"an unknown setting", `{"colour":"red"}`, 400, []string{`"field":"colour"`, "weightDecay"}},
		{"an unknown field of a layer", `{"spec":{"layers":[{"kind":"linear","unites":10}]}}`, 400, []string{`"field":"spec"`, "unites"}},
		{"layers that do not fit", `{"spec":{"layers":[{"kind":"conv","channels":4,"kernel":40,"stride":1},{"kind":"flatten"},{"kind":"linear","units":10}]}}`, 400, []string{`"field":"spec"`, "layer 0"}},
		{"a word for a number", `{"momentum":"much"}`, 400, []string{`"field":"momentum"`, "float64"}},
		{"several at once", `{"momentum":2,"weightDecay":-1,"factor":7,"schedule":"step"}`, 400, []string{`"field":"momentum"`, `"field":"weightDecay"`, `"field":"factor"`}},
		{"Nesterov without momentum", `{"nesterov":true}`, 400, []string{`"field":"nesterov"`}},
		{"more warm-up than epochs", `{"epochs":2,"warmupEpochs":3}`, 400, []string{`"field":"warmupEpochs"`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := s.send(t, "POST", "/api/runs", `{"config":`+test.config+`}`, nil)
			if got.status != test.status {
				t.Errorf("status %d, want %d: %.300s", got.status, test.status, got.body)
			}
			for _, words := range test.says {
				if !strings.Contains(got.body, words) {
					t.Errorf("the answer does not say %q: %.500s", words, got.body)
				}
			}
		})
	}
}

// A form of everything comes back as the configuration that it was made of, and what a schedule does not use is at its default.
func TestFormAndConfigurationAreInverse(t *testing.T) {
	cfg := residualConfig()
	got, err := formOf(cfg).config()
	if err != nil || !got.Equal(cfg) {
		t.Errorf("got %+v, %v; want %+v", got, err, cfg)
	}
	form := formOf(trainer.Default("mlp"))
	form["power"], form["factor"], form["carrier"] = "no number", "", "pigeon"
	if got, err := form.config(); err != nil || !got.Equal(trainer.Default("mlp")) {
		t.Errorf("got %+v, %v", got, err)
	}
	for _, key := range []string{"momentum", "nesterov", "weightDecay", "augment", "warmupEpochs", "lateBatch"} {
		delete(form, key) // as a script that knows only the older fields
	}
	if _, err := form.config(); err != nil {
		t.Error(err)
	}
}

package main

import (
	"math"
	"mime"
	"net/http"

	"smoothscape/trainer"
	"smoothscape/trainer/dataset"
	"smoothscape/trainer/engine"
)

// previewPoints is the most epochs of a preview; of longer runs it shows some, evenly spaced, the first and the last among them.
const previewPoints = 400

// Preview says what a configuration would do before anybody waits for it. The lists run over the same epochs.
type Preview struct {
	TrainSize    int       `json:"trainSize"`  // n
	TotalSteps   int       `json:"totalSteps"` // updates of the whole run
	Parameters   int       `json:"parameters"` // d
	Flops        int64     `json:"flops"`      // multiply-adds × 2 of the network for one image, forward
	Epochs       []int     `json:"epochs"`     // 0-based
	LearningRate []float64 `json:"learningRate"`
	BatchSize    []int     `json:"batchSize"`  // never more than the training images
	NoiseLevel   []float64 `json:"noiseLevel"` // (η/√b) / (η₁/√b₁), which is δ/δ₁ if C stayed as it is
}

// apiPreview answers POST /api/preview.
func (rs *Runs) apiPreview(w http.ResponseWriter, r *http.Request) error {
	cfg, err := previewed(r)
	if err != nil {
		return err
	}
	preview, err := rs.preview(r, cfg)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, preview)
	return nil
}

// previewed reads the configuration out of a form, as the page posts it, or out of JSON.
func previewed(r *http.Request) (trainer.Config, error) {
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind == "application/x-www-form-urlencoded" {
		if err := r.ParseForm(); err != nil {
			return trainer.Config{}, badForm(err)
		}
		return typedIn(r.PostForm).config()
	}
	var body newRun
	if err := readJSON(r.Body, &body); err != nil {
		return trainer.Config{}, err
	}
	return readConfig(body.Config)
}

func (rs *Runs) preview(r *http.Request, cfg trainer.Config) (Preview, error) {
	data, spec, err := rs.plan(r.Context(), cfg)
	if err != nil {
		return Preview{}, err
	}
	schedule, err := trainer.ScheduleFor(cfg)
	if err != nil {
		return Preview{}, configFaults(err)
	}
	n := data.TrainSize
	preview := Preview{TrainSize: n, TotalSteps: trainer.TotalSteps(cfg, n), Parameters: spec.ParameterCount(), Flops: spec.Flops()}
	first := cfg.LearningRate / math.Sqrt(float64(cfg.BatchSize))
	points := min(cfg.Epochs, previewPoints)
	for i := range points {
		epoch := i
		if points < cfg.Epochs {
			epoch = i * (cfg.Epochs - 1) / (points - 1)
		}
		eta, b := schedule(epoch)
		b = min(b, n)
		preview.Epochs = append(preview.Epochs, epoch)
		preview.LearningRate = append(preview.LearningRate, eta)
		preview.BatchSize = append(preview.BatchSize, b)
		preview.NoiseLevel = append(preview.NoiseLevel, eta/math.Sqrt(float64(b))/first)
	}
	return preview, nil
}

// ModelView is a built-in network, for images of one shape.
type ModelView struct {
	Name       string       `json:"name"`
	Parameters int          `json:"parameters"`
	Flops      int64        `json:"flops"` // of one image, forward
	Spec       *engine.Spec `json:"spec"`  // nil where the images are too small for it
	Text       string       `json:"text"`  // the same as text, one layer a line: what people edit
	Problem    string       `json:"problem,omitempty"`
}

// apiModels answers GET /api/models?dataset=NAME.
func (rs *Runs) apiModels(w http.ResponseWriter, r *http.Request) error {
	name := r.URL.Query().Get("dataset")
	if name == "" {
		name = dataset.EmbeddedName
	}
	data, err := rs.dataset(r.Context(), name)
	if err != nil {
		return err
	}
	models := []ModelView{}
	for _, model := range engine.Models() {
		view := ModelView{Name: model}
		spec, err := engine.SpecFor(model, data.Shape, data.Classes)
		if err != nil {
			view.Problem = err.Error()
		} else {
			view.Spec, view.Parameters, view.Flops, view.Text = &spec, spec.ParameterCount(), spec.Flops(), specText(&spec)
		}
		models = append(models, view)
	}
	writeJSON(w, http.StatusOK, map[string]any{"dataset": name, "models": models})
	return nil
}

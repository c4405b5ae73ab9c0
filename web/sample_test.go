package web_test

import (
	"fmt"
	"math"
	"strings"

	"smoothscape/web"
)

func sampleForm() web.RunForm {
	choices := func(values ...string) []web.Choice {
		var c []web.Choice
		for _, v := range values {
			value, label, _ := strings.Cut(v, "=")
			c = append(c, web.Choice{Value: value, Label: label})
		}
		return c
	}
	const paper, path = "In stages, as in the paper", "Along a path of δ"
	schedules := choices("constant=constant η and b", "lr-decay=decay: η/√2 each stage", "batch-growth=growth: 2b each stage", "hybrid=hybrid: η·√3/2 and 1.5b each stage",
		"polynomial=polynomial, power p", "cosine=cosine", "exponential=exponential, a factor each epoch", "step=steps, a factor each stage")
	for i := range schedules {
		schedules[i].Group = map[bool]string{true: paper, false: path}[i < 4]
	}
	return web.RunForm{
		Action:       "/runs",
		Dataset:      web.ChoiceField{Value: "fashion-mnist-8k", Choices: choices("fashion-mnist-8k=Fashion-MNIST, 8\u202f000 images")},
		Model:        web.ChoiceField{Value: "convnet", Choices: choices("softmax=softmax", "mlp=mlp", "convnet=convnet", "resnet20=resnet20", "custom=custom: your own, as JSON")},
		Schedule:     web.ChoiceField{Value: "hybrid", Choices: schedules},
		Engine:       web.ChoiceField{Value: "auto", Choices: choices("auto=auto", "cpu=cpu", "gorgonia=gorgonia")},
		Carrier:      web.ChoiceField{Value: "rate", Choices: choices("rate=η alone", "batch=b alone", "both=η and b")},
		Augment:      web.ChoiceField{Value: "none", Choices: choices("none=none", "flip-crop=crop and mirror", "paper=crop, mirror, rotate (the paper's)")},
		LearningRate: web.TextField{Value: "0.1"}, BatchSize: web.TextField{Value: "64"}, Epochs: web.TextField{Value: "10"}, StageEpochs: web.TextField{Value: "0"}, Seed: web.TextField{Value: "1"},
		Power: web.TextField{Value: "1"}, Factor: web.TextField{Value: "0.7"}, Momentum: web.TextField{Value: "0"}, WeightDecay: web.TextField{Value: "0"}, WarmupEpochs: web.TextField{Value: "0"},
		Hints: web.FormHints{
			Presets: []web.Preset{{Model: "softmax", LearningRate: "0.05", BatchSize: "32", Epochs: "20", StageEpochs: "0"}, {Model: "mlp", LearningRate: "0.08", BatchSize: "32", Epochs: "15", StageEpochs: "0"}, {Model: "convnet", LearningRate: "0.1", BatchSize: "64", Epochs: "10", StageEpochs: "0"}},
			Preview: "/api/preview", Models: "/api/models",
		},
	}
}

func sampleRun() web.RunView {
	return web.RunView{
		ID: "7", Name: "convnet, hybrid", Status: web.Status{Word: "running"}, Created: web.Moment{ISO: "2026-11-22T14:03:00Z", Text: "22 Nov 2026, 14:03"},
		Facts:    []web.Fact{{Word: "Data set", Value: "fashion-mnist-8k"}, {Word: "Model", Value: "convnet"}, {Word: "Schedule", Value: "hybrid"}, {Word: "Engine", Value: "cpu"}, {Word: "Seed", Value: "1"}},
		Actions:  []web.RunAction{{Name: "pause", Label: "Pause", Href: "/runs/7/pause", Accepted: true}, {Name: "resume", Label: "Resume", Href: "/runs/7/resume"}, {Name: "stop", Label: "Stop", Href: "/runs/7/stop", Accepted: true}},
		Progress: web.Progress{Total: 1250, Text: "0 of 1\u202f250 updates"},
		Numbers:  web.RunNumbers{LearningRate: "0.1", BatchSize: "64", Ratio: "0.0125"},
		Paths:    web.RunPaths{Socket: "/ws/runs/7", Slice: "/api/runs/7/slice", Figure: "/runs/7/figure.png", Space: "/api/runs/7/fullspace"},
		Measure: web.MeasurePanel{
			Action: "/runs/7/measurements", List: "/api/runs/7/measurements", Images: "1024", Seed: "1",
			Choices: []web.MeasureChoice{
				{Value: "spread", Label: "Spread of the gradients C", On: true}, {Value: "smoothing", Label: "Degree of smoothing δ", On: true}, {Value: "scale", Label: "Gradient noise scale"},
				{Value: "sharpness", Label: "Sharpness", On: true}, {Value: "keskar", Label: "Sharpness after Keskar"}, {Value: "noise", Label: "Distribution of the gradient noise"},
				{Value: "hessian", Label: "Eigenvalues and trace of the Hessian"}, {Value: "density", Label: "Spectral density of the Hessian"},
			},
		},
	}
}

func sampleRows() []web.RunRow {
	created := web.Moment{ISO: "2026-11-22T14:03:00Z", Text: "22 Nov 2026, 14:03"}
	return []web.RunRow{
		{ID: "9", Name: "mlp, η = 100", Href: "/runs/9", Status: web.Status{Word: "diverged", Reason: "The loss was NaN after update 3."}, Progress: "3 / 5\u202f000", Dataset: "fashion-mnist-8k", Model: "mlp", Schedule: "constant", LearningRate: "100", BatchSize: "32", Created: created},
		{ID: "7", Name: "convnet, hybrid", Href: "/runs/7", Status: web.Status{Word: "running"}, Progress: "620 / 1\u202f250", Dataset: "fashion-mnist-8k", Model: "convnet", Schedule: "hybrid", LearningRate: "0.0866", BatchSize: "96", NoiseLevel: "0.0712", TestAccuracy: "84.1 %", Created: created},
		{ID: "5", Name: "softmax", Href: "/runs/5", Status: web.Status{Word: "done"}, Progress: "5\u202f000 / 5\u202f000", Dataset: "fashion-mnist-8k", Model: "softmax", Schedule: "constant", LearningRate: "0.05", BatchSize: "32", NoiseLevel: "0.031", TestAccuracy: "82.6 %", Created: created},
	}
}

// history is the log of a run with the hybrid schedule: a job that starts, then steps updates over 8 000 images, with epochs. It looks
// like training does: the loss falls, C is first known at update 10 and shrinks, η and b change each second epoch.
func history(steps int) []string {
	const n = 8000
	events := []string{fmt.Sprintf(`{"kind":"started","time":%d,"step":0,"started":{"engine":"cpu","path":"go-float32/amd64","parameters":21840,"trainSize":%d,"testSize":2000,"totalSteps":%d,"resumed":false}}`, startTime, n, steps)}
	eta, b, epoch, images, noise := 0.1, 64, 0, 0, uint32(1)
	for step := 1; step <= steps; step++ {
		noise = noise*1664525 + 1013904223
		wobble := float64(noise>>8)/float64(1<<24) - 0.5
		size := min(b, n-images)
		loss := 0.32 + 2*math.Exp(-float64(step)/150) + 0.25*wobble
		events = append(events, update(step, epoch, eta, size, fmt.Sprintf("%.5f", loss), 9*math.Exp(-float64(step)/3000)+0.8*wobble))
		if images += size; images == n {
			images = 0
			accuracy := 0.88 - 0.4*math.Exp(-float64(epoch+1)/1.5)
			events = append(events, fmt.Sprintf(`{"kind":"epoch","time":%d,"step":%d,"epoch":{"epoch":%d,"trainLoss":%.5f,"trainAccuracy":%.4f,"testLoss":%.5f,"testAccuracy":%.4f}}`, timeOf(step), step, epoch, loss, accuracy+0.01, loss+0.08, accuracy))
			if epoch++; epoch%2 == 0 && b < 2000 {
				eta, b = eta*math.Sqrt(3)/2, b+b/2
			}
		}
	}
	return events
}

const startTime = 1_790_000_000_000

func timeOf(step int) int64 { return startTime + 20*int64(step) }

func update(step, epoch int, eta float64, b int, loss string, c float64) string {
	body := fmt.Sprintf(`{"kind":"update","time":%d,"step":%d,"update":{"epoch":%d,"learningRate":%g,"batchSize":%d,"trainLoss":%s`, timeOf(step), step, epoch, eta, b, loss)
	if step >= 10 {
		body += fmt.Sprintf(`,"gradStdDev":%.4f,"gradStdDevErr":%.4f,"noiseLevel":%.6f`, c, 0.12*c, eta*c/math.Sqrt(float64(b)))
	}
	return body + "}}"
}

// sampleSlice is a bowl with dents on level 3 of 4: 49 points a side over ±1.5.
func sampleSlice(n, level, step int) string {
	axis, z := make([]string, n), make([]string, 0, n*n)
	at := func(i int) float64 { return -1.5 + 3*float64(i)/float64(n-1) }
	for i := range axis {
		axis[i] = fmt.Sprintf("%.6f", at(i))
	}
	for row := range n {
		for col := range n {
			x, y := at(col), at(row)
			z = append(z, fmt.Sprintf("%.6f", 0.35+1.4*(x*x+0.7*y*y+0.4*x*y)+0.12*math.Cos(9*x)*math.Cos(9*y)))
		}
	}
	z[0] = "null"
	return fmt.Sprintf(`{"run":"7","step":%d,"delta":0.112,"alphas":[%[2]s],"betas":[%[2]s],"z":[%[3]s],"level":%[4]d,"levels":4,"viewHalfWidth":1,"halo":0.5,"norms":[18.4,18.9],"cosine":0.012,"images":512,"loss":0.47,`+
		`"lift":{"mean":0.00112,"stdErr":0.00008,"pairs":16,"delta":0.112},"label":"filter-normalised","magnification":15.3}`, step, strings.Join(axis, ","), strings.Join(z, ","), level)
}

// sampleDelta is δ at a kept slice's update.
func sampleDelta(step int) float64 { return 0.2 / (1 + float64(step)/100) }

// keptSlice is a slice of that update at its own δ.
func keptSlice(step int) string {
	return strings.Replace(sampleSlice(49, 3, step), `"delta":0.112,"alphas"`, fmt.Sprintf(`"delta":%g,"alphas"`, sampleDelta(step)), 1)
}

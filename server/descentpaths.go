package main

import (
	"context"
	"fmt"
	"math"
	"strings"

	"smoothscape/landscape"
	"smoothscape/landscape/descent"
	"smoothscape/landscape/nice"
)

// DescentsView is what GET /api/descent answers: the optimizers of a view, all from one place and with one learning rate, on a closed form.
type DescentsView struct {
	Steps    int           `json:"steps"`    // that each may take
	Calm     float64       `json:"calm"`     // a learning rate at which gradient descent on f settles in valleys, from the slopes of f
	Sentence string        `json:"sentence"` // where they end
	Paths    []DescentPath `json:"paths"`
}

// DescentPath is the path of one of them. Its places are those after 0, Every, 2·Every, … steps, and the last.
type DescentPath struct {
	ID     string         `json:"id"`
	Name   string         `json:"name"`
	How    string         `json:"how"`   // its numbers, for a reader
	Steps  int            `json:"steps"` // taken
	Every  int            `json:"every"`
	Points [][2]float64   `json:"points"`
	F      []*float64     `json:"f"`              // at the points; null where it is not finite
	Away   []float64      `json:"away,omitempty"` // of d > 2 variables: distance from the plane that is shown
	Stages []DescentStage `json:"stages"`
	End    string         `json:"end"` // "finished" or "diverged"
	// Valley is where f goes down to from the last place; null where it diverged.
	Valley   *DescentValley `json:"valley"`
	Sentence string         `json:"sentence"`
}

// DescentStage says from which step on η, b and δ are these.
type DescentStage struct {
	Step         int     `json:"step"`
	LearningRate float64 `json:"learningRate"`
	BatchSize    float64 `json:"batchSize,omitempty"` // of SGD
	NoiseLevel   float64 `json:"noiseLevel"`          // 0 of gradient descent on f
}

// DescentValley is a minimum of f, found by going downhill without noise, and how far the path's end is from it.
type DescentValley struct {
	Point    [2]float64 `json:"point"`
	F        *float64   `json:"f"`
	Global   bool       `json:"global"`
	Distance float64    `json:"distance"` // in all dimensions
}

// The optimizers take as many steps as those of Sato and Iiduka (arXiv 2412.11501) with explicit graduated optimization: 51 levels of
// 20. Implicit graduated optimization has the same stages, which share the fall of δ between η and b alike.
const (
	descentLevels = 51
	levelSteps    = 20
	descentSteps  = descentLevels * levelSteps
)

// descentNames are those of the optimizers in a sentence.
var descentNames = map[string]string{
	"gd": "Gradient descent on f", "smoothed": "Gradient descent on f̂", "sgd": "SGD", "explicit": "Explicit graduated optimization", "implicit": "Implicit graduated optimization",
}

// methodOf makes an optimizer with an id of descentIDs, and says its numbers. All have one learning rate η, the slider's, as it is part
// of δ = ηC/√b: that of explicit graduated optimization falls from there with its δ, that of the implicit with the root of it. δ of f̂
// is that of the picture: what is wider than the picture draws is cut.
func methodOf(id string, q descentQuery, o landscape.Objective) (method descent.Method, how string, err error) {
	delta := landscape.Degree(q.kernel, q.eta, q.b, q.c)
	drawn, cut := min(delta, o.DeltaMax), ""
	if drawn < delta {
		cut = ", the most that the picture draws"
	}
	schedule := descent.Schedule{LearningRate: q.eta, BatchSize: q.b, Stages: 1, StageSteps: descentSteps, Kappa: 1, Lambda: 1, RateShare: 1}
	switch id {
	case "gd":
		return descent.Descent(o, q.eta, descentSteps), "η = " + plain(q.eta), nil
	case "smoothed":
		smoothed, by := withSmoothing(o, q.kernel, drawn)
		method = descent.SmoothedDescent(smoothed, q.kernel, drawn, q.eta, descentSteps)
		method.Samples = samplesIn(o.Dim)
		if by == "" {
			by = fmt.Sprintf("the mean over %d shifted copies of f", method.Samples)
		}
		return method, fmt.Sprintf("η = %s, δ = %s%s; f̂ by %s", plain(q.eta), plain(drawn), cut, by), nil
	case "sgd":
		method, err = descent.SGD(withoutSmoothing(o), q.kernel, q.c, schedule)
		how = fmt.Sprintf("η = %s, b = %s, C = %s: δ = %s", plain(q.eta), plain(q.b), plain(q.c), plain(delta))
	case "implicit":
		schedule.Stages, schedule.StageSteps, schedule.Power, schedule.RateShare = descentLevels, levelSteps, 1, 0.5
		method, err = descent.SGD(withoutSmoothing(o), q.kernel, q.c, schedule)
		how = fmt.Sprintf("SGD whose δ falls from %s in %d equal stages of %s steps, half by a smaller η, half by a larger b", plain(delta), descentLevels, grouped(levelSteps))
	case "explicit":
		explicit := descent.DefaultExplicit()
		explicit.LearningRate, explicit.First, explicit.Last, explicit.Samples = q.eta/drawn, drawn, drawn/100, samplesIn(o.Dim)
		method, err = explicit.Method(withoutSmoothing(o), q.kernel)
		how = fmt.Sprintf("δ falls from %s%s, and η with it, in %d levels of %s steps, each along the mean of %d gradients", plain(drawn), cut, descentLevels, grouped(levelSteps), explicit.Samples)
	}
	if method.Gradient == descent.Noisy {
		method.Samples = 0 // f̂ along the path is not asked for
	}
	return method, how, err
}

// samplesIn is how many gradients make one of f̂: 100 in the plane, as the authors have it, and fewer where each costs more.
func samplesIn(d int) int { return max(2, min(100, 200/d)) }

// withSmoothing gives an objective a faster f̂ at one δ where it has none in closed form: by quadrature in the plane. by says how f̂
// is computed; it is empty where it must be sampled.
func withSmoothing(o landscape.Objective, k landscape.Kernel, delta float64) (smoothed landscape.Objective, by string) {
	if o.Dim == 2 && o.ID != "schwefel" || o.Dim > 2 { // Schwefel's form is itself an integral, and slower than that of the plane
		if o.Smoothed != nil {
			if f, ok := o.Smoothed(k, delta); ok {
				return fixedSmoothing(o, f), "its formula"
			}
		}
	}
	// For a narrow kernel a quadrature would take a fine table; there the mean over samples misses f̂ by less than can be seen.
	if o.Dim == 2 && delta >= o.DeltaMax/20 && (k.Law == landscape.Gaussian || k.Law == landscape.Uniform) {
		// A tenth of the domain is the shortest wave that matters beside a kernel as wide as that, for all functions that the page offers.
		if f, err := nice.Quadrature(o.Function, k, delta, (o.Hi-o.Lo)/10, o.Lo, o.Hi); err == nil {
			return fixedSmoothing(o, f), "quadrature"
		}
	}
	return withoutSmoothing(o), ""
}

func fixedSmoothing(o landscape.Objective, f landscape.Function) landscape.Objective {
	o.Smoothed = func(landscape.Kernel, float64) (landscape.Function, bool) { return f, true }
	return o
}

func withoutSmoothing(o landscape.Objective) landscape.Objective {
	o.Smoothed = nil
	return o
}

// startIn is the place (x, y) of the plane that is shown: the others are those of the global minimum, or the middle of the domain.
func startIn(o landscape.Objective, x, y float64) []float64 {
	start := make([]float64, o.Dim)
	for i := range start {
		start[i] = (o.Lo + o.Hi) / 2
	}
	for _, m := range o.Minima {
		if m.Global {
			copy(start, m.X)
			break
		}
	}
	start[0], start[1] = x, y
	return start
}

// descend runs the optimizers of a query.
func descend(ctx context.Context, q descentQuery, o landscape.Objective) (DescentsView, error) {
	view := DescentsView{Steps: descentSteps, Calm: calmRate(o), Paths: []DescentPath{}}
	start := startIn(o, q.startX, q.startY)
	var ends []descentEnd
	for _, id := range strings.Split(q.methods, ",") {
		method, how, err := methodOf(id, q, o)
		if err != nil {
			return view, err
		}
		run, err := descent.Run(ctx, method, start, q.seed, descentSteps+1)
		if err != nil {
			return view, err
		}
		end := endOf(id, o, method, run)
		path := pathOf(o, start, run)
		path.ID, path.Name, path.How, path.Valley, path.Sentence = id, descentNames[id], how, end.valleyView(o), end.sentence()
		view.Paths = append(view.Paths, path)
		ends = append(ends, end)
	}
	view.Sentence = sentenceOf(ends)
	return view, nil
}

// calmRate is a learning rate of two digits at which gradient descent on f settles in nearly every valley and still crosses the domain.
func calmRate(o landscape.Objective) float64 {
	eta := 1.5 * descent.DefaultLearningRate(o)
	unit := math.Pow(10, math.Floor(math.Log10(eta))-1)
	return sixDigits(math.Floor(eta/unit) * unit)
}

// pathOf is a trajectory as it is drawn: in the plane, with six digits.
func pathOf(o landscape.Objective, start []float64, run descent.Trajectory) DescentPath {
	path := DescentPath{Steps: run.Steps, Every: run.Every, End: string(run.End)}
	least := 1e-9 * (o.Hi - o.Lo) // below it a coordinate is 0
	digits := func(v float64) float64 {
		if math.Abs(v) < least {
			return 0
		}
		return sixDigits(v)
	}
	for _, p := range run.Points {
		path.Points = append(path.Points, [2]float64{digits(p.X[0]), digits(p.X[1])})
		path.F = append(path.F, finite(sixDigits(float64(p.F))))
		if o.Dim > 2 {
			path.Away = append(path.Away, digits(apart(p.X[2:], start[2:])))
		}
	}
	step := 0
	for _, s := range run.Stages {
		if n := len(path.Stages); n == 0 || s.LearningRate != path.Stages[n-1].LearningRate || s.NoiseLevel != path.Stages[n-1].NoiseLevel {
			path.Stages = append(path.Stages, DescentStage{step, sixDigits(s.LearningRate), sixDigits(s.BatchSize), sixDigits(s.NoiseLevel)})
		}
		step += s.Steps
	}
	return path
}

// apart is the distance of two places.
func apart(x, y []float64) float64 {
	s := 0.0
	for i, v := range x {
		s += (v - y[i]) * (v - y[i])
	}
	return math.Sqrt(s)
}

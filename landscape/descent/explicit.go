package descent

import (
	"fmt"
	"math"

	"smoothscape/landscape"
)

// Scale says how the levels of explicit graduated optimization are spaced.
type Scale string

// The scales.
const (
	Linear    Scale = "linear" // δ_m = ((M+1−m)/(M+1))^p for m = 0 … M−1, then Last
	Geometric Scale = "geo"    // M+1 levels from 1 to Last, each by the same factor smaller
)

// Explicit is explicit graduated optimization: at each level δ_m it takes Steps steps x ← x − l₀δ_m·g, with g the mean gradient at
// Samples fresh points x − δ_m·u.
type Explicit struct {
	LearningRate float64 `json:"learningRate"` // l₀ > 0; that of level m is l₀·δ_m
	Levels       int     `json:"levels"`       // M ≥ 1: there are M + 1 levels
	Scale        Scale   `json:"scale"`
	Power        float64 `json:"power"`   // p > 0 of the linear scale; the authors' is 1
	First        float64 `json:"first"`   // by which all levels but the last are multiplied, > 0
	Last         float64 `json:"last"`    // the last level, > 0
	Steps        int     `json:"steps"`   // at each level, ≥ 1
	Samples      int     `json:"samples"` // of each step, ≥ 1
}

// authors holds l₀ for the functions of the authors' benchmark, which they chose in 50 dimensions.
var authors = map[string]float64{
	"ackley":         10,
	"alpine1":        1,
	"drop-wave":      0.1,
	"ellipsoid":      0.01,
	"griewank":       50,
	"happycat":       10,
	"hgbat":          0.1,
	"modified-ridge": 1,
	"rastrigin":      0.01,
	"rosenbrock":     5e-5,
	"rot-ellipsoid":  0.01,
	"salomon":        10,
	"schaffer-f7":    20,
	"schwefel":       10,
	"schwefel-2.21":  10,
	"sphere":         1,
}

// DefaultExplicit returns the constants of the authors' code with l₀ = 0.01.
func DefaultExplicit() Explicit {
	return Explicit{LearningRate: 0.01, Levels: 50, Scale: Linear, Power: 1, First: 1, Last: 0.01, Steps: 20, Samples: 100}
}

// AuthorsExplicit returns the constants of the authors' code for the objective with that ID; ok is false where the authors have
// not run it. They start from the cube [−Start, Start]^d of the objective, as DefaultTrial does, with d = 50.
func AuthorsExplicit(id string) (e Explicit, ok bool) {
	rate, ok := authors[id]
	if !ok {
		return Explicit{}, false
	}
	e = DefaultExplicit()
	e.LearningRate = rate
	return e, true
}

// Validate returns every fault, joined.
func (e Explicit) Validate() error {
	var f faults
	f.require(e.LearningRate > 0 && e.LearningRate <= math.MaxFloat64, "learning rate l₀", "a positive number", e.LearningRate, "the authors take 0.01 for Rastrigin")
	f.require(e.Levels >= 1 && e.Levels < maxStages, "levels M", fmt.Sprintf("1 to %d", maxStages-1), e.Levels, "the authors take 50")
	f.require(e.Scale == Linear || e.Scale == Geometric, "scale", `"linear" or "geo"`, fmt.Sprintf("%.40q", e.Scale), "choose one of these")
	f.require(e.Power > 0 && e.Power <= math.MaxFloat64, "power p", "a positive number", e.Power, "the authors take 1")
	f.require(e.First > 0 && e.First <= math.MaxFloat64, "first level", "a positive number", e.First, "the authors take 1")
	f.require(e.Last > 0 && e.Last <= math.MaxFloat64, "last level", "a positive number", e.Last, "the authors take 0.01")
	f.require(e.Steps >= 1 && e.Steps <= maxSteps/max(1, min(e.Levels, maxStages)+1), "steps of a level", fmt.Sprintf("1 or more, and %d in all at most", maxSteps), e.Steps, "the authors take 20")
	f.require(e.Samples >= 1, "samples", "1 or more", e.Samples, "the authors take 100")
	return f.join()
}

// Plan returns the M + 1 stages of a valid Explicit. The caller owns them.
func (e Explicit) Plan() ([]Stage, error) {
	if err := e.Validate(); err != nil {
		return nil, err
	}
	stages := make([]Stage, e.Levels+1)
	for m := range stages {
		delta := e.Last
		switch {
		case m == e.Levels:
		case e.Scale == Linear:
			delta = e.First * math.Pow(float64(e.Levels+1-m)/float64(e.Levels+1), e.Power)
		default:
			delta = e.First * math.Pow(e.Last/e.First, float64(m)/float64(e.Levels))
		}
		stages[m] = Stage{Steps: e.Steps, LearningRate: e.LearningRate * delta, NoiseLevel: delta}
	}
	return stages, nil
}

// Method returns explicit graduated optimization of o under a kernel. Coordinate is the authors' convention, vector the paper's.
func (e Explicit) Method(o landscape.Objective, k landscape.Kernel) (Method, error) {
	stages, err := e.Plan()
	if err != nil {
		return Method{}, err
	}
	return Method{Objective: o, Gradient: Sampled, Kernel: k, Samples: e.Samples, Stages: stages}, nil
}

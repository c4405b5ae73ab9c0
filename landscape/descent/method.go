package descent

import (
	"fmt"
	"math"

	"smoothscape/landscape"
)

// Gradient names the direction of descent. The package documentation has the formulas.
type Gradient string

// The directions.
const (
	Exact    Gradient = "exact"    // ∇f
	Smoothed Gradient = "smoothed" // ∇f̂_δ in closed form; where there is none, the mean over Samples common random numbers
	Sampled  Gradient = "sampled"  // the mean of Samples fresh ∇f(x − δu)
	Noisy    Gradient = "noisy"    // ∇f + noise: SGD
)

// Method is an optimizer at work on an objective.
type Method struct {
	Objective landscape.Objective `json:"-"`
	Gradient  Gradient            `json:"gradient"`
	// Kernel is the law of u, with Dim = d; ignored by Exact.
	Kernel landscape.Kernel `json:"kernel"`
	// GradStdDev is C ≥ 0, for Noisy alone. The NoiseLevel of its stages must be the δ that follows from C, as Schedule.Plan
	// makes it. Under momentum too it is that of plain SGD; MomentumDegree is then the greater bound.
	GradStdDev float64 `json:"gradStdDev"`
	// Samples ≥ 1 of Sampled, and of Smoothed where no closed form is known: there the same u serve every step of a run, so that
	// the run descends on one fixed function, the mean of that many shifted copies of f.
	Samples int `json:"samples"`
	// DifferenceStep > 0 replaces ∇f by central differences with that step, as the authors' code with 10⁻⁸; 0 takes the analytic
	// gradient, and where none is known differences with the step 6·10⁻⁶·max(1, |xᵢ|), at which their two errors balance.
	DifferenceStep float64 `json:"differenceStep,omitempty"`
	// Momentum is β in [0, 1). Normalized makes it v ← βv + (1−β)g instead of v ← βv + g.
	Momentum   float64 `json:"momentum"`
	Normalized bool    `json:"normalized,omitempty"`
	// Stages are taken one after the other; v is carried over.
	Stages []Stage `json:"stages"`
}

// Descent returns gradient descent on f.
func Descent(o landscape.Objective, eta float64, steps int) Method {
	return Method{Objective: o, Gradient: Exact, Stages: []Stage{{Steps: steps, LearningRate: eta}}}
}

// SmoothedDescent returns gradient descent on f̂_δ, from 100 samples where no closed form is known.
func SmoothedDescent(o landscape.Objective, k landscape.Kernel, delta, eta float64, steps int) Method {
	return Method{Objective: o, Gradient: Smoothed, Kernel: k, Samples: 100, Stages: []Stage{{Steps: steps, LearningRate: eta, NoiseLevel: delta}}}
}

// SGD returns stochastic gradient descent with gradient spread C along a schedule: implicit graduated optimization. With Gradient
// set to Smoothed it becomes what the theorems speak of, gradient descent on f̂_δ along the same stages.
func SGD(o landscape.Objective, k landscape.Kernel, c float64, s Schedule) (Method, error) {
	stages, err := s.Plan(k, c)
	if err != nil {
		return Method{}, err
	}
	return Method{Objective: o, Gradient: Noisy, Kernel: k, GradStdDev: c, Samples: 100, Stages: stages}, nil
}

// Steps returns the number of steps of all stages.
func (m Method) Steps() int {
	n := 0
	for _, s := range m.Stages {
		n += s.Steps
	}
	return n
}

// Validate returns every fault, joined. A Smoothed or Sampled descent whose f̂ does not exist is refused with the reason
// (landscape.ErrNoSmoothing); a Noisy one is not: it runs, though it smooths nothing.
func (m Method) Validate() error {
	var f faults
	o := m.Objective
	f.require(o.Func != nil && o.Dim >= 1, "objective", "a function of at least one variable", fmt.Sprintf("%.40q of %d", o.ID, o.Dim), "choose one of the catalogue")
	f.require(o.Lo < o.Hi && o.Hi-o.Lo <= math.MaxFloat64/1e7, "domain", "an interval of positive length", fmt.Sprintf("[%g, %g]", o.Lo, o.Hi), "bound each coordinate")
	f.require(m.Momentum >= 0 && m.Momentum < 1, "momentum β", "0 ≤ β < 1", m.Momentum, "0 is none")
	f.require(m.DifferenceStep >= 0 && m.DifferenceStep <= math.MaxFloat64, "step of differences", "0 or more", m.DifferenceStep, "0 takes the analytic gradient")
	switch m.Gradient {
	case Exact:
	case Smoothed, Sampled, Noisy:
		m.validateKernel(&f)
	default:
		f.require(false, "gradient", `"exact", "smoothed", "sampled" or "noisy"`, fmt.Sprintf("%.40q", m.Gradient), "choose one of these")
	}
	m.validateStages(&f)
	return f.join()
}

func (m Method) validateKernel(f *faults) {
	o := m.Objective
	if err := m.Kernel.Validate(); err != nil {
		f.add(err)
		return
	}
	f.require(m.Kernel.Dim == o.Dim, "dimension of the kernel", fmt.Sprintf("that of the objective, %d", o.Dim), m.Kernel.Dim, "set Kernel.Dim")
	most := maxNumbers / max(1, o.Dim)
	f.require(m.Samples >= 0 && m.Samples <= most, "samples", fmt.Sprintf("0 to %d in %d dimensions", most, o.Dim), m.Samples, "take for example 100")
	if m.Gradient == Noisy {
		f.require(m.GradStdDev >= 0 && m.GradStdDev <= math.MaxFloat64, "gradient spread C", "0 or more", m.GradStdDev, "C² is the variance of one sample's gradient")
		return
	}
	f.add(m.Kernel.Exists(o.Growth))
	if m.Gradient == Sampled {
		f.require(m.Samples >= 1, "samples", "1 or more", m.Samples, "the authors take 100")
		return
	}
	for _, s := range m.Stages {
		if _, closed := m.closedForm(s.NoiseLevel); !closed && m.Samples < 1 {
			f.require(false, "samples", "1 or more, as no closed form is known", m.Samples, "take for example 100")
			return
		}
	}
}

func (m Method) validateStages(f *faults) {
	f.require(len(m.Stages) >= 1 && len(m.Stages) <= maxStages, "stages", fmt.Sprintf("1 to %d", maxStages), len(m.Stages), "one is enough")
	steps := 0
	for i, s := range m.Stages[:min(len(m.Stages), maxStages)] {
		field := func(name string) string { return fmt.Sprintf("%s of stage %d", name, i+1) }
		f.require(s.Steps >= 1 && s.Steps <= maxSteps, field("steps"), fmt.Sprintf("1 to %d", maxSteps), s.Steps, "take at least one")
		f.require(s.LearningRate > 0 && s.LearningRate <= math.MaxFloat64, field("learning rate η"), "a positive number", s.LearningRate, "take for example 0.001")
		f.require(s.NoiseLevel >= 0 && s.NoiseLevel <= math.MaxFloat64, field("degree of smoothing δ"), "0 or more", s.NoiseLevel, "0 is no smoothing")
		if m.Gradient == Noisy {
			f.require(s.BatchSize >= 1 && s.BatchSize <= math.MaxFloat64, field("batch size b"), "1 or more", s.BatchSize, "take for example 32")
			delta := landscape.Degree(m.Kernel, s.LearningRate, s.BatchSize, m.GradStdDev)
			f.require(math.Abs(s.NoiseLevel-delta) <= 1e-9*delta, field("degree of smoothing δ"), fmt.Sprintf("%g, which follows from η, b and C", delta), s.NoiseLevel, "let Schedule.Plan make the stages")
		}
		steps += max(0, min(s.Steps, maxSteps))
		if steps > maxSteps {
			f.require(false, "steps", fmt.Sprintf("%d in all at most", maxSteps), "more", "take fewer")
			return
		}
	}
}

// closedForm returns f̂_δ where it is known in closed form, and f at δ = 0.
func (m Method) closedForm(delta float64) (smoothed landscape.Function, ok bool) {
	if delta == 0 {
		return m.Objective.Function, true
	}
	if m.Objective.Smoothed == nil || m.Kernel.Validate() != nil || m.Kernel.Exists(m.Objective.Growth) != nil {
		return landscape.Function{}, false
	}
	return m.Objective.Smoothed(m.Kernel, delta)
}

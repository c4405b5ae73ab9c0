package main

import (
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/gonum/mat"

	"smoothscape/landscape"
	"smoothscape/landscape/descent"
)

// descentEnd is where an optimizer ended, as its sentence tells it.
type descentEnd struct {
	id       string
	o        landscape.Objective
	eta      float64
	run      descent.Trajectory
	last     []float64
	inside   bool      // the picture, in the plane
	valley   []float64 // the minimum that f goes down to from there; nil after a divergence
	value    float64   // of f there
	global   bool
	off      float64 // distance of the end from it
	step     float64 // length of the last step
	center   []float64
	spread   float64 // root mean square distance from center over the last quarter
	steepest float64 // greatest curvature of f in the valley; 0 where it is not known
}

func endOf(id string, o landscape.Objective, method descent.Method, run descent.Trajectory) descentEnd {
	e := descentEnd{id: id, o: o, eta: method.Stages[0].LearningRate, run: run, last: run.Last().X}
	e.inside = inDomain(o, e.last[:2])
	if run.End != descent.Finished {
		return e
	}
	if n := len(run.Points); n > 1 {
		e.step = apart(e.last, run.Points[n-2].X)
	}
	e.valley = downhill(o, e.last)
	e.value, e.off, e.global = o.Func(e.valley), apart(e.last, e.valley), isGlobal(o, e.valley)
	e.center = make([]float64, o.Dim)
	tail := run.Points[len(run.Points)*3/4:]
	for _, p := range tail {
		for i, v := range p.X {
			e.center[i] += v / float64(len(tail))
		}
	}
	for _, p := range tail {
		r := apart(p.X, e.center)
		e.spread += r * r / float64(len(tail))
	}
	e.spread = math.Sqrt(e.spread)
	e.steepest = curvature(o, e.valley)
	return e
}

// valleyView is the valley as it is sent.
func (e descentEnd) valleyView(o landscape.Objective) *DescentValley {
	if e.valley == nil {
		return nil
	}
	least := 1e-6 * (o.Hi - o.Lo)
	at := [2]float64{}
	for i := range at {
		if math.Abs(e.valley[i]) >= least {
			at[i] = sixDigits(e.valley[i])
		}
	}
	return &DescentValley{Point: at, F: finite(sixDigits(e.value)), Global: e.global, Distance: e.away()}
}

// away is the distance from the bottom of the valley, 0 below what going downhill can tell.
func (e descentEnd) away() float64 {
	if e.off < 1e-6*(e.o.Hi-e.o.Lo) {
		return 0
	}
	return sixDigits(e.off)
}

// arrived says whether the end is as near to the minimum as descent.DefaultTrial asks.
func (e descentEnd) arrived() bool { return e.valley != nil && e.off < radiusOf(e.o) }

func radiusOf(o landscape.Objective) float64 { return (o.Hi - o.Lo) / 100 }

// sentence says where it ended, and why, as far as the numbers tell.
func (e descentEnd) sentence() string {
	name := descentNames[e.id]
	switch {
	case e.run.End == descent.Diverged:
		return fmt.Sprintf("%s diverges: after %s steps it is out of reach.", name, grouped(e.run.Steps))
	case e.id == "sgd" && e.spread > radiusOf(e.o) && !e.inside:
		return fmt.Sprintf("%s wanders out of the picture: it ends at %s.", name, e.at(e.last))
	case e.id == "sgd" && e.spread > radiusOf(e.o):
		return fmt.Sprintf("%s does not come to rest, as its noise stays: it wanders about %s with a spread of %s, at the end in the valley of %s.", name, e.at(e.center), short(e.spread), e.bottom())
	case e.arrived():
		return fmt.Sprintf("%s ends in %s.", name, e.bottom())
	case !e.inside:
		return fmt.Sprintf("%s leaves the picture: it ends at %s.", name, e.at(e.last))
	case e.id == "gd" && e.step > radiusOf(e.o)/2 && e.steepest*e.eta > 2:
		return fmt.Sprintf("%s keeps overshooting: η = %s is above 2/λ = %s, with λ the curvature of f at its valley’s bottom, %s.", name, plain(e.eta), short(2/e.steepest), e.at(e.valley))
	case e.id == "smoothed" && e.step < 1e-6*(e.o.Hi-e.o.Lo):
		return fmt.Sprintf("%s ends in a minimum of f̂ at %s, %s from %s.", name, e.at(e.last), short(e.off), e.bottom())
	case (e.id == "gd" || e.id == "smoothed") && e.step > radiusOf(e.o)/2:
		return fmt.Sprintf("%s keeps overshooting at η = %s: it ends at %s.", name, plain(e.eta), e.at(e.last))
	}
	if e.id == "gd" || e.id == "smoothed" {
		return fmt.Sprintf("%s is still under way after %s steps: it is at %s, in the valley of %s.", name, grouped(e.run.Steps), e.at(e.last), e.bottom())
	}
	return fmt.Sprintf("%s ends %s from %s.", name, short(e.off), e.bottom())
}

// bottom names the minimum of the valley.
func (e descentEnd) bottom() string {
	switch {
	case e.global && globals(e.o) > 1:
		return "the global minimum at " + e.at(e.valley)
	case e.global:
		return "the global minimum"
	case !inDomain(e.o, e.valley[:2]):
		return "a minimum beyond the picture, at " + e.at(e.valley)
	}
	return fmt.Sprintf("the local minimum at %s, where f = %s", e.at(e.valley), short(e.value))
}

// at writes a place of the plane with as many digits as can be told apart in the picture.
func (e descentEnd) at(x []float64) string {
	decimals := max(0, 2-int(math.Floor(math.Log10((e.o.Hi-e.o.Lo)/3))))
	return fmt.Sprintf("(%s, %s)", coordinate(x[0], decimals), coordinate(x[1], decimals))
}

func coordinate(v float64, decimals int) string {
	text := fmt.Sprintf("%.*f", decimals, v)
	if strings.Trim(text, "-0.") == "" {
		text = strings.TrimPrefix(text, "-")
	}
	return strings.Replace(text, "-", "−", 1)
}

// short is a number of three digits.
func short(v float64) string { return plain(sixDigits(roundTo(v, 3))) }

func roundTo(v float64, digits int) float64 {
	if v == 0 || math.IsInf(v, 0) || math.IsNaN(v) {
		return v
	}
	if math.Abs(v) < 1e-9 {
		return 0
	}
	unit := math.Pow(10, float64(digits-1)-math.Floor(math.Log10(math.Abs(v))))
	return math.Round(v*unit) / unit
}

// sentenceOf gathers those that ended in the same place.
func sentenceOf(ends []descentEnd) string {
	var order []string
	names := map[string][]string{}
	var rest []string
	for _, e := range ends {
		noisy := e.id == "sgd" && e.spread > radiusOf(e.o)
		if !e.arrived() || noisy {
			rest = append(rest, e.sentence())
			continue
		}
		place := e.bottom()
		if names[place] == nil {
			order = append(order, place)
		}
		names[place] = append(names[place], descentNames[e.id])
	}
	var parts []string
	for _, place := range order {
		list, verb := names[place], "end"
		for i, name := range list[1:] {
			list[i+1] = midSentence(name)
		}
		text := list[0]
		if n := len(list); n > 1 {
			text = strings.Join(list[:n-1], ", ") + " and " + list[n-1]
		} else {
			verb = "ends"
		}
		parts = append(parts, fmt.Sprintf("%s %s in %s.", text, verb, place))
	}
	return strings.Join(append(parts, rest...), " ")
}

func midSentence(name string) string {
	if name == "SGD" {
		return name
	}
	return strings.ToLower(name[:1]) + name[1:]
}

func globals(o landscape.Objective) int {
	n := 0
	for _, m := range o.Minima {
		if m.Global {
			n++
		}
	}
	return n
}

func isGlobal(o landscape.Objective, x []float64) bool {
	for _, m := range o.Minima {
		if m.Global && apart(x, m.X) < radiusOf(o) {
			return true
		}
	}
	return false
}

// inDomain allows for a hundredth of the domain beyond its border.
func inDomain(o landscape.Objective, x []float64) bool {
	for _, v := range x {
		if !(v >= o.Lo-radiusOf(o) && v <= o.Hi+radiusOf(o)) {
			return false
		}
	}
	return true
}

// downhill follows f from x without noise, in steps of at most a hundredth of the domain that always lead down (Armijo's rule), to the
// minimum in whose valley x lies; x stays what it was.
func downhill(o landscape.Objective, x []float64) []float64 {
	at, next, g := append([]float64(nil), x...), make([]float64, len(x)), make([]float64, len(x))
	longest, shortest := radiusOf(o), 1e-10*(o.Hi-o.Lo)
	f, t := o.Func(at), 1.0
	for range 400 {
		o.Grad(at, g)
		square := 0.0
		for _, v := range g {
			square += v * v
		}
		length := math.Sqrt(square)
		if !(length > 0) || math.IsInf(length, 0) {
			break
		}
		t = min(2*t, longest/length)
		for ; t*length > shortest; t /= 2 {
			for i, v := range at {
				next[i] = v - t*g[i]
			}
			if lower := o.Func(next); lower <= f-0.3*t*square {
				f = lower
				break
			}
		}
		if t*length <= shortest {
			break
		}
		at, next = next, at
	}
	return at
}

// curvature is the greatest eigenvalue of the Hessian of f of two variables at x; 0 where it is not known.
func curvature(o landscape.Objective, x []float64) float64 {
	if o.Dim != 2 || o.Hess == nil {
		return 0
	}
	h := make([]float64, 4)
	var eigen mat.EigenSym
	if !o.Hess(x, h) || !eigen.Factorize(mat.NewSymDense(2, h), false) {
		return 0
	}
	return max(0, eigen.Values(nil)[1])
}

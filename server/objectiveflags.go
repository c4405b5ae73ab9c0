package main

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/spf13/pflag"

	"smoothscape/landscape"
	"smoothscape/landscape/formula"
)

// objectiveFlags are the flags of a command that choose a function: one of the catalogue, or a formula.
type objectiveFlags struct {
	function, formula string
	dim               int
	lo, hi, growth    float64
	given             func(flag string) bool // whether a flag was given
}

func (o *objectiveFlags) register(f *pflag.FlagSet) {
	f.StringVar(&o.function, "function", "rastrigin", "function of the catalogue: "+strings.Join(objectiveIDs(2), ", "))
	f.IntVar(&o.dim, "dim", 2, "number of variables d of a function of the catalogue")
	f.StringVar(&o.formula, "formula", "", "a function of your own in x, or in x and y, instead: \"x^2 + 3*sin(5*x)\"")
	f.Float64Var(&o.lo, "lo", -5, "least value of each variable of the formula")
	f.Float64Var(&o.hi, "hi", 5, "greatest value of each variable of the formula")
	f.Float64Var(&o.growth, "growth", 0, "order g with |f| = O(|x|^g) of the formula, which heavy-tailed kernels need (default: found from the formula)")
	o.given = f.Changed
}

// objectiveIDs are the IDs of the catalogue in d variables.
func objectiveIDs(d int) []string {
	var ids []string
	for _, o := range landscape.Objectives(d) {
		ids = append(ids, o.ID)
	}
	return ids
}

// mostDim bounds --dim: beyond it a single gradient takes its time.
const mostDim = 100_000

// read returns the function that the flags choose, or a fault.
func (o *objectiveFlags) read() (landscape.Objective, error) {
	if o.given("formula") {
		return o.readFormula()
	}
	for _, flag := range []string{"lo", "hi", "growth"} {
		if o.given(flag) {
			return landscape.Objective{}, &fault{Field: flag, Doing: "reading --" + flag, Expected: "it together with --formula", Found: "a function of the catalogue, which has its own",
				Advice: "Leave it out, or give --formula."}
		}
	}
	if o.dim < 1 || o.dim > mostDim {
		return landscape.Objective{}, &fault{Field: "dim", Doing: "reading --dim", Expected: fmt.Sprintf("a whole number from 1 to %d", mostDim), Found: fmt.Sprint(o.dim), Advice: "2 is a good start."}
	}
	objective, ok := landscape.ObjectiveByID(o.function, o.dim)
	if !ok {
		expected := "one of " + strings.Join(objectiveIDs(o.dim), ", ")
		if _, other := landscape.ObjectiveByID(o.function, 2); other {
			expected = fmt.Sprintf("a function that has %d variables: %s", o.dim, expected)
		}
		return landscape.Objective{}, &fault{Field: "function", Doing: "reading --function", Expected: expected, Found: quoted(o.function), Advice: "Choose one, or give --formula."}
	}
	return objective, nil
}

func (o *objectiveFlags) readFormula() (landscape.Objective, error) {
	for _, flag := range []string{"function", "dim"} {
		if o.given(flag) {
			return landscape.Objective{}, &fault{Field: flag, Doing: "choosing the function", Expected: "--formula or --" + flag, Found: "both", Advice: "A formula tells its number of variables by itself: x, or x and y."}
		}
	}
	f, err := formula.Parse(o.formula)
	if err != nil {
		return landscape.Objective{}, formulaFault(err)
	}
	objective, err := f.Objective(o.lo, o.hi)
	if err != nil {
		return landscape.Objective{}, formulaFault(err)
	}
	if o.given("growth") {
		if !(o.growth >= 0) || math.IsInf(o.growth, 0) {
			return landscape.Objective{}, &fault{Field: "growth", Doing: "reading --growth", Expected: "a finite number of at least 0", Found: fmt.Sprint(o.growth), Advice: "0 for a bounded function, 2 for a parabola."}
		}
		objective.Growth = o.growth
	}
	return objective, nil
}

// formulaFault tells what is wrong with a formula.
func formulaFault(err error) error {
	var wrong *formula.Error
	if !errors.As(err, &wrong) {
		return err
	}
	doing := wrong.Doing
	if wrong.Column > 0 {
		doing = fmt.Sprintf("%s, column %d", doing, wrong.Column)
	}
	return &fault{Field: "formula", Doing: doing, Expected: wrong.Expected, Found: wrong.Found, Advice: wrong.Advice}
}

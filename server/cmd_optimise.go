package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"smoothscape/landscape"
	"smoothscape/landscape/descent"
)

// The methods of optimise.
const (
	methodGD       = "gd"
	methodSmoothed = "smoothed"
	methodSGD      = "sgd"
	methodExplicit = "explicit"
	methodImplicit = "implicit"
)

// optimiseOptions are the flags of optimise.
type optimiseOptions struct {
	objective  objectiveFlags
	kernel     kernelFlags
	method     string
	schedule   descent.Schedule
	name       string // of the schedule
	steps      int
	delta      float64
	spread     float64
	momentum   float64
	normalized bool
	samples    int
	runs       int
	keep       int
	start      string
	jitter     float64
	tolerance  float64
	radius     float64
	seed       uint64
	workers    int
	out        string
	asJSON     bool
	given      func(flag string) bool // whether a flag was given
}

func newOptimiseCommand(tty *terminal) *cobra.Command {
	o := &optimiseOptions{}
	cmd := &cobra.Command{
		Use:     "optimise",
		Aliases: []string{"optimize"},
		Short:   "Descend on a function: gradient descent, SGD, graduated optimization",
		Long: `Run an optimizer on a function from many seeded starts, and tell how often it arrives. Methods:

  gd        gradient descent on f
  smoothed  gradient descent on f̂_δ, at one δ (--delta)
  sgd       gradient descent on f with noise of law --kernel: spread C (--spread), batch size b (--batch)
  implicit  SGD along a schedule of η and b (--schedule), so that δ = ηC/√b falls
  explicit  gradient descent on f̂_δ with δ from 1 down to 0.01, gradients from samples, with the
            constants of the authors' code: 51 levels, 20 steps of 100 samples each

One start (--runs 1) gives its path, many give the share that arrives with its 95 % interval. The same
seed gives the same numbers, whatever the number of workers.`,
		Example: `  smoothscape optimise --function rastrigin --dim 50 --method explicit --convention coordinate --runs 10
  smoothscape optimise --method implicit --schedule hybrid --spread 40 --runs 200 --json > hybrid.json
  smoothscape optimise --formula "x^2/2 - 0.3*exp(-50*(x-1)^2)" --method smoothed --delta 0.2 --runs 1`,
		Args: noSuchCommand,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.given = cmd.Flags().Changed
			return o.run(cmd.Context(), tty)
		},
	}
	f := cmd.Flags()
	o.objective.register(f)
	o.kernel.register(f)
	f.StringVar(&o.method, "method", methodGD, "gd, smoothed, sgd, implicit or explicit")
	f.Float64Var(&o.schedule.LearningRate, "eta", 0, "learning rate η; of implicit its first (default: found from the slopes of f; explicit: the authors')")
	f.Float64Var(&o.schedule.BatchSize, "batch", 32, "batch size b of sgd; of implicit its first")
	f.Float64Var(&o.spread, "spread", 1, "gradient spread C of sgd and implicit")
	f.Float64Var(&o.delta, "delta", 0.1, "degree of smoothing δ of smoothed")
	f.IntVar(&o.steps, "steps", 1000, "updates of gd, smoothed and sgd")
	f.StringVar(&o.name, "schedule", descent.Hybrid, "of implicit: constant, lr-decay, batch-growth, hybrid, polynomial")
	f.IntVar(&o.schedule.Stages, "stages", 0, "stages of the schedule (default: the paper's)")
	f.IntVar(&o.schedule.StageSteps, "stage-steps", 0, "updates of each stage (default: the paper's)")
	f.Float64Var(&o.schedule.Power, "power", 0, "power p of the polynomial decay of δ (default 1)")
	f.Float64Var(&o.schedule.RateShare, "rate-share", 0, "share of a polynomial decay that η carries, 0 to 1; b carries the rest (default 1)")
	f.Float64Var(&o.momentum, "momentum", 0, "momentum β of gd, sgd and implicit")
	f.BoolVar(&o.normalized, "normalized", false, "normalized momentum: v ← βv + (1−β)g")
	f.IntVar(&o.samples, "samples", 0, "gradients behind each step of explicit, and of smoothed where f̂ has no closed form (default 100)")
	f.IntVar(&o.runs, "runs", 1000, "starts")
	f.IntVar(&o.keep, "keep", 500, "points of the path to keep, with --runs 1")
	f.StringVar(&o.start, "start", "", "start at this place, \"1.5,-2\" (default: uniform in the domain)")
	f.Float64Var(&o.jitter, "jitter", 0, "standard deviation of normal noise on --start, per coordinate")
	f.Float64Var(&o.tolerance, "tolerance", 0, "a run arrives when f − f* is less (default 0.01)")
	f.Float64Var(&o.radius, "radius", 0, "or when it ends nearer than this to a global minimum (default: a hundredth of the domain)")
	f.Uint64Var(&o.seed, "seed", 1, "of the first run; run i has this seed plus i")
	f.IntVar(&o.workers, "workers", runtime.GOMAXPROCS(0), "goroutines; the result does not depend on it")
	f.StringVarP(&o.out, "out", "o", "", "file of the JSON (default with --json: standard output)")
	f.BoolVar(&o.asJSON, "json", false, "the result as JSON")
	return cmd
}

func (o *optimiseOptions) run(ctx context.Context, tty *terminal) error {
	objective, err := o.objective.read()
	if err != nil {
		return err
	}
	kernel, err := o.kernel.read(objective.Dim)
	if err != nil {
		return err
	}
	method, err := o.methodOn(objective, kernel)
	if err != nil {
		return descentFault(err)
	}
	trial, err := o.trial(objective)
	if err != nil {
		return err
	}
	if o.out != "" {
		if err := checkWritable("out", o.out); err != nil {
			return err
		}
	}
	if err := errors.Join(method.Validate(), trial.Validate(objective)); err != nil {
		return descentFault(err)
	}
	result := optimised{Function: objective.ID, Name: objective.Name, Dim: objective.Dim, Method: method}
	if o.runs == 1 {
		path, err := descent.Run(ctx, method, trial.Start(objective, o.seed), o.seed, o.keep)
		if err != nil {
			return descentFault(err)
		}
		result.Path = &path
	} else {
		bar := newProgress(tty.err, int64(o.runs), "runs")
		done := 0
		trial.Progress = func(now, _ int) { bar.add(int64(now - done)); done = now }
		outcome, err := descent.Ensemble(ctx, method, trial)
		bar.end()
		if ctx.Err() != nil {
			fmt.Fprintln(tty.err, "Stopped; nothing was written.")
			return errAlreadyTold
		}
		if err != nil {
			return descentFault(err)
		}
		result.Outcome = &outcome
	}
	return o.tell(tty, objective, result)
}

// optimised is the JSON of optimise.
type optimised struct {
	Function string              `json:"function"`
	Name     string              `json:"name"`
	Dim      int                 `json:"dim"`
	Method   descent.Method      `json:"method"`
	Path     *descent.Trajectory `json:"path,omitempty"`    // of one run
	Outcome  *descent.Outcome    `json:"outcome,omitempty"` // of many
}

// methodOn makes the method of the flags.
func (o *optimiseOptions) methodOn(objective landscape.Objective, kernel landscape.Kernel) (descent.Method, error) {
	eta := o.schedule.LearningRate
	if !o.given("eta") {
		eta = descent.DefaultLearningRate(objective)
	}
	var method descent.Method
	var err error
	switch o.method {
	case methodGD:
		method = descent.Descent(objective, eta, o.steps)
	case methodSmoothed:
		method = descent.SmoothedDescent(objective, kernel, o.delta, eta, o.steps)
	case methodSGD:
		method, err = descent.SGD(objective, kernel, o.spread, descent.Schedule{LearningRate: eta, BatchSize: o.schedule.BatchSize, Stages: 1, StageSteps: o.steps, Kappa: 1, Lambda: 1, RateShare: 1})
	case methodImplicit:
		method, err = o.implicit(objective, kernel, eta)
	case methodExplicit:
		method, err = o.explicit(objective, kernel)
	default:
		return method, &fault{Field: "method", Doing: "reading --method", Expected: "gd, smoothed, sgd, implicit or explicit", Found: quoted(o.method)}
	}
	if err != nil {
		return method, err
	}
	method.Momentum, method.Normalized = o.momentum, o.normalized
	if o.given("samples") {
		method.Samples = o.samples
	}
	return method, nil
}

func (o *optimiseOptions) implicit(objective landscape.Objective, kernel landscape.Kernel, eta float64) (descent.Method, error) {
	schedule, ok := descent.ScheduleByName(o.name)
	if !ok {
		return descent.Method{}, &fault{Field: "schedule", Doing: "reading --schedule", Expected: "constant, lr-decay, batch-growth, hybrid or polynomial", Found: quoted(o.name)}
	}
	schedule.LearningRate = eta
	for flag, set := range map[string]func(){
		"batch": func() { schedule.BatchSize = o.schedule.BatchSize }, "stages": func() { schedule.Stages = o.schedule.Stages },
		"stage-steps": func() { schedule.StageSteps = o.schedule.StageSteps }, "power": func() { schedule.Power = o.schedule.Power },
		"rate-share": func() { schedule.RateShare = o.schedule.RateShare },
	} {
		if o.given(flag) {
			set()
		}
	}
	return descent.SGD(objective, kernel, o.spread, schedule)
}

func (o *optimiseOptions) explicit(objective landscape.Objective, kernel landscape.Kernel) (descent.Method, error) {
	explicit, ok := descent.AuthorsExplicit(objective.ID)
	if !ok {
		explicit = descent.DefaultExplicit()
	}
	if o.given("eta") {
		explicit.LearningRate = o.schedule.LearningRate
	}
	return explicit.Method(objective, kernel)
}

// trial makes the starts of the flags.
func (o *optimiseOptions) trial(objective landscape.Objective) (descent.Trial, error) {
	trial := descent.DefaultTrial(objective)
	trial.Seed, trial.Runs, trial.Workers, trial.Jitter = o.seed, o.runs, o.workers, o.jitter
	if o.given("tolerance") {
		trial.Tolerance = o.tolerance
	}
	if o.given("radius") {
		trial.Radius = o.radius
	}
	if o.start == "" {
		return trial, nil
	}
	for _, text := range strings.Split(o.start, ",") {
		v, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
		if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
			return trial, &fault{Field: "start", Doing: "reading --start", Expected: "finite numbers, joined by commas", Found: quoted(text)}
		}
		trial.Point = append(trial.Point, v)
	}
	if len(trial.Point) != objective.Dim {
		return trial, &fault{Field: "start", Doing: "reading --start", Expected: fmt.Sprintf("%d numbers, as many as the function has variables", objective.Dim), Found: fmt.Sprint(len(trial.Point))}
	}
	return trial, nil
}

// descentFault tells every fault of a method or trial in terms of the flags.
func descentFault(err error) error {
	var joined interface{ Unwrap() []error }
	if errors.As(err, &joined) {
		var all []error
		for _, inner := range joined.Unwrap() {
			all = append(all, descentFault(inner))
		}
		return errors.Join(all...)
	}
	var wrong *descent.FieldError
	if errors.As(err, &wrong) {
		return &fault{Field: wrong.Field, Doing: "reading the " + wrong.Field, Expected: wrong.Expected, Found: wrong.Found, Advice: wrong.Advice}
	}
	return kernelFault(err)
}

// tell writes the result: JSON, or a few lines for a reader.
func (o *optimiseOptions) tell(tty *terminal, objective landscape.Objective, result optimised) error {
	if o.asJSON || o.out != "" {
		if err := writeJSONResult(tty, o.out, result); err != nil || o.asJSON {
			return err
		}
	}
	if result.Path != nil {
		return tellPath(tty.out, objective, *result.Path)
	}
	return tellOutcome(tty.out, objective, result.Method, *result.Outcome)
}

func tellPath(w io.Writer, objective landscape.Objective, path descent.Trajectory) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "step\tη\tδ\tf\tx\t")
	for i, p := range path.Points {
		if i%(1+(len(path.Points)-1)/20) != 0 && i != len(path.Points)-1 {
			continue // some twenty lines; the JSON has all
		}
		fmt.Fprintf(table, "%d\t%.4g\t%.4g\t%.6g\t%s\t\n", p.Step, p.LearningRate, p.NoiseLevel, float64(p.F), place(p.X))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	end := string(path.End)
	if path.Reason != "" {
		end += ": " + path.Reason
	}
	_, err := fmt.Fprintf(w, "%s after %s steps on %s, d = %d\n", capital(end), grouped(path.Steps), objective.Name, objective.Dim)
	return err
}

// place writes the first few coordinates of a point; what is 0 but for rounding is written as 0.
func place(x []float64) string {
	const most = 4
	var parts []string
	for _, v := range x[:min(len(x), most)] {
		if math.Abs(v) < 1e-12 {
			v = 0
		}
		parts = append(parts, strconv.FormatFloat(v, 'g', 5, 64))
	}
	if len(x) > most {
		parts = append(parts, "…")
	}
	return "(" + strings.Join(parts, ", ") + ")"
}

func tellOutcome(w io.Writer, objective landscape.Objective, method descent.Method, outcome descent.Outcome) error {
	last := method.Stages[len(method.Stages)-1]
	fmt.Fprintf(w, "%s, d = %d: %s runs of %s steps, δ from %.4g to %.4g\n", objective.Name, objective.Dim, grouped(outcome.Trial.Runs), grouped(method.Steps()), method.Stages[0].NoiseLevel, last.NoiseLevel)
	if s := outcome.Success; s != nil {
		fmt.Fprintf(w, "arrived      %s of %s: %.1f %% (95 %% interval %.1f to %.1f %%), within f − f* < %g or %g of a global minimum\n",
			grouped(s.Successes), grouped(s.Runs), 100*s.Rate, 100*s.Lo, 100*s.Hi, outcome.Trial.Tolerance, outcome.Trial.Radius)
	} else {
		fmt.Fprintln(w, "arrived      not known: the function lists no minimum")
	}
	fmt.Fprintf(w, "final f      %.6g ± %.2g in the mean of %s runs\n", float64(outcome.Mean), float64(outcome.StdErr), grouped(outcome.Finite))
	fmt.Fprint(w, "quantiles   ")
	for i, level := range descent.QuantileLevels() {
		fmt.Fprintf(w, " %g %%: %.4g", 100*level, float64(outcome.Quantiles[i]))
	}
	fmt.Fprintln(w)
	for i, n := range outcome.Ended {
		if n > 0 {
			fmt.Fprintf(w, "ended in     %s: %s\n", place(objective.Minima[i].X), grouped(n))
		}
	}
	_, err := fmt.Fprintf(w, "elsewhere    %s, of which %s diverged\n", grouped(outcome.Elsewhere), grouped(outcome.Diverged))
	return err
}

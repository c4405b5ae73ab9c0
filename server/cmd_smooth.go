package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"smoothscape/landscape"
	"smoothscape/landscape/figure"
)

// smoothOptions are the flags of smooth.
type smoothOptions struct {
	objective objectiveFlags
	kernel    kernelFlags
	grid      string
	deltas    []float64
	eta       float64
	batch     float64
	spread    float64
	picture   string
	nodes     int
	rough     bool
	monte     monteCarlo
	out       string
	asJSON    bool
	given     func(flag string) bool // whether a flag was given
}

// monteCarlo are the flags of --picture full.
type monteCarlo struct {
	accuracy float64
	samples  int
	seed     uint64
	workers  int
}

// mostDeltas bounds the pictures of one call.
const mostDeltas = 32

func newSmoothCommand(tty *terminal) *cobra.Command {
	o := &smoothOptions{}
	cmd := &cobra.Command{
		Use:   "smooth [FILE]",
		Short: "Smooth a function or a grid: f̂_δ as NPZ, NPY, CSV, HDF5 or JSON",
		Long: `Compute f̂_δ(x) = E f(x − δu) on a grid, of a function of the catalogue, of a formula, or of a file: NPY, NPZ,
CSV, the .h5 of the reference implementation of loss landscapes, or a slice that smoothscape slice has written.

Which picture it is, is said in every file (--picture):

  exact      the smoothed function itself: from its closed form, or, in one and two variables, by
             transform of a grid with a halo. Default for functions
  slice      the picture of the plane, smoothed with the kernel of the plane: an analogue. Default for files
  projected  the picture of the plane, smoothed with what a kernel of --dim dimensions leaves in the plane
  full       the smoothed function on the plane, by Monte Carlo in all dimensions, with its standard error

In more than two variables the plane is that of the first two, the others being those of the global
minimum. δ is in the units of the axes; with --eta, --batch and --spread it is ηC/√b, and in a slice
that is divided by ‖d₁‖. A file without axes takes them from --lo and --hi, else δ counts cells. A file has
nothing beyond its border: it is mirrored there, and how much of the kernel reaches the mirror is told.`,
		Example: `  smoothscape smooth --function rastrigin --convention coordinate --delta 0.25,0.5 -o rastrigin.npz
  smoothscape smooth --formula "x^2 + y^2 + sin(8*x)" --lo -2 --hi 2 --eta 0.1 --batch 16 --spread 4 -o mine.csv
  smoothscape smooth surface.h5 --grid train_loss --delta 0.1 -o smoothed.h5
  smoothscape smooth surface.npy --lo -1 --hi 1 --delta 0.1 --json
  smoothscape smooth --function rastrigin --dim 50 --picture full --delta 0.5 --nodes 65 -o full.npz`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return noSuchCommand(cmd, args[1:])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			o.given = cmd.Flags().Changed
			return o.run(cmd.Context(), tty, strings.Join(args, ""))
		},
	}
	f := cmd.Flags()
	o.objective.register(f)
	o.kernel.register(f)
	f.StringVar(&o.grid, "grid", "", "which grid of a file (default: loss, train_loss, z, … or the first)")
	f.Float64SliceVar(&o.deltas, "delta", nil, "degree of smoothing δ; several with commas")
	f.Float64Var(&o.eta, "eta", 0, "learning rate η, for δ = ηC/√b")
	f.Float64Var(&o.batch, "batch", 0, "batch size b, for δ = ηC/√b")
	f.Float64Var(&o.spread, "spread", 0, "gradient spread C, for δ = ηC/√b")
	f.StringVar(&o.picture, "picture", "", "exact, slice, projected or full")
	f.IntVar(&o.nodes, "nodes", 0, "nodes a side (default: 201; of full 65; of a file its own)")
	f.BoolVar(&o.rough, "rough", false, "smooth a file also where its grid does not resolve its function")
	f.Float64Var(&o.monte.accuracy, "error", 0.01, "of full: standard error to reach everywhere, as a part of the range")
	f.IntVar(&o.monte.samples, "samples", 1<<17, "of full: most draws of u at a point")
	f.Uint64Var(&o.monte.seed, "seed", 1, "of full: of the draws")
	f.IntVar(&o.monte.workers, "workers", runtime.GOMAXPROCS(0), "of full: goroutines; the result does not depend on it")
	f.StringVarP(&o.out, "out", "o", "", "file to write, by its ending: .npz, .npy, .csv, .h5 or .json")
	f.BoolVar(&o.asJSON, "json", false, "say what was computed as JSON")
	return cmd
}

// smoothed is the JSON of smooth: everything but the grids.
type smoothed struct {
	Subject  string          `json:"subject"`         // name of the function, or of the file
	Grid     string          `json:"grid,omitempty"`  // which of the file
	Dim      int             `json:"dim"`             // number of variables; of a file that of --dim, else 2
	Plane    string          `json:"plane,omitempty"` // which one, in more than two variables
	X        [2]float64      `json:"x"`               // first and last node
	Y        [2]float64      `json:"y"`
	Nodes    [2]int          `json:"nodes"` // columns and rows
	Range    [2]float64      `json:"range"` // of f on the nodes
	Units    string          `json:"units"` // of δ
	Pictures []smoothPicture `json:"pictures"`
	File     string          `json:"file,omitempty"`   // that was written
	Beside   string          `json:"beside,omitempty"` // JSON of this, where the file has no place for it
	Warnings []string        `json:"warnings,omitempty"`
}

// smoothPicture is one f̂_δ.
type smoothPicture struct {
	Name       string         `json:"name"` // of its grid
	Delta      float64        `json:"delta"`
	Noise      *float64       `json:"noise,omitempty"` // ηC/√b as a length in parameter space, of a slice
	Label      figure.Picture `json:"label"`
	Source     string         `json:"source"` // who computed it: "closed form", "transform" or "Monte Carlo"
	Kernel     string         `json:"kernel"`
	Convention string         `json:"convention,omitempty"`
	Alpha      *float64       `json:"alpha,omitempty"`
	KernelDim  int            `json:"kernelDim"`        // dimensions of u
	StdDev     *float64       `json:"stdDev,omitempty"` // of δu per axis; absent where there is none
	Shift      *float64       `json:"shift,omitempty"`  // δ·E u per axis, by which a kernel with a mean moves the picture
	Range      [2]float64     `json:"range"`            // of f̂_δ on the nodes
	Minima     *int           `json:"minima,omitempty"` // strict local ones in the picture; absent where they were not looked for
	Mirror     *mirrorReport  `json:"mirror,omitempty"` // absent where nothing is mirrored
	Error      *float64       `json:"error,omitempty"`  // greatest standard error, of Monte Carlo
	Samples    *int           `json:"samples,omitempty"`
	Seed       *uint64        `json:"seed,omitempty"`

	z        []float64 // row by row
	stdError []float64 // of Monte Carlo, else nil
	warnings []string
}

func (o *smoothOptions) run(ctx context.Context, tty *terminal, file string) error {
	if err := o.check(); err != nil {
		return err
	}
	subject, err := o.subject(file)
	if err != nil {
		return err
	}
	result := subject.describe()
	for _, delta := range o.deltas {
		picture, err := o.draw(ctx, tty, subject, delta)
		if ctx.Err() != nil {
			fmt.Fprintln(tty.err, "Stopped; nothing was written.")
			return errAlreadyTold
		}
		if err != nil {
			return err
		}
		if m := picture.Mirror; m != nil && m.Share > 0 {
			result.Warnings = append(result.Warnings, m.sentence(picture.Delta))
		}
		result.Warnings = append(result.Warnings, picture.warnings...)
		result.Pictures = append(result.Pictures, picture)
	}
	if o.out != "" {
		result.File = o.out
		if strings.EqualFold(filepath.Ext(o.out), ".npy") {
			result.Beside = o.out + ".json"
		}
		if err := o.write(subject, result); err != nil {
			return err
		}
	}
	if o.asJSON {
		return lineWriter{tty.out}.write(result)
	}
	return result.tell(tty)
}

// check looks at the flags that need no function, and makes δ of η, b and C.
func (o *smoothOptions) check() error {
	noise := o.given("eta") || o.given("batch") || o.given("spread")
	switch {
	case noise && o.given("delta"):
		return &fault{Field: "delta", Doing: "choosing δ", Expected: "--delta, or --eta, --batch and --spread", Found: "both", Advice: "Leave one out."}
	case noise:
		for flag, v := range map[string]float64{"eta": o.eta, "batch": o.batch, "spread": o.spread} {
			if err := positive(flag, v); err != nil {
				return err
			}
		}
		k := landscape.Kernel{Law: landscape.Law(o.kernel.law), Convention: landscape.Convention(o.kernel.convention), Alpha: o.kernel.alpha, Dim: 2}
		o.deltas = []float64{landscape.Degree(k, o.eta, o.batch, o.spread)}
	case len(o.deltas) == 0:
		return &fault{Field: "delta", Doing: "choosing δ", Expected: "--delta, or --eta, --batch and --spread", Found: "neither", Advice: "For example --delta 0.1."}
	case len(o.deltas) > mostDeltas:
		return &fault{Field: "delta", Doing: "reading --delta", Expected: fmt.Sprintf("at most %d degrees", mostDeltas), Found: fmt.Sprint(len(o.deltas)), Advice: "Call again for the others."}
	}
	slices.Sort(o.deltas)
	o.deltas = slices.Compact(o.deltas)
	for _, delta := range o.deltas {
		if !(delta >= 0) || math.IsInf(delta, 0) {
			return &fault{Field: "delta", Doing: "reading --delta", Expected: "finite numbers of at least 0", Found: fmt.Sprint(delta)}
		}
	}
	if o.picture != "" && !slices.Contains([]string{"exact", "slice", "projected", "full"}, o.picture) {
		return &fault{Field: "picture", Doing: "reading --picture", Expected: "exact, slice, projected or full", Found: quoted(o.picture)}
	}
	if o.nodes != 0 && (o.nodes < landscape.MinNodes || o.nodes > landscape.MaxNodes) {
		return &fault{Field: "nodes", Doing: "reading --nodes", Expected: fmt.Sprintf("%d to %d", landscape.MinNodes, landscape.MaxNodes), Found: fmt.Sprint(o.nodes), Advice: "129, 201 and 257 are good sizes."}
	}
	if !(o.monte.accuracy > 0) || o.monte.accuracy >= 1 {
		return &fault{Field: "error", Doing: "reading --error", Expected: "a part of the range, above 0 and below 1", Found: fmt.Sprint(o.monte.accuracy), Advice: "0.01 is a good start."}
	}
	if o.monte.samples < 2 || o.monte.workers < 1 {
		return &fault{Field: "samples", Doing: "reading --samples and --workers", Expected: "at least 2 and 1", Found: fmt.Sprintf("%d and %d", o.monte.samples, o.monte.workers)}
	}
	return o.checkOut()
}

// tell writes the result for people.
func (r smoothed) tell(tty *terminal) error {
	var plane string
	if r.Plane != "" {
		plane = ", " + r.Plane
	}
	fmt.Fprintf(tty.out, "%s, d = %d%s: %d × %d nodes, f from %.6g to %.6g\n\n", r.Subject, r.Dim, plane, r.Nodes[0], r.Nodes[1], r.Range[0], r.Range[1])
	table := tabwriter.NewWriter(tty.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "δ\tpicture\tkernel\tfrom\tto\tminima\terror\t")
	for _, p := range r.Pictures {
		minima, deviation := "–", "–"
		if p.Minima != nil {
			minima = strconv.Itoa(*p.Minima)
		}
		if p.Error != nil {
			deviation = fmt.Sprintf("±%.2g (%s draws)", *p.Error, grouped(*p.Samples))
		}
		kernel := p.Kernel
		if p.Convention != "" {
			kernel += " (" + p.Convention + ")"
		}
		fmt.Fprintf(table, "%.6g\t%s, %s\t%s\t%.6g\t%.6g\t%s\t%s\t\n", p.Delta, p.Label, p.Source, kernel, p.Range[0], p.Range[1], minima, deviation)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for _, warning := range r.Warnings {
		fmt.Fprintln(tty.out, "!", warning)
	}
	if r.File != "" {
		fmt.Fprintln(tty.out, "\nWritten:", r.File)
		if r.Beside != "" {
			fmt.Fprintln(tty.out, "Beside it, what it is:", r.Beside)
		}
	}
	return nil
}

// smoothFault tells what is wrong with what was asked for.
func smoothFault(err error) error {
	var known *fault
	if err == nil || errors.As(err, &known) {
		return err
	}
	return kernelFault(gridFault("nodes", gridfileFault(err)))
}

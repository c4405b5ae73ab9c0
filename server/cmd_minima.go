package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"text/tabwriter"

	"github.com/spf13/cobra"
)

// minimaOptions are the flags of minima.
type minimaOptions struct {
	objective objectiveFlags
	kernel    kernelFlags
	slice     string
	deltaMax  float64
	levels    int
	nodes     int
	onGrid    bool
	convex    bool
	out       string
	asJSON    bool
	given     func(flag string) bool // whether a flag was given
}

func newMinimaCommand(tty *terminal) *cobra.Command {
	o := &minimaOptions{}
	cmd := &cobra.Command{
		Use:   "minima",
		Short: "Follow the minima of a smoothed function through δ: births, mergers, deaths",
		Long: `Follow every minimum of f̂_δ from δ = 0 up, and tell at which δ each one dies and which one inherits its
valley: the family tree. A uniform kernel also makes minima; these are shown with the δ of their birth.

Functions of the catalogue and formulas are taken from their closed form under the kernel where one is
known, which gives δ* to about eight digits; everything else from a grid, within 1 %.`,
		Example: `  smoothscape minima --function rastrigin --convention coordinate
  smoothscape minima --function dent --dim 1 --json
  smoothscape minima --formula "x^2/8 + sin(3*x)" --lo -6 --hi 6
  smoothscape minima --slice convnet.json --json -o tree.json      of a slice that smoothscape slice has written`,
		Args: noSuchCommand,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.given = cmd.Flags().Changed
			return o.run(cmd.Context(), tty)
		},
	}
	f := cmd.Flags()
	o.objective.register(f)
	o.kernel.register(f)
	f.StringVar(&o.slice, "slice", "", "file with a slice, as `smoothscape slice` writes it, instead of a function; δ is then in units of its plane")
	f.Float64Var(&o.deltaMax, "delta-max", 0, "greatest δ (default: what the domain of the function or the halo of the slice allows)")
	f.IntVar(&o.levels, "levels", 0, "degrees of smoothing between 0 and the greatest at which new minima are looked for (default 48)")
	f.IntVar(&o.nodes, "nodes", 201, "nodes a side of the grid")
	f.BoolVar(&o.onGrid, "grid", false, "smooth on the grid even where a closed form is known")
	f.BoolVar(&o.convex, "convex", true, "also find the δ from which on f̂ is convex on the domain")
	f.StringVarP(&o.out, "out", "o", "", "file of the JSON (default with --json: standard output)")
	f.BoolVar(&o.asJSON, "json", false, "the tree as JSON, with the path of every minimum")
	return cmd
}

func (o *minimaOptions) run(ctx context.Context, tty *terminal) error {
	if o.out != "" {
		if err := checkWritable("out", o.out); err != nil {
			return err
		}
	}
	source, err := o.source()
	if err != nil {
		return err
	}
	if o.given("delta-max") {
		if err := positive("delta-max", o.deltaMax); err != nil {
			return err
		}
		source.limit = o.deltaMax
	}
	options := source.of.Options(source.limit)
	if o.given("levels") {
		options.Levels = o.levels
	}
	bar := newProgress(tty.err, int64(options.Levels), "δ")
	options.Progress = func(float64) { bar.add(1) }
	result, err := source.grow(ctx, options, o.convex)
	bar.end()
	if ctx.Err() != nil {
		fmt.Fprintln(tty.err, "Stopped; nothing was written.")
		return errAlreadyTold
	}
	if err != nil {
		return err
	}
	return o.tell(tty, result)
}

// source makes what the tree is of.
func (o *minimaOptions) source() (treeSource, error) {
	if o.slice != "" {
		return o.sliceSource()
	}
	objective, err := o.objective.read()
	if err != nil {
		return treeSource{}, err
	}
	kernel, err := o.kernel.read(objective.Dim)
	if err != nil {
		return treeSource{}, err
	}
	return treeOfObjective(objective, kernel, o.nodes, o.onGrid)
}

func (o *minimaOptions) sliceSource() (treeSource, error) {
	for _, flag := range []string{"function", "formula", "dim"} {
		if o.given(flag) {
			return treeSource{}, &fault{Field: flag, Doing: "choosing the function", Expected: "--slice or --" + flag, Found: "both", Advice: "Leave one out."}
		}
	}
	kernel, err := o.kernel.read(2)
	if err != nil {
		return treeSource{}, err
	}
	state := defaultView()
	slice, err := sliceForFigure(&state, o.slice)
	if err != nil {
		return treeSource{}, err
	}
	return treeOfSlice(slice, kernel, o.nodes)
}

func (o *minimaOptions) tell(tty *terminal, result familyTree) error {
	if o.asJSON || o.out != "" {
		if err := writeJSONResult(tty, o.out, result); err != nil || o.asJSON {
			return err
		}
	}
	return tellTree(tty.out, result)
}

func tellTree(w io.Writer, result familyTree) error {
	tree := result.Tree
	last := tree.Deltas[len(tree.Deltas)-1]
	fmt.Fprintf(w, "%s, %s, %s kernel, δ from 0 to %.4g: %d minima at first, %d at last\n\n",
		result.Subject, result.Source, result.Kernel.Law, last, len(tree.Alive(0)), len(tree.Alive(last)))
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "#\tborn\tdied\tend\tinto\tplace\tf\tdepth\twidth\t")
	for _, b := range tree.Branches {
		died, into, at, height, depth, width := "–", "–", place(b.Last), "–", "–", "–"
		if b.Died != nil {
			died = fmt.Sprintf("%.6g", *b.Died)
		}
		if b.Parent != nil {
			into = fmt.Sprint(*b.Parent)
		}
		if len(b.Points) > 0 {
			first := b.Points[0]
			at, height, width = place(first.X), fmt.Sprintf("%.6g", first.F), fmt.Sprintf("%.4g", first.Width)
			if first.Depth != nil && !math.IsInf(*first.Depth, 0) {
				depth = fmt.Sprintf("%.4g", *first.Depth)
			}
		}
		fmt.Fprintf(table, "%d\t%.6g\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t\n", b.ID, b.Born, died, b.End, into, at, height, depth, width)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if tree.MirrorMass > 1e-6 {
		fmt.Fprintf(w, "\nAt the greatest δ up to %.2g of the kernel reached beyond the halo, where the function is mirrored.\n", tree.MirrorMass)
	}
	switch {
	case result.Convex != nil && *result.Convex == 0:
		fmt.Fprintln(w, "\nf itself is convex on the domain.")
	case result.Convex != nil:
		fmt.Fprintf(w, "\nf̂ is convex on the domain from δ = %.6g on.\n", *result.Convex)
	}
	return nil
}

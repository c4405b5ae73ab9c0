package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"smoothscape/server/download"
	"smoothscape/server/store"
	"smoothscape/trainer/dataset"
)

func newDataCommand(tty *terminal) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "data",
		Short: "List, fetch, add and check data sets",
		Long: `Manage the data sets on which networks train. One is inside the program; others are fetched, or are
folders of yours: CIFAR-10 or CIFAR-100 (binary version), or IDX files such as MNIST's.

All of this works while the dashboard runs, which then offers the new data set at once.`,
		Example: `  smoothscape data list
  smoothscape data fetch cifar-100
  smoothscape data check ~/images/kmnist
  smoothscape data add kmnist ~/images/kmnist`,
		Args:                       noSuchCommand,
		SuggestionsMinimumDistance: 2,
		RunE:                       func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newDataListCommand(tty), newDataFetchCommand(tty), newDataAddCommand(tty), newDataCheckCommand(tty))
	return cmd
}

// words takes exactly as many arguments as there are names.
func words(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == len(names) {
			return nil
		}
		found := "nothing"
		if len(args) > 0 {
			found = quoted(strings.Join(args, " "))
		}
		return &fault{
			Doing: "reading the command line of " + cmd.CommandPath(), Expected: strings.Join(names, " and "), Found: found,
			Advice: fmt.Sprintf("See `%s --help`.", cmd.CommandPath()),
		}
	}
}

// listedDataset is one line of `data list`.
type listedDataset struct {
	DatasetView
	Source string `json:"source"`           // "embedded", "fetched", "registered", or "to fetch"
	Folder string `json:"folder,omitempty"` // where its files are; empty for the one in the program
}

func newDataListCommand(tty *terminal) *cobra.Command {
	asJSON := false
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the data sets, and those that can be fetched",
		Example: `  smoothscape data list
  smoothscape data list --json | jq -r '.[].name'`,
		Args: noSuchCommand,
		RunE: func(cmd *cobra.Command, _ []string) error {
			all, err := listDatasets(cmd.Context(), dataFolder(cmd))
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(tty, all)
			}
			table := tabwriter.NewWriter(tty.out, 0, 0, 2, ' ', 0)
			fmt.Fprintln(table, "NAME\tSOURCE\tIMAGES\tCLASSES\tTITLE")
			for _, d := range all {
				switch {
				case d.Problem != "":
					fmt.Fprintf(table, "%s\t%s\t–\t–\tcannot be used: %s\n", d.Name, d.Source, d.Problem)
				case d.Source == sourceToFetch:
					fmt.Fprintf(table, "%s\t%s\t–\t–\t%s: smoothscape data fetch %s\n", d.Name, d.Source, d.Title, d.Name)
				default:
					fmt.Fprintf(table, "%s\t%s\t%s + %s\t%d\t%s\n", d.Name, d.Source, grouped(d.TrainSize), grouped(d.TestSize), d.Classes, d.Title)
				}
			}
			return table.Flush()
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// The sources of a data set.
const (
	sourceEmbedded   = "embedded"
	sourceFetched    = "fetched"
	sourceRegistered = "registered"
	sourceToFetch    = "to fetch"
)

// listDatasets describes every data set of a data folder: the embedded one first, those that can still be fetched last.
func listDatasets(ctx context.Context, data string) ([]listedDataset, error) {
	registered, err := store.RegisteredDatasets(ctx, data)
	if err != nil {
		return nil, err
	}
	folders, err := foldersOf(data, registered)
	if err != nil {
		return nil, err
	}
	var cache datasetCache
	var all []listedDataset
	for name, folder := range folders {
		d := listedDataset{Folder: folder, Source: sourceFetched}
		switch {
		case folder == "":
			d.Source = sourceEmbedded
		case slices.ContainsFunc(registered, func(r store.Dataset) bool { return r.Name == name }):
			d.Source = sourceRegistered
		}
		if d.DatasetView, err = cache.read(name, folder); err != nil {
			d.Problem = err.Error()
		}
		all = append(all, d)
	}
	for _, a := range dataset.Archives() {
		if _, known := folders[a.Name]; !known {
			all = append(all, listedDataset{Source: sourceToFetch, DatasetView: DatasetView{Name: a.Name, Title: a.Title}})
		}
	}
	place := map[string]int{sourceEmbedded: 0, sourceFetched: 1, sourceRegistered: 1, sourceToFetch: 2}
	sort.Slice(all, func(i, j int) bool {
		if a, b := place[all[i].Source], place[all[j].Source]; a != b {
			return a < b
		}
		return all[i].Name < all[j].Name
	})
	return all, nil
}

func printJSON(tty *terminal, value any) error {
	encoder := json.NewEncoder(tty.out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}

func newDataFetchCommand(tty *terminal) *cobra.Command {
	var names []string
	for _, a := range dataset.Archives() {
		names = append(names, a.Name)
	}
	return &cobra.Command{
		Use:   "fetch " + strings.Join(names, "|"),
		Short: "Download a data set, check it and unpack it",
		Long: `Download a data set from its authors' site, compare size and MD5 with what they publish, and unpack it to
datasets/NAME in the data folder, where the dashboard finds it. A download that breaks off, or that Ctrl-C
ends, goes on the next time where it was.`,
		Example: "  smoothscape data fetch cifar-100",
		Args:    words("the name of a data set: " + strings.Join(names, " or ")),
		RunE: func(cmd *cobra.Command, args []string) error {
			archive, ok := dataset.ArchiveByName(args[0])
			if !ok {
				return &fault{
					Field: "name", Doing: "choosing what to fetch", Expected: strings.Join(names, " or "), Found: quoted(args[0]),
					Advice: "If you have the files, use: smoothscape data add NAME FOLDER.",
				}
			}
			return fetchDataset(cmd.Context(), tty, dataFolder(cmd), archive, download.New().Source)
		},
	}
}

// fetchDataset gets an archive to its place in the data folder, where it counts as one of the data sets without further ado.
func fetchDataset(ctx context.Context, tty *terminal, data string, archive dataset.Archive, source dataset.Source) error {
	registered, err := store.RegisteredDatasets(ctx, data)
	if err != nil {
		return err
	}
	dir, err := filepath.Abs(filepath.Join(fetchedFolder(data), archive.Name))
	if err != nil {
		return fmt.Errorf("finding the data folder: %w", err)
	}
	for _, r := range registered {
		if r.Name == archive.Name && r.Dir != dir {
			return &fault{
				Field: "name", Doing: "fetching " + archive.Name, Expected: "a name that is free", Found: "that it stands for " + r.Dir,
				Advice: "Use that folder, or give the name another one with: smoothscape data add " + archive.Name + " FOLDER.",
			}
		}
	}
	fmt.Fprintf(tty.err, "%s, %.0f MB, from %s\n", archive.Title, float64(archive.Size)/1e6, archive.URL)
	bar := newProgress(tty.err, archive.Size, "")
	stage := ""
	err = dataset.Fetch(ctx, archive, dir, source, func(p dataset.Progress) {
		if p.Stage != stage {
			stage = p.Stage
			bar.describe(stage)
			if bar.bar == nil {
				fmt.Fprintf(tty.err, "%s\n", stage)
			}
		}
		bar.set(p.Done)
	})
	bar.end()
	if err != nil {
		return err
	}
	set, err := dataset.Open(dir)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(tty.out, "%s is ready in %s: %d + %d images, %d classes\n", archive.Name, dir, set.Train.Len(), set.Test.Len(), set.Classes)
	return err
}

func newDataAddCommand(tty *terminal) *cobra.Command {
	return &cobra.Command{
		Use:   "add NAME FOLDER",
		Short: "Give a folder of images a name that runs can use",
		Long: `Give a folder of images a name, after having read it. The files stay where they are. A dashboard that runs
offers the data set from then on. A name that is taken moves to the new folder.`,
		Example: "  smoothscape data add kmnist ~/images/kmnist",
		Args:    words("a name", "a folder"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return addDataset(cmd.Context(), tty, dataFolder(cmd), args[0], args[1])
		},
	}
}

func addDataset(ctx context.Context, tty *terminal, data, name, folder string) error {
	if err := checkDatasetName(name); err != nil {
		return err
	}
	set, err := openFolder(folder)
	if err != nil {
		return err
	}
	if folder, err = filepath.Abs(folder); err != nil {
		return fmt.Errorf("finding the folder: %w", err)
	}
	registered, err := store.RegisteredDatasets(ctx, data)
	if err != nil {
		return err
	}
	for _, r := range registered {
		if r.Name == name && r.Dir != folder {
			fmt.Fprintf(tty.err, "%s stood for %s until now\n", name, r.Dir)
		}
	}
	if err := store.RegisterDataset(data, store.Dataset{Name: name, Dir: folder}); err != nil {
		return err
	}
	_, err = fmt.Fprintf(tty.out, "%s: %s, %d + %d images of %s, %d classes\n", name, set.Title, set.Train.Len(), set.Test.Len(), set.Shape, set.Classes)
	return err
}

// openFolder is dataset.Open for a folder that somebody named.
func openFolder(folder string) (*dataset.Set, error) {
	if folder == "" {
		return nil, &fault{Field: "folder", Doing: "opening a data set", Expected: "the name of a folder", Found: "nothing", Advice: "Name one."}
	}
	set, err := dataset.Open(folder)
	return set, formatFault(err)
}

// checkedDataset is what `data check` found.
type checkedDataset struct {
	Folder     string    `json:"folder"`
	Name       string    `json:"name"`
	Title      string    `json:"title"`
	Shape      [3]int    `json:"shape"` // channels, height, width
	TrainSize  int       `json:"trainSize"`
	TestSize   int       `json:"testSize"`
	Classes    int       `json:"classes"`
	ClassNames []string  `json:"classNames"`
	TrainCount []int     `json:"trainCount"` // images of each class
	TestCount  []int     `json:"testCount"`
	Mean       []float32 `json:"mean"` // of the training images, a channel, in 0 … 1
	Std        []float32 `json:"std"`
}

func newDataCheckCommand(tty *terminal) *cobra.Command {
	asJSON := false
	cmd := &cobra.Command{
		Use:     "check FOLDER",
		Short:   "Read a folder of images and say what it holds",
		Example: "  smoothscape data check ~/images/kmnist",
		Args:    words("a folder"),
		RunE: func(_ *cobra.Command, args []string) error {
			set, err := openFolder(args[0])
			if err != nil {
				return err
			}
			c := checkedDataset{
				Folder: args[0], Name: set.Name, Title: set.Title, Shape: [3]int{set.Shape.C, set.Shape.H, set.Shape.W}, TrainSize: set.Train.Len(),
				TestSize: set.Test.Len(), Classes: set.Classes, ClassNames: set.ClassNames, TrainCount: classCounts(set.Train, set.Classes),
				TestCount: classCounts(set.Test, set.Classes), Mean: set.Mean, Std: set.Std,
			}
			if asJSON {
				return printJSON(tty, c)
			}
			return c.print(tty)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// classCounts counts the images of each class.
func classCounts(split dataset.Split, classes int) []int {
	counts := make([]int, classes)
	for _, label := range split.Labels {
		counts[label]++
	}
	return counts
}

func (c checkedDataset) print(tty *terminal) error {
	var errs []error
	row := func(name, format string, values ...any) {
		_, err := fmt.Fprintf(tty.out, "%-10s "+format+"\n", append([]any{name}, values...)...)
		errs = append(errs, err)
	}
	row("format", "%s", c.Title)
	row("images", "%s for training, %s for testing", grouped(c.TrainSize), grouped(c.TestSize))
	row("shape", "%d × %d × %d (channels × height × width)", c.Shape[0], c.Shape[1], c.Shape[2])
	row("classes", "%d: %s", c.Classes, someOf(c.ClassNames))
	row("a class", "%s training images, %s test images", span(c.TrainCount), span(c.TestCount))
	row("mean", "%.4f", c.Mean)
	row("deviation", "%.4f", c.Std)
	return errors.Join(errs...)
}

// someOf lists the first ten.
func someOf(names []string) string {
	const most = 10
	if len(names) > most {
		return strings.Join(names[:most], ", ") + ", …"
	}
	return strings.Join(names, ", ")
}

// span is the least and the most of counts.
func span(counts []int) string {
	if len(counts) == 0 {
		return "no"
	}
	if least, most := slices.Min(counts), slices.Max(counts); least != most {
		return grouped(least) + " to " + grouped(most)
	}
	return fmt.Sprint(counts[0])
}

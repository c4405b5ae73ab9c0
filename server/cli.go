package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
)

// terminal is where a command reads and writes.
type terminal struct {
	in  io.Reader
	out io.Writer // results, and nothing else
	err io.Writer // progress, warnings, the log
}

// newRootCommand is the command line. Without a subcommand it serves.
func newRootCommand(tty *terminal) *cobra.Command {
	serve := newServeOptions()
	root := &cobra.Command{
		Use:   "smoothscape",
		Short: "See how stochastic gradient descent smooths the loss that it descends",
		Long: `Smoothscape shows what happens to a loss landscape when stochastic gradient descent works on it: the
noise of the mini-batches acts as if the loss were smoothed, with degree of smoothing δ = ηC/√b, where
η is the learning rate, b the batch size and C the spread of the one-sample gradients.

Without a command it serves the dashboard (the same as "smoothscape serve").`,
		Example: `  smoothscape                                   open the printed address in a browser
  smoothscape train --model convnet             train in this terminal, on the embedded images
  smoothscape figure --f rastrigin --eta 0.1 --b 16 --c 20 -o rastrigin.png
  smoothscape data fetch cifar-100              get CIFAR-100, checked and unpacked`,
		Args:                       noSuchCommand,
		SilenceErrors:              true,
		SilenceUsage:               true,
		SuggestionsMinimumDistance: 2,
		CompletionOptions:          cobra.CompletionOptions{HiddenDefaultCmd: true},
		RunE: func(cmd *cobra.Command, _ []string) error {
			return serve.run(cmd.Context(), tty, dataFolder(cmd))
		},
	}
	root.SetIn(tty.in)
	root.SetOut(tty.out)
	root.SetErr(tty.err)
	root.SetFlagErrorFunc(badFlag)
	root.PersistentFlags().String("data", defaultDataFolder(), "folder of runs, checkpoints and data sets")
	serve.register(root)
	root.AddCommand(
		newServeCommand(tty),
		newTrainCommand(tty),
		newSmoothCommand(tty),
		newSliceCommand(tty),
		newMeasureCommand(tty),
		newFullspaceCommand(tty),
		newDataCommand(tty),
		newDevicesCommand(tty),
		newRecordCommand(tty),
		newFigureCommand(tty),
		newMinimaCommand(tty),
		newOptimiseCommand(tty),
		newVersionCommand(tty),
		newWorkerCommand(tty),
	)
	return root
}

// dataFolder is what --data says.
func dataFolder(cmd *cobra.Command) string {
	dir, _ := cmd.Flags().GetString("data") // the root command defines it, as a string
	return dir
}

// defaultDataFolder follows the XDG Base Directory Specification: $XDG_DATA_HOME/smoothscape, or ~/.local/share/smoothscape. A relative
// $XDG_DATA_HOME is ignored, as the specification asks. Without a home the folder is ./smoothscape-data.
func defaultDataFolder() string {
	if home := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(home) {
		return filepath.Join(home, "smoothscape")
	}
	if home, err := os.UserHomeDir(); err == nil {
		return filepath.Join(home, ".local", "share", "smoothscape")
	}
	return "smoothscape-data"
}

// noSuchCommand refuses words after a command that takes none.
func noSuchCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	advice := fmt.Sprintf("See `%s --help`.", cmd.CommandPath())
	if close := cmd.SuggestionsFor(args[0]); len(close) > 0 {
		advice = fmt.Sprintf("Did you mean `%s %s`?", cmd.CommandPath(), strings.Join(close, "` or `"))
	}
	expected := "no more words"
	if cmd.HasAvailableSubCommands() {
		expected = "one of the commands that --help lists"
	}
	return &fault{Doing: "reading the command line of " + cmd.CommandPath(), Expected: expected, Found: quoted(args[0]), Advice: advice}
}

// badFlag turns a flag that cannot be read into a fault.
func badFlag(cmd *cobra.Command, err error) error {
	return &fault{
		Doing: "reading the flags of " + cmd.CommandPath(), Expected: "flags as --help lists them", Found: err.Error(),
		Advice: fmt.Sprintf("See `%s --help`.", cmd.CommandPath()),
	}
}

// exitCode is what the shell gets: 0 for success, 2 for input that has to be mended first, 1 for everything else.
func exitCode(err error) int {
	switch {
	case err == nil:
		return 0
	case len(faults(err)) > 0:
		return 2
	}
	return 1
}

// reportFailure prints what went wrong, each fault on its own line.
func reportFailure(w io.Writer, err error) {
	if err == nil || errors.Is(err, errAlreadyTold) {
		return
	}
	for _, line := range strings.Split(err.Error(), "\n") {
		fmt.Fprintln(w, "smoothscape:", line)
	}
}

// errAlreadyTold is the failure of a command that has said everything itself.
var errAlreadyTold = errors.New("already told")

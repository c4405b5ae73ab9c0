package main

import (
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// version is the release that this tree becomes; CHANGELOG.md has its history.
const version = "0.7.0"

// newVersionCommand prints what this binary is.
func newVersionCommand(tty *terminal) *cobra.Command {
	asJSON := false
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the version, the Go it was built with, and the commit",
		Args:  noSuchCommand,
		RunE: func(*cobra.Command, []string) error {
			about := buildInfo()
			if asJSON {
				return json.NewEncoder(tty.out).Encode(about)
			}
			_, err := fmt.Fprintf(tty.out, "smoothscape %s (%s, %s, commit %s)\n", about.Version, about.Go, about.Platform, about.Commit)
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// build says what a binary is, for bug reports.
type build struct {
	Version  string `json:"version"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
	Commit   string `json:"commit"` // "unknown" where the build had no repository
}

func buildInfo() build {
	b := build{Version: version, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH, Commit: "unknown"}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				b.Commit = s.Value
			}
		}
	}
	return b
}

package main

import "github.com/spf13/cobra"

// newWorkerCommand is the process that trains or samples for the dashboard; people have `train` and `slice`.
func newWorkerCommand(tty *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "worker", Short: "Work on one job of the dashboard", Hidden: true, Args: noSuchCommand,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runWorker(cmd.Context(), tty.in, tty.out, tty.err)
		},
	}
}

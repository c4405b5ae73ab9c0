// Command smoothscape shows how stochastic gradient descent smooths the loss that it descends, with degree of smoothing δ = ηC/√b.
//
// This package is the only one that knows HTTP and the only one that knows everybody: it joins landscape (the mathematics), trainer
// (training), web (pages) and static (what the browser gets). `smoothscape --help` lists the commands.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
	err := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	reportFailure(os.Stderr, err)
	os.Exit(exitCode(err))
}

// run is the whole program without the process around it: it obeys args, reads stdin, prints results on stdout and progress on stderr,
// and returns when the command is done or ctx is. The error has not been printed yet; exitCode says what it means to a shell.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	root := newRootCommand(&terminal{in: stdin, out: stdout, err: stderr})
	root.SetArgs(args)
	return root.ExecuteContext(ctx)
}

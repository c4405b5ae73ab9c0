package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/spf13/cobra"
)

// Time limits of the HTTP server. A client that dribbles its request (slow loris) is cut off by the first two; a socket sets its own
// deadlines once it is upgraded.
const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 20 * time.Second
	writeTimeout      = 60 * time.Second // a figure takes a second, a long history a few
	idleTimeout       = 2 * time.Minute
	shutdownTimeout   = 1500 * time.Millisecond // of the 2 s that Ctrl-C may take
)

// serveOptions are the flags of serve.
type serveOptions struct {
	addr      string
	jobs      int
	tokenFile string
	hosts     []string
	embedIn   string
	flags     *cobra.Command // the command that defines them: tells which were given
}

func newServeOptions() *serveOptions { return &serveOptions{} }

func (o *serveOptions) register(cmd *cobra.Command) {
	o.flags = cmd
	f := cmd.Flags()
	f.StringVar(&o.addr, "addr", defaultAddr, "HOST:PORT to listen on; port 0 takes any free one. If the default is taken, a free port is used")
	f.IntVar(&o.jobs, "jobs", 1, "how many training runs may work on the processors at the same time, besides one on each graphics device; others wait in line")
	f.StringVar(&o.tokenFile, "token-file", "", "file with the token that visitors must know; needed, or "+tokenVariable+", to listen beyond this machine")
	f.StringArrayVar(&o.hosts, "host", nil, "another name under which this server is reached (repeatable)")
	f.StringVar(&o.embedIn, "embed-in", "", "origin whose pages may show /embed in a frame, e.g. https://lectures.example.org")
}

func newServeCommand(tty *terminal) *cobra.Command {
	options := newServeOptions()
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve the dashboard (the default)",
		Long: `Serve the dashboard, and print its address on one line when it is ready.

It listens on this machine alone. To let others in, give an address of this machine and a token that they
must know; without one the program refuses to start. Traffic is not encrypted: beyond a network that you
trust, put a proxy with TLS in front.

Ctrl-C ends it within two seconds; running jobs save a checkpoint first and can be resumed.

What it answers:
` + routeTable(),
		Example: `  smoothscape serve
  smoothscape serve --addr 127.0.0.1:0 --data /tmp/try
  SMOOTHSCAPE_TOKEN=$(cat token) smoothscape serve --addr 0.0.0.0:8080`,
		Args: noSuchCommand,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return options.run(cmd.Context(), tty, dataFolder(cmd))
		},
	}
	options.register(cmd)
	return cmd
}

// run serves until ctx ends.
func (o *serveOptions) run(ctx context.Context, tty *terminal, data string) error {
	if o.jobs < 1 {
		return &fault{Field: "jobs", Doing: "reading --jobs", Expected: "a whole number from 1 on", Found: fmt.Sprint(o.jobs), Advice: "One job uses all cores well."}
	}
	token, err := readToken(o.tokenFile, os.Getenv)
	if err != nil {
		return err
	}
	frames, err := embedder(o.embedIn)
	if err != nil {
		return err
	}
	listener, public, err := listen(o.addr, o.flags.Flags().Changed("addr"), token)
	if err != nil {
		return err
	}
	defer listener.Close()
	log := slog.New(slog.NewTextHandler(tty.err, nil))
	if public {
		log.Warn("other machines can reach this server, and traffic is not encrypted", "addr", o.addr)
	}
	where := listener.Addr().(*net.TCPAddr) // listen opens TCP sockets only
	guard := &guard{hosts: servedHosts(o.addr, where, o.hosts), token: token, frames: frames}
	// The runs outlive ctx: their workers get the time to save a checkpoint, within what Ctrl-C may take.
	runs, err := openRuns(context.WithoutCancel(ctx), runsOptions{Folder: data, Jobs: o.jobs, Log: log})
	if err != nil {
		return err
	}
	runs.findDevices()
	s := &server{
		log: log, guard: guard, runs: runs, figures: make(chan struct{}, figuresAtOnce), trees: newTrees(),
		talks:    newTalks(),
		descents: newDescents(),
		planes:   newPlaneGrids(),
		spaces:   newSpaces(log),
	}
	return serveUntil(ctx, listener, s.handler(), func() { fmt.Fprintln(tty.out, pageURL(where)) }, runs.Close)
}

// serveUntil answers requests until ctx ends, then lets those that are running finish for a moment while it closes what they used. ready
// is called once the socket is open and about to be served.
func serveUntil(ctx context.Context, listener net.Listener, handler http.Handler, ready func(), closing func() error) error {
	web := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		BaseContext:       func(net.Listener) context.Context { return context.WithoutCancel(ctx) },
	}
	failed := make(chan error, 1)
	go func() { failed <- web.Serve(listener) }()
	ready()
	select {
	case err := <-failed:
		return errors.Join(fmt.Errorf("serving: %w", err), closing())
	case <-ctx.Done():
	}
	closed := make(chan error, 1)
	go func() { closed <- closing() }()
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
	defer cancel()
	if err := web.Shutdown(grace); err != nil {
		_ = web.Close() // whoever has not finished by now is cut off
	}
	if err := <-failed; !errors.Is(err, http.ErrServerClosed) {
		return errors.Join(fmt.Errorf("serving: %w", err), <-closed)
	}
	return <-closed
}

// Package job runs a worker: a child process that reads one line of JSON (the job) from its standard input, writes its news as lines of
// JSON to its standard output, and free text to its standard error.
//
// End of file on the worker's standard input means stop: so a worker stops when it is asked to and when its parent dies, for whatever
// reason. A worker that does not stop in time, and one that breaks the protocol (a line that is too long or that the owner refuses), is
// killed. What the process did in between is the owner's business: this package knows no JSON.
package job

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"
)

// LineLimit is the most bytes of one line of a worker, its end included.
const LineLimit = 1 << 20

// Worker says which process to start.
type Worker struct {
	Executable string        // empty means this very program
	Args       []string      // empty means "worker"
	Env        []string      // added to the environment
	StopLimit  time.Duration // time to stop in after the end of the input; 0 means at once
	News       <-chan []byte // further lines for the worker, without their ends, sent after the job as they come; nil: none
}

// Exit says how a worker ended.
type Exit struct {
	Fault  error  // why the owner killed it: a broken protocol, the stop limit, or the context's cause; nil if it went by itself
	Err    error  // what the process's end was, as os/exec tells it; nil for exit code 0
	Stderr string // the end of its standard error
}

// ErrStopLimit: the worker did not stop in time.
var ErrStopLimit = errors.New("the worker did not stop in time and was killed")

// ErrLineTooLong: a line of the worker reached LineLimit.
var ErrLineTooLong = fmt.Errorf("the worker wrote a line of more than %d bytes", LineLimit-1)

// Run starts a worker, sends it the job, gives each line (without its end, valid during the call only) to onLine, and returns when the
// process has ended and everything it wrote has been read. Closing stop asks it to stop; ending ctx kills it; so does an error of onLine.
// The error is about starting alone. Run leaves no process and no goroutine behind.
func (w Worker) Run(ctx context.Context, line []byte, stop <-chan struct{}, onLine func([]byte) error) (Exit, error) {
	executable, args := w.Executable, w.Args
	if executable == "" {
		self, err := os.Executable()
		if err != nil {
			return Exit{}, fmt.Errorf("starting a worker: %w", err)
		}
		executable = self
	}
	if len(args) == 0 {
		args = []string{"worker"}
	}
	ctx, kill := context.WithCancelCause(ctx)
	defer kill(nil)
	command := exec.CommandContext(ctx, executable, args...)
	command.Env = append(os.Environ(), w.Env...)
	tail := &tail{limit: stderrLimit}
	command.Stderr = tail
	// Should a grandchild hold the pipes open, they are closed this long after the worker's end.
	command.WaitDelay = time.Second
	stdin, err := command.StdinPipe()
	if err != nil {
		return Exit{}, fmt.Errorf("starting a worker: %w", err)
	}
	stdout, err := command.StdoutPipe()
	if err != nil {
		return Exit{}, fmt.Errorf("starting a worker: %w", err)
	}
	if err := command.Start(); err != nil {
		return Exit{}, fmt.Errorf("starting a worker: %w", err)
	}
	gone := make(chan struct{})
	stopper := make(chan struct{})
	go func() {
		defer close(stopper)
		w.feed(ctx, stdin, line, stop, gone, kill)
	}()
	if err := readLines(stdout, onLine); err != nil {
		kill(err)
		_, _ = io.Copy(io.Discard, stdout) // until the killed process has let go of it
	}
	exit := Exit{Err: command.Wait()}
	close(gone)
	<-stopper
	exit.Fault = context.Cause(ctx)
	exit.Stderr = tail.String()
	return exit, nil
}

// feed sends the job, and ends the input when it is time to stop.
func (w Worker) feed(ctx context.Context, stdin io.WriteCloser, line []byte, stop, gone <-chan struct{}, kill context.CancelCauseFunc) {
	// A worker that does not read blocks these until it is killed: the job may be larger than a pipe holds.
	write := func(line []byte) {
		_, _ = stdin.Write(append(append([]byte(nil), line...), '\n')) // a worker that is gone shows by its exit
	}
	sent, told, over := make(chan struct{}), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(told)
		write(line)
		close(sent)
		for {
			select {
			case news := <-w.News:
				write(news)
			case <-over:
				return
			}
		}
	}()
	defer func() {
		close(over)
		_ = stdin.Close() // ends a write that waits, too
		<-told
	}()
	select {
	case <-gone:
		return
	case <-ctx.Done():
		return
	case <-stop:
	}
	limit := time.NewTimer(w.StopLimit)
	defer limit.Stop()
	select { // the job first: a worker that is stopped before it read the job must see a whole line
	case <-sent:
		_ = stdin.Close()
	case <-limit.C:
		kill(ErrStopLimit)
		return
	case <-gone:
		return
	}
	select {
	case <-limit.C:
		kill(ErrStopLimit)
	case <-gone:
	case <-ctx.Done():
	}
}

// readLines gives each line to onLine until the end of the file.
func readLines(r io.Reader, onLine func([]byte) error) error {
	lines := bufio.NewReaderSize(r, 64<<10)
	var long []byte // the parts of a line that is longer than the buffer
	for {
		part, err := lines.ReadSlice('\n')
		if len(long)+len(part) > LineLimit {
			return ErrLineTooLong
		}
		line := part
		if errors.Is(err, bufio.ErrBufferFull) {
			long = append(long, part...)
			continue
		}
		if len(long) > 0 {
			long = append(long, part...)
			line = long
		}
		if err != nil {
			// What stands after the last end of a line was cut by the worker's death: no news. Errors of reading are its death, too.
			return nil
		}
		if err := onLine(line[:len(line)-1]); err != nil {
			return err
		}
		long = long[:0]
	}
}

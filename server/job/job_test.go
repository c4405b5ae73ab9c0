package job

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"testing"
	"time"
)

// The test binary executes itself as the worker that its arguments describe.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "play" {
		play(os.Args[2])
		return
	}
	os.Exit(m.Run())
}

func play(part string) {
	signal.Ignore(os.Interrupt)
	input := bufio.NewReader(os.Stdin)
	task, _ := input.ReadString('\n')
	switch part {
	case "echo": // says what it was told, and at the end of the input goodbye
		fmt.Print(task)
		_, _ = io.Copy(io.Discard, input)
		fmt.Println("goodbye")
	case "measure": // says how long its task was
		fmt.Println(len(task))
	case "repeat": // says every line that it is told
		for {
			line, err := input.ReadString('\n')
			if err != nil {
				return
			}
			fmt.Print(line)
		}
	case "deaf":
		fmt.Println("hello")
		time.Sleep(time.Hour)
	case "crash":
		fmt.Fprint(os.Stderr, strings.Repeat("noise\n", 10_000), "the reason\n")
		os.Exit(7)
	case "long":
		fmt.Println("short")
		fmt.Println(strings.Repeat("x", LineLimit))
		time.Sleep(time.Hour)
	case "longest":
		fmt.Println(strings.Repeat("x", LineLimit-1))
	case "cut":
		fmt.Print("whole\nhalf a li")
	case "lines":
		for i := range 10_000 {
			fmt.Println(i)
		}
	}
}

func worker(part string) Worker {
	return Worker{Args: []string{"play", part}, StopLimit: 10 * time.Second}
}

// run collects the lines of a worker.
func run(t *testing.T, ctx context.Context, w Worker, line string, stop <-chan struct{}) ([]string, Exit) {
	t.Helper()
	var lines []string
	exit, err := w.Run(ctx, []byte(line), stop, func(line []byte) error {
		lines = append(lines, string(line))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return lines, exit
}

func closed() <-chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}

func TestAWorkerGetsItsTaskAndIsStopped(t *testing.T) {
	lines, exit := run(t, t.Context(), worker("echo"), `{"task":1}`, closed())
	if strings.Join(lines, "|") != `{"task":1}|goodbye` || exit.Err != nil || exit.Fault != nil {
		t.Errorf("got %q, %+v", lines, exit)
	}
}

func TestALargeTask(t *testing.T) {
	lines, exit := run(t, t.Context(), worker("measure"), strings.Repeat("x", 900_000), closed())
	if len(lines) != 1 || lines[0] != "900001" {
		t.Errorf("got %q, %+v", lines, exit)
	}
}

func TestAWorkerThatNeverReadsItsTask(t *testing.T) {
	w := Worker{Executable: "sleep", Args: []string{"60"}, StopLimit: 50 * time.Millisecond}
	if runtime.GOOS == "windows" {
		t.Skip("no sleep here")
	}
	_, exit := run(t, t.Context(), w, strings.Repeat("x", 900_000), closed())
	if !errors.Is(exit.Fault, ErrStopLimit) {
		t.Errorf("got %+v, want the stop limit", exit)
	}
}

func TestADeafWorkerIsKilled(t *testing.T) {
	w := worker("deaf")
	w.StopLimit = 50 * time.Millisecond
	_, exit := run(t, t.Context(), w, "x", closed())
	if !errors.Is(exit.Fault, ErrStopLimit) || exit.Err == nil {
		t.Errorf("got %+v, want the stop limit", exit)
	}
}

func TestTheContextKills(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	because := errors.New("because")
	var lines int
	exit, err := worker("deaf").Run(ctx, []byte("x"), nil, func([]byte) error {
		lines++
		cancel(because)
		return nil
	})
	if err != nil || lines != 1 || !errors.Is(exit.Fault, because) {
		t.Errorf("%d lines, %+v, %v", lines, exit, err)
	}
}

func TestTheLastWordsOfACrash(t *testing.T) {
	_, exit := run(t, t.Context(), worker("crash"), "x", nil)
	if exit.Fault != nil || exit.Err == nil || !strings.HasSuffix(exit.Stderr, "the reason\n") || len(exit.Stderr) > 3*stderrLimit {
		t.Errorf("fault %v, err %v, %d bytes of stderr", exit.Fault, exit.Err, len(exit.Stderr))
	}
}

func TestLines(t *testing.T) {
	if lines, exit := run(t, t.Context(), worker("long"), "x", nil); !errors.Is(exit.Fault, ErrLineTooLong) || len(lines) != 1 || lines[0] != "short" {
		t.Errorf("too long: %d lines, %+v", len(lines), exit)
	}
	if lines, exit := run(t, t.Context(), worker("longest"), "x", nil); exit.Fault != nil || len(lines) != 1 || len(lines[0]) != LineLimit-1 {
		t.Errorf("as long as allowed: %d lines, %+v", len(lines), exit)
	}
	if lines, _ := run(t, t.Context(), worker("cut"), "x", nil); strings.Join(lines, "|") != "whole" {
		t.Errorf("cut by death: %q", lines)
	}
	lines, _ := run(t, t.Context(), worker("lines"), "x", nil)
	for i, line := range lines {
		if line != fmt.Sprint(i) {
			t.Fatalf("line %d is %q", i, line)
		}
	}
	if len(lines) != 10_000 {
		t.Errorf("%d lines, want 10000", len(lines))
	}
}

func TestARefusedLineKills(t *testing.T) {
	no := errors.New("no")
	seen := 0
	exit, err := worker("lines").Run(t.Context(), []byte("x"), nil, func([]byte) error {
		if seen++; seen == 3 {
			return no
		}
		return nil
	})
	if err != nil || !errors.Is(exit.Fault, no) || seen != 3 {
		t.Errorf("%d lines, %+v, %v", seen, exit, err)
	}
}

func TestNoSuchProgram(t *testing.T) {
	before := runtime.NumGoroutine()
	if _, err := (Worker{Executable: "/no/such/program"}).Run(t.Context(), nil, nil, nil); err == nil {
		t.Error("it started")
	}
	for range 100 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%d goroutines before, %d after", before, runtime.NumGoroutine())
}

// Whatever comes out of a pipe, in whatever pieces: the lines are those between the ends of lines, or the input is refused.
func FuzzReadLines(f *testing.F) {
	for _, seed := range []string{"", "\n", "a", "a\n", "a\nb", "\n\nx\n", strings.Repeat("y", 70_000) + "\nz\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, input []byte) {
		var got []string
		if err := readLines(strings.NewReader(string(input)), func(line []byte) error {
			got = append(got, string(line))
			return nil
		}); err != nil {
			if len(input) <= LineLimit {
				t.Fatalf("%d bytes were refused: %v", len(input), err)
			}
			return
		}
		want := strings.Split(string(input), "\n")
		want = want[:len(want)-1] // what follows the last end is no line
		if strings.Join(got, "\n") != strings.Join(want, "\n") || len(got) != len(want) {
			t.Fatalf("got %q, want %q", got, want)
		}
	})
}

func TestNewsReachTheWorkerInOrder(t *testing.T) {
	news, stop := make(chan []byte), make(chan struct{})
	w := worker("repeat")
	w.News = news
	go func() {
		for i := range 3 {
			news <- fmt.Appendf(nil, "news %d", i)
		}
	}()
	var got []string
	exit, err := w.Run(t.Context(), []byte("task"), stop, func(line []byte) error {
		if got = append(got, string(line)); len(got) == 3 {
			close(stop)
		}
		return nil
	})
	if err != nil || exit.Err != nil || exit.Fault != nil || strings.Join(got, ", ") != "news 0, news 1, news 2" {
		t.Errorf("%q, %+v, %v", got, exit, err)
	}
}

// News for a worker that does not read never keep anybody from killing it.
func TestNewsForADeafWorker(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	news := make(chan []byte, 1)
	news <- []byte(strings.Repeat("x", 1<<20)) // more than a pipe holds
	w := worker("deaf")
	w.News = news
	if exit, err := w.Run(ctx, []byte("task"), nil, func([]byte) error { cancel(); return nil }); err != nil || !errors.Is(exit.Fault, context.Canceled) {
		t.Errorf("%+v, %v", exit, err)
	}
}

package store

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// The test binary executes itself as the process that is killed: with this variable set it opens the folder and writes until it dies.
const writerVariable = "SMOOTHSCAPE_STORE_WRITER"

func TestMain(m *testing.M) {
	if folder := os.Getenv(writerVariable); folder != "" {
		fmt.Fprintln(os.Stderr, writeForever(folder))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// writeForever appends to run "r" as fast as it can, three writers at once, and prints the length of the log after each acknowledged call.
func writeForever(folder string) error {
	s, err := Open(folder)
	if err != nil {
		return err
	}
	if err := s.CreateRun(Run{ID: "r", Status: "running", Config: []byte("{}")}); err != nil {
		return err
	}
	failed := make(chan error)
	for writer := range 3 {
		go func() {
			id := "r"
			if writer > 0 { // the others keep the groups and the garbage busy
				id = fmt.Sprintf("other%d", writer)
				if err := s.CreateRun(Run{ID: id, Status: "running", Config: []byte("{}")}); err != nil {
					failed <- err
					return
				}
			}
			for step := 1; ; step++ {
				if err := appendStep(s, id, step); err != nil {
					failed <- err
					return
				}
				if id == "r" {
					fmt.Println(2 * step)
				}
			}
		}()
	}
	return <-failed
}

// appendStep records the update of a step, a checkpoint after it, with its parameters, and on every third step two levels of its slice.
func appendStep(s *Store, id string, step int) error {
	content := fmt.Appendf(nil, "checkpoint of %s at step %d", id, step)
	sha, err := s.Blobs.Put(content)
	if err != nil {
		return err
	}
	bare := fmt.Appendf(nil, "parameters of %s at step %d", id, step)
	parameters, err := s.Blobs.Put(bare)
	if err != nil {
		return err
	}
	_, err = s.Append(id, []Event{
		update(step),
		{Kind: "checkpoint", Step: step, Body: fmt.Appendf(nil, `{"kind":"checkpoint","step":%d}`, step), Checkpoint: &Checkpoint{Step: step, SHA256: sha, Bytes: int64(len(content)),
			Time: int64(step), Parameters: &Blob{SHA256: parameters, Bytes: int64(len(bare))}}},
	}, func(r *Run) { r.Step = step })
	for level := 0; err == nil && level < 2 && step%3 == 0; level++ {
		err = putSlice(s, id, step, level)
	}
	return err
}

func putSlice(s *Store, id string, step, level int) error {
	sha, err := s.Blobs.Put(fmt.Appendf(nil, "slice of %s at step %d, level %d", id, step, level))
	if err != nil {
		return err
	}
	return s.PutSlice(Slice{Run: id, Step: step, Level: level, Levels: 4, SHA256: sha})
}

func update(step int) Event {
	return Event{Kind: "update", Step: step, Body: fmt.Appendf(nil, `{"kind":"update","step":%d}`, step)}
}

// startWriter starts writeForever in a process of its own and returns it with its output.
func startWriter(t *testing.T, folder string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(self)
	command.Env = append(os.Environ(), writerVariable+"="+folder)
	command.Stderr = os.Stderr
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = command.Process.Kill(); _ = command.Wait() })
	return command, bufio.NewScanner(out)
}

func open(t *testing.T, folder string) *Store {
	t.Helper()
	s, err := Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func create(t *testing.T, s *Store, id string) {
	t.Helper()
	if err := s.CreateRun(Run{ID: id, Name: "a run", Status: "queued", Config: json.RawMessage(`{"model":"mlp"}`)}); err != nil {
		t.Fatal(err)
	}
}

func files(t *testing.T, folder string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(folder, "blobs", "*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	return names
}

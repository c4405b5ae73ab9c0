package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// program is the whole program on a free port, as a shell starts it.
type program struct {
	url    string // without the final slash
	out    *lockedBuffer
	end    context.CancelFunc // Ctrl-C
	ended  chan error
	folder string
}

func startServing(t *testing.T, folder string) *program {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	lines, stdout := io.Pipe()
	p := &program{out: &lockedBuffer{}, end: cancel, ended: make(chan error, 1), folder: folder}
	go func() {
		p.ended <- run(ctx, []string{"--addr", "127.0.0.1:0", "--data", folder}, strings.NewReader(""), io.MultiWriter(p.out, stdout), io.Discard)
		stdout.Close()
	}()
	t.Cleanup(cancel)
	line, err := bufio.NewReader(lines).ReadString('\n')
	if err != nil {
		t.Fatalf("the program ended before it said where it serves: %v", <-p.ended)
	}
	go func() { _, _ = io.Copy(io.Discard, lines) }()
	p.url = strings.TrimSuffix(strings.TrimSpace(line), "/")
	return p
}

// stop ends the program as Ctrl-C does, and says how it went.
func (p *program) stop(t *testing.T) {
	t.Helper()
	began := time.Now()
	p.end()
	if err := <-p.ended; err != nil {
		t.Errorf("the program ended with %v", err)
	}
	if took := time.Since(began); took > 5*time.Second { // 2 s are promised on a machine of its own
		t.Errorf("ending took %v", took)
	}
	if got := p.out.String(); got != p.url+"/\n" {
		t.Errorf("standard output is %q, want the address alone", got)
	}
}

func (p *program) get(t *testing.T, path string) string {
	t.Helper()
	response, err := http.Get(p.url + path)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s: status %d, %v: %.300s", path, response.StatusCode, err, text)
	}
	return string(text)
}

// The path through the whole house: a page, a run from its form, its frames, its figure; Ctrl-C while it trains; the run, resumed by
// the next start.
func TestTheWholeProgram(t *testing.T) {
	t.Parallel()
	p := startServing(t, t.TempDir())
	if page := p.get(t, "/"); !strings.Contains(page, "Smoothscape") {
		t.Errorf("the start page is %.300s", page)
	}
	if png := p.get(t, "/figure.png?f=dent&n=129"); !strings.HasPrefix(png, "\x89PNG") {
		t.Errorf("the figure is %.20q", png)
	}
	response, err := http.PostForm(p.url+"/runs", url.Values{
		"name": {"smoke"}, "dataset": {"fashion-mnist-8k"}, "model": {"softmax"}, "engine": {"cpu"}, "schedule": {"hybrid"}, "learningRate": {"0.1"}, "batchSize": {"8"},
		"epochs": {"100"}, "stageEpochs": {""}, "seed": {"3"},
	})
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	id, ok := strings.CutPrefix(response.Request.URL.Path, "/runs/")
	if !ok || response.StatusCode != http.StatusOK {
		t.Fatalf("the form led to %s with status %d", response.Request.URL, response.StatusCode)
	}
	socket, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(p.url, "http")+"/ws/runs/"+id, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	_ = socket.SetReadDeadline(time.Now().Add(60 * time.Second))
	for updates := 0; updates < 3; {
		frame, err := readFrame(socket)
		if err != nil {
			t.Fatalf("after %d updates: %v", updates, err)
		}
		updates += len(frame.Events)
	}
	p.stop(t)

	again := startServing(t, p.folder)
	var run RunView
	if err := json.Unmarshal([]byte(again.get(t, "/api/runs/"+id)), &run); err != nil {
		t.Fatal(err)
	}
	if run.Status != StatusInterrupted || run.Step == 0 || run.Name != "smoke" {
		t.Errorf("after the restart the run is %s at step %d, named %q", run.Status, run.Step, run.Name)
	}
	response, err = http.PostForm(again.url+"/runs/"+id+"/resume", nil)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("resuming: %v, %v", response, err)
	}
	response.Body.Close()
	before := run.Step
	for deadline := time.Now().Add(60 * time.Second); run.Step <= before; time.Sleep(20 * time.Millisecond) {
		if err := json.Unmarshal([]byte(again.get(t, "/api/runs/"+id)), &run); err != nil {
			t.Fatal(err)
		}
		if time.Now().After(deadline) {
			t.Fatalf("resumed at step %d, the run is %s at step %d", before, run.Status, run.Step)
		}
	}
	again.stop(t)
}

// Two programs do not work on one folder; the second says so and leaves the first alone.
func TestASecondProgramOnOneFolder(t *testing.T) {
	t.Parallel()
	p := startServing(t, t.TempDir())
	_, log, code := shell(t, t.Context(), "serve", "--addr", "127.0.0.1:0", "--data", p.folder)
	if code != 2 || !strings.Contains(log, "another running Smoothscape") {
		t.Errorf("exit code %d: %s", code, log)
	}
	p.get(t, "/healthz")
	p.stop(t)
}

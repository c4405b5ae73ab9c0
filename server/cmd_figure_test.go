package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// figureCommand runs `smoothscape figure` as a shell does and returns its exit code and what it printed on both channels.
func figureCommand(t *testing.T, args ...string) (code int, out, failure string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	err := run(t.Context(), append([]string{"figure", "--data", t.TempDir()}, args...), strings.NewReader(""), &stdout, &stderr)
	reportFailure(&stderr, err)
	return exitCode(err), stdout.String(), stderr.String()
}

// The command and the server draw the same bytes.
func TestFigureCommandDrawsWhatTheServerDraws(t *testing.T) {
	slow(t)
	s := newTestServer(t, &guard{}, "")
	name := filepath.Join(t.TempDir(), "figure.png")
	tests := []struct {
		name  string
		query string
		args  []string
	}{
		{"flags", "f=dent&eta=0.02&n=129&palette=cividis", []string{"--f", "dent", "--eta", "0.02", "--n", "129", "--palette", "cividis"}},
		{"a link, whose camera means nothing", "f=ackley&b=64&n=129", []string{"--link", s.URL + "/?f=ackley&b=64&n=129&yaw=1&view=map&x=1"}},
		{"a link and a flag", "f=ackley&b=64&n=129&raw=1", []string{"--link", s.URL + "/?f=ackley&b=6&n=129", "--b", "64", "--raw", "1"}},
		{"nothing: the first picture", "", nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			code, out, failure := figureCommand(t, append(test.args, "-o", name)...)
			file, err := os.ReadFile(name)
			if code != 0 || err != nil || !strings.HasPrefix(out, name+": ") || strings.Count(out, "\n") != 1 || failure != "" {
				t.Fatalf("exit %d, %v\n%s%s", code, err, out, failure)
			}
			if got := s.send(t, "GET", "/figure.png?"+test.query, "", nil); got.status != 200 || got.body != string(file) {
				t.Errorf("the server: status %d, %d bytes; the file has %d, and they differ", got.status, len(got.body), len(file))
			}
		})
	}
	left, err := os.ReadDir(filepath.Dir(name))
	if err != nil || len(left) != 1 {
		t.Errorf("files beside the figure: %v, %v", left, err)
	}
}

func TestFigureCommandOfASliceFile(t *testing.T) {
	slow(t)
	dir := t.TempDir()
	name, out := filepath.Join(dir, "bowl.json"), filepath.Join(dir, "bowl.png")
	text, err := json.Marshal(bowlSlice(13))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, failure := figureCommand(t, "--slice", name, "--eta", "0.1", "--b", "16", "--c", "2", "--n", "129", "-o", out); code != 0 {
		t.Fatal(failure)
	}
	file, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	caption := plainSpaces(checkPNG(t, out, string(file)))
	for _, want := range []string{"Network bowl", "slice smoothing", "2 values that are not finite"} {
		if !strings.Contains(caption, want) {
			t.Errorf("%q lacks %q", caption, want)
		}
	}
}

// What cannot be drawn ends with exit code 2, a whole sentence and no file.
func TestFigureCommandRefuses(t *testing.T) {
	dir := t.TempDir()
	out := filepath.Join(dir, "figure.png")
	slice := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	tests := []struct {
		name string
		args []string
		says string
	}{
		{"negative η", []string{"--eta", "-1", "-o", out}, `reading eta (learning rate η) of the link: expected a number from 1e-05 to 10, found "-1"`},
		{"an unknown flag", []string{"--delta", "1", "-o", out}, "unknown flag: --delta"},
		{"a word too many", []string{"rastrigin", "-o", out}, `"rastrigin"`},
		{"no file", nil, "-o FILE.png"},
		{"no such folder", []string{"-o", filepath.Join(dir, "none", "figure.png")}, "Make the folder"},
		{"a folder", []string{"-o", dir}, "the name of a file"},
		{"a file as a folder", []string{"-o", filepath.Join(slice("plain", ""), "figure.png")}, "reading --out"},
		{"a kernel that does not fit", []string{"--kernel", "stable", "-o", out}, "smoothed value is infinite"},
		{"a bad link", []string{"--link", "http://h/?eta=%zz", "-o", out}, "--link"},
		{"no link", []string{"--link", "http://[", "-o", out}, "--link"},
		{"a newer link", []string{"--link", "/?" + url.Values{"v": {"2"}}.Encode(), "-o", out}, "newer Smoothscape"},
		{"no slice", []string{"--slice", filepath.Join(dir, "none.json"), "-o", out}, "Check its name"},
		{"a slice that is no JSON", []string{"--slice", slice("a.json", "PNG"), "-o", out}, "JSON"},
		{"an empty slice", []string{"--slice", slice("b.json", "{}"), "-o", out}, "0 α, 0 β and 0 values"},
		{"a slice of other places", []string{"--slice", slice("c.json", `{"alphas":[-1,0,9],"betas":[-1,0,1],"z":[1,2,3,4,5,6,7,8,9],"viewHalfWidth":0.5,"halo":0.5,"norms":[1,1]}`), "-o", out}, "equal steps"},
		{"a slice too large", []string{"--slice", slice("d.json", strings.Repeat(" ", maxSliceBytes+1)), "-o", out}, "at most"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			code, printed, failure := figureCommand(t, test.args...)
			if code != 2 || printed != "" || !strings.Contains(failure, test.says) {
				t.Errorf("exit %d, %q\n%s", code, printed, failure)
			}
			if _, err := os.Stat(out); err == nil {
				t.Error("there is a figure all the same")
			}
		})
	}
}

func TestFigureSaysAsJSONWhatItWrote(t *testing.T) {
	slow(t)
	name := filepath.Join(t.TempDir(), "f.png")
	out, log, code := shell(t, t.Context(), "figure", "--f", "dent", "--n", "129", "--json", "-o", name)
	var said figureFile
	if err := json.Unmarshal([]byte(out), &said); code != 0 || err != nil {
		t.Fatalf("exit code %d, %v: %q %q", code, err, out, log)
	}
	content, err := os.ReadFile(name)
	if err != nil || said.File != name || said.Bytes != len(content) || said.SHA256 != fmt.Sprintf("%x", sha256.Sum256(content)) || !strings.Contains(said.View, "f=dent") {
		t.Errorf("%+v, %v", said, err)
	}
}

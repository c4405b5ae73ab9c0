package main

import (
	"context"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
)

// Bad usage is exit code 2 and one line that says what, expected, found and what to do; standard output stays empty.
func TestBadUsage(t *testing.T) {
	t.Setenv(tokenVariable, "")
	for line, want := range map[string]string{
		"nonsense":                         "--help",
		"tarin":                            "train",
		"serve now":                        `"now"`,
		"version now":                      `"now"`,
		"--nonsense":                       "--nonsense",
		"serve --jobs 0":                   "--jobs",
		"serve --jobs many":                "many",
		"serve --addr 0.0.0.0:0":           "token",
		"serve --addr nowhere":             "HOST:PORT",
		"serve --token-file /nonexistent":  "token",
		"serve --embed-in *":               "--embed-in",
		"--addr :0":                        "token",
		"figure --eta -1 -o x.png":         "eta",
		"figure --eta NaN -o x.png":        "eta",
		"figure --b 0 -o x.png":            "reading b",
		"figure --f nothing -o x.png":      "rastrigin",
		"figure --kernel stable -o x.png":  "infinite",
		"figure --link ?v=2 -o x.png":      "newer",
		"figure":                           "-o",
		"figure --f dent -o /nowhere/x/y":  "folder",
		"slice":                            "checkpoint",
		"slice /nonexistent":               "/nonexistent",
		"train --learning-rate -1":         "learning",
		"train --batch-size 9000":          "8000",
		"train --learning-rate NaN":        "NaN",
		"train --dataset /nonexistent":     "/nonexistent",
		"train --resume /nonexistent":      "/nonexistent",
		"data check /nonexistent":          "/nonexistent",
		"data fetch everything":            "cifar-100",
		"train --model transformer":        "convnet",
		"train --engine abacus":            "gorgonia",
		"train --schedule sometimes":       "hybrid",
		"train --epochs 0":                 "epochs",
		"train --batch-size 1.5":           "1.5",
		"figure --slice /nonexistent -o x": "/nonexistent",
	} {
		t.Run(line, func(t *testing.T) {
			t.Chdir(t.TempDir())
			out, log, code := shell(t, t.Context(), strings.Fields(line)...)
			if code != 2 || out != "" {
				t.Errorf("exit code %d, standard output %q", code, out)
			}
			if !strings.HasPrefix(log, "smoothscape: ") || !strings.Contains(log, "expected ") || !strings.Contains(log, "found ") || !strings.Contains(log, want) {
				t.Errorf("standard error lacks a part, or %q: %s", want, log)
			}
			if left, _ := filepath.Glob("*"); len(left) > 0 {
				t.Errorf("files were left: %v", left)
			}
		})
	}
}

// Help is on standard output, with an example for every command; serve's holds the table of routes.
func TestHelp(t *testing.T) {
	for _, command := range []string{"", "serve", "train", "slice", "figure", "data", "data fetch", "data add", "data list", "data check", "version"} {
		out, log, code := shell(t, t.Context(), append(strings.Fields(command), "--help")...)
		if code != 0 || log != "" || !strings.Contains(out, "Usage:") {
			t.Errorf("%s --help: exit code %d, %s", command, code, log)
		}
		if command != "version" && !strings.Contains(out, "Examples:") {
			t.Errorf("%s --help has no example", command)
		}
		for _, line := range strings.Split(out, "\n") {
			if strings.Contains(line, "worker") && command == "" {
				t.Errorf("the hidden command is shown: %s", line)
			}
		}
	}
	out, _, _ := shell(t, t.Context(), "serve", "--help")
	for _, r := range (&server{}).routes() {
		if !strings.Contains(out, r.Path) || !strings.Contains(out, r.Summary) {
			t.Errorf("serve --help lacks %s %s", r.Method, r.Path)
		}
	}
}

func TestVersion(t *testing.T) {
	out, _, code := shell(t, t.Context(), "version")
	if code != 0 || !strings.HasPrefix(out, "smoothscape "+version+" (go1.") {
		t.Errorf("exit code %d: %s", code, out)
	}
	out, _, _ = shell(t, t.Context(), "version", "--json")
	var b build
	if err := json.Unmarshal([]byte(out), &b); err != nil || b != buildInfo() {
		t.Errorf("%v: %s", err, out)
	}
}

// The data folder is where the XDG Base Directory Specification has it.
func TestTheDefaultDataFolder(t *testing.T) {
	t.Setenv("HOME", "/home/ada")
	for data, want := range map[string]string{"": "/home/ada/.local/share/smoothscape", "/data": "/data/smoothscape", "not/absolute": "/home/ada/.local/share/smoothscape"} {
		t.Setenv("XDG_DATA_HOME", data)
		if got := defaultDataFolder(); got != want {
			t.Errorf("$XDG_DATA_HOME=%q: %s, want %s", data, got, want)
		}
	}
	t.Setenv("XDG_DATA_HOME", "")
	t.Setenv("HOME", "")
	if got := defaultDataFolder(); got != "smoothscape-data" {
		t.Errorf("without a home: %s", got)
	}
}

// A program that is asked to end before it serves ends well.
func TestEndingAtOnce(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	out, log, code := shell(t, ctx, "serve", "--addr", "127.0.0.1:0")
	if code != 0 || strings.Count(out, "\n") != 1 {
		t.Errorf("exit code %d, %q, %s", code, out, log)
	}
}

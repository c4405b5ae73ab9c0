package static_test

import (
	"io/fs"
	"strings"
	"testing"

	"smoothscape/static"
)

// Every file of the bundle is served under a name with its hash, and under no other.
func TestAssets(t *testing.T) {
	entries, err := fs.ReadDir(static.FS(), ".")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		url := static.URL(entry.Name())
		served, ok := strings.CutPrefix(url, static.Root)
		if !ok || served == entry.Name() != strings.HasPrefix(served, "chunk-") { // a chunk has its hash from the bundler
			t.Errorf("%s is served as %s", entry.Name(), url)
		}
		asset, ok := static.Open(served)
		content, err := fs.ReadFile(static.FS(), entry.Name())
		if !ok || err != nil || string(asset.Content) != string(content) || strings.HasPrefix(asset.ContentType, "application/octet") {
			t.Errorf("%s: found %v, %d bytes of %s, error %v", served, ok, len(asset.Content), asset.ContentType, err)
		}
	}
	for _, name := range []string{"", "explore.js", "../static.go", "explore-000000000000.js", "dist/explore.js"} {
		if _, ok := static.Open(name); ok {
			t.Errorf("%q is served", name)
		}
	}
}

// What a page loads, scripts and styles of all kinds together, is at most 120 kB gzip.
func TestPagesAreSmall(t *testing.T) {
	shared := []string{"app.css", "theme.js", "worker.js", "icon.svg"}
	for page, assets := range map[string][]string{
		"explore": {"explore.js"},
		"runs":    {"runs.js", "runs.css"},
		"run":     {"run.js", "runs.css"},
		"compare": {"compare.js", "runs.css", "compare.css"},
	} {
		total := 0
		loaded := map[string]bool{}
		for _, name := range append(assets, shared...) {
			loaded[static.URL(name)] = true
			for _, chunk := range static.Imports(name) {
				loaded[chunk] = true
			}
		}
		for url := range loaded {
			asset, ok := static.Open(strings.TrimPrefix(url, static.Root))
			if !ok {
				t.Errorf("%s needs %s, which is not served", page, url)
			}
			size := len(asset.Content)
			if asset.Gzip != nil {
				size = len(asset.Gzip)
			}
			total += size
		}
		t.Logf("%-8s %7d bytes gzip", page, total)
		if total > 120_000 {
			t.Errorf("%s: %d bytes gzip, the budget is 120 000", page, total)
		}
	}
}

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

// At most 120 kB gzip in all, all pages together.
func TestAssetsAreSmall(t *testing.T) {
	entries, err := fs.ReadDir(static.FS(), ".")
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	for _, entry := range entries {
		asset, _ := static.Open(strings.TrimPrefix(static.URL(entry.Name()), static.Root))
		size := len(asset.Content)
		if asset.Gzip != nil {
			size = len(asset.Gzip)
		}
		total += size
		t.Logf("%-18s %7d bytes gzip", entry.Name(), size)
	}
	if total > 120_000 {
		t.Errorf("%d bytes gzip, the budget is 120 000", total)
	}
}

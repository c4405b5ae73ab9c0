package main

import (
	"bytes"
	"os"
	"testing"

	"smoothscape/trainer/dataset"
)

// The embedded files equal what this program makes from the originals.
func TestEmbeddedPartEqualsTheOriginals(t *testing.T) {
	if testing.Short() {
		t.Skip("reads the 55 MB of the original Fashion-MNIST; left out by -short")
	}
	const originals = "/usr/share/datasets/fashion-mnist"
	if _, err := os.Stat(originals); err != nil {
		t.Skip("the original Fashion-MNIST (Debian: dataset-fashion-mnist) is not installed")
	}
	files, err := make4(originals)
	if err != nil {
		t.Fatal(err)
	}
	dir, total := t.TempDir(), 0
	for name, content := range files {
		if err := os.WriteFile(dir+"/"+name, content, 0o644); err != nil {
			t.Fatal(err)
		}
		total += len(content)
	}
	fresh, err := dataset.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	have, err := dataset.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	// The images and labels themselves: compressed bytes may differ from one Go release to the next.
	for _, c := range []struct {
		name        string
		have, fresh dataset.Split
	}{{"train", have.Train, fresh.Train}, {"test", have.Test, fresh.Test}} {
		if !bytes.Equal(c.have.Images, c.fresh.Images) || !bytes.Equal(c.have.Labels, c.fresh.Labels) {
			t.Errorf("%s: the committed files are not what gen makes", c.name)
		}
	}
	if total > 6<<20 {
		t.Errorf("%d bytes: more than 6 MB", total)
	}
}

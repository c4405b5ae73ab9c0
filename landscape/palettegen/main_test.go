package main

import (
	"bytes"
	"os"
	"testing"
)

func TestTheCommittedFileIsFresh(t *testing.T) {
	committed, err := os.ReadFile("../../static/src/palette.gen.ts")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(committed, typeScript()) {
		t.Error("static/src/palette.gen.ts is stale: run go generate ./landscape")
	}
}

package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	planes "smoothscape/landscape/slice"
)

// refining is a slice whose losses are computed only where the rest cannot tell them.
type refining struct {
	tolerance float64 // as a share of the range; 0: all losses are computed
	budget    int     // losses at most; 0: any number
	file      string  // keeps what was computed, so that a slice that was stopped goes on; "": none
}

// keptSamples is the content of such a file.
type keptSamples struct {
	Of      string         `json:"of"` // SHA-256 of all that the losses depend on
	Samples planes.Samples `json:"samples"`
}

// refine computes the slice by refinement and gives each round to emit.
func (w sliceWork) refine(ctx context.Context, plane chosenPlane, surfaces []planes.Surface, emit func(planes.Refined) error) error {
	levels := sliceLevels()
	how := planes.Refinement{HalfWidth: levels.HalfWidth, Nodes: levels.Nodes(w.levels - 1), Tolerance: w.refining.tolerance, Budget: w.refining.budget}
	of := w.identity(plane)
	known, err := w.refining.read(of)
	if err != nil {
		return err
	}
	done, err := planes.SampleRefined(ctx, how, known, surfaces, emit)
	if kept := w.refining.write(of, done.Samples); kept != nil {
		return errors.Join(err, kept)
	}
	return err
}

// identity is the SHA-256 of the checkpoint's parameters and running statistics, the plane, and the images.
func (w sliceWork) identity(plane chosenPlane) string {
	sum := sha256.New()
	for _, v := range [][]float32{w.checkpoint.Params, w.checkpoint.State, plane.D1, plane.D2} {
		_ = binary.Write(sum, binary.LittleEndian, v) // a hash takes everything
	}
	fmt.Fprintf(sum, "%d images of %s", w.images, w.checkpoint.Config.Dataset)
	if w.batchNorm() == normRecomputed {
		fmt.Fprint(sum, normRecomputed)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// read returns the samples of the file; none where there is no file yet.
func (r refining) read(of string) (planes.Samples, error) {
	if r.file == "" {
		return planes.Samples{}, nil
	}
	bad := func(expected, found, advice string) error {
		return &fault{Field: "samples", Doing: "reading the samples " + quoted(r.file), Expected: expected, Found: found, Advice: advice}
	}
	file, err := os.Open(r.file)
	if errors.Is(err, fs.ErrNotExist) {
		return planes.Samples{}, nil
	}
	if err != nil {
		return planes.Samples{}, bad("a file that can be read", osReason(err), "Give another name.")
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxSliceBytes+1))
	if err != nil || len(text) > maxSliceBytes {
		return planes.Samples{}, bad(fmt.Sprintf("at most %d bytes", maxSliceBytes), "more, or a file that cannot be read", "Give another name.")
	}
	var kept keptSamples
	if err := json.NewDecoder(bytes.NewReader(text)).Decode(&kept); err != nil {
		return planes.Samples{}, bad("what `smoothscape slice --samples` has written", err.Error(), "Remove it, to begin anew.")
	}
	if kept.Of != of {
		return planes.Samples{}, bad("losses of this checkpoint, plane and images", "those of others", "Give another name.")
	}
	return kept.Samples, nil
}

func (r refining) write(of string, samples planes.Samples) error {
	if r.file == "" || len(samples.Points) == 0 {
		return nil
	}
	err := replaceFile(r.file, func(w io.Writer) error { return json.NewEncoder(w).Encode(keptSamples{of, samples}) })
	if err != nil {
		return fmt.Errorf("keeping the samples: %w", err)
	}
	return nil
}

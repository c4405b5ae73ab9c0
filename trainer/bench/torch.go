package bench

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"strings"

	"smoothscape/trainer/engine"
)

//go:embed steps.py
var torchScript string

// TorchResult is the same measurement made by PyTorch, in its faster memory layout.
type TorchResult struct {
	Version         string  `json:"version"`
	Device          string  `json:"device"` // name of the GPU, "mps" or "cpu"
	Layout          string  `json:"layout"` // "NCHW" or "channels_last"
	MedianMS        float64 `json:"medianMs"`
	ImagesPerSecond float64 `json:"imagesPerSecond"`
}

// ErrNoTorch: this machine's python3 has no PyTorch, or there is no python3.
var ErrNoTorch = errors.New("bench: no PyTorch")

// Torch times the same steps in PyTorch, on its GPU if it has one, if this machine's python3 has it.
func Torch(ctx context.Context, spec engine.Spec, o Options) (TorchResult, error) {
	var r TorchResult
	if err := o.validate(); err != nil {
		return r, err
	}
	ask, err := json.Marshal(map[string]any{
		"spec": spec, "batch": o.Batch, "forward": o.Mode == Forward, "seconds": o.Time.Seconds(), "steps": o.Steps, "workers": runtime.GOMAXPROCS(0),
	})
	if err != nil {
		return r, err
	}
	command := exec.CommandContext(ctx, "python3", "-c", torchScript)
	command.Stdin = bytes.NewReader(ask)
	var said bytes.Buffer
	command.Stderr = &said
	out, err := command.Output()
	switch {
	case errors.Is(err, exec.ErrNotFound), strings.Contains(said.String(), "No module named 'torch'"):
		return r, ErrNoTorch
	case err != nil:
		lines := strings.Split(strings.TrimSpace(said.String()), "\n")
		return r, fmt.Errorf("bench: timing PyTorch: %w: %.200s", err, lines[len(lines)-1])
	}
	if err := json.Unmarshal(out, &r); err != nil {
		return r, fmt.Errorf("bench: timing PyTorch: expected one line of JSON, found %.100q: %w", out, err)
	}
	return r, nil
}

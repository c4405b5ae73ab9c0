package trainer

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"

	"smoothscape/trainer/engine"
	"smoothscape/trainer/safetensors"
)

// The file of a checkpoint is a sealed safetensors file (package safetensors says how the seal finds any flipped bit) with the
// tensors, all float32 and in this order,
//
//	NAME.weight, NAME.bias                  the parameters, as engine.Spec.Tensors names and orders them
//	NAME.running_mean, NAME.running_var     the running statistics of batch normalization, as engine.Spec.StateTensors does
//	momentum.NAME.weight, …                 the momentum of each parameter, if the run has any and the checkpoint is not bare
//
// and with these texts in its metadata:
//
//	checkpoint   "smoothscape"
//	version      version of this format, a decimal number
//	run          JSON of Checkpoint: configuration, network, engine and its path, data, place in the run, estimates of C²
//	random       how chance is drawn; it has no state, since each draw is a function of the seed and of its place in the run
//	format       "pt", which PyTorch's tools look for
//
// Files of version 1 had a layout of their own, behind the eight bytes "SMTHCKPT".
const (
	checkpointKind     = "smoothscape"
	checkpointVersion  = 2
	checkpointMagic1   = "SMTHCKPT" // version 1
	maxHeader          = 4 << 20
	maxTensorValues    = 3 * engine.MaxValues // parameters, as many running statistics at most, and momentum
	checkpointRandom   = "math/rand/v2 PCG(config.seed, stream XOR place), a new one for each use and place: initial parameters, order of an epoch, variation of an image, probe of C"
	MaxCheckpointBytes = 8 + maxHeader + 4*maxTensorValues // bounds a checkpoint file: header and tensors at their limits
)

// The keys of the metadata.
const (
	keyKind    = "checkpoint"
	keyVersion = "version"
	keyRun     = "run"
	keyRandom  = "random"
	keyFormat  = "format"
)

// Causes of a *CheckpointError.
var (
	ErrNotCheckpoint = errors.New("not a Smoothscape checkpoint")
	ErrVersion       = errors.New("checkpoint of another version")
	ErrTruncated     = errors.New("checkpoint is cut short")
	ErrTooLarge      = errors.New("checkpoint is too large")
	ErrCorrupt       = errors.New("checkpoint is damaged")
)

// CheckpointError says where in a checkpoint what went wrong. It unwraps to one of the causes above, or to the error of the
// reader.
type CheckpointError struct {
	Offset   int64 // byte at which the trouble was seen
	Doing    string
	Expected string
	Found    string
	Err      error
}

func (e *CheckpointError) Error() string {
	return fmt.Sprintf("%v: %s at byte %d: expected %s, found %s; use another checkpoint, or start the run anew", e.Err, e.Doing, e.Offset, e.Expected, e.Found)
}

func (e *CheckpointError) Unwrap() error { return e.Err }

// Encode writes the checkpoint to w. The same checkpoint gives the same bytes.
func (c *Checkpoint) Encode(w io.Writer) error {
	if err := c.validate(); err != nil {
		return fmt.Errorf("writing a checkpoint: %w", err)
	}
	if err := c.checkLengths(); err != nil {
		return fmt.Errorf("writing a checkpoint: %w", err)
	}
	state, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("writing a checkpoint: %w", err)
	}
	if len(state) > maxHeader/4 { // as a text within JSON it may double; names of tensors need room too
		return &CheckpointError{Doing: "writing the header", Expected: fmt.Sprintf("at most %d bytes of state", maxHeader/4), Found: fmt.Sprint(len(state)), Err: ErrTooLarge}
	}
	metadata := map[string]string{
		keyKind: checkpointKind, keyVersion: strconv.Itoa(checkpointVersion), keyRun: string(state), keyRandom: checkpointRandom, keyFormat: "pt",
	}
	if err := safetensors.Write(w, metadata, c.tensors()); err != nil {
		return fmt.Errorf("writing a checkpoint: %w", err)
	}
	return nil
}

// tensors cuts the three vectors into named tensors; one that is empty gives tensors without values.
func (c *Checkpoint) tensors() []safetensors.Tensor {
	var all []safetensors.Tensor
	add := func(prefix string, infos []engine.TensorInfo, values []float32) {
		for _, t := range infos {
			tensor := safetensors.Tensor{Name: prefix + t.Name, Shape: t.Shape}
			if len(values) > 0 {
				tensor.Values = values[t.Offset : t.Offset+t.Len]
			}
			all = append(all, tensor)
		}
	}
	params := c.Spec.Tensors()
	add("", params, c.Params)
	add("", c.Spec.StateTensors(), c.State)
	if c.Config.Momentum > 0 && !c.Bare {
		add(momentumPrefix, params, c.Velocity)
	}
	return all
}

// DecodeCheckpoint reads a checkpoint from r to its end. It takes no more memory than what r really holds, up to
// MaxCheckpointBytes. Whatever is wrong is a *CheckpointError.
func DecodeCheckpoint(r io.Reader) (*Checkpoint, error) {
	in := bufio.NewReaderSize(r, 1<<12)
	switch head, err := in.Peek(9); {
	case bytes.HasPrefix(head, []byte(checkpointMagic1)):
		return nil, &CheckpointError{Doing: "reading the first bytes", Expected: fmt.Sprintf("a checkpoint of version %d", checkpointVersion), Found: "one of version 1", Err: ErrVersion}
	case err == nil && head[8] != '{':
		return nil, &CheckpointError{Offset: 8, Doing: "reading the first bytes", Expected: `the "{" of a safetensors file`, Found: fmt.Sprintf("%q", head[8:]), Err: ErrNotCheckpoint}
	}
	file, err := safetensors.Read(in, safetensors.Limits{HeaderBytes: maxHeader, Values: maxTensorValues})
	if err != nil {
		return nil, checkpointFault(err)
	}
	return checkpointOf(file)
}

// checkpointOf takes a checkpoint out of a safetensors file, whose values it keeps.
func checkpointOf(file *safetensors.File) (*Checkpoint, error) {
	fail := func(cause error, doing, expected, found string) (*Checkpoint, error) {
		return nil, &CheckpointError{Offset: 8, Doing: doing, Expected: expected, Found: found, Err: cause}
	}
	meta := file.Metadata
	switch {
	case meta[keyKind] != checkpointKind:
		return fail(ErrNotCheckpoint, "reading the metadata", fmt.Sprintf("the text %q under %q", checkpointKind, keyKind), quote(meta[keyKind]))
	case !file.Sealed:
		return fail(ErrCorrupt, "looking for the seal", "the SHA-256 in its place", "none")
	case meta[keyVersion] != strconv.Itoa(checkpointVersion):
		return fail(ErrVersion, "reading the version", strconv.Itoa(checkpointVersion), quote(meta[keyVersion]))
	}
	c := &Checkpoint{}
	dec := json.NewDecoder(bytes.NewReader([]byte(meta[keyRun])))
	dec.DisallowUnknownFields()
	err := dec.Decode(c)
	if err == nil && dec.InputOffset() != int64(len(meta[keyRun])) {
		err = errors.New("something behind it")
	}
	if err != nil {
		return fail(ErrCorrupt, "reading the state of the run", "JSON of a checkpoint", err.Error())
	}
	if err := c.validate(); err != nil {
		return fail(ErrCorrupt, "checking the state of the run", "the state of a run", err.Error())
	}
	want := c.tensors()
	for i, t := range want {
		if i >= len(file.Tensors) {
			return fail(ErrCorrupt, "looking for the tensors of the network", quote(t.Name), "no more tensors")
		}
		if found := file.Tensors[i]; found.Name != t.Name || !slices.Equal(found.Shape, t.Shape) {
			return fail(ErrCorrupt, "looking for the tensors of the network", fmt.Sprintf("%s of shape %v", quote(t.Name), t.Shape), fmt.Sprintf("%s of shape %v", quote(found.Name), found.Shape))
		}
	}
	if len(file.Tensors) > len(want) {
		return fail(ErrCorrupt, "looking for the tensors of the network", fmt.Sprintf("%d of them", len(want)), fmt.Sprint(len(file.Tensors)))
	}
	d, s := c.Spec.ParameterCount(), c.Spec.StateCount()
	c.Params, c.State, c.Velocity = file.Values[:d:d], file.Values[d:d+s:d+s], file.Values[d+s:]
	return c, nil
}

// checkpointFault makes the trouble with a safetensors file one with a checkpoint.
func checkpointFault(err error) error {
	var e *safetensors.Error
	if !errors.As(err, &e) {
		return &CheckpointError{Doing: "reading the file", Expected: "a checkpoint", Found: err.Error(), Err: err}
	}
	cause := e.Err
	switch cause {
	case safetensors.ErrTruncated:
		cause = ErrTruncated
	case safetensors.ErrTooLarge:
		cause = ErrTooLarge
	case safetensors.ErrType:
		cause = ErrNotCheckpoint
	case safetensors.ErrFormat, safetensors.ErrSeal:
		cause = ErrCorrupt
	}
	return &CheckpointError{Offset: e.Offset, Doing: e.Doing, Expected: e.Expected, Found: e.Found, Err: cause}
}

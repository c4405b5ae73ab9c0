package engine

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// MaxSpecBytes bounds the JSON of a specification.
const MaxSpecBytes = 1 << 20

// ErrSpecJSON: a specification is not the JSON that was expected.
var ErrSpecJSON = errors.New("engine: not a specification")

// ReadSpec reads a network as a user wrote it down: one JSON object, with the fields of Spec and no others. Input and
// classes may be left out (0) where the images decide; then the caller sets them and calls Validate. Else the network is checked. The
// errors wrap ErrSpecJSON, or are those of Validate.
func ReadSpec(r io.Reader) (Spec, error) {
	text, err := io.ReadAll(io.LimitReader(r, MaxSpecBytes+1))
	if err != nil {
		return Spec{}, fmt.Errorf("reading a specification: %w", err)
	}
	if len(text) > MaxSpecBytes {
		return Spec{}, fmt.Errorf("%w: expected at most %d bytes, found more; leave out what is not a layer", ErrSpecJSON, MaxSpecBytes)
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	var spec Spec
	if err := decoder.Decode(&spec); err != nil {
		return Spec{}, fmt.Errorf("%w: expected an object with name, input, classes and layers, found at byte %d: %w", ErrSpecJSON, decoder.InputOffset(), err)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return Spec{}, fmt.Errorf("%w: expected nothing behind the object, found more at byte %d", ErrSpecJSON, decoder.InputOffset())
	}
	if spec.Input == (Shape{}) || spec.Classes == 0 {
		return spec, nil
	}
	return spec, spec.Validate()
}

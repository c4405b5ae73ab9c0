package safetensors

import (
	"errors"
	"fmt"
)

// Causes of an *Error.
var (
	ErrFormat    = errors.New("not a safetensors file") // or one whose header says what cannot be
	ErrType      = errors.New("tensor of another type than F32")
	ErrTruncated = errors.New("safetensors file is cut short")
	ErrTooLarge  = errors.New("safetensors file is too large")
	ErrSeal      = errors.New("safetensors file is damaged")
)

// Error says where in a file what went wrong. It unwraps to one of the causes above, or to the error of the reader.
type Error struct {
	Offset   int64 // byte at which the trouble was seen
	Doing    string
	Expected string
	Found    string
	Err      error
}

func (e *Error) Error() string {
	return fmt.Sprintf("%v: %s at byte %d: expected %s, found %s; use another file", e.Err, e.Doing, e.Offset, e.Expected, e.Found)
}

func (e *Error) Unwrap() error { return e.Err }

// quote makes a word from a file short and printable.
func quote(s string) string {
	if len(s) > 60 {
		return fmt.Sprintf("%.60q… (%d bytes)", s, len(s))
	}
	return fmt.Sprintf("%q", s)
}

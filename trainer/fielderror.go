package trainer

import (
	"errors"
	"fmt"

	"smoothscape/trainer/measure"
)

// FieldError says what is wrong with one field of a Config, as it does of a measure.Request.
type FieldError = measure.FieldError

// FieldErrors lists the *FieldError in err, in order, however they were joined or wrapped.
func FieldErrors(err error) []*FieldError {
	switch e := err.(type) {
	case nil:
		return nil
	case *FieldError:
		return []*FieldError{e}
	case interface{ Unwrap() []error }:
		var all []*FieldError
		for _, one := range e.Unwrap() {
			all = append(all, FieldErrors(one)...)
		}
		return all
	}
	return FieldErrors(errors.Unwrap(err))
}

// quote makes a word that a user typed short and printable.
func quote(s string) string {
	if len(s) > 40 {
		return fmt.Sprintf("%.40q… (%d bytes)", s, len(s))
	}
	return fmt.Sprintf("%q", s)
}

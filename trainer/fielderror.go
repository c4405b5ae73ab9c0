package trainer

import (
	"errors"
	"fmt"
)

// FieldError says what is wrong with one field of a Config. Field is the name in JSON and in the form.
type FieldError struct {
	Field    string
	Doing    string
	Expected string
	Found    string
	Advice   string // what to do: a clause without a full stop
}

func (e *FieldError) Error() string {
	return fmt.Sprintf("%s: %s: expected %s, found %s; %s", e.Field, e.Doing, e.Expected, e.Found, e.Advice)
}

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

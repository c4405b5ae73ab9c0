package descent

import (
	"errors"
	"fmt"
)

// FieldError says what is wrong with one field of a Method, Schedule, Explicit or Trial.
type FieldError struct{ Field, Expected, Found, Advice string }

func (e *FieldError) Error() string {
	return fmt.Sprintf("setting up a descent: %s: expected %s, found %s; %s", e.Field, e.Expected, e.Found, e.Advice)
}

// faults collects everything that is wrong.
type faults struct{ errs []error }

// require notes a fault unless ok. What was found is printed by %v.
func (f *faults) require(ok bool, field, expected string, found any, advice string) {
	if !ok {
		f.errs = append(f.errs, &FieldError{field, expected, fmt.Sprint(found), advice})
	}
}

func (f *faults) add(err error) {
	if err != nil {
		f.errs = append(f.errs, err)
	}
}

func (f *faults) join() error { return errors.Join(f.errs...) }

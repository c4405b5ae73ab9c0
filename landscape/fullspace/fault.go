package fullspace

import "fmt"

// Error says why something cannot be sampled.
type Error struct{ Doing, Expected, Found, Advice string }

func (e *Error) Error() string {
	return fmt.Sprintf("%s: expected %s, found %s; %s", e.Doing, e.Expected, e.Found, e.Advice)
}

func refuse(doing, expected string, found any, advice string) error {
	return &Error{doing, expected, fmt.Sprint(found), advice}
}

package dataset

import (
	"fmt"
	"strings"
)

// FormatError says what is wrong with a data file: where, what was being done, what was expected and what was found, and
// what the user can do about it.
type FormatError struct {
	File     string // path as the user would type it
	Offset   int64  // byte in the file (in the unpacked data, for gzip) at which the trouble was seen; −1 if it has no place
	Doing    string // "reading the label of record 7"
	Expected string // "a number from 0 to 99"
	Found    string // "255"
	Advice   string // what to do: a clause without a full stop
	Err      error  // the cause, if another error was one; may be nil
}

func (e *FormatError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", e.File, e.Doing)
	if e.Offset >= 0 {
		fmt.Fprintf(&b, " at byte %d", e.Offset)
	}
	fmt.Fprintf(&b, ": expected %s, found %s", e.Expected, e.Found)
	if e.Advice != "" {
		fmt.Fprintf(&b, "; %s", e.Advice)
	}
	return b.String()
}

// Unwrap gives the cause, so that errors.Is(err, fs.ErrPermission) and the like work.
func (e *FormatError) Unwrap() error { return e.Err }

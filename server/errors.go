package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// fault is a mistake in what somebody asked for, told so that they can mend it: what was being done, what was expected, what was found,
// and what to do. The same fault is exit code 2 in a terminal, a JSON object under /api and a page in the browser. Every field is shown
// to whoever asked, so none may hold a secret or an inner cause.
type fault struct {
	Status   int    `json:"-"`               // HTTP status, 400 … 499; 0 means 400
	Field    string `json:"field,omitempty"` // the flag, form field or query key at fault, where there is one
	Doing    string `json:"doing"`           // "reading the learning rate"
	Expected string `json:"expected"`        // "a number above 0"
	Found    string `json:"found"`           // "-1"
	Advice   string `json:"advice"`          // "Type a number such as 0.1."
}

// Error is the whole sentence.
func (f *fault) Error() string {
	var text strings.Builder
	fmt.Fprintf(&text, "%s: expected %s, found %s", f.Doing, f.Expected, f.Found)
	if f.Advice != "" {
		text.WriteString(". ")
		text.WriteString(f.Advice)
	}
	return text.String()
}

// faults lists every fault in err, however they were wrapped or joined. It is empty when err holds anything else besides faults, because
// then err is not (only) the asker's mistake.
func faults(err error) []*fault {
	switch e := err.(type) {
	case nil:
		return nil
	case *fault:
		return []*fault{e}
	case interface{ Unwrap() []error }:
		var all []*fault
		for _, inner := range e.Unwrap() {
			some := faults(inner)
			if len(some) == 0 {
				return nil
			}
			all = append(all, some...)
		}
		return all
	case interface{ Unwrap() error }:
		return faults(e.Unwrap())
	}
	return nil
}

// quoted shows what was found in a sentence: short, on one line, with everything that is not plain text escaped.
func quoted(s string) string {
	const most = 80
	if s == "" {
		return "nothing"
	}
	if runes := []rune(s); len(runes) > most {
		s = string(runes[:most]) + "…"
	}
	return fmt.Sprintf("%q", s)
}

// errInternal is what whoever asked learns about an error that is ours: the cause goes to the log.
var errInternal = &fault{
	Status: http.StatusInternalServerError, Doing: "answering this request", Expected: "to succeed", Found: "a fault of the program",
	Advice: "The reason is in the log of smoothscape; nothing that was saved is lost.",
}

// publicFaults is the one table from errors to what the asker sees, its first fault deciding the status. Errors that it does not know
// become errInternal.
func publicFaults(err error) []*fault {
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return []*fault{{
			Status: http.StatusRequestEntityTooLarge, Doing: "reading the request", Expected: fmt.Sprintf("at most %d bytes", tooLarge.Limit),
			Found: "more", Advice: "Send less.",
		}}
	case errors.Is(err, context.Canceled):
		return []*fault{{
			Status: http.StatusServiceUnavailable, Doing: "answering this request", Expected: "time to finish", Found: "that it was canceled",
			Advice: "Ask again.",
		}}
	}
	if known := faults(err); len(known) > 0 {
		return known
	}
	return []*fault{errInternal}
}

// status is the HTTP status of a fault.
func (f *fault) status() int {
	if f.Status == 0 {
		return http.StatusBadRequest
	}
	return f.Status
}

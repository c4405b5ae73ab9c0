package main

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strings"
)

// server holds what the handlers share. Its fields do not change after it has been made.
type server struct {
	log      *slog.Logger
	guard    *guard
	runs     *Runs
	figures  chan struct{} // holds one token for each figure that is being drawn
	trees    *trees        // of minima, for the Explore page
	talks    *talks
	descents *descents   // on closed forms, for the Explore page
	planes   *planeGrids // of closed forms of many variables
	spaces   *spaces     // pictures in full space
}

// answer runs a handler; an error becomes the response.
func (s *server) answer(h handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := h(w, r); err != nil {
			s.fail(w, r, err)
		}
	}
}

// fail answers a request with an error: JSON for programs, a page for people. What the table of errors.go does not know is logged and
// not shown.
func (s *server) fail(w http.ResponseWriter, r *http.Request, err error) {
	known := publicFaults(err)
	status := known[0].status()
	if status >= http.StatusInternalServerError {
		s.log.Error("request failed", "method", r.Method, "path", r.URL.Path, "cause", err)
	}
	if forPrograms(r) {
		writeJSON(w, status, map[string]any{"error": known[0], "errors": known})
		return
	}
	if status == http.StatusUnauthorized {
		http.Redirect(w, r, loginPath, http.StatusSeeOther)
		return
	}
	if err := errorPage(w, r, status, known); err != nil {
		s.log.Error("the page of an error failed", "path", r.URL.Path, "cause", err)
		http.Error(w, known[0].Error(), status)
	}
}

// forPrograms says whether a request wants JSON when it fails. (A figure is fetched by people: its link is on the pages.)
func forPrograms(r *http.Request) bool {
	return strings.HasPrefix(r.URL.Path, "/api/") || strings.HasPrefix(r.URL.Path, "/ws/")
}

// writeJSON sends a value that cannot fail to encode: strings and finite numbers. An error of the connection is the client's loss.
func writeJSON(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value)
}

func (s *server) health(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, err := io.WriteString(w, "ok\n")
	return err
}

func noSuchPage(_ http.ResponseWriter, r *http.Request) error {
	return &fault{
		Status: http.StatusNotFound, Doing: "looking for this page", Expected: "one of the addresses that `smoothscape serve --help` lists",
		Found: quoted(r.URL.Path), Advice: "Start at / or at /runs.",
	}
}

func noSuchMethod(_ http.ResponseWriter, r *http.Request) error {
	return &fault{
		Status: http.StatusMethodNotAllowed, Doing: "answering " + quoted(r.URL.Path), Expected: "a method that `smoothscape serve --help` lists for it",
		Found: quoted(r.Method), Advice: "Use the page itself, or another method.",
	}
}

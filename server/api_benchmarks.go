package main

import (
	"io"
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5"
)

// apiBenchmarks answers GET /api/runs/{id}/benchmarks.
func (rs *Runs) apiBenchmarks(w http.ResponseWriter, r *http.Request) error {
	all, err := rs.Benchmarks(r.Context(), chi.URLParam(r, "id"))
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, map[string]any{"benchmarks": all})
	return nil
}

// apiAttach answers POST /api/runs/{id}/benchmarks.
func (rs *Runs) apiAttach(w http.ResponseWriter, r *http.Request) error {
	given, err := io.ReadAll(r.Body) // the guard has put a limit on it
	if err != nil {
		return err
	}
	attached, err := rs.Attach(chi.URLParam(r, "id"), given)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusCreated, attached)
	return nil
}

// apiDetach answers DELETE /api/runs/{id}/benchmarks/{number}.
func (rs *Runs) apiDetach(w http.ResponseWriter, r *http.Request) error {
	if err := rs.Detach(chi.URLParam(r, "id"), benchmarkNumber(r)); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// attach answers POST /runs/{id}/benchmarks, whose form carries a file, and goes back to the run.
func (s *server) attach(w http.ResponseWriter, r *http.Request) error {
	file, _, err := r.FormFile("file")
	if err != nil {
		return badForm(err)
	}
	given, err := io.ReadAll(file)
	if err != nil {
		return badForm(err)
	}
	id := chi.URLParam(r, "id")
	if _, err := s.runs.Attach(id, given); err != nil {
		return err
	}
	http.Redirect(w, r, "/runs/"+id+"#speed", http.StatusSeeOther)
	return nil
}

// detach answers POST /runs/{id}/benchmarks/{number}/remove, and goes back to the run.
func (s *server) detach(w http.ResponseWriter, r *http.Request) error {
	id := chi.URLParam(r, "id")
	if err := s.runs.Detach(id, benchmarkNumber(r)); err != nil {
		return err
	}
	http.Redirect(w, r, "/runs/"+id+"#speed", http.StatusSeeOther)
	return nil
}

// benchmarkNumber reads the number in the path; 0, which none has, is any other text.
func benchmarkNumber(r *http.Request) int {
	number, err := strconv.Atoi(chi.URLParam(r, "number"))
	if err != nil {
		return 0
	}
	return number
}

package main

import (
	"embed"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/go-chi/chi/v5"
)

// The slices of trained networks that ship with the program; slices/README.md says how each was made.
//
//go:embed slices
var sliceFiles embed.FS

// shipped is a slice that ships with the program.
type shipped struct{ ID, Title string }

// shippedSlices lists them in the order in which they are offered.
func shippedSlices() []shipped {
	return []shipped{{ID: "fashion-convnet", Title: "Convnet trained on Fashion-MNIST"}}
}

// shippedJSON is a slice as it was written; a *fault with status 404 if there is none of this id.
func shippedJSON(id string) ([]byte, error) {
	var ids []string
	for _, s := range shippedSlices() {
		if s.ID == id {
			return sliceFiles.ReadFile("slices/" + id + ".json")
		}
		ids = append(ids, s.ID)
	}
	return nil, &fault{
		Status: http.StatusNotFound, Field: "f", Doing: "looking for a slice that ships with Smoothscape", Expected: strings.Join(ids, " or "), Found: quoted(id),
		Advice: "Choose another function.",
	}
}

// shippedSlice answers GET /api/slices/{id}.
func (s *server) shippedSlice(w http.ResponseWriter, r *http.Request) error {
	text, err := shippedJSON(chi.URLParam(r, "id"))
	if err != nil {
		return err
	}
	return writeRawJSON(w, text)
}

// sliceOfView is the slice that a view shows, nil where it shows a closed form.
func sliceOfView(state viewState) (*Slice, error) {
	id, ok := strings.CutPrefix(state.Function, slicePrefix)
	if !ok {
		return nil, nil
	}
	text, err := shippedJSON(id)
	if err != nil {
		return nil, err
	}
	var slice Slice
	if err := json.Unmarshal(text, &slice); err != nil {
		return nil, fmt.Errorf("reading the slice %s that ships with the program: %w", id, err)
	}
	return &slice, nil
}

// shippedSpace is what smoothing in all dimensions makes of a shipped slice, as lines of JSON; a *fault with status 404 if there is none.
func shippedSpace(id string) ([]byte, error) {
	if _, err := shippedJSON(id); err != nil {
		return nil, err
	}
	body, err := sliceFiles.ReadFile("slices/" + id + ".fullspace.ndjson")
	if err != nil {
		return nil, fmt.Errorf("reading the pictures in full space of the slice %s that ships with the program: %w", id, err)
	}
	return body, nil
}

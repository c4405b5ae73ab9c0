package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode"

	"github.com/go-chi/chi/v5"

	"smoothscape/server/store"
)

// Limits of what people say of a run.
const (
	maxTags     = 16
	maxTag      = 32     // characters
	maxNotes    = 20_000 // bytes
	runColorSet = "amber blue cyan green orange pink red violet"
)

// runChange is the body of PATCH /api/runs/{id}: what is left out stays as it is, so that two people who change different things of a run
// do not undo each other's work. Of the same thing the last word counts.
type runChange struct {
	Name   *string   `json:"name"`
	Pinned *bool     `json:"pinned"`
	Tags   *[]string `json:"tags"`
	Color  *string   `json:"color"`
	Notes  *string   `json:"notes"`
}

// apiChange answers PATCH /api/runs/{id}.
func (rs *Runs) apiChange(w http.ResponseWriter, r *http.Request) error {
	var change runChange
	if err := readJSON(r.Body, &change); err != nil {
		for _, f := range faults(err) {
			f.Advice = `Send what is to change, {"name":"…","pinned":true,"tags":["…"],"color":"blue","notes":"…"}, for example.`
			if strings.HasPrefix(f.Expected, "known fields") {
				f.Expected = "name, pinned, tags, color and notes"
			}
		}
		return err
	}
	run, err := rs.Change(r.Context(), chi.URLParam(r, "id"), change)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, run)
	return nil
}

// Change changes what people say of a run. Everything that is wrong with it are *fault values, joined; then nothing is changed.
func (rs *Runs) Change(ctx context.Context, id string, change runChange) (RunView, error) {
	if err := rs.mayChange(id, "changing a run"); err != nil {
		return RunView{}, err
	}
	if err := change.check(); err != nil {
		return RunView{}, err
	}
	rs.mu.Lock() // so that viewers get the newest row last
	defer rs.mu.Unlock()
	if rs.closed {
		return RunView{}, errClosing
	}
	run, err := rs.store.UpdateRun(id, func(run *store.Run) error {
		change.apply(run)
		return nil
	})
	if err != nil {
		return RunView{}, noSuchRun(id, err)
	}
	rs.announce(run)
	return viewOf(run), nil
}

// check brings texts into the form in which they are kept, and says what is wrong with them.
func (c *runChange) check() error {
	var errs []error
	refuse := func(field, expected, found, advice string) {
		errs = append(errs, &fault{Field: field, Doing: "changing a run's " + field, Expected: expected, Found: found, Advice: advice})
	}
	if c.Name != nil {
		*c.Name = oneLine(*c.Name)
		if n := len([]rune(*c.Name)); n == 0 || n > maxRunName {
			refuse("name", fmt.Sprintf("1 to %d characters", maxRunName), fmt.Sprint(n), "Choose another name.")
		}
	}
	if c.Tags != nil {
		tags := []string{}
		for _, tag := range *c.Tags {
			tag = oneLine(tag)
			if n := len([]rune(tag)); n == 0 || n > maxTag || strings.Contains(tag, ",") {
				refuse("tags", fmt.Sprintf("tags of 1 to %d characters without a comma", maxTag), quoted(tag), "Shorten it, or make two of it.")
			} else if !slices.Contains(tags, tag) {
				tags = append(tags, tag)
			}
		}
		if len(tags) > maxTags {
			refuse("tags", fmt.Sprintf("at most %d tags", maxTags), fmt.Sprint(len(tags)), "Leave some out.")
		}
		*c.Tags = tags
	}
	if c.Color != nil && *c.Color != "" && !slices.Contains(strings.Fields(runColorSet), *c.Color) {
		refuse("color", "one of "+runColorSet+", or nothing", quoted(*c.Color), "Choose one of them.")
	}
	if c.Notes != nil {
		*c.Notes = strings.ReplaceAll(*c.Notes, "\r\n", "\n")
		if n := len(*c.Notes); n > maxNotes {
			refuse("notes", fmt.Sprintf("at most %d bytes", maxNotes), fmt.Sprint(n), "Shorten them.")
		}
	}
	return errors.Join(errs...)
}

func (c *runChange) apply(run *store.Run) {
	set(&run.Name, c.Name)
	set(&run.Pinned, c.Pinned)
	set(&run.Tags, c.Tags)
	set(&run.Color, c.Color)
	set(&run.Notes, c.Notes)
}

func set[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}

// oneLine is a text without line breaks and other control characters, and with single spaces.
func oneLine(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)
	return strings.Join(strings.Fields(text), " ")
}

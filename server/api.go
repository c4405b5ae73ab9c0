package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"
)

// Events of one answer of /api/runs/{id}/events.
const (
	defaultEvents = 2000
	maxEvents     = 10000
)

// newRun is the body of POST /api/runs. Fields of the configuration that are left out are those of the model's preset.
type newRun struct {
	Name   string          `json:"name"`
	Config json.RawMessage `json:"config"`
}

// apiCreate answers POST /api/runs.
func (rs *Runs) apiCreate(w http.ResponseWriter, r *http.Request) error {
	var body newRun
	if err := readJSON(r.Body, &body); err != nil {
		return err
	}
	cfg, err := readConfig(body.Config)
	if err != nil {
		return err
	}
	run, err := rs.Create(r.Context(), body.Name, cfg)
	if err != nil {
		return err
	}
	w.Header().Set("Location", "/api/runs/"+run.ID)
	writeJSON(w, http.StatusCreated, run)
	return nil
}

// apiRun answers GET /api/runs/{id}.
func (rs *Runs) apiRun(w http.ResponseWriter, r *http.Request) error {
	run, err := rs.Run(r.Context(), chi.URLParam(r, "id"))
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, run)
	return nil
}

// apiMove answers POST /api/runs/{id}/{move}.
func (rs *Runs) apiMove(w http.ResponseWriter, r *http.Request) error {
	run, err := rs.Do(r.Context(), chi.URLParam(r, "id"), Move(chi.URLParam(r, "move")))
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, run)
	return nil
}

// apiEvents answers GET /api/runs/{id}/events?from=OFFSET&limit=N with {"events":[{"offset":0,"event":{…}},…],"next":N}: ask again from
// next; an empty list is the end of the log for now.
func (rs *Runs) apiEvents(w http.ResponseWriter, r *http.Request) error {
	from, err := countParameter(r, "from", 0)
	if err != nil {
		return err
	}
	limit, err := countParameter(r, "limit", defaultEvents)
	if err != nil {
		return err
	}
	bodies, err := rs.Events(r.Context(), chi.URLParam(r, "id"), from, int(min(limit, maxEvents)))
	if err != nil {
		return err
	}
	answer := []byte(`{"events":[`)
	for i, body := range bodies {
		if i > 0 {
			answer = append(answer, ',')
		}
		answer = append(answer, `{"offset":`...)
		answer = strconv.AppendInt(answer, from+int64(i), 10)
		answer = append(answer, `,"event":`...)
		answer = append(answer, body...)
		answer = append(answer, '}')
	}
	answer = append(answer, `],"next":`...)
	answer = strconv.AppendInt(answer, from+int64(len(bodies)), 10)
	return writeRawJSON(w, append(answer, '}', '\n'))
}

// writeRawJSON sends JSON that is encoded already.
func writeRawJSON(w http.ResponseWriter, text []byte) error {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_, _ = w.Write(text) // an error of the connection is the client's loss
	return nil
}

// readJSON reads exactly one JSON value of known fields.
func readJSON(from io.Reader, into any) error {
	decoder := json.NewDecoder(from)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return badJSON(err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return badJSON(errors.New("more after the object"))
	}
	return nil
}

// badJSON says what is wrong with a body; that it is too long stays what it is.
func badJSON(err error) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return err
	}
	f := &fault{Doing: "reading the body", Expected: "one JSON object of known fields", Found: err.Error(), Advice: `Send {"name":"…","config":{"model":"softmax"}}, for example.`}
	var wrongType *json.UnmarshalTypeError
	if errors.As(err, &wrongType) {
		f.Field = wrongType.Field
		f.Expected, f.Found = "a value of type "+wrongType.Type.String(), wrongType.Value
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		f.Field = strings.Trim(name, `"`)
		f.Expected, f.Found = "known fields; those of a configuration are "+strings.Join(configFields(), ", "), name
	}
	return f
}

// countParameter reads a query parameter that counts something.
func countParameter(r *http.Request, name string, absent int64) (int64, error) {
	text := r.URL.Query().Get(name)
	if text == "" {
		return absent, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 || n > math.MaxInt32 {
		return 0, &fault{
			Field: name, Doing: "reading " + name, Expected: fmt.Sprintf("a whole number from 0 to %d", math.MaxInt32), Found: quoted(text),
			Advice: "Use the number that the last answer gave as next.",
		}
	}
	return n, nil
}

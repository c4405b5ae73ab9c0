package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"
)

// studyBody is the body of POST /api/studies.
type studyBody struct {
	Name      string          `json:"name"`
	Config    json.RawMessage `json:"config"`
	Schedules []string        `json:"schedules"`
	Seeds     []uint64        `json:"seeds"`
}

// apiCreateStudy answers POST /api/studies.
func (rs *Runs) apiCreateStudy(w http.ResponseWriter, r *http.Request) error {
	var body studyBody
	if err := readJSON(r.Body, &body); err != nil {
		return err
	}
	cfg := usualStudy()
	if len(body.Config) > 0 {
		var err error
		if cfg, err = readConfig(body.Config); err != nil {
			return err
		}
	}
	study, err := rs.CreateStudy(r.Context(), newStudy{Name: body.Name, Config: cfg, Schedules: body.Schedules, Seeds: body.Seeds})
	if err != nil {
		return err
	}
	w.Header().Set("Location", "/api/studies/"+study.ID)
	writeJSON(w, http.StatusCreated, study)
	return nil
}

// apiStudy answers GET /api/studies/{id}.
func (rs *Runs) apiStudy(w http.ResponseWriter, r *http.Request) error {
	study, err := rs.Study(r.Context(), chi.URLParam(r, "id"))
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, study)
	return nil
}

// apiCompare answers GET /api/compare?run=…&run=…&study=…&points=…&against=…&shown=1. The answer has an ETag: whoever asks with If-None-Match gets
// 304 while nothing has changed.
func (rs *Runs) apiCompare(w http.ResponseWriter, r *http.Request) error {
	asked, err := readComparison(r.URL.Query())
	if err != nil {
		return err
	}
	view, err := rs.Compare(r.Context(), asked)
	if err != nil {
		return err
	}
	if r.URL.Query().Get("shown") == "1" {
		view.Shown = view.shown(r.Context())
	}
	body, err := json.Marshal(view)
	if err != nil {
		return fmt.Errorf("writing a comparison: %w", err)
	}
	sum := sha256.Sum256(body)
	tag := `"` + hex.EncodeToString(sum[:12]) + `"`
	w.Header().Set("ETag", tag)
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	return writeRawJSON(w, body)
}

// readComparison reads the query of /compare and of /api/compare.
func readComparison(query url.Values) (comparison, error) {
	asked := comparison{Study: query.Get("study"), Runs: query["run"], Points: usualCurvePoints, Against: query.Get("against")}
	if n := len(asked.Runs); n > maxCompared {
		return asked, &fault{Field: "run", Doing: "choosing what to compare", Expected: fmt.Sprintf("at most %d runs", maxCompared), Found: fmt.Sprint(n), Advice: "Name fewer."}
	}
	for _, id := range asked.Runs {
		if id == "" || len(id) > maxComparedIDSize {
			return asked, &fault{Field: "run", Doing: "choosing what to compare", Expected: "the name of a run", Found: quoted(id), Advice: "Choose runs from the list at /runs."}
		}
	}
	if text := query.Get("points"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < leastCurvePoints || n > maxCurvePoints {
			return asked, &fault{
				Field: "points", Doing: "reading points", Expected: fmt.Sprintf("a whole number from %d to %d", leastCurvePoints, maxCurvePoints), Found: quoted(text),
				Advice: "Leave it out, or choose one of these.",
			}
		}
		asked.Points = n
	}
	return asked, nil
}

// apiCompareTable answers GET /api/compare/table?format=csv|json|tex with the table of results of the same query.
func (rs *Runs) apiCompareTable(w http.ResponseWriter, r *http.Request) error {
	asked, err := readComparison(r.URL.Query())
	if err != nil {
		return err
	}
	format := r.URL.Query().Get("format")
	write, ok := map[string]func(ComparisonView) ([]byte, error){"csv": tableCSV, "json": tableJSON, "tex": tableTeX}[format]
	if !ok {
		return &fault{Field: "format", Doing: "reading format", Expected: "csv, json or tex", Found: quoted(format), Advice: "Choose one of these."}
	}
	view, err := rs.Compare(r.Context(), asked)
	if err != nil {
		return err
	}
	body, err := write(view)
	if err != nil {
		return fmt.Errorf("writing the table of a comparison: %w", err)
	}
	kind := map[string]string{"csv": "text/csv", "json": "application/json", "tex": "text/plain"}[format]
	w.Header().Set("Content-Type", kind+"; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="comparison.`+strings.ToLower(format)+`"`)
	_, _ = w.Write(body) // an error of the connection is the client's loss
	return nil
}

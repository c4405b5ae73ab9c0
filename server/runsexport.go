package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"smoothscape/landscape/gridfile"
	"smoothscape/server/store"
)

// apiExport answers POST /api/runs/export with runs as a file: those of runs=ID,ID… in that order, or all; format=csv or json. It changes
// nothing, but names more runs than an address may be long.
func (rs *Runs) apiExport(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	format := r.PostForm.Get("format")
	if format != "csv" && format != "json" {
		return &fault{Field: "format", Doing: "exporting runs", Expected: "csv or json", Found: quoted(format), Advice: "Choose one of them."}
	}
	runs, err := rs.List(r.Context())
	if err != nil {
		return err
	}
	if ids := r.PostForm.Get("runs"); ids != "" {
		known := map[string]RunView{}
		for _, run := range runs {
			known[run.ID] = run
		}
		runs = runs[:0:0]
		for _, id := range strings.Split(ids, ",") {
			run, ok := known[id]
			if !ok {
				return noSuchRun(id, store.ErrNotFound)
			}
			runs = append(runs, run)
		}
	}
	text, kind := []byte(nil), "text/csv; charset=utf-8"
	if format == "csv" {
		text, err = runsCSV(runs)
	} else {
		kind = "application/json; charset=utf-8"
		text, err = json.MarshalIndent(map[string]any{"runs": runs}, "", " ")
	}
	if err != nil {
		return fmt.Errorf("exporting runs: %w", err)
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", "runs-"+time.Now().Format(time.DateOnly)+"."+format))
	_, _ = w.Write(text) // an error of the connection is the client's loss
	return nil
}

// runsCSV has a line for each run, after RFC 4180. Numbers that are not known are empty.
func runsCSV(runs []RunView) ([]byte, error) {
	lines := [][]string{{
		"id", "name", "status", "created", "updates", "updates in all", "epoch", "test accuracy", "delta", "learning rate", "batch size",
		"schedule", "model", "data set", "seed", "pinned", "color", "tags", "notes",
	}}
	for _, r := range runs {
		line := []string{
			r.ID, r.Name, string(r.Status), time.UnixMilli(r.Created).UTC().Format(time.RFC3339), strconv.Itoa(r.Step), strconv.Itoa(r.TotalSteps), strconv.Itoa(r.Epoch),
			csvNumber(r.TestAccuracy), csvNumber(r.NoiseLevel), csvNumber(r.LearningRate), "", r.Config.Schedule, r.Config.Model, r.Config.Dataset,
			strconv.FormatUint(r.Config.Seed, 10), strconv.FormatBool(r.Pinned), r.Color, strings.Join(r.Tags, ", "), r.Notes,
		}
		if r.BatchSize != nil {
			line[10] = strconv.Itoa(*r.BatchSize)
		}
		for i, cell := range line {
			line[i] = gridfile.SheetText(cell) // none of our numbers begins with a sign
		}
		lines = append(lines, line)
	}
	var text bytes.Buffer
	w := csv.NewWriter(&text)
	w.UseCRLF = true
	err := w.WriteAll(lines)
	return text.Bytes(), err
}

func csvNumber(v *float64) string {
	if v == nil {
		return ""
	}
	return strconv.FormatFloat(*v, 'g', -1, 64)
}

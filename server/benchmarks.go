package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"smoothscape/server/store"
	"smoothscape/trainer"
	"smoothscape/trainer/bench"
	"smoothscape/web"
)

// BenchmarkView is a benchmark that somebody attached to a run, as the pages and the JSON API see it.
type BenchmarkView struct {
	Number    int             `json:"number"`    // 1, 2, 3, … within the run
	Created   int64           `json:"created"`   // Unix milliseconds, when it was attached
	Benchmark json.RawMessage `json:"benchmark"` // what `smoothscape train --bench --json` printed
}

const (
	benchmarksKept    = 20
	maxBenchmarkBytes = 64 << 10
)

// Attach keeps what `smoothscape train --bench --json` printed, here or on another machine, beside a run. Everything that is wrong with it are *fault values.
func (rs *Runs) Attach(id string, given []byte) (BenchmarkView, error) {
	if err := rs.mayChange(id, "attaching a benchmark to a run"); err != nil {
		return BenchmarkView{}, err
	}
	if err := checkBenchmark(given); err != nil {
		return BenchmarkView{}, err
	}
	var body bytes.Buffer
	if err := json.Compact(&body, given); err != nil {
		return BenchmarkView{}, err
	}
	row := store.Benchmark{Run: id, Created: time.Now().UnixMilli(), Body: body.Bytes()}
	number, err := rs.store.AddBenchmark(row, benchmarksKept)
	if err != nil {
		return BenchmarkView{}, noSuchRun(id, err)
	}
	return BenchmarkView{Number: number, Created: row.Created, Benchmark: row.Body}, nil
}

// Benchmarks are what is attached to a run, newest first.
func (rs *Runs) Benchmarks(ctx context.Context, id string) ([]BenchmarkView, error) {
	all := []BenchmarkView{}
	if recorded, err := rs.recordings.get(id); err != nil || recorded != nil {
		return all, err
	}
	if _, err := rs.row(ctx, id); err != nil {
		return nil, err
	}
	rows, err := rs.store.Benchmarks(ctx, id)
	for _, b := range rows {
		all = append(all, BenchmarkView{Number: b.Number, Created: b.Created, Benchmark: b.Body})
	}
	return all, err
}

// Detach takes a benchmark off a run.
func (rs *Runs) Detach(id string, number int) error {
	err := rs.store.RemoveBenchmark(id, number)
	if !errors.Is(err, store.ErrNotFound) {
		return err
	}
	return &fault{
		Status: http.StatusNotFound, Field: "number", Doing: "removing a benchmark of run " + quoted(id), Expected: "the number of one that is attached", Found: fmt.Sprint(number),
		Advice: "Reload the page to see which are there.",
	}
}

// checkBenchmark refuses what was not printed by a benchmark. What a later version printed besides is kept.
func checkBenchmark(given []byte) error {
	wrong := func(field, expected, found string) error {
		return &fault{Field: field, Doing: "reading a benchmark", Expected: expected, Found: found, Advice: "Take the file that smoothscape train --bench --json > bench.json writes."}
	}
	if len(given) > maxBenchmarkBytes {
		return wrong("file", fmt.Sprintf("at most %d kB", maxBenchmarkBytes>>10), fmt.Sprintf("%d kB", len(given)>>10))
	}
	var r benchReport
	if err := json.Unmarshal(given, &r); err != nil {
		return wrong("file", "one JSON object of a benchmark", err.Error())
	}
	var errs []error
	text := func(field, value string) {
		if value == "" || len(value) > 200 || strings.ContainsFunc(value, func(r rune) bool { return r < ' ' }) {
			errs = append(errs, wrong(field, "a name of at most 200 characters", quoted(value)))
		}
	}
	positive := func(field string, value float64) {
		if !(value > 0) || math.IsInf(value, 0) {
			errs = append(errs, wrong(field, "a number above 0", fmt.Sprint(value)))
		}
	}
	text("model", r.Model)
	text("path", r.Path)
	if r.Mode != bench.Train && r.Mode != bench.Forward {
		errs = append(errs, wrong("mode", "train or forward", quoted(string(r.Mode))))
	}
	positive("batch", float64(r.Batch))
	positive("medianMs", r.MedianMS)
	positive("imagesPerSecond", r.ImagesPerSecond)
	if r.Device != nil {
		text("device.name", r.Device.Name)
	}
	if r.CPU != nil {
		positive("cpu.imagesPerSecond", r.CPU.ImagesPerSecond)
	}
	if r.Torch != nil {
		positive("torch.imagesPerSecond", r.Torch.ImagesPerSecond)
	}
	return errors.Join(errs...)
}

// speedPanel shows them on the run's page.
func (rs *Runs) speedPanel(ctx context.Context, run RunView) (web.SpeedPanel, error) {
	attached, err := rs.Benchmarks(ctx, run.ID)
	if err != nil {
		return web.SpeedPanel{}, err
	}
	panel := web.SpeedPanel{Action: "/runs/" + run.ID + "/benchmarks", List: "/api/runs/" + run.ID + "/benchmarks", Command: rs.benchCommand(ctx, run.Config)}
	for _, b := range attached {
		var r benchReport
		if json.Unmarshal(b.Benchmark, &r) != nil {
			continue // of a later version that writes it otherwise
		}
		panel.Rows = append(panel.Rows, r.row(b.Created, panel.Action+"/"+strconv.Itoa(b.Number)+"/remove"))
	}
	return panel, nil
}

// benchCommand measures the network of a configuration, with what its words allow.
func (rs *Runs) benchCommand(ctx context.Context, cfg trainer.Config) string {
	command := "smoothscape train --bench --json"
	if engine, _, _ := strings.Cut(cfg.Engine, ":"); engine != trainer.Default("").Engine { // which of several devices is for the other machine to say
		command += " --engine " + engine
	}
	if cfg.Spec != nil {
		command += " --spec network.json"
	} else {
		command += " --model " + cfg.Model
	}
	if data, err := rs.dataset(ctx, cfg.Dataset); err == nil {
		command += fmt.Sprintf(" --input %dx%dx%d --classes %d", data.Shape.C, data.Shape.H, data.Shape.W, data.Classes)
	}
	return command + " > bench.json"
}

func (r benchReport) row(created int64, remove string) web.SpeedRow {
	what := "a training step"
	if r.Mode == bench.Forward {
		what = "a forward pass"
	}
	row := web.SpeedRow{
		Attached: moment(created), Network: r.Model + ", " + grouped(r.Batch) + " images " + what, Where: r.Path,
		Milliseconds: plain(r.MedianMS), Images: plain(r.ImagesPerSecond), GFlops: positiveNumber(r.GFlops), Remove: remove,
	}
	if r.Device != nil {
		row.Where = r.Device.String()
	}
	if r.PeakShare > 0 {
		row.Peak = plain(100*r.PeakShare) + " %"
	}
	if r.CPU != nil {
		row.CPU = plain(r.CPU.ImagesPerSecond)
	}
	if r.Torch != nil {
		row.Torch = plain(r.Torch.ImagesPerSecond)
	}
	return row
}

// positiveNumber is empty for what was not measured.
func positiveNumber(v float64) string {
	if v > 0 {
		return plain(v)
	}
	return ""
}

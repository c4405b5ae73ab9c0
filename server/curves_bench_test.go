package main

import (
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// BenchmarkMillionUpdates says what the curves of a run of a million updates cost: to keep, on disk, and to read.
//
//	go test ./server -run xxx -bench MillionUpdates -benchtime 20x
func BenchmarkMillionUpdates(b *testing.B) {
	const updates = 1_000_000
	folder := b.TempDir()
	rs, err := openRuns(b.Context(), runsOptions{Folder: folder, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	began := time.Now()
	longRun(b, rs, "long", updates)
	written := time.Since(began)
	awaitCurves(b, rs, "long")
	kept := time.Since(began)
	closeRuns(b, rs)
	file := filepath.Join(folder, "smoothscape.db")
	info, err := os.Stat(file)
	if err != nil {
		b.Fatal(err)
	}
	db, err := sql.Open("sqlite", "file:"+file)
	if err != nil {
		b.Fatal(err)
	}
	var packed int64
	if err := errors.Join(db.QueryRow("SELECT sum(length(body)) FROM curves").Scan(&packed), db.Close()); err != nil {
		b.Fatal(err)
	}
	if rs, err = openRuns(b.Context(), runsOptions{Folder: folder, Log: slog.New(slog.DiscardHandler)}); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { closeRuns(b, rs) })
	s := serveRuns(b, rs, &guard{})
	b.Logf("a million updates: %v to write with their curves behind them, %v until all curves are kept; on disk %.1f bytes an update, %.1f of them curves",
		written.Round(time.Millisecond), kept.Round(time.Millisecond), float64(info.Size())/updates, float64(packed)/updates)
	for _, part := range []struct {
		name     string
		from, to int
	}{{"whole", 0, updates}, {"one percent", 700_000, 710_000}, {"one ten-thousandth", 700_000, 700_100}} {
		b.Run(part.name, func(b *testing.B) {
			bytes := int64(0)
			for b.Loop() {
				r, _ := http.NewRequest("GET", fmt.Sprintf("%s/api/runs/long/curves?from=%d&to=%d&points=2048", s.URL, part.from, part.to), nil)
				r.Header.Set("Accept-Encoding", "gzip")
				response, err := http.DefaultTransport.RoundTrip(r)
				if err != nil {
					b.Fatal(err)
				}
				if bytes, err = io.Copy(io.Discard, response.Body); err != nil || response.StatusCode != http.StatusOK {
					b.Fatal(err, response.Status)
				}
				_ = response.Body.Close()
			}
			b.ReportMetric(float64(bytes)/1000, "kB")
		})
	}
}

package main

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"testing"
	"time"

	"smoothscape/server/curve"
	"smoothscape/server/store"
	"smoothscape/trainer"
)

// madeUpRun is a run in the store whose log has events of madeUpLog, with a pause and a resumed job in its middle.
func madeUpRun(t testing.TB, rs *Runs, id string, cfg trainer.Config, n int, rng *rand.Rand) {
	t.Helper()
	log := madeUpLog(cfg, n, trainer.TotalSteps(cfg, n), rng)
	row := testRow(id)
	row.Status = string(StatusDone)
	row.Config, _ = json.Marshal(cfg)
	if err := rs.store.CreateRun(row); err != nil {
		t.Fatal(err)
	}
	var events []store.Event
	pause, last := int64(0), int64(0)
	for i, e := range log {
		if e.Time == 0 { // of an epoch: right after its last update
			e.Time = last + 3
		}
		e.Time += pause
		if i == len(log)/2 {
			pause += 1_000_000
			body, _ := json.Marshal(trainer.Event{Kind: trainer.KindStarted, Time: e.Time + pause, Step: e.Step, Started: log[0].Started})
			events = append(events, store.Event{Kind: "started", Step: e.Step, Body: body})
			e.Time += pause
		}
		body, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		last = e.Time - pause
		events = append(events, store.Event{Kind: string(e.Kind), Step: e.Step, Body: body})
	}
	_, err := rs.store.Append(id, events, func(r *store.Run) { r.Step = log[len(log)-1].Step })
	if err != nil {
		t.Fatal(err)
	}
	rs.curves.want(id)
}

// A digest is the same whether it was read from the log, event by event, or from what is kept of the curves and the rest of the log.
func TestDigestsOfCurvesAreThoseOfLogs(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped: logs of some chunks are not part of -short")
	}
	rs := fakeRuns(t, t.TempDir(), "")
	rng := rand.New(rand.NewPCG(3, 4))
	for i, schedule := range []string{trainer.LRDecay, trainer.Hybrid} {
		cfg := testConfig()
		cfg.Schedule, cfg.BatchSize, cfg.Epochs, cfg.StageEpochs = schedule, 4, 84, 21
		id := fmt.Sprint("r", i)
		madeUpRun(t, rs, id, cfg, 403, rng)
		awaitCurves(t, rs, id)
		run, err := rs.Run(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		byCurves, byLog := &digest{}, &digest{byLog: true}
		for _, d := range []*digest{byCurves, byLog} {
			if behind, err := d.follow(t.Context(), rs, run, time.Now().Add(time.Minute)); behind != 0 || err != nil {
				t.Fatal(behind, err)
			}
		}
		row, err := rs.store.Run(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if byCurves.chunks == 0 || byCurves.chunks != int(row.Length/curve.ChunkEvents) {
			t.Errorf("%s: %d chunks of %d events were taken from the curves", schedule, byCurves.chunks, row.Length)
		}
		shown := func(d *digest) string {
			return fmt.Sprintf("%d %d %d %d %d %d %v %v\n%+v\n%+v\n%+v", d.next, d.images, d.total, d.step, d.samples, d.lost, d.now, d.seconds(), d.epochs, d.spans, d.open)
		}
		if got, want := shown(byCurves), shown(byLog); got != want {
			for at := range min(len(got), len(want)) {
				if got[at] != want[at] {
					t.Errorf("%s: from curves …%.200s…, from the log …%.200s…", schedule, got[max(0, at-60):], want[max(0, at-60):])
					break
				}
			}
		}
	}
}

// What an older version kept, without the times of the jobs, is not used: then the log is.
func TestCurvesOfAnOlderVersionAreNotCompared(t *testing.T) {
	d := &digest{}
	p, err := curve.Read(nil, [][]byte{[]byte(`{"kind":"started","time":5,"step":0,"started":{"trainSize":10,"totalSteps":3}}`)})
	if err != nil {
		t.Fatal(err)
	}
	d.first = 5
	if ok, err := d.takePiece(p); !ok || err != nil || d.chunks != 1 {
		t.Errorf("%v, %v", ok, err)
	}
	p.After = []byte(`{"next":1,"trainSize":10,"begun":5}`)
	if ok, err := d.takePiece(p); ok || err != nil || d.chunks != 1 {
		t.Errorf("%v, %v", ok, err)
	}
}

// BenchmarkFirstComparison opens a comparison of four runs of 100,000 updates that nobody has looked at yet.
//
//	go test ./server -run xxx -bench FirstComparison -benchtime 5x
func BenchmarkFirstComparison(b *testing.B) {
	const runs, updates = 4, 100_000
	rs, err := openRuns(b.Context(), runsOptions{Folder: b.TempDir(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { closeRuns(b, rs) })
	for i := range runs {
		longRun(b, rs, fmt.Sprint("r", i), updates)
		awaitCurves(b, rs, fmt.Sprint("r", i))
	}
	for _, way := range []struct {
		name  string
		byLog bool
	}{{"curves", false}, {"log", true}} {
		b.Run(way.name, func(b *testing.B) {
			for b.Loop() {
				for i := range runs {
					run, err := rs.Run(b.Context(), fmt.Sprint("r", i))
					if err != nil {
						b.Fatal(err)
					}
					run.Config = testConfig()
					d := &digest{byLog: way.byLog}
					if _, err := d.follow(b.Context(), rs, run, time.Now().Add(time.Hour)); err != nil || d.step != updates {
						b.Fatal(d.step, err)
					}
				}
			}
		})
	}
}

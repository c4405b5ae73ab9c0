package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

// rewind brings a closed data folder back to an older format: the same rows, without what that format did not have.
func rewind(t *testing.T, folder string, to int) {
	t.Helper()
	file, older := filepath.Join(folder, "smoothscape.db"), filepath.Join(folder, "older.db")
	db, err := openDatabase(older)
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	do := func(statement string, args ...any) {
		t.Helper()
		if _, err := db.Exec(statement, args...); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	list := func(query string, args ...any) []string {
		t.Helper()
		rows, err := db.Query(query, args...)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		var all []string
		for rows.Next() {
			var one string
			if err := rows.Scan(&one); err != nil {
				t.Fatal(err)
			}
			all = append(all, one)
		}
		return all
	}
	for _, schema := range schemas[:to] {
		do(schema)
	}
	do("ATTACH ? AS newer", file)
	do("PRAGMA foreign_keys = 0")
	for _, table := range list("SELECT name FROM main.sqlite_schema WHERE type = 'table'") {
		columns := strings.Join(list("SELECT name FROM pragma_table_info(?)", table), ", ")
		do(fmt.Sprintf("INSERT INTO main.%s (%s) SELECT %s FROM newer.%s", table, columns, columns, table))
	}
	do(fmt.Sprintf("PRAGMA user_version=%d", to))
	do(fmt.Sprintf("PRAGMA application_id=%d", applicationID))
	if err := errors.Join(db.Close(), os.Rename(older, file)); err != nil {
		t.Fatal(err)
	}
}

// blobsOf are the files that a run names.
func blobsOf(t *testing.T, s *Store, id string) map[string]bool {
	t.Helper()
	rows, err := s.reading.Query(blobsOfRun, id)
	if err != nil {
		t.Fatal(err)
	}
	all, err := column(rows)
	if err != nil || len(all) < 5 {
		t.Fatalf("%d files, %v", len(all), err)
	}
	return all
}

// rowsOf counts the rows of every table of the database.
func rowsOf(t *testing.T, s *Store) map[string]int {
	t.Helper()
	rows, err := s.reading.Query("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
	if err != nil {
		t.Fatal(err)
	}
	tables, err := column(rows)
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	for table := range tables {
		var n int
		if err := s.reading.QueryRow("SELECT count(*) FROM " + table).Scan(&n); err != nil {
			t.Fatal(err)
		}
		counts[table] = n
	}
	return counts
}

// fill gives a run something in every table that refers to runs.
func fill(t *testing.T, s *Store, id string) {
	t.Helper()
	create(t, s, id)
	for step := 1; step <= 6; step++ {
		if err := appendStep(s, id, step); err != nil {
			t.Fatal(err)
		}
	}
	report, err := s.Blobs.Put([]byte("report on " + id))
	if err != nil {
		t.Fatal(err)
	}
	m, err := s.AddMeasurement(Measurement{Run: id, Request: []byte("{}"), Status: "waiting"}, func(*Measurement) error { return nil })
	if err == nil {
		_, err = s.UpdateMeasurement(id, m.Number, func(m *Measurement) error { m.SHA256, m.Status = report, "done"; return nil })
	}
	if err == nil {
		err = s.PutCurves(id, []Curve{{Last: 6, Body: []byte("a piece")}, {Level: 1, Last: 6, Body: []byte("another")}})
	}
	if err == nil {
		_, err = s.AddBenchmark(Benchmark{Run: id, Body: []byte("{}")}, 9)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func hide(t *testing.T, s *Store, id string, when int64) {
	t.Helper()
	if _, err := s.UpdateRun(id, func(r *Run) error { r.Deleted = when; return nil }); err != nil {
		t.Fatal(err)
	}
}

// What is purged leaves no row in any table and no file; what is hidden since later, and what is not hidden, keeps everything.
func TestPurgeLeavesNothing(t *testing.T) {
	folder := t.TempDir()
	s := open(t, folder)
	fill(t, s, "stays")
	rows := rowsOf(t, s)
	fill(t, s, "goes")
	kept, gone := blobsOf(t, s, "stays"), blobsOf(t, s, "goes")
	for table, n := range rowsOf(t, s) {
		refers := n == 2*rows[table] && n > 0
		if refers != (table != "datasets") && !strings.HasPrefix(table, "stud") {
			t.Errorf("table %s has %d rows after a run with %d: fill must know every table that refers to runs", table, n, rows[table])
		}
	}
	hide(t, s, "goes", 1000)
	if n, err := s.PurgeRuns(ctx, 1000); n != 0 || err != nil {
		t.Errorf("too early: %d, %v", n, err)
	}
	if _, err := s.RestoreRun("goes"); err != nil {
		t.Error(err)
	}
	if n, err := s.PurgeRuns(ctx, 1001); n != 0 || err != nil {
		t.Errorf("restored: %d, %v", n, err)
	}
	hide(t, s, "goes", 1000)
	old := time.Now().Add(-time.Hour) // younger files wait, see blobGrace
	err := filepath.WalkDir(s.Blobs.Folder, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			err = os.Chtimes(path, old, old)
		}
		return err
	})
	if n, purging := s.PurgeRuns(ctx, 1001); n != 1 || purging != nil || err != nil {
		t.Errorf("purged %d, %v, %v", n, purging, err)
	}
	if _, err := s.RestoreRun("goes"); !errors.Is(err, ErrNotFound) {
		t.Errorf("restoring what is purged: %v", err)
	}
	if got := rowsOf(t, s); !reflect.DeepEqual(got, rows) {
		t.Errorf("rows %v, want %v", got, rows)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, folder)
	for sha := range gone {
		if s.Blobs.Has(sha) {
			t.Errorf("the file %s is left", sha)
		}
	}
	for sha := range kept {
		if !s.Blobs.Has(sha) {
			t.Errorf("the file %s of another run is gone", sha)
		}
	}
}

// A long log goes in several transactions.
func TestPurgeOfALongLog(t *testing.T) {
	s := open(t, t.TempDir())
	create(t, s, "long")
	for from := 1; from <= 2*purgeEvents+1; from += 5000 {
		events := make([]Event, 5000)
		for i := range events {
			events[i] = update(from + i)
		}
		if _, err := s.Append("long", events, nil); err != nil {
			t.Fatal(err)
		}
	}
	hide(t, s, "long", 1)
	if n, err := s.PurgeRuns(ctx, 2); n != 1 || err != nil {
		t.Errorf("purged %d, %v", n, err)
	}
	if rows := rowsOf(t, s); rows["events"] != 0 || rows["runs"] != 0 {
		t.Errorf("left over: %v", rows)
	}
}

// A hidden run is in no list but that of changes, and comes back as it was.
func TestHiddenRuns(t *testing.T) {
	s := open(t, t.TempDir())
	for _, id := range []string{"a", "b"} {
		create(t, s, id)
	}
	marks := Marks{Pinned: true, Tags: []string{"δ", "=1"}, Color: "blue", Notes: "<b>\n"}
	before, err := s.UpdateRun("a", func(r *Run) error { r.Marks = marks; return nil })
	if err != nil || !reflect.DeepEqual(before.Marks, marks) {
		t.Fatalf("%+v, %v", before, err)
	}
	all, err := s.RunsChanged(ctx, 0)
	if err != nil || len(all) != 2 || all[1].ID != "a" || !(all[1].Changed > all[0].Changed && all[0].Changed > 0) {
		t.Fatalf("changes: %+v, %v", all, err)
	}
	seen := all[1].Changed
	hide(t, s, "a", 5)
	if _, err := s.Run(ctx, "a"); !errors.Is(err, ErrNotFound) {
		t.Errorf("reading it: %v", err)
	}
	if _, err := s.UpdateRun("a", func(*Run) error { return nil }); !errors.Is(err, ErrNotFound) {
		t.Errorf("changing it: %v", err)
	}
	if runs, err := s.Runs(ctx); err != nil || len(runs) != 1 || runs[0].ID != "b" {
		t.Errorf("the list is %+v, %v", runs, err)
	}
	if queued, err := s.RunsWithStatus(ctx, "queued"); err != nil || len(queued) != 1 {
		t.Errorf("the queue is %+v, %v", queued, err)
	}
	if news, err := s.RunsChanged(ctx, seen); err != nil || len(news) != 1 || news[0].Deleted != 5 {
		t.Errorf("the news are %+v, %v", news, err)
	}
	if back, err := s.RestoreRun("a"); err != nil || !reflect.DeepEqual(back.Marks, marks) || back.Deleted != 0 {
		t.Errorf("restored: %+v, %v", back, err)
	}
	if _, err := s.RestoreRun("nobody"); !errors.Is(err, ErrNotFound) {
		t.Errorf("restoring nobody: %v", err)
	}
}

// Runs of the format before have no marks; what η and b were is in their logs.
func TestFoldersFromBeforeTheMarks(t *testing.T) {
	folder := t.TempDir()
	s := open(t, folder)
	create(t, s, "r")
	create(t, s, "empty")
	body := []byte(`{"kind":"update","step":1,"update":{"learningRate":0.25,"batchSize":48,"trainLoss":"NaN"}}`)
	if _, err := s.Append("r", []Event{{Kind: "update", Step: 1, Body: body}}, nil); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	rewind(t, folder, 3)
	s = open(t, folder)
	r, err := s.Run(ctx, "r")
	if err != nil || r.LearningRate == nil || *r.LearningRate != 0.25 || r.BatchSize == nil || *r.BatchSize != 48 || len(r.Tags) != 0 || r.Pinned {
		t.Errorf("%+v, %v", r, err)
	}
	if r, err := s.Run(ctx, "empty"); err != nil || r.LearningRate != nil || r.BatchSize != nil {
		t.Errorf("%+v, %v", r, err)
	}
	if _, err := s.UpdateRun("r", func(r *Run) error { r.Pinned = true; return nil }); err != nil {
		t.Error(err)
	}
}

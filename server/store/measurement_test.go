package store

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func anything(*Measurement) error { return nil }

func measure(t *testing.T, s *Store, run string) Measurement {
	t.Helper()
	m, err := s.AddMeasurement(Measurement{Run: run, Created: 7, Request: []byte(`{"what":["c"]}`), Status: "waiting", Number: 99, SHA256: "ignored"}, anything)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestMeasurementsAreCountedWithinTheirRun(t *testing.T) {
	folder := t.TempDir()
	s := open(t, folder)
	create(t, s, "a")
	create(t, s, "b")
	for i, run := range []string{"a", "b", "a", "a"} {
		if m, want := measure(t, s, run), []int{1, 1, 2, 3}[i]; m.Number != want || m.SHA256 != "" || m.Step != nil {
			t.Errorf("measurement %d of %s: %+v, want number %d", i, run, m, want)
		}
	}
	sha, err := s.Blobs.Put([]byte("a report"))
	if err != nil {
		t.Fatal(err)
	}
	step := 40
	if _, err := s.UpdateMeasurement("a", 2, func(m *Measurement) error {
		*m = Measurement{Run: "b", Number: 77, Request: []byte("{}"), Status: "done", Step: &step, SHA256: sha}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	refused := errors.New("no")
	if _, err := s.UpdateMeasurement("a", 1, func(m *Measurement) error { m.Status = "done"; return refused }); !errors.Is(err, refused) {
		t.Errorf("got %v", err)
	}
	if _, err := s.AddMeasurement(Measurement{Run: "a"}, func(newest *Measurement) error {
		if newest == nil || newest.Number != 3 {
			t.Errorf("the newest is %+v, want number 3", newest)
		}
		return refused
	}); !errors.Is(err, refused) {
		t.Errorf("got %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	s = open(t, folder)
	all, err := s.Measurements(ctx, "a", 2)
	if err != nil || len(all) != 2 || all[0].Number != 3 || all[1].Number != 2 {
		t.Fatalf("the newest two: %+v, %v", all, err)
	}
	if m := all[1]; m.Status != "done" || m.Step == nil || *m.Step != 40 || m.SHA256 != sha || m.Created != 7 || string(m.Request) != `{"what":["c"]}` {
		t.Errorf("after a restart %+v", m)
	}
	if !s.Blobs.Has(sha) {
		t.Error("the sweep took the report")
	}
	if waiting, err := s.MeasurementsWithStatus(ctx, "waiting"); err != nil || len(waiting) != 3 {
		t.Errorf("waiting: %+v, %v", waiting, err)
	}
	for _, missing := range []error{
		func() error { _, err := s.Measurement(ctx, "a", 9); return err }(),
		func() error { _, err := s.UpdateMeasurement("c", 1, anything); return err }(),
	} {
		if !errors.Is(missing, ErrNotFound) {
			t.Errorf("got %v, want ErrNotFound", missing)
		}
	}
	if _, err := s.AddMeasurement(Measurement{Run: "nobody", Request: []byte("{}")}, anything); err == nil {
		t.Error("a measurement of a run that is not there was recorded")
	}
}

func TestReportsThatLostTheirRowAreDeleted(t *testing.T) {
	s := open(t, t.TempDir())
	create(t, s, "a")
	measure(t, s, "a")
	put := func(text string) string {
		sha, err := s.Blobs.Put([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		old := time.Now().Add(-2 * blobGrace)
		if err := os.Chtimes(s.Blobs.path(sha), old, old); err != nil {
			t.Fatal(err)
		}
		if _, err := s.UpdateMeasurement("a", 1, func(m *Measurement) error { m.SHA256 = sha; return nil }); err != nil {
			t.Fatal(err)
		}
		return sha
	}
	first, second := put("one"), put("two")
	create(t, s, "b") // a write after which the garbage has been collected at the latest
	create(t, s, "c")
	if s.Blobs.Has(first) || !s.Blobs.Has(second) {
		t.Errorf("the old report is there: %v, the new one: %v", s.Blobs.Has(first), s.Blobs.Has(second))
	}
}

// A data folder of the first version opens, keeps what it had, and takes measurements.
func TestAFolderOfTheFirstFormatIsBroughtUpToDate(t *testing.T) {
	folder := t.TempDir()
	db, err := sql.Open("sqlite", address(filepath.Join(folder, "smoothscape.db")))
	if err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{
		schemas[0], "PRAGMA user_version=1", "PRAGMA application_id=1397576515", // 0x534d5343
		`INSERT INTO runs VALUES ('old', 'a run', 1, '{}', 'done', '', 0, NULL, 5, 5, 0, NULL, NULL, NULL, 0, -1, -1)`,
	} {
		if _, err := db.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	s := open(t, folder)
	if run, err := s.Run(ctx, "old"); err != nil || run.Step != 5 {
		t.Errorf("%+v, %v", run, err)
	}
	if m := measure(t, s, "old"); m.Number != 1 {
		t.Errorf("%+v", m)
	}
}

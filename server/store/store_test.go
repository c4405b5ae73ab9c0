package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"
)

var ctx = context.Background()

func isLocked(err error) bool { return errors.Is(err, ErrLocked) }

func TestOneServerAFolder(t *testing.T) {
	folder := t.TempDir()
	first := open(t, folder)
	if _, err := Open(folder); !isLocked(err) {
		t.Fatalf("second Open: got %v, want ErrLocked", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if err := open(t, folder).Close(); err != nil {
		t.Fatal(err)
	}
	if err := first.CreateRun(Run{ID: "late"}); !errors.Is(err, ErrClosed) {
		t.Errorf("a change after Close: got %v, want ErrClosed", err)
	}
}

func TestFolderNamesOfAllKinds(t *testing.T) {
	for _, name := range []string{"with space", "50%41", "what?a=b", "hash#tag", "Größe δ", "a;b&c", "'quote'"} {
		folder := filepath.Join(t.TempDir(), name)
		s := open(t, folder)
		create(t, s, "r")
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(filepath.Join(folder, "smoothscape.db")); err != nil {
			t.Errorf("%q: %v", name, err)
		}
		if _, err := open(t, folder).Run(ctx, "r"); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestDatabasesThatAreRefused(t *testing.T) {
	for _, test := range []struct {
		name, sql string
		want      string
	}{
		{"from a newer version", fmt.Sprintf("PRAGMA user_version=%d; PRAGMA application_id=%d", format+1, applicationID), "newer version of Smoothscape"},
		{"of another program, with its tables", "CREATE TABLE songs (name TEXT)", "another program"},
		{"of another program, by its number", "PRAGMA application_id=42", "another program"},
	} {
		t.Run(test.name, func(t *testing.T) {
			folder := t.TempDir()
			file := filepath.Join(folder, "smoothscape.db")
			db, err := sql.Open("sqlite", address(file))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := db.Exec(test.sql); err != nil {
				t.Fatal(err)
			}
			_ = db.Close()
			before, _ := os.ReadFile(file)
			_, err = Open(folder)
			var refused *FormatError
			if !errors.As(err, &refused) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want a FormatError with %q", err, test.want)
			}
			if after, _ := os.ReadFile(file); len(after) != len(before) {
				t.Errorf("the refused database changed from %d to %d bytes", len(before), len(after))
			}
		})
	}
	t.Run("no database at all", func(t *testing.T) {
		folder := t.TempDir()
		if err := os.WriteFile(filepath.Join(folder, "smoothscape.db"), []byte(strings.Repeat("no database ", 1000)), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(folder); err == nil {
			t.Error("opened a file of words")
		}
	})
}

func TestRunsComeBackAsTheyWere(t *testing.T) {
	folder := t.TempDir()
	s := open(t, folder)
	accuracy, delta, nan := 0.84, 0.05, math.NaN()
	want := Run{
		ID: "abc", Name: "δ <b>", Created: 1700000000000, Config: []byte(`{"seed":18446744073709551615}`), Status: "done", Reason: "because", Queued: 7,
		Started: []byte(`{"engine":"cpu"}`), Step: 3, TotalSteps: 9, Epoch: 1, TestAccuracy: &accuracy, FirstNoiseLevel: &delta, LastUpdate: -1, LastEpoch: -1,
	}
	if err := s.CreateRun(want); err != nil {
		t.Fatal(err)
	}
	if err := s.CreateRun(want); err == nil {
		t.Error("a second run of the same name was created")
	}
	if _, err := s.UpdateRun("abc", func(r *Run) error { r.NoiseLevel = &nan; r.Length = 99; return nil }); err != nil {
		t.Fatal(err)
	}
	refused := errors.New("no")
	if _, err := s.UpdateRun("abc", func(r *Run) error { r.Name = "changed"; return refused }); !errors.Is(err, refused) {
		t.Errorf("got %v, want the error of edit", err)
	}
	if _, err := s.UpdateRun("nobody", func(*Run) error { return nil }); !errors.Is(err, ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	got, err := open(t, folder).Run(ctx, "abc")
	want.Changed, want.Tags = got.Changed, []string{}
	if err != nil || !reflect.DeepEqual(got, want) { // SQLite keeps NaN as NULL
		t.Errorf("got %+v (%v), want %+v", got, err, want)
	}
}

func TestARepeatedStepIsRecordedOnce(t *testing.T) {
	s := open(t, t.TempDir())
	create(t, s, "r")
	event := func(kind string, step int) Event { return Event{Kind: kind, Step: step, Body: []byte(`{}`)} }
	for _, job := range [][]Event{
		{event("started", 0), update(1), update(2), event("epoch", 2), update(3), event("ended", 3)},
		{event("started", 1), update(2), event("epoch", 2), update(3), update(4), event("epoch", 4), event("ended", 4)}, // resumed at step 1
	} {
		if _, err := s.Append("r", job, nil); err != nil {
			t.Fatal(err)
		}
	}
	rows, err := s.reading.Query("SELECT kind || ' ' || step FROM events WHERE run = 'r' ORDER BY offset")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var got []string
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		got = append(got, line)
	}
	want := []string{"started 0", "update 1", "update 2", "epoch 2", "update 3", "ended 3", "started 1", "update 4", "epoch 4", "ended 4"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestTwoCheckpointsAreKept(t *testing.T) {
	folder := t.TempDir()
	s := open(t, folder)
	create(t, s, "r")
	create(t, s, "twin")
	for step := range 5 {
		if err := appendStep(s, "r", step); err != nil {
			t.Fatal(err)
		}
	}
	shared, err := s.Checkpoints(ctx, "r")
	if err != nil || len(shared) != 2 || shared[0].Step != 4 || shared[1].Step != 3 {
		t.Fatalf("got %v (%v), want steps 4 and 3", shared, err)
	}
	// A second run names the same content; then the first forgets it.
	if _, err := s.Append("twin", []Event{{Kind: "checkpoint", Step: 3, Body: []byte("{}"), Checkpoint: &shared[1]}}, nil); err != nil {
		t.Fatal(err)
	}
	old := time.Now().Add(-2 * blobGrace)
	for _, file := range files(t, folder) {
		if err := os.Chtimes(file, old, old); err != nil {
			t.Fatal(err)
		}
	}
	for step := 5; step < 8; step++ {
		if err := appendStep(s, "r", step); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.UpdateRun("r", func(*Run) error { return nil }); err != nil { // one more turn of the garbage collector
		t.Fatal(err)
	}
	if !s.Blobs.Has(shared[1].SHA256) {
		t.Error("a blob that another run names was deleted")
	}
	if s.Blobs.Has(shared[0].SHA256) {
		t.Error("an old blob that nobody names was kept")
	}
	again, err := s.Append("r", []Event{{Kind: "checkpoint", Step: 7, Body: []byte("{}"), Checkpoint: newest(t, s, "r")}}, nil)
	if err != nil || len(again.Kept) != 0 {
		t.Errorf("the same checkpoint was recorded twice: %v, %v", again.Kept, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, folder)
	if got := len(files(t, folder)); got != 3+8+3 {
		t.Errorf("%d blobs after the sweep, want 14: two checkpoints of r, one of twin, and the history of r, 8 parameters and 3 slices", got)
	}
}

func newest(t *testing.T, s *Store, id string) *Checkpoint {
	t.Helper()
	all, err := s.Checkpoints(ctx, id)
	if err != nil || len(all) == 0 {
		t.Fatalf("checkpoints of %s: %v, %v", id, all, err)
	}
	return &all[0]
}

// Readers of a growing log see prefixes of it, whatever the writers do.
func TestReadersSeeWholePrefixes(t *testing.T) {
	s := open(t, t.TempDir())
	create(t, s, "r")
	const steps = 300
	var group sync.WaitGroup
	for range 3 {
		group.Go(func() {
			next := int64(0)
			for next < steps {
				bodies, err := s.Events(ctx, "r", next, 50)
				if err != nil {
					t.Error(err)
					return
				}
				for i, body := range bodies {
					if want := update(int(next) + i + 1).Body; string(body) != string(want) {
						t.Errorf("offset %d: got %s, want %s", next+int64(i), body, want)
						return
					}
				}
				next += int64(len(bodies))
				run, err := s.Run(ctx, "r")
				if err != nil || run.Length < next {
					t.Errorf("the row says %d events (%v), %d were read", run.Length, err, next)
					return
				}
			}
		})
	}
	for step := 1; step <= steps; step++ {
		if _, err := s.Append("r", []Event{update(step)}, nil); err != nil {
			t.Fatal(err)
		}
	}
	group.Wait()
}

func TestAFailedChangeDoesNotTouchItsNeighbours(t *testing.T) {
	s := open(t, t.TempDir())
	create(t, s, "r")
	var group sync.WaitGroup
	for i := range 40 {
		group.Go(func() {
			if i%2 == 0 {
				if _, err := s.Append("nobody", []Event{update(1)}, nil); !errors.Is(err, ErrNotFound) {
					t.Errorf("got %v, want ErrNotFound", err)
				}
				return
			}
			if _, err := s.Append("r", []Event{{Kind: "started", Body: []byte("{}")}}, nil); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if run, err := s.Run(ctx, "r"); err != nil || run.Length != 20 {
		t.Errorf("length %d, %v; want 20", run.Length, err)
	}
}

func TestTornBlobs(t *testing.T) {
	b := Blobs{Folder: t.TempDir()}
	content := []byte("the parameters of a network")
	sha, err := b.Put(content)
	if err != nil {
		t.Fatal(err)
	}
	for n := range content { // every length that a torn write could leave
		if err := os.WriteFile(b.path(sha), content[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		var torn *BlobError
		if _, err := b.Get(sha, 1000); !errors.As(err, &torn) {
			t.Fatalf("%d bytes of %d: got %v, want a BlobError", n, len(content), err)
		}
	}
	if _, err := b.Put(content); err != nil { // mends it
		t.Fatal(err)
	}
	if got, err := b.Get(sha, int64(len(content))); err != nil || string(got) != string(content) {
		t.Errorf("got %q, %v", got, err)
	}
	var refused *BlobError
	if _, err := b.Get(sha, int64(len(content))-1); !errors.As(err, &refused) {
		t.Errorf("over the limit: got %v, want a BlobError", err)
	}
	if _, err := b.Get(strings.Repeat("0", 64), 10); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("absent: got %v, want fs.ErrNotExist", err)
	}
	for _, name := range []string{"", "abc", "../../../../etc/passwd", strings.Repeat("A", 64), strings.Repeat("/", 64)} {
		if _, err := b.Get(name, 10); !errors.As(err, &refused) {
			t.Errorf("%q: got %v, want a BlobError", name, err)
		}
		if b.Has(name) {
			t.Errorf("%q is there", name)
		}
	}
}

func TestSweepLeavesOtherFilesAlone(t *testing.T) {
	folder := t.TempDir()
	s := open(t, folder)
	orphan, err := s.Blobs.Put([]byte("reported by nobody"))
	if err != nil {
		t.Fatal(err)
	}
	half := filepath.Join(filepath.Dir(s.Blobs.path(orphan)), "123"+temporary)
	notes := filepath.Join(s.Blobs.Folder, "notes.txt")
	for _, file := range []string{half, notes} {
		if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, folder)
	if _, err := os.Stat(half); s.Blobs.Has(orphan) || err == nil {
		t.Error("an orphan or a temporary file is still there")
	}
	if _, err := os.Stat(notes); err != nil {
		t.Error("a file that is not ours is gone")
	}
}

func TestTheNewestSliceReplacesTheOlder(t *testing.T) {
	s := open(t, t.TempDir())
	create(t, s, "r")
	if _, err := s.Slice(ctx, "r"); !errors.Is(err, ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
	for level := range 3 {
		want := Slice{Run: "r", Step: 10, Level: level, Levels: 4, SHA256: strings.Repeat(fmt.Sprint(level), 64)}
		if err := s.PutSlice(want); err != nil {
			t.Fatal(err)
		}
		if got, err := s.Slice(ctx, "r"); err != nil || got != want {
			t.Errorf("got %v (%v), want %v", got, err, want)
		}
	}
}

func TestDatasetsCanBeRegisteredBesideARunningServer(t *testing.T) {
	folder := t.TempDir()
	if err := RegisterDataset(folder, Dataset{Name: "before", Dir: "/a"}); err != nil { // makes the database
		t.Fatal(err)
	}
	s := open(t, folder)
	if err := s.AddDataset(Dataset{Name: "inside", Dir: "/b"}); err != nil {
		t.Fatal(err)
	}
	if err := RegisterDataset(folder, Dataset{Name: "before", Dir: "/c"}); err != nil {
		t.Fatal(err)
	}
	got, err := s.Datasets(ctx)
	if want := []Dataset{{"before", "/c"}, {"inside", "/b"}}; err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v (%v), want %v", got, err, want)
	}
}

// What a commit with synchronous=FULL costs, alone and in company.
func BenchmarkAppend(b *testing.B) {
	for _, events := range []int{1, 100} {
		b.Run(fmt.Sprintf("%d events a call", events), func(b *testing.B) {
			s, err := Open(b.TempDir())
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			if err := s.CreateRun(Run{ID: "r", Config: []byte("{}")}); err != nil {
				b.Fatal(err)
			}
			body := []byte(`{"kind":"update","time":1700000000000,"step":12345,"update":{"epoch":3,"learningRate":0.1,"batchSize":32,"trainLoss":0.4321,"gradStdDev":7.654,"noiseLevel":0.1353}}`)
			step := 0
			for b.Loop() {
				group := make([]Event, events)
				for i := range group {
					step++
					group[i] = Event{Kind: "update", Step: step, Body: body}
				}
				if _, err := s.Append("r", group, nil); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(step)/b.Elapsed().Seconds(), "events/s")
		})
	}
}

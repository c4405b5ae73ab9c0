package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
)

// Run is the row of a run: what it is, and a summary of its log that is always exactly as new as the log.
type Run struct {
	ID      string
	Name    string
	Created int64  // Unix milliseconds
	Config  []byte // JSON
	Status  string
	Reason  string
	Queued  int64 // place in the queue: smaller goes first

	Started         []byte // JSON of the newest started event's payload; nil before the first job
	Step            int    // of the newest update
	TotalSteps      int
	Epoch           int
	TestAccuracy    *float64
	FirstNoiseLevel *float64 // the first δ that was known
	NoiseLevel      *float64 // the newest
	LearningRate    *float64 // η of the newest update
	BatchSize       *int     // b of the newest update

	Marks
	Deleted int64  // Unix milliseconds since when it is hidden; 0: it is not
	Changed int64  // rises with every change of any run
	Study   string // of which it is a member, or empty; CreateStudy alone sets it

	Length     int64 // events in the log
	LastUpdate int   // largest step of an update in the log, −1 before the first
	LastEpoch  int   // largest step of an epoch result in the log, −1 before the first
}

// Marks are what people say of a run besides its name.
type Marks struct {
	Pinned bool
	Tags   []string
	Color  string
	Notes  string
}

// runColumns are what CreateRun writes, allColumns what is read.
const (
	runColumns = `id, name, created, config, status, reason, queued, started, step, total_steps, epoch, test_accuracy,
	first_noise_level, noise_level, length, last_update, last_epoch`
	allColumns = runColumns + `, pinned, tags, color, notes, deleted, changed, learning_rate, batch_size,
	coalesce((SELECT study FROM study_runs WHERE run = id ORDER BY study LIMIT 1), '')`
)

// shownRuns are the rows of runs that are not hidden.
const shownRuns = `(SELECT * FROM runs WHERE deleted = 0)`

// scanRun reads allColumns.
func scanRun(row interface{ Scan(...any) error }) (Run, error) {
	var r Run
	var tags []byte
	err := row.Scan(&r.ID, &r.Name, &r.Created, &r.Config, &r.Status, &r.Reason, &r.Queued, &r.Started, &r.Step, &r.TotalSteps, &r.Epoch,
		&r.TestAccuracy, &r.FirstNoiseLevel, &r.NoiseLevel, &r.Length, &r.LastUpdate, &r.LastEpoch,
		&r.Pinned, &tags, &r.Color, &r.Notes, &r.Deleted, &r.Changed, &r.LearningRate, &r.BatchSize, &r.Study)
	if errors.Is(err, sql.ErrNoRows) {
		return Run{}, ErrNotFound
	}
	if err == nil {
		err = json.Unmarshal(tags, &r.Tags)
	}
	return r, err
}

// CreateRun adds a run with an empty log and without marks. Length, LastUpdate and LastEpoch of r are ignored.
func (s *Store) CreateRun(r Run) error {
	return s.change(func(tx *sql.Conn) error { return createRun(tx, r) })
}

func createRun(tx *sql.Conn, r Run) error {
	_, err := tx.ExecContext(context.Background(),
		`INSERT INTO runs (`+runColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, -1, -1)`,
		r.ID, r.Name, r.Created, string(r.Config), r.Status, r.Reason, r.Queued, text(r.Started), r.Step, r.TotalSteps, r.Epoch,
		r.TestAccuracy, r.FirstNoiseLevel, r.NoiseLevel)
	if err != nil {
		return fmt.Errorf("creating run %s: %w", r.ID, err)
	}
	return nil
}

// Run returns a run, or ErrNotFound; a hidden run is not found.
func (s *Store) Run(ctx context.Context, id string) (Run, error) {
	return scanRun(s.reading.QueryRowContext(ctx, `SELECT `+allColumns+` FROM `+shownRuns+` WHERE id = ?`, id))
}

// Runs returns all runs that are not hidden, newest first.
func (s *Store) Runs(ctx context.Context) ([]Run, error) {
	return s.runs(ctx, "ORDER BY created DESC, id")
}

// RunsWithStatus returns the runs of one status in the order of the queue.
func (s *Store) RunsWithStatus(ctx context.Context, status string) ([]Run, error) {
	return s.runs(ctx, "WHERE status = ? ORDER BY queued, id", status)
}

func (s *Store) runs(ctx context.Context, which string, args ...any) ([]Run, error) {
	rows, err := s.reading.QueryContext(ctx, `SELECT `+allColumns+` FROM `+shownRuns+` `+which, args...)
	if err != nil {
		return nil, err
	}
	return scanRuns(rows)
}

// RunsChanged returns the runs that have changed since one had this value of Changed, hidden ones too, in the order of their changes.
func (s *Store) RunsChanged(ctx context.Context, since int64) ([]Run, error) {
	rows, err := s.reading.QueryContext(ctx, `SELECT `+allColumns+` FROM runs WHERE changed > ? ORDER BY changed`, since)
	if err != nil {
		return nil, err
	}
	return scanRuns(rows)
}

func scanRuns(rows *sql.Rows) ([]Run, error) {
	defer rows.Close()
	var all []Run
	for rows.Next() {
		r, err := scanRun(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, rows.Err()
}

// UpdateRun reads the run, lets edit change it, and writes it back; no other change comes between. An error of edit undoes everything and
// is returned. The ID and the log's counters cannot be changed. A run whose Deleted becomes other than 0 is hidden: of all methods only
// RestoreRun, RunsChanged and PurgeRuns know it from then on.
func (s *Store) UpdateRun(id string, edit func(*Run) error) (Run, error) {
	var after Run
	err := s.change(func(tx *sql.Conn) error {
		run, err := readRun(tx, id)
		if err != nil {
			return err
		}
		before := run
		if err := edit(&run); err != nil {
			return err
		}
		run.ID, run.Length, run.LastUpdate, run.LastEpoch = id, before.Length, before.LastUpdate, before.LastEpoch
		after = run
		return writeRun(tx, run)
	})
	return after, err
}

func readRun(tx *sql.Conn, id string) (Run, error) {
	return scanRun(tx.QueryRowContext(context.Background(), `SELECT `+allColumns+` FROM `+shownRuns+` WHERE id = ?`, id))
}

func writeRun(tx *sql.Conn, r Run) error {
	if r.Tags == nil {
		r.Tags = []string{}
	}
	tags, err := json.Marshal(r.Tags)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(context.Background(),
		`UPDATE runs SET name = ?, config = ?, status = ?, reason = ?, queued = ?, started = ?, step = ?, total_steps = ?, epoch = ?,
		test_accuracy = ?, first_noise_level = ?, noise_level = ?, length = ?, last_update = ?, last_epoch = ?,
		pinned = ?, tags = ?, color = ?, notes = ?, deleted = ?, learning_rate = ?, batch_size = ? WHERE id = ?`,
		r.Name, string(r.Config), r.Status, r.Reason, r.Queued, text(r.Started), r.Step, r.TotalSteps, r.Epoch,
		r.TestAccuracy, r.FirstNoiseLevel, r.NoiseLevel, r.Length, r.LastUpdate, r.LastEpoch,
		r.Pinned, string(tags), r.Color, r.Notes, r.Deleted, r.LearningRate, r.BatchSize, r.ID)
	return err
}

// text is JSON as SQLite keeps it: text, or NULL for nil.
func text(json []byte) any {
	if json == nil {
		return nil
	}
	return string(json)
}

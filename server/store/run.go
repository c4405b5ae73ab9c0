package store

import (
	"context"
	"database/sql"
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

	Length     int64 // events in the log
	LastUpdate int   // largest step of an update in the log, −1 before the first
	LastEpoch  int   // largest step of an epoch result in the log, −1 before the first
}

const runColumns = `id, name, created, config, status, reason, queued, started, step, total_steps, epoch, test_accuracy,
	first_noise_level, noise_level, length, last_update, last_epoch`

// scanRun reads runColumns.
func scanRun(row interface{ Scan(...any) error }) (Run, error) {
	var r Run
	err := row.Scan(&r.ID, &r.Name, &r.Created, &r.Config, &r.Status, &r.Reason, &r.Queued, &r.Started, &r.Step, &r.TotalSteps, &r.Epoch,
		&r.TestAccuracy, &r.FirstNoiseLevel, &r.NoiseLevel, &r.Length, &r.LastUpdate, &r.LastEpoch)
	if errors.Is(err, sql.ErrNoRows) {
		return Run{}, ErrNotFound
	}
	return r, err
}

// CreateRun adds a run with an empty log. Length, LastUpdate and LastEpoch of r are ignored.
func (s *Store) CreateRun(r Run) error {
	return s.change(func(tx *sql.Conn) error {
		_, err := tx.ExecContext(context.Background(),
			`INSERT INTO runs (`+runColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, -1, -1)`,
			r.ID, r.Name, r.Created, string(r.Config), r.Status, r.Reason, r.Queued, text(r.Started), r.Step, r.TotalSteps, r.Epoch,
			r.TestAccuracy, r.FirstNoiseLevel, r.NoiseLevel)
		if err != nil {
			return fmt.Errorf("creating run %s: %w", r.ID, err)
		}
		return nil
	})
}

// Run returns a run, or ErrNotFound.
func (s *Store) Run(ctx context.Context, id string) (Run, error) {
	return scanRun(s.reading.QueryRowContext(ctx, `SELECT `+runColumns+` FROM runs WHERE id = ?`, id))
}

// Runs returns all runs, newest first.
func (s *Store) Runs(ctx context.Context) ([]Run, error) {
	return s.runs(ctx, "ORDER BY created DESC, id")
}

// RunsWithStatus returns the runs of one status in the order of the queue.
func (s *Store) RunsWithStatus(ctx context.Context, status string) ([]Run, error) {
	return s.runs(ctx, "WHERE status = ? ORDER BY queued, id", status)
}

func (s *Store) runs(ctx context.Context, which string, args ...any) ([]Run, error) {
	rows, err := s.reading.QueryContext(ctx, `SELECT `+runColumns+` FROM runs `+which, args...)
	if err != nil {
		return nil, err
	}
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
// is returned. The ID and the log's counters cannot be changed.
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
	return scanRun(tx.QueryRowContext(context.Background(), `SELECT `+runColumns+` FROM runs WHERE id = ?`, id))
}

func writeRun(tx *sql.Conn, r Run) error {
	_, err := tx.ExecContext(context.Background(),
		`UPDATE runs SET name = ?, config = ?, status = ?, reason = ?, queued = ?, started = ?, step = ?, total_steps = ?, epoch = ?,
		test_accuracy = ?, first_noise_level = ?, noise_level = ?, length = ?, last_update = ?, last_epoch = ? WHERE id = ?`,
		r.Name, string(r.Config), r.Status, r.Reason, r.Queued, text(r.Started), r.Step, r.TotalSteps, r.Epoch,
		r.TestAccuracy, r.FirstNoiseLevel, r.NoiseLevel, r.Length, r.LastUpdate, r.LastEpoch, r.ID)
	return err
}

// text is JSON as SQLite keeps it: text, or NULL for nil.
func text(json []byte) any {
	if json == nil {
		return nil
	}
	return string(json)
}

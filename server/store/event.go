package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Event is one line of a run's log.
type Event struct {
	Kind       string
	Step       int
	Body       []byte      // JSON, kept as it is
	Checkpoint *Checkpoint // what the event says is on disk, or nil
}

// Checkpoint is a blob from which a run can be resumed.
type Checkpoint struct {
	Step       int
	SHA256     string
	Bytes      int64
	NoiseLevel *float64 // δ at that step, nil while not known
	Time       int64    // Unix milliseconds; only Append reads it
	Parameters *Blob    // the same without what only a resumed run needs; nil: the checkpoint has nothing else. Only Append reads it
}

// Blob names a blob.
type Blob struct {
	SHA256 string
	Bytes  int64
}

// checkpointsKept is how many checkpoints a run keeps: the newest, and the one before in case the newest cannot be read.
const checkpointsKept = 2

// The kinds of event that a resumed job repeats for the steps after its checkpoint; the others stand for something new each time.
const (
	kindUpdate = "update"
	kindEpoch  = "epoch"
)

// Appended says what a call of Append did.
type Appended struct {
	From int64   // offset of the first of Kept
	Kept []Event // what was new, in order
	Run  Run     // after the call
}

// Append puts events at the end of a run's log, drops those that are there already, lets summarize bring the rest of the run's row up to
// date, and returns when everything is on disk. summarize may be nil; it must not keep its argument, and cannot change the log's counters.
func (s *Store) Append(id string, events []Event, summarize func(*Run)) (Appended, error) {
	var result Appended
	err := s.change(func(tx *sql.Conn) error {
		run, err := readRun(tx, id)
		if err != nil {
			return err
		}
		result = Appended{From: run.Length}
		for _, e := range events {
			isNew, err := s.keep(tx, &run, e)
			if err != nil {
				return err
			}
			if isNew {
				result.Kept = append(result.Kept, e)
			}
		}
		if err := insertEvents(tx, id, result.From, result.Kept); err != nil {
			return err
		}
		length, update, epoch := run.Length, run.LastUpdate, run.LastEpoch
		if summarize != nil {
			summarize(&run)
		}
		run.ID, run.Length, run.LastUpdate, run.LastEpoch = id, length, update, epoch
		result.Run = run
		return writeRun(tx, run)
	})
	if err != nil {
		return Appended{}, fmt.Errorf("run %s, appending %d events: %w", id, len(events), err)
	}
	return result, nil
}

// keep decides whether an event is new, and moves the run's counters if so.
func (s *Store) keep(tx *sql.Conn, run *Run, e Event) (bool, error) {
	switch {
	case e.Kind == kindUpdate:
		if e.Step <= run.LastUpdate {
			return false, nil
		}
		run.LastUpdate = e.Step
	case e.Kind == kindEpoch:
		if e.Step <= run.LastEpoch {
			return false, nil
		}
		run.LastEpoch = e.Step
	case e.Checkpoint != nil:
		isNew, err := s.recordCheckpoint(tx, run.ID, *e.Checkpoint)
		if err != nil || !isNew {
			return false, err
		}
	}
	run.Length++
	return true, nil
}

// recordCheckpoint adds a row and a moment, forgets the checkpoints that are too old, and says whether this one was not known.
func (s *Store) recordCheckpoint(tx *sql.Conn, id string, c Checkpoint) (isNew bool, err error) {
	ctx := context.Background()
	var known bool
	const same = "SELECT EXISTS (SELECT 1 FROM checkpoints WHERE run = ? AND step = ? AND sha256 = ?)"
	if err := tx.QueryRowContext(ctx, same, id, c.Step, c.SHA256).Scan(&known); err != nil || known {
		return false, err
	}
	const old = `run = ? AND (step = ? OR step <= (SELECT step FROM checkpoints WHERE run = ? AND step <> ? ORDER BY step DESC LIMIT 1 OFFSET ?))`
	rows, err := tx.QueryContext(ctx, "DELETE FROM checkpoints WHERE "+old+" RETURNING sha256", id, c.Step, id, c.Step, checkpointsKept-1)
	if err != nil {
		return false, err
	}
	gone, err := column(rows)
	if err != nil {
		return false, err
	}
	_, err = tx.ExecContext(ctx, "INSERT INTO checkpoints (run, step, sha256, bytes, noise_level) VALUES (?, ?, ?, ?, ?)",
		id, c.Step, c.SHA256, c.Bytes, c.NoiseLevel)
	for sha := range gone {
		s.unname(sha)
	}
	if err != nil {
		return false, err
	}
	return true, s.recordMoment(tx, id, c)
}

func insertEvents(tx *sql.Conn, id string, from int64, events []Event) error {
	if len(events) == 0 {
		return nil
	}
	ctx := context.Background()
	insert, err := tx.PrepareContext(ctx, "INSERT INTO events (run, offset, step, kind, body) VALUES (?, ?, ?, ?, ?)")
	if err != nil {
		return err
	}
	defer insert.Close()
	for i, e := range events {
		if _, err := insert.ExecContext(ctx, id, from+int64(i), e.Step, e.Kind, string(e.Body)); err != nil {
			return err
		}
	}
	return nil
}

// Events returns the bodies of at most limit events from offset from on, in order; none at the end of the log or for a run that is not
// there. The caller owns them.
func (s *Store) Events(ctx context.Context, id string, from int64, limit int) ([][]byte, error) {
	rows, err := s.reading.QueryContext(ctx, "SELECT body FROM events WHERE run = ? AND offset >= ? ORDER BY offset LIMIT ?", id, from, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var bodies [][]byte
	for rows.Next() {
		var body []byte
		if err := rows.Scan(&body); err != nil {
			return nil, err
		}
		bodies = append(bodies, body)
	}
	return bodies, rows.Err()
}

// Checkpoints returns the checkpoints that a run can be resumed from, newest first.
func (s *Store) Checkpoints(ctx context.Context, id string) ([]Checkpoint, error) {
	rows, err := s.reading.QueryContext(ctx, "SELECT step, sha256, bytes, noise_level FROM checkpoints WHERE run = ? ORDER BY step DESC", id)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Checkpoint
	for rows.Next() {
		var c Checkpoint
		if err := rows.Scan(&c.Step, &c.SHA256, &c.Bytes, &c.NoiseLevel); err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, rows.Err()
}

// Newest returns the newest event of a kind as it stands in the log; ErrNotFound if there is none.
func (s *Store) Newest(ctx context.Context, id, kind string) ([]byte, error) {
	var body []byte
	err := s.reading.QueryRowContext(ctx, "SELECT body FROM events WHERE run = ? AND kind = ? ORDER BY offset DESC LIMIT 1", id, kind).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("store: run %s, newest %s: %w", id, kind, err)
	}
	return body, nil
}

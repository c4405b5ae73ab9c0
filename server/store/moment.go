package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Moment is a step of a run's history to which one can go back: the parameters then, and their picture.
type Moment struct {
	Step       int
	Time       int64    // Unix milliseconds of the checkpoint; 0 where it is not known
	NoiseLevel *float64 // δ at that step, nil while not known
	Parameters *Blob    // a checkpoint, maybe without what only a resumed run needs; nil: not kept
	Slice      *Slice   // as fine as it has become; nil: none yet
}

// How much history a run keeps. A slice is some 30 kB; parameters are 4 bytes each, so that networks of more than a million keep them for
// fewer moments than that, and those of more than 33 million for the newest alone.
const (
	momentsKept     = 64
	parameterBudget = 256 << 20 // bytes of a run's parameters, besides its checkpoints
)

const momentColumns = "step, time, noise_level, parameters, bytes, level, levels, slice"

func scanMoment(run string, row interface{ Scan(...any) error }) (Moment, error) {
	var m Moment
	var parameters, slice sql.NullString
	var bytes int64
	picture := Slice{Run: run}
	err := row.Scan(&m.Step, &m.Time, &m.NoiseLevel, &parameters, &bytes, &picture.Level, &picture.Levels, &slice)
	if errors.Is(err, sql.ErrNoRows) {
		return Moment{}, ErrNotFound
	}
	if parameters.Valid {
		m.Parameters = &Blob{SHA256: parameters.String, Bytes: bytes}
	}
	if slice.Valid {
		picture.Step, picture.SHA256 = m.Step, slice.String
		m.Slice = &picture
	}
	return m, err
}

// Moments returns the history of a run, oldest first.
func (s *Store) Moments(ctx context.Context, id string) ([]Moment, error) {
	rows, err := s.reading.QueryContext(ctx, "SELECT "+momentColumns+" FROM moments WHERE run = ? ORDER BY step", id)
	if err != nil {
		return nil, err
	}
	return scanMoments(id, rows)
}

func scanMoments(id string, rows *sql.Rows) ([]Moment, error) {
	defer rows.Close()
	var all []Moment
	for rows.Next() {
		m, err := scanMoment(id, rows)
		if err != nil {
			return nil, err
		}
		all = append(all, m)
	}
	return all, rows.Err()
}

// Moment returns one step of a run's history, or ErrNotFound.
func (s *Store) Moment(ctx context.Context, id string, step int) (Moment, error) {
	return scanMoment(id, s.reading.QueryRowContext(ctx, "SELECT "+momentColumns+" FROM moments WHERE run = ? AND step = ?", id, step))
}

// recordMoment makes a checkpoint a moment of the run's history, and forgets what is too much.
func (s *Store) recordMoment(tx *sql.Conn, id string, c Checkpoint) error {
	ctx := context.Background()
	if err := s.forget(tx, id, c.Step); err != nil { // a run that was resumed from an earlier checkpoint comes here again
		return err
	}
	parameters := Blob{SHA256: c.SHA256, Bytes: c.Bytes}
	if c.Parameters != nil {
		parameters = *c.Parameters
	}
	_, err := tx.ExecContext(ctx, "INSERT INTO moments (run, "+momentColumns+") VALUES (?, ?, ?, ?, ?, ?, 0, 0, NULL)",
		id, c.Step, c.Time, c.NoiseLevel, parameters.SHA256, parameters.Bytes)
	if err != nil {
		return fmt.Errorf("keeping the moment of step %d: %w", c.Step, err)
	}
	return s.thinMoments(tx, id)
}

// thinMoments holds the history to its limits.
func (s *Store) thinMoments(tx *sql.Conn, id string) error {
	rows, err := tx.QueryContext(context.Background(), "SELECT "+momentColumns+" FROM moments WHERE run = ? ORDER BY step", id)
	if err != nil {
		return err
	}
	all, err := scanMoments(id, rows)
	if err != nil {
		return err
	}
	for _, gone := range thin(steps(all), momentsKept) {
		if err := s.forget(tx, id, all[gone].Step); err != nil {
			return err
		}
		all[gone].Parameters = nil
	}
	for _, step := range overBudget(all, parameterBudget) {
		if err := s.forgetParameters(tx, id, step); err != nil {
			return err
		}
	}
	return nil
}

func steps(moments []Moment) []int {
	all := make([]int, len(moments))
	for i, m := range moments {
		all[i] = m.Step
	}
	return all
}

// overBudget are the steps whose parameters must go so that the rest needs no more than budget bytes: evenly spread ones, then the first,
// never the newest.
func overBudget(moments []Moment, budget int64) []int {
	var with []Moment
	var total int64
	for _, m := range moments {
		if m.Parameters != nil {
			with = append(with, m)
			total += m.Parameters.Bytes
		}
	}
	var gone []int
	for total > budget && len(with) > 1 {
		next := 0
		if len(with) > 2 {
			next = thin(steps(with), len(with)-1)[0]
		}
		gone = append(gone, with[next].Step)
		total -= with[next].Parameters.Bytes
		with = append(with[:next], with[next+1:]...)
	}
	return gone
}

// forget removes a moment, if it is there.
func (s *Store) forget(tx *sql.Conn, id string, step int) error {
	return s.unnameRow(tx, "DELETE FROM moments WHERE run = ? AND step = ? RETURNING parameters, slice", id, step)
}

// forgetParameters lets a moment keep its slice alone.
func (s *Store) forgetParameters(tx *sql.Conn, id string, step int) error {
	var old sql.NullString
	ctx := context.Background()
	err := tx.QueryRowContext(ctx, "SELECT parameters FROM moments WHERE run = ? AND step = ?", id, step).Scan(&old)
	if err != nil || !old.Valid {
		return err
	}
	s.unname(old.String)
	_, err = tx.ExecContext(ctx, "UPDATE moments SET parameters = NULL, bytes = 0 WHERE run = ? AND step = ?", id, step)
	return err
}

// unnameRow runs a statement that returns hashes which have lost a name, or nothing.
func (s *Store) unnameRow(tx *sql.Conn, statement string, args ...any) error {
	var parameters, slice sql.NullString
	err := tx.QueryRowContext(context.Background(), statement, args...).Scan(&parameters, &slice)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	for _, sha := range []sql.NullString{parameters, slice} {
		if err == nil && sha.Valid {
			s.unname(sha.String)
		}
	}
	return err
}

// illustrate gives a moment its slice; a moment that is no longer kept gets none.
func (s *Store) illustrate(tx *sql.Conn, slice Slice) error {
	ctx := context.Background()
	var old sql.NullString
	var level int
	err := tx.QueryRowContext(ctx, "SELECT slice, level FROM moments WHERE run = ? AND step = ?", slice.Run, slice.Step).Scan(&old, &level)
	if errors.Is(err, sql.ErrNoRows) {
		s.unname(slice.SHA256) // nobody names it, unless it is the newest
		return nil
	}
	if err != nil {
		return err
	}
	if old.Valid && level > slice.Level {
		s.unname(slice.SHA256)
		return nil // it was begun anew, and is finer already
	}
	if old.Valid && old.String != slice.SHA256 {
		s.unname(old.String)
	}
	_, err = tx.ExecContext(ctx, "UPDATE moments SET level = ?, levels = ?, slice = ? WHERE run = ? AND step = ?",
		slice.Level, slice.Levels, slice.SHA256, slice.Run, slice.Step)
	return err
}

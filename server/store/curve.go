package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Curve is a piece of a run's curves, packed: package curve says what is in it. It can be made again from the log at any time.
type Curve struct {
	Level, Number int
	Last          int // newest step of the log up to its end
	Body          []byte
}

// PutCurves keeps pieces of a run's curves. Those that are there already stay as they are.
func (s *Store) PutCurves(id string, pieces []Curve) error {
	err := s.change(func(tx *sql.Conn) error {
		ctx := context.Background()
		for _, p := range pieces {
			_, err := tx.ExecContext(ctx, "INSERT OR IGNORE INTO curves (run, level, number, last, body) VALUES (?, ?, ?, ?, ?)", id, p.Level, p.Number, p.Last, p.Body)
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("run %s, keeping %d pieces of its curves: %w", id, len(pieces), err)
	}
	return nil
}

// Curves returns the pieces of a level of a run from number from to before number end, in order, as far as they are there.
func (s *Store) Curves(ctx context.Context, id string, level, from, end int) ([]Curve, error) {
	const query = "SELECT number, last, body FROM curves WHERE run = ? AND level = ? AND number >= ? AND number < ? ORDER BY number"
	rows, err := s.reading.QueryContext(ctx, query, id, level, from, end)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Curve
	for rows.Next() {
		c := Curve{Level: level}
		if err := rows.Scan(&c.Number, &c.Last, &c.Body); err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, rows.Err()
}

// CurveCount is how many pieces of a level a run has. They have the numbers 0, 1, 2, ….
func (s *Store) CurveCount(ctx context.Context, id string, level int) (int, error) {
	var count int
	err := s.reading.QueryRowContext(ctx, "SELECT COALESCE(MAX(number) + 1, 0) FROM curves WHERE run = ? AND level = ?", id, level).Scan(&count)
	return count, err
}

// CurveAt is the number of the first piece of level 0 that reaches a step; −1 if none does.
func (s *Store) CurveAt(ctx context.Context, id string, step int) (int, error) {
	number := -1
	const query = "SELECT number FROM curves WHERE run = ? AND level = 0 AND last >= ? ORDER BY last, number LIMIT 1"
	err := s.reading.QueryRowContext(ctx, query, id, step).Scan(&number)
	if errors.Is(err, sql.ErrNoRows) {
		return -1, nil
	}
	return number, err
}

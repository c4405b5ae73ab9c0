package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Slice is the newest picture of a run's landscape; its grid is a blob.
type Slice struct {
	Run    string
	Step   int // of the checkpoint in its center
	Level  int // 0 … Levels−1, coarse to fine
	Levels int
	SHA256 string
}

// PutSlice makes a slice the newest of its run, and that of its moment if the run still keeps that. The blob must be there.
func (s *Store) PutSlice(slice Slice) error {
	err := s.change(func(tx *sql.Conn) error {
		ctx := context.Background()
		var old sql.NullString
		err := tx.QueryRowContext(ctx, "SELECT sha256 FROM slices WHERE run = ?", slice.Run).Scan(&old)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		_, err = tx.ExecContext(ctx, "INSERT OR REPLACE INTO slices (run, step, level, levels, sha256) VALUES (?, ?, ?, ?, ?)",
			slice.Run, slice.Step, slice.Level, slice.Levels, slice.SHA256)
		if err == nil && old.Valid && old.String != slice.SHA256 {
			s.unname(old.String)
		}
		if err != nil {
			return err
		}
		return s.illustrate(tx, slice)
	})
	if err != nil {
		return fmt.Errorf("run %s, saving its slice at step %d: %w", slice.Run, slice.Step, err)
	}
	return nil
}

// KeepSlice makes a slice that of its moment, if the run still keeps that. The blob must be there.
func (s *Store) KeepSlice(slice Slice) error {
	err := s.change(func(tx *sql.Conn) error { return s.illustrate(tx, slice) })
	if err != nil {
		return fmt.Errorf("run %s, keeping its slice at step %d: %w", slice.Run, slice.Step, err)
	}
	return nil
}

// Slice returns the newest slice of a run, or ErrNotFound.
func (s *Store) Slice(ctx context.Context, id string) (Slice, error) {
	slice := Slice{Run: id}
	err := s.reading.QueryRowContext(ctx, "SELECT step, level, levels, sha256 FROM slices WHERE run = ?", id).
		Scan(&slice.Step, &slice.Level, &slice.Levels, &slice.SHA256)
	if errors.Is(err, sql.ErrNoRows) {
		return Slice{}, ErrNotFound
	}
	return slice, err
}

package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Measurement is what somebody wanted to know about a run's network: what was asked, how that stands, and at its end the report, a blob.
type Measurement struct {
	Run     string
	Number  int    // 1, 2, 3, … within the run
	Created int64  // Unix milliseconds
	Request []byte // JSON
	Status  string
	Reason  string
	Step    *int   // of the checkpoint that was measured; nil while it is not chosen
	SHA256  string // of the report; empty before the end
}

const measurementColumns = "run, number, created, request, status, reason, step, sha256"

// scanMeasurement reads measurementColumns.
func scanMeasurement(row interface{ Scan(...any) error }) (Measurement, error) {
	var m Measurement
	var sha sql.NullString
	err := row.Scan(&m.Run, &m.Number, &m.Created, &m.Request, &m.Status, &m.Reason, &m.Step, &sha)
	m.SHA256 = sha.String
	if errors.Is(err, sql.ErrNoRows) {
		return Measurement{}, ErrNotFound
	}
	return m, err
}

// AddMeasurement records a measurement that has been asked for, unless check, which sees the run's newest one (nil if it has none), returns
// an error; no other change comes between. Number, Step and SHA256 of m are ignored; the answer holds the number that it got.
func (s *Store) AddMeasurement(m Measurement, check func(newest *Measurement) error) (Measurement, error) {
	err := s.change(func(tx *sql.Conn) error {
		ctx := context.Background()
		newest, err := scanMeasurement(tx.QueryRowContext(ctx, "SELECT "+measurementColumns+" FROM measurements WHERE run = ? ORDER BY number DESC LIMIT 1", m.Run))
		known := &newest
		switch {
		case errors.Is(err, ErrNotFound):
			known = nil
		case err != nil:
			return err
		}
		if err := check(known); err != nil {
			return err
		}
		m.Number, m.Step, m.SHA256 = newest.Number+1, nil, ""
		_, err = tx.ExecContext(ctx, "INSERT INTO measurements ("+measurementColumns+") VALUES (?, ?, ?, ?, ?, ?, NULL, NULL)",
			m.Run, m.Number, m.Created, string(m.Request), m.Status, m.Reason)
		if err != nil {
			return fmt.Errorf("run %s, recording a measurement: %w", m.Run, err)
		}
		return nil
	})
	return m, err
}

// UpdateMeasurement reads a measurement, lets edit change it, and writes it back; no other change comes between. An error of edit undoes
// everything and is returned. Run, Number, Created and Request cannot be changed. The blob of SHA256 must be there.
func (s *Store) UpdateMeasurement(run string, number int, edit func(*Measurement) error) (Measurement, error) {
	var after Measurement
	err := s.change(func(tx *sql.Conn) error {
		ctx := context.Background()
		m, err := scanMeasurement(tx.QueryRowContext(ctx, "SELECT "+measurementColumns+" FROM measurements WHERE run = ? AND number = ?", run, number))
		if err != nil {
			return err
		}
		before := m
		if err := edit(&m); err != nil {
			return err
		}
		m.Run, m.Number, m.Created, m.Request = before.Run, before.Number, before.Created, before.Request
		after = m
		_, err = tx.ExecContext(ctx, "UPDATE measurements SET status = ?, reason = ?, step = ?, sha256 = ? WHERE run = ? AND number = ?",
			m.Status, m.Reason, m.Step, sql.NullString{String: m.SHA256, Valid: m.SHA256 != ""}, run, number)
		if err == nil && before.SHA256 != "" && before.SHA256 != m.SHA256 {
			s.unname(before.SHA256)
		}
		return err
	})
	return after, err
}

// Measurement returns one measurement of a run, or ErrNotFound.
func (s *Store) Measurement(ctx context.Context, run string, number int) (Measurement, error) {
	return scanMeasurement(s.reading.QueryRowContext(ctx, "SELECT "+measurementColumns+" FROM measurements WHERE run = ? AND number = ?", run, number))
}

// Measurements returns at most limit measurements of a run, newest first.
func (s *Store) Measurements(ctx context.Context, run string, limit int) ([]Measurement, error) {
	return s.measurements(ctx, "WHERE run = ? ORDER BY number DESC LIMIT ?", run, limit)
}

// MeasurementsDue returns the measurements that have a status, oldest first, without those of hidden runs.
func (s *Store) MeasurementsDue(ctx context.Context, status string) ([]Measurement, error) {
	return s.measurements(ctx, "WHERE status = ? AND run IN (SELECT id FROM runs WHERE deleted = 0) ORDER BY created, run, number", status)
}

// MeasurementsWithStatus returns the measurements of all runs that have a status, oldest first.
func (s *Store) MeasurementsWithStatus(ctx context.Context, status string) ([]Measurement, error) {
	return s.measurements(ctx, "WHERE status = ? ORDER BY created, run, number", status)
}

func (s *Store) measurements(ctx context.Context, which string, args ...any) ([]Measurement, error) {
	rows, err := s.reading.QueryContext(ctx, "SELECT "+measurementColumns+" FROM measurements "+which, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Measurement
	for rows.Next() {
		m, err := scanMeasurement(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, m)
	}
	return all, rows.Err()
}

package store

import (
	"context"
	"database/sql"
	"fmt"
)

// Benchmark is how fast a network was somewhere, as somebody measured it and attached it to a run.
type Benchmark struct {
	Run     string
	Number  int    // 1, 2, 3, … within the run
	Created int64  // Unix milliseconds
	Body    []byte // JSON
}

// AddBenchmark attaches a benchmark to a run and returns its number. It keeps the newest most of them. ErrNotFound: there is no such run.
func (s *Store) AddBenchmark(b Benchmark, most int) (number int, err error) {
	err = s.change(func(tx *sql.Conn) error {
		ctx := context.Background()
		if _, err := readRun(tx, b.Run); err != nil {
			return err
		}
		row := tx.QueryRowContext(ctx, "SELECT coalesce(max(number), 0) + 1 FROM benchmarks WHERE run = ?", b.Run)
		if err := row.Scan(&number); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "INSERT INTO benchmarks (run, number, created, body) VALUES (?, ?, ?, ?)", b.Run, number, b.Created, string(b.Body)); err != nil {
			return fmt.Errorf("run %s, attaching a benchmark: %w", b.Run, err)
		}
		_, err := tx.ExecContext(ctx, "DELETE FROM benchmarks WHERE run = ? AND number <= ?", b.Run, number-most)
		return err
	})
	return number, err
}

// Benchmarks returns what is attached to a run, newest first.
func (s *Store) Benchmarks(ctx context.Context, run string) ([]Benchmark, error) {
	rows, err := s.reading.QueryContext(ctx, "SELECT run, number, created, body FROM benchmarks WHERE run = ? ORDER BY number DESC", run)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Benchmark
	for rows.Next() {
		var b Benchmark
		if err := rows.Scan(&b.Run, &b.Number, &b.Created, &b.Body); err != nil {
			return nil, err
		}
		all = append(all, b)
	}
	return all, rows.Err()
}

// RemoveBenchmark takes a benchmark off its run. ErrNotFound: there is none of that number.
func (s *Store) RemoveBenchmark(run string, number int) error {
	return s.change(func(tx *sql.Conn) error {
		result, err := tx.ExecContext(context.Background(), "DELETE FROM benchmarks WHERE run = ? AND number = ?", run, number)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n > 0 {
			return err
		}
		return ErrNotFound
	})
}

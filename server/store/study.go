package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Study is one configuration trained by several schedules from several seeds.
type Study struct {
	ID      string
	Name    string
	Created int64  // Unix milliseconds
	Config  []byte // JSON: what its runs share
	Members []Member
}

// Member says what a run is in its study. The run itself may be gone.
type Member struct {
	Run      string
	Schedule string
	Seed     string
}

// CreateStudy adds a study with its runs, whose logs are empty; all or nothing. members[i] is runs[i].
func (s *Store) CreateStudy(study Study, runs []Run) error {
	if len(study.Members) != len(runs) {
		panic("store: CreateStudy: a study of other runs")
	}
	err := s.change(func(tx *sql.Conn) error {
		ctx := context.Background()
		_, err := tx.ExecContext(ctx, "INSERT INTO studies (id, name, created, config) VALUES (?, ?, ?, ?)", study.ID, study.Name, study.Created, string(study.Config))
		if err != nil {
			return err
		}
		for i, m := range study.Members {
			if err := createRun(tx, runs[i]); err != nil {
				return err
			}
			_, err := tx.ExecContext(ctx, "INSERT INTO study_runs (study, place, run, schedule, seed) VALUES (?, ?, ?, ?, ?)", study.ID, i, m.Run, m.Schedule, m.Seed)
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("creating study %s: %w", study.ID, err)
	}
	return nil
}

// Study returns a study with its members in the order of CreateStudy, or ErrNotFound.
func (s *Store) Study(ctx context.Context, id string) (Study, error) {
	study := Study{ID: id}
	err := s.reading.QueryRowContext(ctx, "SELECT name, created, config FROM studies WHERE id = ?", id).Scan(&study.Name, &study.Created, &study.Config)
	if errors.Is(err, sql.ErrNoRows) {
		return Study{}, ErrNotFound
	}
	if err != nil {
		return Study{}, err
	}
	rows, err := s.reading.QueryContext(ctx, "SELECT run, schedule, seed FROM study_runs WHERE study = ? ORDER BY place", id)
	if err != nil {
		return Study{}, err
	}
	defer rows.Close()
	for rows.Next() {
		var m Member
		if err := rows.Scan(&m.Run, &m.Schedule, &m.Seed); err != nil {
			return Study{}, err
		}
		study.Members = append(study.Members, m)
	}
	return study, rows.Err()
}

// Studies returns the names of at most limit studies, newest first, without configuration and members.
func (s *Store) Studies(ctx context.Context, limit int) ([]Study, error) {
	rows, err := s.reading.QueryContext(ctx, "SELECT id, name, created FROM studies ORDER BY created DESC, id LIMIT ?", limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Study
	for rows.Next() {
		var study Study
		if err := rows.Scan(&study.ID, &study.Name, &study.Created); err != nil {
			return nil, err
		}
		all = append(all, study)
	}
	return all, rows.Err()
}

// StudiedRuns returns the runs of all studies that have a status, in the order in which they were queued.
func (s *Store) StudiedRuns(ctx context.Context, status string) ([]Run, error) {
	return s.runs(ctx, "WHERE status = ? AND id IN (SELECT run FROM study_runs) ORDER BY queued, id", status)
}

package store

import (
	"context"
	"database/sql"
	"fmt"
)

// RestoreRun shows a hidden run again; nothing is done to one that is not hidden. It returns ErrNotFound for what has never been there, and
// for what has been purged.
func (s *Store) RestoreRun(id string) (Run, error) {
	var after Run
	err := s.change(func(tx *sql.Conn) error {
		if _, err := tx.ExecContext(context.Background(), "UPDATE runs SET deleted = 0 WHERE id = ? AND deleted > 0", id); err != nil {
			return err
		}
		var err error
		after, err = readRun(tx, id)
		return err
	})
	return after, err
}

// purgeEvents is how many events of a purged run one transaction removes, so that no other call waits long for the writer.
const purgeEvents = 20_000

// PurgeRuns removes the runs that have been hidden since before that time, in Unix milliseconds, with all that belongs to them: every row of
// every table that refers to runs, and the files that nothing else names. It returns how many they were. What an error or the end of the
// program leaves over, the next call removes.
func (s *Store) PurgeRuns(ctx context.Context, before int64) (int, error) {
	rows, err := s.reading.QueryContext(ctx, "SELECT id FROM runs WHERE deleted > 0 AND deleted < ?", before)
	if err != nil {
		return 0, err
	}
	gone, err := column(rows)
	if err != nil {
		return 0, err
	}
	purged := 0
	for id := range gone {
		if err := s.purge(ctx, id, before); err != nil {
			return purged, fmt.Errorf("purging run %s: %w", id, err)
		}
		purged++
	}
	return purged, nil
}

func (s *Store) purge(ctx context.Context, id string, before int64) error {
	const old = "EXISTS (SELECT 1 FROM runs WHERE id = ?1 AND deleted > 0 AND deleted < ?2)" // it may have been restored meanwhile
	for more := true; more; {
		if err := ctx.Err(); err != nil {
			return err
		}
		err := s.change(func(tx *sql.Conn) error {
			result, err := tx.ExecContext(context.Background(), "DELETE FROM events WHERE "+old+" AND run = ?1 AND offset < ?3 + (SELECT min(offset) FROM events WHERE run = ?1)", id, before, purgeEvents)
			if err != nil {
				return err
			}
			n, err := result.RowsAffected()
			more = n > 0
			return err
		})
		if err != nil {
			return err
		}
	}
	return s.change(func(tx *sql.Conn) error {
		ctx := context.Background()
		var isOld bool
		if err := tx.QueryRowContext(ctx, "SELECT "+old, id, before).Scan(&isOld); err != nil || !isOld {
			return err
		}
		rows, err := tx.QueryContext(ctx, blobsOfRun, id)
		if err != nil {
			return err
		}
		unnamed, err := column(rows)
		if err != nil {
			return err
		}
		if err := deleteRows(tx, id); err != nil {
			return err
		}
		for sha := range unnamed {
			s.unname(sha)
		}
		return nil
	})
}

// deleteRows removes a run and the rows of all tables that refer to it.
func deleteRows(tx *sql.Conn, id string) error {
	ctx := context.Background()
	rows, err := tx.QueryContext(ctx, `SELECT 'DELETE FROM "' || t.name || '" WHERE "' || k."from" || '" = ?' FROM sqlite_schema t, pragma_foreign_key_list(t.name) k
		WHERE t.type = 'table' AND k."table" = 'runs'`)
	if err != nil {
		return err
	}
	statements, err := column(rows)
	if err != nil {
		return err
	}
	for statement := range statements {
		if _, err := tx.ExecContext(ctx, statement, id); err != nil {
			return err
		}
	}
	_, err = tx.ExecContext(ctx, "DELETE FROM runs WHERE id = ?", id)
	return err
}

package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// schemas[v] turns a database of format v into one of format v+1; the format is SQLite's user_version. Never edit a line that has been
// released: append one.
var schemas = [...]string{
	`CREATE TABLE runs (
		id TEXT PRIMARY KEY,
		name TEXT NOT NULL,
		created INTEGER NOT NULL,
		config TEXT NOT NULL,
		status TEXT NOT NULL,
		reason TEXT NOT NULL,
		queued INTEGER NOT NULL,
		started TEXT,
		step INTEGER NOT NULL,
		total_steps INTEGER NOT NULL,
		epoch INTEGER NOT NULL,
		test_accuracy REAL,
		first_noise_level REAL,
		noise_level REAL,
		length INTEGER NOT NULL,
		last_update INTEGER NOT NULL,
		last_epoch INTEGER NOT NULL
	) STRICT;
	CREATE TABLE events (
		run TEXT NOT NULL REFERENCES runs(id),
		offset INTEGER NOT NULL,
		step INTEGER NOT NULL,
		kind TEXT NOT NULL,
		body TEXT NOT NULL,
		PRIMARY KEY (run, offset)
	) STRICT, WITHOUT ROWID;
	CREATE TABLE checkpoints (
		run TEXT NOT NULL REFERENCES runs(id),
		step INTEGER NOT NULL,
		sha256 TEXT NOT NULL,
		bytes INTEGER NOT NULL,
		noise_level REAL,
		PRIMARY KEY (run, step)
	) STRICT, WITHOUT ROWID;
	CREATE INDEX checkpoints_by_sha256 ON checkpoints (sha256);
	CREATE TABLE slices (
		run TEXT PRIMARY KEY REFERENCES runs(id),
		step INTEGER NOT NULL,
		level INTEGER NOT NULL,
		levels INTEGER NOT NULL,
		sha256 TEXT NOT NULL
	) STRICT, WITHOUT ROWID;
	CREATE INDEX slices_by_sha256 ON slices (sha256);
	CREATE TABLE datasets (
		name TEXT PRIMARY KEY,
		dir TEXT NOT NULL
	) STRICT, WITHOUT ROWID;`,
	`CREATE TABLE measurements (
		run TEXT NOT NULL REFERENCES runs(id),
		number INTEGER NOT NULL,
		created INTEGER NOT NULL,
		request TEXT NOT NULL,
		status TEXT NOT NULL,
		reason TEXT NOT NULL,
		step INTEGER,
		sha256 TEXT,
		PRIMARY KEY (run, number)
	) STRICT, WITHOUT ROWID;
	CREATE INDEX measurements_by_sha256 ON measurements (sha256);
	CREATE INDEX measurements_by_status ON measurements (status);`,
	// The moments of runs that are there already: their checkpoints and their newest slice.
	`CREATE TABLE moments (
		run TEXT NOT NULL REFERENCES runs(id),
		step INTEGER NOT NULL,
		time INTEGER NOT NULL,
		noise_level REAL,
		parameters TEXT,
		bytes INTEGER NOT NULL,
		level INTEGER NOT NULL,
		levels INTEGER NOT NULL,
		slice TEXT,
		PRIMARY KEY (run, step)
	) STRICT, WITHOUT ROWID;
	CREATE INDEX moments_by_parameters ON moments (parameters);
	CREATE INDEX moments_by_slice ON moments (slice);
	INSERT INTO moments (run, step, time, noise_level, parameters, bytes, level, levels)
		SELECT c.run, c.step, COALESCE((SELECT json_extract(e.body, '$.time') FROM events e
			WHERE e.run = c.run AND e.kind = 'checkpoint' AND e.step = c.step ORDER BY e.offset DESC LIMIT 1), 0), c.noise_level, c.sha256, c.bytes, 0, 0
		FROM checkpoints c;
	INSERT INTO moments (run, step, time, bytes, level, levels, slice)
		SELECT run, step, 0, 0, level, levels, sha256 FROM slices WHERE true
		ON CONFLICT (run, step) DO UPDATE SET level = excluded.level, levels = excluded.levels, slice = excluded.slice;`,
	// What people say of a run, when it was hidden, and η and b in force. changed rises with every change of any run, so that a list can
	// ask for what is new: microseconds, or one more than the newest where the clock went back.
	`ALTER TABLE runs ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;
	ALTER TABLE runs ADD COLUMN tags TEXT NOT NULL DEFAULT '[]';
	ALTER TABLE runs ADD COLUMN color TEXT NOT NULL DEFAULT '';
	ALTER TABLE runs ADD COLUMN notes TEXT NOT NULL DEFAULT '';
	ALTER TABLE runs ADD COLUMN deleted INTEGER NOT NULL DEFAULT 0;
	ALTER TABLE runs ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;
	ALTER TABLE runs ADD COLUMN learning_rate REAL;
	ALTER TABLE runs ADD COLUMN batch_size INTEGER;
	UPDATE runs SET (learning_rate, batch_size) = (SELECT CAST(json_extract(e.body, '$.update.learningRate') AS REAL),
		CAST(json_extract(e.body, '$.update.batchSize') AS INTEGER) FROM events e WHERE e.run = runs.id AND e.kind = 'update' ORDER BY e.offset DESC LIMIT 1);
	CREATE INDEX runs_by_changed ON runs (changed);
	CREATE TRIGGER runs_inserted AFTER INSERT ON runs BEGIN
		UPDATE runs SET changed = max((SELECT max(changed) FROM runs) + 1, CAST(unixepoch('subsec') * 1000000 AS INTEGER)) WHERE id = NEW.id;
	END;
	CREATE TRIGGER runs_updated AFTER UPDATE ON runs BEGIN
		UPDATE runs SET changed = max((SELECT max(changed) FROM runs) + 1, CAST(unixepoch('subsec') * 1000000 AS INTEGER)) WHERE id = NEW.id;
	END;`,
	// Pieces of curves go with their run: they say nothing that its log does not.
	`CREATE TABLE curves (
		run TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
		level INTEGER NOT NULL,
		number INTEGER NOT NULL,
		last INTEGER NOT NULL,
		body BLOB NOT NULL,
		PRIMARY KEY (run, level, number)
	) STRICT;
	CREATE INDEX curves_by_step ON curves (run, level, last, number);`,
	// A study names its runs with what each is in it, so that a run that is gone is still known by that.
	`CREATE TABLE studies (
		id TEXT PRIMARY KEY,
		name TEXT NOT NULL,
		created INTEGER NOT NULL,
		config TEXT NOT NULL
	) STRICT, WITHOUT ROWID;
	CREATE TABLE study_runs (
		study TEXT NOT NULL REFERENCES studies(id),
		place INTEGER NOT NULL,
		run TEXT NOT NULL,
		schedule TEXT NOT NULL,
		seed TEXT NOT NULL,
		PRIMARY KEY (study, place)
	) STRICT, WITHOUT ROWID;
	CREATE INDEX study_runs_by_run ON study_runs (run);`,
	`CREATE TABLE benchmarks (
		run TEXT NOT NULL REFERENCES runs(id),
		number INTEGER NOT NULL,
		created INTEGER NOT NULL,
		body TEXT NOT NULL,
		PRIMARY KEY (run, number)
	) STRICT, WITHOUT ROWID;`,
}

const (
	format        = len(schemas)
	applicationID = 0x534d5343 // "SMSC": tells our databases from other people's
)

// FormatError: the database was written by a newer version of this program, or by another program.
type FormatError struct {
	File          string
	Format, Known int // Format is −1 for a database that is not ours
}

func (e *FormatError) Error() string {
	if e.Format < 0 {
		return fmt.Sprintf("opening %s: expected a database of Smoothscape, found one of another program", e.File)
	}
	return fmt.Sprintf("opening %s: expected format %d or older, found format %d, which a newer version of Smoothscape wrote", e.File, e.Known, e.Format)
}

// migrate brings the database up to date, all or nothing. Two programs may do so at once.
func migrate(ctx context.Context, db *sql.DB, file string) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("opening %s: %w", file, err)
	}
	defer conn.Close()
	tx, err := conn.BeginTx(ctx, nil) // BEGIN IMMEDIATE, see address
	if err != nil {
		return fmt.Errorf("opening %s: %w", file, err)
	}
	defer func() { _ = tx.Rollback() }() // nothing is left to undo after a commit
	var found, owner, tables int
	err = errors.Join(
		tx.QueryRowContext(ctx, "PRAGMA user_version").Scan(&found),
		tx.QueryRowContext(ctx, "PRAGMA application_id").Scan(&owner),
		tx.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(&tables),
	)
	switch {
	case err != nil:
		return fmt.Errorf("opening %s: %w", file, err)
	case owner != applicationID && (owner != 0 || found != 0 || tables != 0):
		return &FormatError{File: file, Format: -1, Known: format}
	case found > format:
		return &FormatError{File: file, Format: found, Known: format}
	case found == format:
		return nil
	}
	for _, schema := range schemas[found:] {
		if _, err := tx.ExecContext(ctx, schema); err != nil {
			return fmt.Errorf("bringing %s to format %d: %w", file, format, err)
		}
	}
	stamp := fmt.Sprintf("PRAGMA user_version=%d; PRAGMA application_id=%d", format, applicationID) // both are part of the transaction
	if _, err := tx.ExecContext(ctx, stamp); err != nil {
		return fmt.Errorf("bringing %s to format %d: %w", file, format, err)
	}
	return tx.Commit()
}

// address is the data source name of an SQLite file, whatever characters its path holds.
func address(file string, pragmas ...string) string {
	path := filepath.ToSlash(file)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // file:///C:/… on Windows
	}
	query := url.Values{"_pragma": pragmas, "_txlock": {"immediate"}}
	return (&url.URL{Scheme: "file", Path: path, RawQuery: query.Encode()}).String()
}

// isBusy says whether SQLite failed because somebody else holds the lock.
func isBusy(err error) bool {
	var failure *sqlite.Error
	return errors.As(err, &failure) && failure.Code()&0xff == sqlite3.SQLITE_BUSY
}

package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
)

// ErrLocked: another program works on this data folder.
var ErrLocked = errors.New("another Smoothscape works on this data folder")

// lock is the right to be the only server on a data folder. It is an exclusive transaction on an empty SQLite database: SQLite knows how
// to lock a file on every system that Go builds for, and the system releases the lock when the process ends, however it ends.
type lock struct {
	db   *sql.DB
	conn *sql.Conn
}

func takeLock(folder string) (*lock, error) {
	db, err := sql.Open("sqlite", address(filepath.Join(folder, "smoothscape.lock"), "busy_timeout(300)"))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	conn, err := db.Conn(context.Background())
	if err == nil {
		_, err = conn.ExecContext(context.Background(), "BEGIN EXCLUSIVE")
	}
	if err != nil {
		if conn != nil {
			_ = conn.Close()
		}
		_ = db.Close()
		if isBusy(err) {
			return nil, fmt.Errorf("opening %s: %w", folder, ErrLocked)
		}
		return nil, fmt.Errorf("locking %s: %w", folder, err)
	}
	return &lock{db: db, conn: conn}, nil
}

func (l *lock) release() error {
	_, err := l.conn.ExecContext(context.Background(), "ROLLBACK")
	return errors.Join(err, l.conn.Close(), l.db.Close())
}

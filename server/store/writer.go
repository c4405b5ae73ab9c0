package store

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"time"
)

// groupLimit is the most calls that share a transaction; the rest waits for the next.
const groupLimit = 256

// blobGrace is how old an unnamed blob must be before it is deleted: a worker may just have written the same content anew and be about to
// report it.
const blobGrace = 30 * time.Second

// write is one call that changes the database. do runs in a savepoint of its own: when it fails, its changes alone are undone.
type write struct {
	do   func(tx *sql.Conn) error
	done chan<- error // buffered
}

// change runs do in the writer's next transaction and returns when that is on disk.
func (s *Store) change(do func(tx *sql.Conn) error) error {
	done := make(chan error, 1)
	select {
	case s.writes <- write{do: do, done: done}:
		return <-done
	case <-s.closing:
		return ErrClosed
	}
}

// write is the goroutine that owns the writing connection.
func (s *Store) write() {
	defer close(s.written)
	for {
		select {
		case <-s.closing:
			return
		case first := <-s.writes:
			s.commit(s.gather(first))
			s.collectGarbage()
		}
	}
}

// gather takes what waits, without waiting for more: while one group is being committed the next one forms by itself.
func (s *Store) gather(first write) []write {
	group := []write{first}
	for len(group) < groupLimit {
		select {
		case next := <-s.writes:
			group = append(group, next)
		default:
			return group
		}
	}
	return group
}

// commit runs a group in one transaction and answers each of its calls.
func (s *Store) commit(group []write) {
	ctx := context.Background() // a change that has begun is not broken off
	results := make([]error, len(group))
	conn, err := s.writing.Conn(ctx)
	if err == nil {
		defer conn.Close()
		_, err = conn.ExecContext(ctx, "BEGIN IMMEDIATE")
	}
	if err == nil {
		for i, w := range group {
			results[i] = inSavepoint(ctx, conn, w.do)
		}
		if _, err = conn.ExecContext(ctx, "COMMIT"); err != nil {
			_, _ = conn.ExecContext(ctx, "ROLLBACK") // SQLite may have done so already
		}
	}
	for i, w := range group {
		if results[i] == nil {
			results[i] = err
		}
		w.done <- results[i]
	}
}

func inSavepoint(ctx context.Context, conn *sql.Conn, do func(*sql.Conn) error) error {
	if _, err := conn.ExecContext(ctx, "SAVEPOINT one"); err != nil {
		return err
	}
	err := do(conn)
	if err != nil {
		_, undo := conn.ExecContext(ctx, "ROLLBACK TO one")
		err = errors.Join(err, undo)
	}
	_, released := conn.ExecContext(ctx, "RELEASE one")
	return errors.Join(err, released)
}

// unname notes a blob that a change just took a name from; the writer's goroutine alone may call it.
func (s *Store) unname(sha string) { s.garbage[sha] = struct{}{} }

// collectGarbage deletes the noted blobs that are old and that no row names. What it cannot delete now, the sweep of the next start does.
func (s *Store) collectGarbage() {
	for sha := range s.garbage {
		info, err := os.Stat(s.Blobs.path(sha))
		if err == nil && time.Since(info.ModTime()) < blobGrace {
			continue
		}
		delete(s.garbage, sha)
		if err != nil {
			continue
		}
		var named bool
		const query = `SELECT EXISTS (SELECT 1 FROM checkpoints WHERE sha256 = ?1) OR EXISTS (SELECT 1 FROM slices WHERE sha256 = ?1)
			OR EXISTS (SELECT 1 FROM measurements WHERE sha256 = ?1) OR EXISTS (SELECT 1 FROM moments WHERE parameters = ?1)
			OR EXISTS (SELECT 1 FROM moments WHERE slice = ?1)`
		if err := s.writing.QueryRowContext(context.Background(), query, sha).Scan(&named); err == nil && !named {
			_ = os.Remove(s.Blobs.path(sha))
		}
	}
}

package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
)

// ErrNotFound: there is no such run, checkpoint, slice or data set.
var ErrNotFound = errors.New("store: not found")

// ErrClosed: the store has been closed.
var ErrClosed = errors.New("store: closed")

// Store is one data folder, open. All methods may be called by many goroutines.
type Store struct {
	Blobs Blobs

	lock    *lock
	reading *sql.DB
	writing *sql.DB

	writes  chan write    // unbuffered: what the writer has taken, it answers
	closing chan struct{} // closed by Close
	written chan struct{} // closed when the writer has ended
	once    sync.Once

	garbage map[string]struct{} // hashes of blobs that lost their last reference; belongs to the writer
}

// Open opens the data folder and creates what is missing. It returns ErrLocked, a *FormatError, or what the system said. Blobs that nothing
// refers to are removed: what a worker wrote in the moment in which everything was killed.
func Open(folder string) (*Store, error) {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return nil, err
	}
	blobs := Blobs{Folder: filepath.Join(folder, "blobs")}
	if err := os.MkdirAll(blobs.Folder, 0o700); err != nil {
		return nil, fmt.Errorf("creating the data folder: %w", err)
	}
	held, err := takeLock(folder)
	if err != nil {
		return nil, err
	}
	s := &Store{
		Blobs: blobs, lock: held, writes: make(chan write), closing: make(chan struct{}), written: make(chan struct{}),
		garbage: map[string]struct{}{},
	}
	if err := s.open(filepath.Join(folder, "smoothscape.db")); err != nil {
		return nil, errors.Join(err, s.closeFiles())
	}
	go s.write()
	return s, nil
}

func (s *Store) open(file string) error {
	ctx := context.Background()
	var err error
	if s.writing, err = openDatabase(file); err != nil {
		return err
	}
	s.writing.SetMaxOpenConns(1)
	if err := migrate(ctx, s.writing, file); err != nil {
		return err
	}
	s.reading, err = sql.Open("sqlite", address(file, "busy_timeout(5000)", "query_only(1)"))
	if err != nil {
		return err
	}
	s.reading.SetMaxOpenConns(4)
	s.reading.SetMaxIdleConns(4)
	return s.sweep(ctx)
}

// openDatabase opens the database for writing.
func openDatabase(file string) (*sql.DB, error) {
	return sql.Open("sqlite", address(file, "busy_timeout(5000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)"))
}

// Close waits for the writes that have been taken and gives the folder back. Later calls of any method return ErrClosed or an error of
// database/sql.
func (s *Store) Close() error {
	var err error
	s.once.Do(func() {
		close(s.closing)
		<-s.written
		err = s.closeFiles()
	})
	return err
}

func (s *Store) closeFiles() error {
	var errs []error
	for _, db := range []*sql.DB{s.reading, s.writing} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(append(errs, s.lock.release())...)
}

// namedBlobs selects the hashes of the blobs that some row names.
const namedBlobs = `SELECT sha256 FROM checkpoints UNION SELECT sha256 FROM slices UNION SELECT sha256 FROM measurements WHERE sha256 IS NOT NULL
	UNION SELECT parameters FROM moments WHERE parameters IS NOT NULL UNION SELECT slice FROM moments WHERE slice IS NOT NULL`

// blobsOfRun selects those of them that a run names.
const blobsOfRun = `SELECT sha256 FROM checkpoints WHERE run = ?1 UNION SELECT sha256 FROM slices WHERE run = ?1
	UNION SELECT sha256 FROM measurements WHERE run = ?1 AND sha256 IS NOT NULL
	UNION SELECT parameters FROM moments WHERE run = ?1 AND parameters IS NOT NULL UNION SELECT slice FROM moments WHERE run = ?1 AND slice IS NOT NULL`

// sweep removes the blobs that no row names.
func (s *Store) sweep(ctx context.Context) error {
	rows, err := s.reading.QueryContext(ctx, namedBlobs)
	if err != nil {
		return err
	}
	named, err := column(rows)
	if err != nil {
		return err
	}
	return s.Blobs.sweep(named)
}

// column reads the only column of rows, and closes them.
func column(rows *sql.Rows) (map[string]bool, error) {
	defer rows.Close()
	all := map[string]bool{}
	for rows.Next() {
		var value string
		if err := rows.Scan(&value); err != nil {
			return nil, err
		}
		all[value] = true
	}
	return all, rows.Err()
}

package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Dataset is a folder of images that a person named once, on the command line of this machine; requests name it by Name only.
type Dataset struct {
	Name string
	Dir  string // absolute
}

const putDataset = "INSERT OR REPLACE INTO datasets (name, dir) VALUES (?, ?)"

// AddDataset gives a folder a name; a name that is taken is moved.
func (s *Store) AddDataset(d Dataset) error {
	return s.change(func(tx *sql.Conn) error {
		_, err := tx.ExecContext(context.Background(), putDataset, d.Name, d.Dir)
		return err
	})
}

// RegisterDataset does the same from outside, while a server may be running on the data folder: SQLite lets the two take turns.
func RegisterDataset(folder string, d Dataset) (err error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("creating the data folder: %w", err)
	}
	if folder, err = filepath.Abs(folder); err != nil {
		return err
	}
	file := filepath.Join(folder, "smoothscape.db")
	db, err := openDatabase(file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	ctx := context.Background()
	if err := migrate(ctx, db, file); err != nil {
		return err
	}
	if _, err := db.ExecContext(ctx, putDataset, d.Name, d.Dir); err != nil {
		return fmt.Errorf("registering data set %q: %w", d.Name, err)
	}
	return nil
}

// Datasets returns the registered data sets by name.
func (s *Store) Datasets(ctx context.Context) ([]Dataset, error) {
	return readDatasets(ctx, s.reading)
}

// RegisteredDatasets reads the same from outside, while a server may be running on the data folder. It makes nothing: in a folder
// without a database there are none.
func RegisteredDatasets(ctx context.Context, folder string) (all []Dataset, err error) {
	if folder, err = filepath.Abs(folder); err != nil {
		return nil, err
	}
	file := filepath.Join(folder, "smoothscape.db")
	if _, err := os.Stat(file); errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	db, err := openDatabase(file)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := migrate(ctx, db, file); err != nil { // an older program may have made it
		return nil, err
	}
	return readDatasets(ctx, db)
}

func readDatasets(ctx context.Context, db *sql.DB) ([]Dataset, error) {
	rows, err := db.QueryContext(ctx, "SELECT name, dir FROM datasets ORDER BY name")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Dataset
	for rows.Next() {
		var d Dataset
		if err := rows.Scan(&d.Name, &d.Dir); err != nil {
			return nil, err
		}
		all = append(all, d)
	}
	return all, rows.Err()
}

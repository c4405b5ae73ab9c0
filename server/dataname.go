package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"smoothscape/server/store"
	"smoothscape/trainer/dataset"
)

// findDataset opens what --dataset says: a data set that `smoothscape data list` shows, or else a folder. name is what a checkpoint
// remembers: never a path, since a checkpoint may travel.
func findDataset(ctx context.Context, data, nameOrFolder string) (set *dataset.Set, name string, err error) {
	registered, err := store.RegisteredDatasets(ctx, data)
	if err != nil {
		return nil, "", err
	}
	folders, err := foldersOf(data, registered)
	if err != nil {
		return nil, "", err
	}
	folder, known := folders[nameOrFolder]
	name = nameOrFolder
	if !known {
		info, err := os.Stat(nameOrFolder)
		if err != nil || !info.IsDir() {
			return nil, "", noSuchDataset(nameOrFolder)
		}
		folder = nameOrFolder
		if name, err = folderName(folder); err != nil {
			return nil, "", err
		}
	}
	set, err = openDataset(folder)
	return set, name, formatFault(err)
}

// folderName is the last part of a folder's path, shortened to what a configuration takes.
func folderName(folder string) (string, error) {
	path, err := filepath.Abs(folder)
	if err != nil {
		return "", fmt.Errorf("finding the folder %s: %w", folder, err)
	}
	name := strings.ToValidUTF8(filepath.Base(path), "")
	const longest = 100
	if len(name) > longest {
		name = strings.ToValidUTF8(name[:longest], "")
	}
	return name, nil
}

func noSuchDataset(nameOrFolder string) error {
	return &fault{
		Field: "dataset", Doing: "looking for a data set", Expected: "a name that `smoothscape data list` shows, or a folder",
		Found: quoted(nameOrFolder), Advice: "Name the folder of the images with --dataset, or get some: smoothscape data fetch cifar-100.",
	}
}

// formatFault makes a fault of what is wrong with a data folder; other errors pass.
func formatFault(err error) error {
	var format *dataset.FormatError
	if !errors.As(err, &format) || errors.Is(err, context.Canceled) {
		return err
	}
	doing := format.File + ": " + format.Doing
	if format.Offset >= 0 {
		doing += fmt.Sprintf(" at byte %d", format.Offset)
	}
	return &fault{Field: "dataset", Doing: doing, Expected: format.Expected, Found: format.Found, Advice: asSentence(format.Advice)}
}

// asSentence makes a sentence of a clause: a capital letter and a full stop.
func asSentence(clause string) string {
	if clause == "" {
		return ""
	}
	return capital(clause) + "."
}

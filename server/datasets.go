package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"sync"

	"smoothscape/server/store"
	"smoothscape/trainer/dataset"
	"smoothscape/trainer/engine"
)

// DatasetView is a data set that a run may use. Requests name data sets, never folders.
type DatasetView struct {
	Name      string       `json:"name"`
	Title     string       `json:"title"`
	TrainSize int          `json:"trainSize"`
	TestSize  int          `json:"testSize"`
	Shape     engine.Shape `json:"shape"` // of one image
	Classes   int          `json:"classes"`
	Problem   string       `json:"problem,omitempty"` // why it cannot be used, or empty
}

// datasetCache remembers what is in the folders that have been read: reading CIFAR takes a second.
type datasetCache struct {
	mu    sync.Mutex
	views map[string]DatasetView // by folder; "" is the embedded set
}

// Datasets lists what a run may use: the embedded set, the folders in <data>/datasets, and the registered ones.
func (rs *Runs) Datasets(ctx context.Context) ([]DatasetView, error) {
	folders, err := rs.datasetFolders(ctx)
	if err != nil {
		return nil, err
	}
	views := make([]DatasetView, 0, len(folders))
	for name, folder := range folders {
		view, err := rs.known.read(name, folder)
		if err != nil {
			view.Problem = err.Error()
		}
		views = append(views, view)
	}
	sort.Slice(views, func(i, j int) bool {
		if (views[i].Name == dataset.EmbeddedName) != (views[j].Name == dataset.EmbeddedName) {
			return views[i].Name == dataset.EmbeddedName // first, since it is always there
		}
		return views[i].Name < views[j].Name
	})
	return views, nil
}

// AddDataset gives a folder a name, after having read it.
func (rs *Runs) AddDataset(_ context.Context, name, folder string) error {
	if err := checkDatasetName(name); err != nil {
		return err
	}
	folder, err := filepath.Abs(folder)
	if err != nil {
		return err
	}
	if _, err := rs.known.read(name, folder); err != nil {
		return err
	}
	return rs.store.AddDataset(store.Dataset{Name: name, Dir: folder})
}

// checkDatasetName refuses names that would be hard to type or that are taken.
func checkDatasetName(name string) error {
	const allowed = "abcdefghijklmnopqrstuvwxyz0123456789-_."
	good := name != "" && len(name) <= 40 && strings.Trim(name, allowed) == "" && name[0] != '.' && name[0] != '-' && name != dataset.EmbeddedName
	if good {
		return nil
	}
	return &fault{
		Field: "name", Doing: "naming a data set", Expected: "1 to 40 of a–z, 0–9, hyphen, underscore and full stop, other than " + dataset.EmbeddedName,
		Found: quoted(name), Advice: "Choose a name such as my-cifar-100.",
	}
}

// dataset describes a data set by its name; a *fault if there is none or it cannot be read.
func (rs *Runs) dataset(ctx context.Context, name string) (DatasetView, error) {
	folder, ok, err := rs.datasetFolder(ctx, name)
	if err != nil {
		return DatasetView{}, err
	}
	if !ok {
		return DatasetView{}, unknownDataset(name)
	}
	view, err := rs.known.read(name, folder)
	if err != nil {
		return DatasetView{}, &fault{
			Field: "dataset", Doing: "opening data set " + quoted(name), Expected: "a folder of CIFAR or IDX files", Found: err.Error(),
			Advice: "Mend the folder, or choose another data set.",
		}
	}
	return view, nil
}

func unknownDataset(name string) error {
	return &fault{
		Status: http.StatusBadRequest, Field: "dataset", Doing: "looking for a data set", Expected: "the name of one that `smoothscape data` lists",
		Found: quoted(name), Advice: "Choose " + dataset.EmbeddedName + ", or get one: smoothscape data fetch cifar-100.",
	}
}

// datasetFolder finds the folder behind a name; "" is the embedded set.
func (rs *Runs) datasetFolder(ctx context.Context, name string) (folder string, ok bool, err error) {
	folders, err := rs.datasetFolders(ctx)
	folder, ok = folders[name]
	return folder, ok, err
}

// datasetFolders is every name with its folder. A registered name wins over a fetched one.
func (rs *Runs) datasetFolders(ctx context.Context) (map[string]string, error) {
	registered, err := rs.store.Datasets(ctx)
	if err != nil {
		return nil, fmt.Errorf("listing the data sets: %w", err)
	}
	return foldersOf(rs.options.Folder, registered)
}

// fetchedFolder is where `smoothscape data fetch` puts data sets, each in a folder of its name.
func fetchedFolder(data string) string { return filepath.Join(data, "datasets") }

// foldersOf finds the data sets of a data folder in which these are registered.
func foldersOf(data string, registered []store.Dataset) (map[string]string, error) {
	folders := map[string]string{dataset.EmbeddedName: ""}
	fetched := fetchedFolder(data)
	entries, err := os.ReadDir(fetched)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("listing the data sets: %w", err)
	}
	for _, entry := range entries {
		if entry.IsDir() && checkDatasetName(entry.Name()) == nil && !strings.HasSuffix(entry.Name(), ".part") {
			folders[entry.Name()] = filepath.Join(fetched, entry.Name())
		}
	}
	for _, d := range registered {
		folders[d.Name] = d.Dir
	}
	return folders, nil
}

// read describes what is in a folder. What cannot be read is tried again the next time.
func (c *datasetCache) read(name, folder string) (DatasetView, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	view, ok := c.views[folder]
	if !ok {
		set, err := openDataset(folder)
		if err != nil {
			return DatasetView{Name: name, Title: name}, err
		}
		view = DatasetView{Title: set.Title, TrainSize: set.Train.Len(), TestSize: set.Test.Len(), Shape: set.Shape, Classes: set.Classes}
		if c.views == nil {
			c.views = map[string]DatasetView{}
		}
		c.views[folder] = view
	}
	view.Name = name
	return view, nil
}

// openDataset reads a folder, or the embedded set for "".
func openDataset(folder string) (*dataset.Set, error) {
	if folder == "" {
		return dataset.Embedded()
	}
	return dataset.Open(folder)
}

package main

import (
	"context"
	"embed"
	"fmt"
	"net/http"
	"sync"

	"smoothscape/server/store"
	"smoothscape/trainer"
)

// Recordings of real runs ship with the program, so that a page has something to show before anything was trained. They are listed beside the
// runs of the data folder and answer under the same routes; nothing about them can be changed. recordings/README.md says how each was made.

//go:embed recordings
var recordingFiles embed.FS

// recordings are the recorded runs, unpacked when somebody first asks for one. The zero value is not usable.
type recordings struct {
	ids  []string
	load map[string]func() (*recordedRun, error)
}

func newRecordings() *recordings {
	r := &recordings{load: map[string]func() (*recordedRun, error){}}
	for _, plan := range recordingPlans() {
		r.ids = append(r.ids, plan.ID)
		r.load[plan.ID] = sync.OnceValues(func() (*recordedRun, error) {
			packed, err := recordingFiles.ReadFile("recordings/" + plan.ID + ".json.gz")
			if err != nil {
				return nil, err
			}
			return decodeRecording(plan.ID, packed)
		})
	}
	return r
}

// get is a recorded run, nil for any other name: a name that is none of the list never becomes that of a file.
func (r *recordings) get(id string) (*recordedRun, error) {
	load, ok := r.load[id]
	if !ok {
		return nil, nil
	}
	return load()
}

// row is what the store, or a recording, says of a run; a *fault with status 404 if there is none of this name.
func (rs *Runs) row(ctx context.Context, id string) (store.Run, error) {
	recorded, err := rs.recordings.get(id)
	if err != nil {
		return store.Run{}, err
	}
	if recorded != nil {
		return recorded.row, nil
	}
	run, err := rs.store.Run(ctx, id)
	if err != nil {
		return store.Run{}, noSuchRun(id, err)
	}
	return run, nil
}

// bodies are at most limit events of a run's log from offset from on.
func (rs *Runs) bodies(ctx context.Context, id string, from int64, limit int) ([][]byte, error) {
	recorded, err := rs.recordings.get(id)
	if err != nil {
		return nil, err
	}
	if recorded != nil {
		return recorded.from(from, limit), nil
	}
	return rs.store.Events(ctx, id, from, limit)
}

// recordedViews are the recorded runs as the list shows them.
func (rs *Runs) recordedViews() ([]RunView, error) {
	var views []RunView
	for _, id := range rs.recordings.ids {
		recorded, err := rs.recordings.get(id)
		if err != nil {
			return nil, err
		}
		views = append(views, viewOf(recorded.row))
	}
	return views, nil
}

// mayChange refuses with status 409 to change what ships with the program. doing completes the sentence, such as "deleting a run".
func (rs *Runs) mayChange(id, doing string) error {
	if _, ok := rs.recordings.load[id]; !ok {
		return nil
	}
	return &fault{
		Status: http.StatusConflict, Field: "id", Doing: doing, Expected: "a run of this data folder", Found: "a recorded one, which ships with the program",
		Advice: fmt.Sprintf("Start a run with the settings of %s to have one of your own.", id),
	}
}

// recordedUpdate is the newest update of a recorded run; ok is false for other runs.
func (rs *Runs) recordedUpdate(id string) (update *trainer.Update, ok bool, err error) {
	recorded, err := rs.recordings.get(id)
	if err != nil || recorded == nil {
		return nil, false, err
	}
	return recorded.update, true, nil
}

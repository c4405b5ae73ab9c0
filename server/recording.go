package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"sync"

	"smoothscape/server/store"
	"smoothscape/trainer"
)

// recordingVersion is the format of a recording. Bumped when older programs would misread a newer file.
const recordingVersion = 1

// maxRecordingBytes bounds an unpacked recording.
const maxRecordingBytes = 32 << 20

// recording is a run as one file of gzipped JSON: what the pages show of it, without what a resumed run would need.
type recording struct {
	Version      int               `json:"version"`
	Name         string            `json:"name"`
	Note         string            `json:"note"`    // one sentence: what it is, and what was left out
	Created      int64             `json:"created"` // Unix milliseconds
	Config       trainer.Config    `json:"config"`
	Events       []json.RawMessage `json:"events"`       // the log; of the updates maybe only some
	Slices       []Slice           `json:"slices"`       // by rising steps, without their losses
	Grids        []json.RawMessage `json:"grids"`        // the losses of each slice, as packGrid has them
	Trajectories []json.RawMessage `json:"trajectories"` // of each slice, in the same order
}

// encode packs a recording. The same recording gives the same bytes.
func (r recording) encode(to io.Writer) error {
	packed, err := gzip.NewWriterLevel(to, gzip.BestCompression)
	if err != nil {
		return err
	}
	if err := json.NewEncoder(packed).Encode(r); err != nil {
		return fmt.Errorf("writing a recording: %w", err)
	}
	return packed.Close()
}

// recordedRun is a recording that has been unpacked. Nothing in it changes.
type recordedRun struct {
	row    store.Run // as it would stand in the store
	bodies [][]byte  // of the events
	update *trainer.Update
	times  []stepTime // of the log, by rising steps
	kept   []SliceMoment
	slices map[int]func() ([]byte, error) // by step; unpacked when somebody first asks
	paths  map[int][]byte                 // by the step of the slice
}

// stepTime is when a run was at a step.
type stepTime struct {
	step int
	time int64
}

// decodeRecording unpacks a recording and holds it to what the pages rely on.
func decodeRecording(id string, packed []byte) (*recordedRun, error) {
	reader, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("recording %s: %w", id, err)
	}
	text, err := io.ReadAll(io.LimitReader(reader, maxRecordingBytes+1))
	if err != nil {
		return nil, fmt.Errorf("recording %s: %w", id, err)
	}
	var r recording
	if err := json.Unmarshal(text, &r); err != nil || len(text) > maxRecordingBytes {
		return nil, fmt.Errorf("recording %s: expected a recording of at most %d bytes, found %d bytes: %w", id, maxRecordingBytes, len(text), err)
	}
	if r.Version != recordingVersion || len(r.Slices) == 0 || len(r.Slices) != len(r.Trajectories) || len(r.Slices) != len(r.Grids) {
		return nil, fmt.Errorf("recording %s: expected version %d with a grid and a trajectory for each slice, found version %d with %d, %d and %d",
			id, recordingVersion, r.Version, len(r.Grids), len(r.Trajectories), len(r.Slices))
	}
	config, err := json.Marshal(r.Config)
	if err != nil {
		return nil, fmt.Errorf("recording %s: %w", id, err)
	}
	run := &recordedRun{
		row: store.Run{
			ID: id, Name: r.Name, Created: r.Created, Config: config, Status: string(StatusRecorded), Reason: r.Note, LastUpdate: -1, LastEpoch: -1,
			Length: int64(len(r.Events)),
		},
		slices: map[int]func() ([]byte, error){}, paths: map[int][]byte{},
	}
	for _, body := range r.Events {
		if err := run.addEvent(body); err != nil {
			return nil, fmt.Errorf("recording %s: %w", id, err)
		}
	}
	for i, slice := range r.Slices {
		if err := run.addSlice(slice, r.Grids[i], r.Trajectories[i]); err != nil {
			return nil, fmt.Errorf("recording %s: %w", id, err)
		}
	}
	return run, nil
}

func (r *recordedRun) addEvent(body json.RawMessage) error {
	var event trainer.Event
	if err := json.Unmarshal(body, &event); err != nil {
		return fmt.Errorf("event %d: %w", len(r.bodies), err)
	}
	summarize(&r.row, []received{{event: event, line: body}})
	switch {
	case event.Update != nil:
		r.update, r.row.LastUpdate = event.Update, event.Step
	case event.Epoch != nil:
		r.row.LastEpoch = event.Step
	}
	r.bodies, r.times = append(r.bodies, body), append(r.times, stepTime{event.Step, event.Time})
	return nil
}

func (r *recordedRun) addSlice(slice Slice, grid, path json.RawMessage) error {
	if n := len(r.kept); n > 0 && slice.Step <= r.kept[n-1].Step || slice.Run != r.row.ID {
		return fmt.Errorf("slice %d: expected a later one of this run, found update %d of %s", n, slice.Step, quoted(slice.Run))
	}
	moment := SliceMoment{Step: slice.Step, Level: slice.Level, Levels: slice.Levels, Delta: slice.Delta, Time: r.timeOf(slice.Step)}
	r.kept, r.slices[slice.Step], r.paths[slice.Step] = append(r.kept, moment), sync.OnceValues(func() ([]byte, error) { return wholeSlice(slice, grid) }), path
	return nil
}

// wholeSlice is a slice with its losses, as JSON.
func wholeSlice(slice Slice, grid json.RawMessage) ([]byte, error) {
	var packed []int
	if err := json.Unmarshal(grid, &packed); err != nil {
		return nil, fmt.Errorf("recording %s, slice of update %d: %w", slice.Run, slice.Step, err)
	}
	if n := len(slice.Alphas); n == 0 || len(packed) != n*len(slice.Betas) {
		return nil, fmt.Errorf("recording %s, slice of update %d: expected %d × %d losses, found %d", slice.Run, slice.Step, n, len(slice.Betas), len(packed))
	}
	slice.Z = unpackGrid(packed, len(slice.Alphas))
	return json.Marshal(slice)
}

// timeOf is when the run was at a step: the time of the newest event up to there.
func (r *recordedRun) timeOf(step int) int64 {
	at := r.row.Created
	for _, m := range r.times {
		if m.step > step {
			break
		}
		at = m.time
	}
	return at
}

// newest is the step of the newest slice.
func (r *recordedRun) newest() int { return r.kept[len(r.kept)-1].Step }

// at is the slice of a step, or the trajectory ("plane") in its plane; a *fault with status 404 if there is none. An error of loading the
// recording passes, and so r may be nil.
func (r *recordedRun) at(step int, what string, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	slice, ok := r.slices[step]
	switch {
	case !ok:
		return nil, notKept(r.row.ID, step, what)
	case what == "plane":
		return r.paths[step], nil
	}
	return slice()
}

// from are at most limit events from an offset on.
func (r *recordedRun) from(offset int64, limit int) [][]byte {
	begin := min(max(0, offset), int64(len(r.bodies)))
	return r.bodies[begin:min(begin+int64(limit), int64(len(r.bodies)))]
}

// shortened rounds to so many significant digits: what a picture shows, at half the size.
func shortened(v float64, digits int) float64 {
	if v == 0 || math.IsNaN(v) || math.IsInf(v, 0) {
		return v
	}
	scale := math.Pow(10, float64(digits-1)-math.Floor(math.Log10(math.Abs(v))))
	if math.IsInf(scale, 0) || scale == 0 {
		return v
	}
	return math.Round(v*scale) / scale
}

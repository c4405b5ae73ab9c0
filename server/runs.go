package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"smoothscape/server/hub"
	"smoothscape/server/job"
	"smoothscape/server/store"
	"smoothscape/trainer"
)

// Time limits of workers and of the end of the program.
const (
	stopLimit  = 30 * time.Second        // from "pause" or "stop" to the kill: one update of a large network may take this long
	closeLimit = 1300 * time.Millisecond // the same when the whole program ends, which takes 2 s at most
)

// hubRing is how many events of each watched run the hub remembers: some seconds of the fastest run.
const hubRing = 4096

// maxRunName is the longest name of a run, in characters.
const maxRunName = 100

// runsOptions say where runs are kept and who trains them.
type runsOptions struct {
	Folder string       // the data folder
	Jobs   int          // training jobs on the processors at the same time, at least 1
	Log    *slog.Logger // nil: nowhere
	Worker job.Worker   // the zero value: this program with the argument "worker"
}

// Runs is the life of all runs: it owns the store, the queue, the workers and the viewers. All methods may be called by many goroutines.
type Runs struct {
	options    runsOptions
	log        *slog.Logger
	store      *store.Store
	hub        *hub.Hub
	slices     *slicer
	curves     *curver
	measures   *measurer
	known      datasetCache
	devices    deviceList
	paths      *trajectories
	recordings *recordings
	digests    *digests
	ranges     sliceRanges
	sharpens   *sharpener
	epoch      string // of this start of the program

	ctx     context.Context // ends when workers must be killed
	kill    context.CancelFunc
	closing chan struct{}  // closed when Close begins
	workers sync.WaitGroup // goroutines that run jobs
	viewers sync.WaitGroup // open sockets

	// mu guards what follows. It is held over every change of a status, so that moves and the ends of jobs take turns.
	mu     sync.Mutex
	active map[string]*training
	paces  map[chan []byte]bool // of those who work beside trainings
	closed bool
	watch  int // open sockets

	telling sync.Mutex // held while a measurement is put before the viewers
}

// training is a run's job while its process lives.
type training struct {
	place  workplace
	stop   chan struct{} // closed to ask the worker to stop
	target Status        // what the run becomes when the worker stops because it was asked to; empty until then
	reason string        // the sentence that goes with it
}

// openRuns opens the data folder, marks as interrupted what was running when the program last ended, and starts what is queued. Errors
// that the user can mend are faults.
func openRuns(ctx context.Context, options runsOptions) (*Runs, error) {
	if options.Log == nil {
		options.Log = slog.New(slog.DiscardHandler)
	}
	options.Jobs = max(1, options.Jobs)
	opened, err := store.Open(options.Folder)
	if err != nil {
		return nil, folderFault(options.Folder, err)
	}
	rs := &Runs{
		options: options, log: options.Log, store: opened, hub: hub.New(hubRing), closing: make(chan struct{}), active: map[string]*training{}, paces: map[chan []byte]bool{},
		paths: newTrajectories(), recordings: newRecordings(), digests: newDigests(), epoch: rand.Text(),
	}
	rs.ctx, rs.kill = context.WithCancel(context.WithoutCancel(ctx)) // Close ends it, after the workers had their time
	if err := errors.Join(rs.markInterrupted(ctx), rs.markMeasurements(ctx)); err != nil {
		rs.kill()
		return nil, errors.Join(err, opened.Close())
	}
	rs.slices, rs.measures, rs.curves, rs.sharpens = startSlicer(rs), newMeasurer(rs), startCurver(rs), newSharpener(rs)
	rs.measures.start()
	rs.sharpens.start()
	rs.workers.Go(rs.purgeDaily)
	rs.mu.Lock()
	defer rs.mu.Unlock()
	rs.startQueued()
	return rs, nil
}

// folderFault tells what the user can do about a data folder that cannot be opened.
func folderFault(folder string, err error) error {
	var format *store.FormatError
	switch {
	case errors.Is(err, store.ErrLocked):
		return &fault{
			Status: http.StatusConflict, Field: "data", Doing: "opening the data folder " + folder, Expected: "to be the only one who works on it",
			Found: "another running Smoothscape", Advice: "Use that one, end it, or choose another folder with --data DIR.",
		}
	case errors.As(err, &format) && format.Format < 0:
		return &fault{
			Field: "data", Doing: "opening " + format.File, Expected: "a database of Smoothscape", Found: "a database of another program",
			Advice: "Choose another folder with --data DIR.",
		}
	case errors.As(err, &format):
		return &fault{
			Field: "data", Doing: "opening " + format.File, Expected: fmt.Sprintf("format %d or older", format.Known),
			Found: fmt.Sprintf("format %d, which a newer version of Smoothscape wrote", format.Format), Advice: "Install that version, or choose another folder with --data DIR.",
		}
	}
	return fmt.Errorf("opening the data folder %s: %w", folder, err)
}

// markInterrupted tells the truth about jobs whose server was killed.
func (rs *Runs) markInterrupted(ctx context.Context) error {
	for _, status := range []Status{StatusRunning, StatusPausing, StatusStopping} {
		runs, err := rs.store.RunsWithStatus(ctx, string(status))
		if err != nil {
			return err
		}
		for _, run := range runs {
			if err := rs.setStatus(run.ID, StatusInterrupted, "Smoothscape ended while this run was training."); err != nil {
				return err
			}
		}
	}
	return nil
}

// Close asks every worker to stop, kills those that need longer than closeLimit, ends the sockets, and closes the store.
func (rs *Runs) Close() error {
	rs.mu.Lock()
	if rs.closed {
		rs.mu.Unlock()
		return nil
	}
	rs.closed = true
	close(rs.closing)
	for _, t := range rs.active {
		t.end(StatusInterrupted, "Smoothscape was closed.")
	}
	rs.mu.Unlock()
	killer := time.AfterFunc(closeLimit, rs.kill)
	rs.slices.close()
	rs.sharpens.close()
	rs.measures.close()
	rs.workers.Wait()
	killer.Stop()
	rs.kill()
	rs.curves.close()
	rs.viewers.Wait()
	return rs.store.Close()
}

// end asks the worker to stop; a later call changes what the run then becomes. The caller holds Runs.mu.
func (t *training) end(target Status, reason string) {
	if t.target == "" {
		close(t.stop)
	}
	t.target, t.reason = target, reason
}

// List returns all runs, newest first, and then the recorded ones.
func (rs *Runs) List(ctx context.Context) ([]RunView, error) {
	runs, err := rs.store.Runs(ctx)
	if err != nil {
		return nil, err
	}
	views := make([]RunView, 0, len(runs))
	for _, run := range runs {
		views = append(views, viewOf(run))
	}
	recorded, err := rs.recordedViews()
	return append(views, recorded...), err
}

// Run returns one run; a *fault with status 404 if there is none of this name.
func (rs *Runs) Run(ctx context.Context, id string) (RunView, error) {
	run, err := rs.row(ctx, id)
	if err != nil {
		return RunView{}, err
	}
	return viewOf(run), nil
}

// noSuchRun turns store.ErrNotFound into what the asker sees; other errors pass.
func noSuchRun(id string, err error) error {
	if !errors.Is(err, store.ErrNotFound) {
		return err
	}
	return &fault{
		Status: http.StatusNotFound, Field: "id", Doing: "looking for a run", Expected: "the name of a run in this data folder", Found: quoted(id),
		Advice: "Choose one from the list at /runs.",
	}
}

// errClosing: the program is about to end.
var errClosing = &fault{
	Status: http.StatusServiceUnavailable, Doing: "answering this request", Expected: "a running server", Found: "that Smoothscape is being closed",
	Advice: "Start it again.",
}

// Do makes a move. It returns when the move is recorded; a run that is training then takes a moment to get there. A *fault with status 404
// or 409 says that there is no such run, or that its status does not accept the move.
func (rs *Runs) Do(ctx context.Context, id string, move Move) (RunView, error) {
	if err := rs.mayChange(id, fmt.Sprintf("asking a run to %.20q", string(move))); err != nil {
		return RunView{}, err
	}
	rs.mu.Lock()
	defer rs.mu.Unlock()
	if rs.closed {
		return RunView{}, errClosing
	}
	t := rs.active[id]
	run, err := rs.store.UpdateRun(id, func(run *store.Run) error {
		if err := checkMove(Status(run.Status), move); err != nil {
			return err
		}
		run.Status, run.Reason = string(after(move, t != nil)), ""
		if move == MoveResume {
			run.Queued = time.Now().UnixNano()
		}
		return nil
	})
	if err != nil {
		return RunView{}, noSuchRun(id, err)
	}
	switch {
	case t != nil && move == MovePause:
		t.end(StatusPaused, "")
	case t != nil && move == MoveStop:
		t.end(StatusStopped, "")
	}
	rs.announce(run)
	rs.startQueued()
	return rs.Run(ctx, id)
}

// checkMove refuses what a status does not accept.
func checkMove(status Status, move Move) error {
	var words []string
	for _, accepted := range status.accepts() {
		if accepted == move {
			return nil
		}
		words = append(words, string(accepted))
	}
	advice := "Nothing can be asked of it now."
	if len(words) > 0 {
		advice = "It accepts: " + strings.Join(words, ", ") + "."
	}
	return &fault{
		Status: http.StatusConflict, Field: "move", Doing: fmt.Sprintf("asking a run to %.20q", string(move)), Expected: "a run that accepts this",
		Found: "one that is " + string(status), Advice: advice,
	}
}

// after is the status that a move leads to, with or without a worker.
func after(move Move, working bool) Status {
	switch {
	case move == MoveResume:
		return StatusQueued
	case move == MovePause && working:
		return StatusPausing
	case move == MovePause:
		return StatusPaused
	case working:
		return StatusStopping
	}
	return StatusStopped
}

// Events returns at most limit events of a run's log from offset from on, as they stand in the log.
func (rs *Runs) Events(ctx context.Context, id string, from int64, limit int) ([][]byte, error) {
	if _, err := rs.row(ctx, id); err != nil {
		return nil, err
	}
	return rs.bodies(ctx, id, from, limit)
}

// setStatus changes a status that nobody asked for, and tells the viewers. The caller holds mu, or is alone.
func (rs *Runs) setStatus(id string, status Status, reason string) error {
	run, err := rs.store.UpdateRun(id, func(run *store.Run) error {
		run.Status, run.Reason = string(status), reason
		return nil
	})
	if err != nil {
		return fmt.Errorf("run %s, becoming %s: %w", id, status, err)
	}
	rs.announce(run)
	return nil
}

// refresh shows a run to its viewers although its status has not changed.
func (rs *Runs) refresh(id string) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	run, err := rs.store.Run(rs.ctx, id)
	if err != nil {
		rs.log.Error("a run cannot be shown", "run", id, "cause", err)
		return
	}
	rs.announce(run)
}

// announce shows a run's row to its viewers. The caller holds mu, so that the last word is the newest.
func (rs *Runs) announce(run store.Run) {
	frame, err := json.Marshal(runFrame{Type: "run", Run: viewOf(run)})
	if err != nil {
		rs.log.Error("a run cannot be shown", "run", run.ID, "cause", err)
		return
	}
	rs.hub.SetState(run.ID, stateRun, frame)
}

// viewOf is the row as others see it. What cannot be read in it, because another version wrote it, is left empty.
func viewOf(run store.Run) RunView {
	view := RunView{
		ID: run.ID, Name: run.Name, Status: Status(run.Status), Reason: run.Reason, Created: run.Created, Step: run.Step,
		TotalSteps: run.TotalSteps, Epoch: run.Epoch, TestAccuracy: run.TestAccuracy, Accepts: Status(run.Status).accepts(),
	}
	_ = json.Unmarshal(run.Config, &view.Config)
	if run.Started != nil {
		_ = json.Unmarshal(run.Started, &view.Started)
	}
	return marked(view, run)
}

// newestUpdate is the newest parameter update in the log of a run; nil before the first.
func (rs *Runs) newestUpdate(ctx context.Context, id string) (*trainer.Update, error) {
	if update, ok, err := rs.recordedUpdate(id); ok || err != nil {
		return update, err
	}
	body, err := rs.store.Newest(ctx, id, string(trainer.KindUpdate))
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var event trainer.Event
	if err := json.Unmarshal(body, &event); err != nil {
		return nil, fmt.Errorf("run %s, reading its newest update: %w", id, err)
	}
	return event.Update, nil
}

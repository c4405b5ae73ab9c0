package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"

	"smoothscape/server/store"
)

// measurer works on the measurements that people ask for, one at a time in the order in which they asked, each in a worker of its own.
type measurer struct {
	runs *Runs
	wake chan struct{} // one token: something waits
	end  context.CancelFunc
	done chan struct{}

	mu      sync.Mutex
	current *measuring
}

// measuring is the measurement at work.
type measuring struct {
	row     store.Measurement
	kill    context.CancelCauseFunc
	news    chan []byte // to the worker
	over    chan struct{}
	stopped bool // by somebody; guarded by measurer.mu

	progress *MeasureProgress // guarded by measurer.mu
}

// errMeasureStopped: somebody wants a measurement no more.
var errMeasureStopped = errors.New("the measurement was stopped")

// newMeasurer makes a measurer that does nothing yet: start must follow when the Runs know it.
func newMeasurer(runs *Runs) *measurer {
	return &measurer{runs: runs, wake: make(chan struct{}, 1), done: make(chan struct{})}
}

// start begins with what waited when the program last ended.
func (m *measurer) start() {
	var ctx context.Context
	ctx, m.end = context.WithCancel(m.runs.ctx)
	go m.loop(ctx)
}

// close kills the worker, records that, and ends the goroutine. What waits goes on waiting in the store.
func (m *measurer) close() {
	m.end()
	<-m.done
}

// want says that something waits.
func (m *measurer) want() {
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

// shareOf is the part of its time that a measurement may work: beside a training as much as one core that slices.
func shareOf(training bool) float64 {
	if training {
		return shareBesideTraining / float64(runtime.NumCPU()) // an engine works on all cores
	}
	return 1
}

// paceChanged tells the worker how much it may work from now on: a training has begun or ended.
func (m *measurer) paceChanged(share float64) {
	m.mu.Lock()
	current := m.current
	m.mu.Unlock()
	if current == nil {
		return
	}
	line, err := json.Marshal(workerNews{Share: share})
	if err != nil {
		return
	}
	select {
	case <-current.news: // an older one that was not sent yet
	default:
	}
	select {
	case current.news <- line:
	default:
	}
}

// loop is the goroutine: it measures what waits, and sleeps.
func (m *measurer) loop(ctx context.Context) {
	defer close(m.done)
	for {
		for ctx.Err() == nil {
			waiting, err := m.runs.store.MeasurementsDue(ctx, string(MeasureWaiting))
			if err != nil && ctx.Err() == nil {
				m.runs.log.Error("the measurements cannot be read", "cause", err)
			}
			if len(waiting) == 0 {
				break
			}
			if !m.work(ctx, waiting[0]) {
				break // the store is in trouble: not again and again at full speed
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-m.wake:
		}
	}
}

// work measures, and records how that ended; ok is false if it could not be recorded.
func (m *measurer) work(ctx context.Context, row store.Measurement) (ok bool) {
	ctx, kill := context.WithCancelCause(ctx)
	defer kill(nil)
	c := &measuring{row: row, kill: kill, news: make(chan []byte, 1), over: make(chan struct{})}
	defer close(c.over)
	m.mu.Lock()
	m.current = c
	m.mu.Unlock()
	defer func() {
		m.mu.Lock()
		m.current = nil
		m.mu.Unlock()
	}()
	// Between the list and this line somebody may have stopped it.
	_, err := m.runs.changeMeasurement(row, func(row *store.Measurement) error {
		if row.Status != string(MeasureWaiting) {
			return errMeasureStopped
		}
		row.Status = string(MeasureRunning)
		return nil
	})
	if errors.Is(err, errMeasureStopped) {
		return true
	}
	if err != nil {
		m.runs.log.Error("a measurement cannot be started", "run", row.Run, "number", row.Number, "cause", err)
		return false
	}
	sha, failure := m.measure(ctx, c)
	m.mu.Lock()
	stopped := c.stopped
	m.mu.Unlock()
	status, reason := MeasureDone, ""
	switch {
	case sha != "":
	case stopped:
		status = MeasureStopped
	case ctx.Err() != nil && errors.Is(context.Cause(ctx), context.Canceled):
		status, reason = MeasureInterrupted, "Smoothscape was closed while this was being measured."
	default:
		status, reason = MeasureFailed, sentence(failure.Error())
		m.runs.log.Error("a measurement failed", "run", row.Run, "number", row.Number, "cause", failure)
	}
	_, err = m.runs.changeMeasurement(row, func(row *store.Measurement) error {
		row.Status, row.Reason, row.SHA256 = string(status), reason, sha
		return nil
	})
	if err != nil {
		m.runs.log.Error("the end of a measurement cannot be recorded", "run", row.Run, "number", row.Number, "cause", err)
	}
	m.runs.sharpens.want()
	return err == nil
}

// measure runs the worker and gives the hash of its report, or says why there is none.
func (m *measurer) measure(ctx context.Context, c *measuring) (sha string, err error) {
	line, err := m.task(ctx, c.row)
	if err != nil {
		return "", err
	}
	worker := m.runs.options.Worker
	worker.News = c.news
	var report string
	exit, err := worker.Run(ctx, line, nil, func(line []byte) error {
		sha, err := m.take(c, line)
		if sha != "" {
			report = sha
		}
		return err
	})
	switch {
	case err != nil:
		return "", err
	case report != "" && exit.Fault == nil:
		return report, nil
	case exit.Fault != nil:
		return "", exit.Fault
	}
	return "", errors.New("the measuring worker ended without a report" + causeOfDeath(exit))
}

// task is the line for the worker.
func (m *measurer) task(ctx context.Context, row store.Measurement) ([]byte, error) {
	run, err := m.runs.store.Run(ctx, row.Run)
	if err != nil {
		return nil, err
	}
	name := viewOf(run).Config.Dataset
	folder, ok, err := m.runs.datasetFolder(ctx, name)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, unknownDataset(name)
	}
	task := measureTask{Folder: folder, Blobs: m.runs.store.Blobs.Folder, Request: row.Request, Share: shareOf(m.runs.training())}
	checkpoints, err := m.runs.store.Checkpoints(ctx, row.Run)
	if err != nil {
		return nil, err
	}
	for _, c := range checkpoints {
		task.Checkpoints = append(task.Checkpoints, c.SHA256)
	}
	return json.Marshal(workerTask{Measure: &task})
}

// take reads one line of the worker; sha is the hash of the report if it was that.
func (m *measurer) take(c *measuring, line []byte) (sha string, err error) {
	var news struct {
		Step     *int             `json:"step"`
		Progress *MeasureProgress `json:"progress"`
		Report   json.RawMessage  `json:"report"` // kept as it is
		Error    string           `json:"error"`
	}
	if err := json.Unmarshal(line, &news); err != nil {
		return "", fmt.Errorf("the measuring worker wrote a line that is none of a measurement: %w: %.80q", err, line)
	}
	switch {
	case news.Error != "":
		return "", errors.New(news.Error)
	case news.Step != nil:
		_, err := m.runs.changeMeasurement(c.row, func(row *store.Measurement) error { row.Step = news.Step; return nil })
		return "", err
	case news.Progress != nil:
		m.mu.Lock()
		c.progress = news.Progress
		m.mu.Unlock()
		m.runs.announceMeasurement(c.row.Run)
		return "", nil
	case len(news.Report) > 0:
		return m.runs.store.Blobs.Put(news.Report)
	}
	return "", fmt.Errorf("the measuring worker wrote a line that says nothing: %.80q", line)
}

// progressOf says how far a measurement is; nil when it is not at work, or has not said anything yet.
func (m *measurer) progressOf(run string, number int) *MeasureProgress {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.current == nil || m.current.row.Run != run || m.current.row.Number != number {
		return nil
	}
	return m.current.progress
}

// stop ends a measurement that is at work; it returns when its end is recorded, or after a while.
func (m *measurer) stop(run string, number int) {
	m.mu.Lock()
	c := m.current
	if c == nil || c.row.Run != run || c.row.Number != number {
		m.mu.Unlock()
		return
	}
	c.stopped = true
	c.kill(errMeasureStopped)
	m.mu.Unlock()
	limit := time.NewTimer(5 * time.Second)
	defer limit.Stop()
	select {
	case <-c.over:
	case <-limit.C:
	}
}

// markMeasurements tells the truth about measurements whose server was killed.
func (rs *Runs) markMeasurements(ctx context.Context) error {
	broken, err := rs.store.MeasurementsWithStatus(ctx, string(MeasureRunning))
	if err != nil {
		return err
	}
	for _, row := range broken {
		_, err := rs.store.UpdateMeasurement(row.Run, row.Number, func(row *store.Measurement) error {
			row.Status, row.Reason = string(MeasureInterrupted), "Smoothscape ended while this was being measured."
			return nil
		})
		if err != nil {
			return fmt.Errorf("run %s, measurement %d: %w", row.Run, row.Number, err)
		}
	}
	return nil
}

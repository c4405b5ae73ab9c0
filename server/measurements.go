package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"smoothscape/server/store"
	"smoothscape/trainer/measure"
)

// MeasureStatus says where a measurement stands.
type MeasureStatus string

// The statuses of a measurement.
const (
	MeasureWaiting     MeasureStatus = "waiting"     // until another one is done
	MeasureRunning     MeasureStatus = "running"     // a worker is at it
	MeasureDone        MeasureStatus = "done"        // its report is there
	MeasureStopped     MeasureStatus = "stopped"     // somebody did not want it any more
	MeasureInterrupted MeasureStatus = "interrupted" // the program ended
	MeasureFailed      MeasureStatus = "failed"      // the worker reported an error, or died
)

// MeasurementView is a measurement as the pages and the JSON API see it.
type MeasurementView struct {
	Run      string           `json:"run"`
	Number   int              `json:"number"`  // 1, 2, 3, … within the run
	Created  int64            `json:"created"` // Unix milliseconds
	Request  json.RawMessage  `json:"request"` // what was asked for: some fields of a measure.Request
	Status   MeasureStatus    `json:"status"`
	Reason   string           `json:"reason"`             // one sentence for interrupted and failed, else empty
	Step     *int             `json:"step"`               // of the checkpoint; nil until it is chosen
	Progress *MeasureProgress `json:"progress,omitempty"` // while running
	Report   json.RawMessage  `json:"report,omitempty"`   // a measure.Report, when done; lists leave it out
}

// measurementsListed is the most measurements of one answer, the newest.
const measurementsListed = 100

// maxReportBytes is the longest report: a line of a worker.
const maxReportBytes = 1 << 20

// Measure asks for a measurement of a run's newest checkpoint; given are the fields of a measure.Request that are not to be the default. A
// *fault with status 404 or 409 says that there is no such run, that it has no checkpoint, or that one of its measurements is not done yet.
func (rs *Runs) Measure(ctx context.Context, id string, given json.RawMessage) (MeasurementView, error) {
	if err := rs.mayChange(id, "measuring a run"); err != nil {
		return MeasurementView{}, err
	}
	run, err := rs.Run(ctx, id)
	if err != nil {
		return MeasurementView{}, err
	}
	if given, err = rs.checkRequest(ctx, run, given); err != nil {
		return MeasurementView{}, err
	}
	if checkpoints, err := rs.store.Checkpoints(ctx, id); err != nil {
		return MeasurementView{}, err
	} else if len(checkpoints) == 0 {
		return MeasurementView{}, &fault{
			Status: http.StatusConflict, Field: "run", Doing: "measuring run " + quoted(id), Expected: "a run with a checkpoint", Found: "none yet",
			Advice: "Wait for the run's first checkpoint.",
		}
	}
	rs.mu.Lock()
	defer rs.mu.Unlock()
	if rs.closed {
		return MeasurementView{}, errClosing
	}
	row := store.Measurement{Run: id, Created: time.Now().UnixMilli(), Request: given, Status: string(MeasureWaiting)}
	row, err = rs.store.AddMeasurement(row, func(newest *store.Measurement) error {
		if newest == nil || newest.Status != string(MeasureWaiting) && newest.Status != string(MeasureRunning) {
			return nil
		}
		return &fault{
			Status: http.StatusConflict, Field: "run", Doing: "measuring run " + quoted(id), Expected: "a run whose measurements are done",
			Found: "one that is " + newest.Status, Advice: "Wait for its end, or stop it.",
		}
	})
	if err != nil {
		return MeasurementView{}, err
	}
	rs.measures.want()
	rs.announceMeasurement(id)
	return rs.measurementView(ctx, row, true)
}

// checkRequest refuses what cannot be measured of a run, and gives back the request as one line with the groups under their own names.
func (rs *Runs) checkRequest(ctx context.Context, run RunView, given json.RawMessage) (json.RawMessage, error) {
	data, spec, err := rs.plan(ctx, run.Config)
	if err != nil {
		return nil, err
	}
	if len(bytes.TrimSpace(given)) == 0 {
		given = json.RawMessage("{}")
	}
	request, err := requestOver(measureDefaults(run.Config, spec, run.Epoch, data.TrainSize), given, data.TrainSize)
	if err != nil {
		return nil, err
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(given, &fields); err != nil || fields == nil {
		return nil, badRequest(errors.New("no object"))
	}
	if fields["what"], err = json.Marshal(request.What); err != nil {
		return nil, err
	}
	return json.Marshal(fields)
}

// usualRequest is what is measured of a run when nothing else is asked for, as far as its images can be read.
func (rs *Runs) usualRequest(ctx context.Context, run RunView) measure.Request {
	data, spec, err := rs.plan(ctx, run.Config)
	if err != nil {
		return measure.DefaultRequest()
	}
	return measureDefaults(run.Config, spec, run.Epoch, data.TrainSize)
}

// StopMeasurement ends a measurement. A *fault with status 404 or 409 says that there is none, or that it has ended already.
func (rs *Runs) StopMeasurement(ctx context.Context, id string, number int) (MeasurementView, error) {
	row, err := rs.store.UpdateMeasurement(id, number, func(row *store.Measurement) error {
		switch MeasureStatus(row.Status) {
		case MeasureWaiting:
			row.Status = string(MeasureStopped)
			return nil
		case MeasureRunning:
			return nil // the worker's end is recorded by whoever runs it
		}
		return &fault{
			Status: http.StatusConflict, Field: "number", Doing: "stopping a measurement", Expected: "one that is waiting or running", Found: "one that is " + row.Status,
			Advice: "Nothing has to be stopped.",
		}
	})
	if err != nil {
		return MeasurementView{}, noSuchMeasurement(id, err)
	}
	if row.Status == string(MeasureRunning) {
		rs.measures.stop(id, number)
	}
	rs.announceMeasurement(id)
	return rs.Measurement(ctx, id, number)
}

// Measurement is one measurement with its report.
func (rs *Runs) Measurement(ctx context.Context, id string, number int) (MeasurementView, error) {
	if _, err := rs.row(ctx, id); err != nil {
		return MeasurementView{}, err
	}
	row, err := rs.store.Measurement(ctx, id, number)
	if err != nil {
		return MeasurementView{}, noSuchMeasurement(id, err)
	}
	return rs.measurementView(ctx, row, true)
}

// Measurements are a run's measurements, newest first, without their reports.
func (rs *Runs) Measurements(ctx context.Context, id string) ([]MeasurementView, error) {
	if _, err := rs.row(ctx, id); err != nil {
		return nil, err
	}
	rows, err := rs.store.Measurements(ctx, id, measurementsListed)
	if err != nil {
		return nil, err
	}
	views := make([]MeasurementView, 0, len(rows))
	for _, row := range rows {
		view, err := rs.measurementView(ctx, row, false)
		if err != nil {
			return nil, err
		}
		views = append(views, view)
	}
	return views, nil
}

// noSuchMeasurement turns store.ErrNotFound into what the asker sees; other errors pass.
func noSuchMeasurement(id string, err error) error {
	if !errors.Is(err, store.ErrNotFound) {
		return err
	}
	return &fault{
		Status: http.StatusNotFound, Field: "number", Doing: "looking for a measurement of run " + quoted(id), Expected: "the number of one", Found: "none of this number",
		Advice: "Choose one from the list at /api/runs/" + id + "/measurements.",
	}
}

// measurementView is a row as others see it.
func (rs *Runs) measurementView(_ context.Context, row store.Measurement, whole bool) (MeasurementView, error) {
	view := MeasurementView{
		Run: row.Run, Number: row.Number, Created: row.Created, Request: row.Request, Status: MeasureStatus(row.Status), Reason: row.Reason, Step: row.Step,
	}
	if view.Status == MeasureRunning {
		view.Progress = rs.measures.progressOf(row.Run, row.Number)
	}
	if whole && row.SHA256 != "" {
		report, err := rs.store.Blobs.Get(row.SHA256, maxReportBytes)
		if err != nil {
			return view, err
		}
		view.Report = report
	}
	return view, nil
}

// changeMeasurement changes a row and tells the viewers.
func (rs *Runs) changeMeasurement(row store.Measurement, edit func(*store.Measurement) error) (store.Measurement, error) {
	row, err := rs.store.UpdateMeasurement(row.Run, row.Number, edit)
	if err == nil {
		rs.announceMeasurement(row.Run)
	}
	return row, err
}

// measurementFrame carries the newest measurement of a run.
type measurementFrame struct {
	Type        string          `json:"type"` // "measurement"
	Measurement MeasurementView `json:"measurement"`
}

// newestMeasurement is the frame of a run's newest measurement; nil without one.
func (rs *Runs) newestMeasurement(ctx context.Context, id string) ([]byte, error) {
	rows, err := rs.store.Measurements(ctx, id, 1)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	view, err := rs.measurementView(ctx, rows[0], true)
	if err != nil {
		return nil, err
	}
	return json.Marshal(measurementFrame{Type: "measurement", Measurement: view})
}

// announceMeasurement shows the newest measurement of a run to its viewers.
func (rs *Runs) announceMeasurement(id string) {
	if rs.hub.Viewers(id) == 0 {
		return
	}
	rs.telling.Lock() // so that the last word is the newest
	defer rs.telling.Unlock()
	frame, err := rs.newestMeasurement(context.WithoutCancel(rs.ctx), id)
	if err != nil {
		rs.log.Error("a measurement cannot be shown", "run", id, "cause", err)
		return
	}
	if frame != nil {
		rs.hub.SetState(id, stateMeasurement, frame)
	}
}

// measureChoice is a group of measurements that can be asked for.
type measureChoice struct {
	Kind  measure.Kind `json:"kind"`
	Title string       `json:"title"`
	Usual bool         `json:"usual"` // measured if nothing else is asked for
}

// measureChoices are all groups, cheapest first.
func measureChoices() []measureChoice {
	usual := map[measure.Kind]bool{}
	for _, kind := range measure.DefaultRequest().What {
		usual[kind] = true
	}
	var all []measureChoice
	for _, kind := range measure.Kinds() {
		all = append(all, measureChoice{Kind: kind, Title: kind.Title(), Usual: usual[kind]})
	}
	return all
}

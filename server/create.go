package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"smoothscape/server/store"
	"smoothscape/trainer"
	"smoothscape/trainer/engine"
)

// Create records a new run and puts it into the queue. Name may be empty. Bad fields are *fault values, joined.
func (rs *Runs) Create(ctx context.Context, name string, cfg trainer.Config) (RunView, error) {
	name = strings.Join(strings.Fields(name), " ")
	var errs []error
	if n := len([]rune(name)); n > maxRunName {
		errs = append(errs, &fault{
			Field: "name", Doing: "reading the name", Expected: fmt.Sprintf("at most %d characters", maxRunName), Found: fmt.Sprint(n), Advice: "Shorten it.",
		})
	}
	_, _, err := rs.plan(ctx, cfg)
	if err := errors.Join(append(errs, err)...); err != nil {
		return RunView{}, err
	}
	if name == "" {
		network := cfg.Model
		if cfg.Spec != nil && cfg.Spec.Name != "" && cfg.Spec.Name != cfg.Model {
			network = quoted(cfg.Spec.Name) + " (own)"
		}
		name = fmt.Sprintf("%s, %s, seed %d", network, cfg.Schedule, cfg.Seed)
	}
	config, err := json.Marshal(cfg)
	if err != nil {
		return RunView{}, fmt.Errorf("writing the configuration of a run: %w", err)
	}
	now := time.Now()
	run := store.Run{
		ID: newID(), Name: name, Created: now.UnixMilli(), Config: config, Status: string(StatusQueued), Queued: now.UnixNano(),
	}
	rs.mu.Lock()
	defer rs.mu.Unlock()
	if rs.closed {
		return RunView{}, errClosing
	}
	if err := rs.store.CreateRun(run); err != nil {
		return RunView{}, err
	}
	rs.startQueued()
	return rs.Run(ctx, run.ID)
}

// plan says on what a configuration trains, and which network. Everything that is wrong with it are *fault values, joined.
func (rs *Runs) plan(ctx context.Context, cfg trainer.Config) (DatasetView, engine.Spec, error) {
	data, err := rs.dataset(ctx, cfg.Dataset)
	if err := errors.Join(err, configFaults(cfg.Validate(data.TrainSize))); err != nil {
		return data, engine.Spec{}, err
	}
	spec, err := cfg.Network(data.Shape, data.Classes)
	return data, spec, networkFault(cfg, err)
}

// configFaults turns what package trainer says about a configuration into faults; other errors pass.
func configFaults(err error) error {
	fields := trainer.FieldErrors(err)
	if len(fields) == 0 {
		return err
	}
	var errs []error
	for _, e := range fields {
		errs = append(errs, &fault{Field: e.Field, Doing: e.Doing, Expected: e.Expected, Found: e.Found, Advice: asSentence(e.Advice)})
	}
	return errors.Join(errs...)
}

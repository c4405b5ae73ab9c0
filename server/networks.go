package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"smoothscape/trainer"
	"smoothscape/trainer/device"
	"smoothscape/trainer/engine"
)

// networks are models of a checkpoint's network, each with its parameters and running statistics, and the engine that computes them.
type networks struct {
	models []engine.Model // one for each evaluator
	opened trainer.Opened
}

// openNetworks builds as many models as there may be evaluators, on the engine of that name; "" is the one that computed the checkpoint, or the CPU where that is not to be had
// or a software driver, on which a picture takes hours. A device gets one: it works on a whole batch at once. What people should know goes to tell.
func openNetworks(ctx context.Context, checkpoint *trainer.Checkpoint, name string, evaluators int, tell io.Writer) (networks, error) {
	opening := trainer.Opening{Devices: devices{}, Spec: checkpoint.Spec, Batch: evalImages, Hung: exitHung(tell)}
	if name == "" {
		name, opening.Trusted = engineOf(checkpoint), checkpoint.Path
		opening.Must, opening.Fast = true, true
	}
	opened, err := trainer.OpenEngine(ctx, name, opening)
	if err != nil {
		return networks{}, configFaults(err)
	}
	if opened.Warning != "" {
		fmt.Fprintln(tell, "smoothscape:", opened.Warning)
	}
	n := networks{opened: opened}
	first, err := opened.Engine.Build(checkpoint.Spec)
	if err != nil {
		return networks{}, errors.Join(err, n.close())
	}
	n.models = append(n.models, first)
	copy(first.Params(), checkpoint.Params)
	copy(first.State(), checkpoint.State)
	for opened.Device == nil && len(n.models) < evaluators {
		clone, err := first.Clone()
		if err != nil {
			return networks{}, errors.Join(err, n.close())
		}
		n.models = append(n.models, clone)
	}
	return n, nil
}

// close frees what the models hold.
func (n networks) close() error {
	var errs []error
	for _, m := range n.models {
		errs = append(errs, m.Close())
	}
	return errors.Join(append(errs, n.opened.Close())...)
}

// engineOf is the name of the engine that computed a checkpoint: of a device its own name, if it was given.
func engineOf(c *trainer.Checkpoint) string {
	if which, ok := device.Named(c.Config.Engine); ok && which != "" && c.Engine == device.EngineName {
		return c.Config.Engine
	}
	return c.Engine
}

// exitHung is what becomes of a process whose device hangs: no call into a driver can be called back.
func exitHung(tell io.Writer) func(string) {
	return func(sentence string) {
		fmt.Fprintln(tell, "smoothscape:", sentence)
		os.Exit(1)
	}
}

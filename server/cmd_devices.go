package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"smoothscape/trainer/device"
	"smoothscape/trainer/engine/crosscheck"
)

func newDevicesCommand(tty *terminal) *cobra.Command {
	asJSON := false
	cmd := &cobra.Command{
		Use:   "devices",
		Short: "List the graphics devices that can train, and check each",
		Long: `List the devices that this machine has for --engine webgpu, the best first, with their drivers and limits, and
check each: it trains a tiny network for two steps, and every gradient is compared with that of the CPU.
A job does the same when it starts; what does not pass computes nothing. A driver that crashes or hangs while
it is checked is reported as such: each check has a process of its own.`,
		Example: `  smoothscape devices
  smoothscape devices --json | jq -r '.devices[] | select(.report.passed) | .name'
  smoothscape train --engine webgpu:1`,
		Args: noSuchCommand,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return listDevices(cmd.Context(), tty, devices{}, asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// listedDevice is a device and what its check found: a report, or why there is none.
type listedDevice struct {
	device.Adapter
	Report  *crosscheck.Report `json:"report,omitempty"`
	Problem string             `json:"problem,omitempty"`
}

// listDevices prints the devices of a machine.
func listDevices(ctx context.Context, tty *terminal, system device.System, asJSON bool) error {
	adapters, err := system.Adapters(ctx)
	if err != nil {
		return err
	}
	all, auto := make([]listedDevice, len(adapters)), "cpu"
	for i, a := range adapters {
		fmt.Fprintf(tty.err, "checking %s …\n", a.Name)
		all[i].Adapter = a
		report, err := system.Check(ctx, a)
		switch {
		case ctx.Err() != nil:
			return errors.Join(errAlreadyTold, ctx.Err())
		case err != nil:
			all[i].Problem = sentence(err.Error())
			continue
		}
		all[i].Report = &report
		if i == 0 && !a.Software && report.Passed {
			auto = fmt.Sprintf("%s:%d", device.EngineName, a.Place)
		}
	}
	if asJSON {
		return printJSON(tty, map[string]any{"devices": all, "auto": auto})
	}
	for _, d := range all {
		if err := writeDevice(tty.out, d); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(tty.out, "--engine auto takes %s here.\n", auto)
	return err
}

// writeDevice prints a device for people.
func writeDevice(w io.Writer, d listedDevice) error {
	var limits []string
	for _, l := range d.Limits {
		value := grouped(int(l.Value))
		if l.Bytes {
			value = fmt.Sprintf("%.4g MiB", float64(l.Value)/(1<<20))
		}
		limits = append(limits, l.Name+" "+value)
	}
	verdict := d.Problem
	if d.Report != nil {
		verdict = fmt.Sprintf("%s, in %.2g s", d.Report.Verdict(), d.Report.Seconds)
	}
	about := []string{d.Kind, d.Backend}
	if d.Driver != "" {
		about = append(about, "driver "+d.Driver)
	}
	_, err := fmt.Fprintf(w, "%d  %s\n   %s; --engine %s:%d\n   limits: %s\n   check: %s\n", d.Place, d.Name, strings.Join(about, ", "), device.EngineName, d.Place, strings.Join(limits, ", "), verdict)
	return err
}

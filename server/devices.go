package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"smoothscape/server/job"
	"smoothscape/trainer/device"
	"smoothscape/trainer/engine/crosscheck"
)

// checkLimit is how long listing the devices, or checking one, may take: compiling the kernels took two minutes on a software driver.
const checkLimit = 5 * time.Minute

// devices are those of this machine. Drivers are asked in a process of its own: one that crashes takes that process with it, and one that hangs is killed.
type devices struct{ device.Local }

// devicesTask asks for the devices of this machine, or for the check of one. The worker answers with one devicesLine.
type devicesTask struct {
	Check *device.Adapter `json:"check,omitempty"`
}

// devicesLine is what a worker found out about devices.
type devicesLine struct {
	Adapters []device.Adapter   `json:"adapters,omitempty"`
	Report   *crosscheck.Report `json:"report,omitempty"`
	Error    string             `json:"error,omitempty"`
	None     bool               `json:"none,omitempty"` // Error says that there are none
}

// Adapters lists them.
func (devices) Adapters(ctx context.Context) ([]device.Adapter, error) {
	line, err := askDevices(ctx, "listing the devices", devicesTask{})
	return line.Adapters, err
}

// Check checks one.
func (devices) Check(ctx context.Context, a device.Adapter) (crosscheck.Report, error) {
	line, err := askDevices(ctx, "checking the device", devicesTask{Check: &a})
	if err != nil || line.Report == nil {
		return crosscheck.Report{}, err
	}
	return *line.Report, nil
}

// askDevices runs a worker.
func askDevices(ctx context.Context, doing string, task devicesTask) (line devicesLine, err error) {
	request, err := json.Marshal(workerTask{Devices: &task})
	if err != nil {
		return line, err
	}
	limited, cancel := context.WithTimeout(ctx, checkLimit)
	defer cancel()
	heard := false
	exit, err := job.Worker{}.Run(limited, request, nil, func(text []byte) error {
		heard = true
		return json.Unmarshal(text, &line)
	})
	switch {
	case ctx.Err() != nil:
		return line, ctx.Err()
	case limited.Err() != nil:
		return line, fmt.Errorf("%s: the driver hangs: no answer in %v", doing, checkLimit)
	case err != nil:
		return line, err
	case !heard || exit.Fault != nil:
		return line, fmt.Errorf("%s: the driver crashes%s", doing, causeOfDeath(exit))
	case line.None:
		return line, noDevice(line.Error)
	case line.Error != "":
		return line, errors.New(line.Error)
	}
	return line, nil
}

// devicesTaskRun is the worker's part.
func devicesTaskRun(ctx context.Context, task devicesTask, emit func(devicesLine) error) error {
	orphan := time.AfterFunc(checkLimit+time.Minute, func() { os.Exit(1) }) // whoever asked would have killed this process by then
	defer orphan.Stop()
	var line devicesLine
	var err error
	if task.Check == nil {
		line.Adapters, err = device.Local{}.Adapters(ctx)
	} else {
		var report crosscheck.Report
		report, err = device.Local{}.Check(ctx, *task.Check)
		line.Report = &report
	}
	if err != nil {
		line = devicesLine{Error: err.Error(), None: errors.Is(err, device.ErrNone)}
	}
	return emit(line)
}

// noDevice is device.ErrNone as a worker told it.
type noDevice string

func (e noDevice) Error() string { return string(e) }

func (noDevice) Unwrap() error { return device.ErrNone }

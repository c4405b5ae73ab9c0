package main

import (
	"errors"
	"slices"
	"sync/atomic"

	"smoothscape/trainer/device"
	"smoothscape/web"
)

// deviceList is what is known of this machine's devices: nothing until findDevices is done.
type deviceList struct {
	found atomic.Pointer[[]device.Adapter]
}

// findDevices asks for the devices, in a goroutine that ends with the Runs. The log says what a driver does wrong; that there are none is no news.
func (rs *Runs) findDevices() {
	rs.workers.Go(func() {
		adapters, err := devices{}.Adapters(rs.ctx)
		switch {
		case err == nil:
			rs.devices.found.Store(&adapters)
		case rs.ctx.Err() == nil && !errors.Is(err, device.ErrNone):
			rs.log.Warn("the graphics devices cannot be listed", "cause", err)
		}
	})
}

// choices are the devices in the list of engines: the best, and each other one of another name.
func (l *deviceList) choices() []web.Choice {
	best := web.Choice{Value: device.EngineName, Label: "webgpu: the best graphics device"}
	known := l.found.Load()
	if known == nil || len(*known) == 0 {
		return []web.Choice{best}
	}
	adapters := *known
	best.Label = "webgpu: " + adapters[0].Name + " (" + adapters[0].Kind + ")"
	all, names := []web.Choice{best}, []string{adapters[0].Name}
	for _, a := range adapters[1:] {
		if slices.Contains(names, a.Name) {
			continue
		}
		names = append(names, a.Name)
		name := device.EngineName + ":" + a.Name
		if _, ok := device.Named(name); ok {
			all = append(all, web.Choice{Value: name, Label: "webgpu: " + a.Name + " (" + a.Kind + ")"})
		}
	}
	return all
}

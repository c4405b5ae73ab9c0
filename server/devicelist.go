package main

import (
	"errors"
	"fmt"
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
			rs.mu.Lock()
			defer rs.mu.Unlock()
			rs.startQueued() // a run that waited for a place on the processors may have one of its own
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

// workplace is what a training takes for itself: a graphics device, or a share of the processors. Runs at different places do not wait for each other.
type workplace string

const processors workplace = ""

// place is where an engine of that name computes, as far as it is known before it is opened. A software driver is of the processors. A device to which two
// interfaces lead is one place; two devices of one name are two.
func (l *deviceList) place(engine string) workplace {
	known := l.found.Load()
	which, ok := device.Named(engine)
	if known == nil || len(*known) == 0 || !ok && engine != "auto" {
		return processors
	}
	adapters := *known
	chosen, err := device.Choose(adapters, which)
	if err != nil || adapters[chosen].Software {
		return processors
	}
	a, twins := adapters[chosen], 0
	for _, other := range adapters[:chosen] {
		if other.Name == a.Name && other.Backend == a.Backend {
			twins++
		}
	}
	return workplace(fmt.Sprintf("%s %d", a.Name, twins+1))
}

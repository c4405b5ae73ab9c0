package device

import (
	"fmt"
	"strconv"
	"strings"

	"smoothscape/trainer/measure"
)

// EngineName is the engine of all devices; EngineName + ":" + NAME chooses one of them.
const EngineName = "webgpu"

// maxName is the longest NAME that is looked for, in bytes.
const maxName = 100

// Named says whether name asks for a device, and which: "" is the best one. ok is false for every other engine's name, and for what no device could be called.
func Named(name string) (which string, ok bool) {
	rest, found := strings.CutPrefix(name, EngineName)
	if !found || rest == "" {
		return "", found
	}
	which, found = strings.CutPrefix(rest, ":")
	which = strings.TrimSpace(which)
	return which, found && which != "" && len(which) <= maxName
}

// Choose finds the device that which names, in a list whose best comes first: the best for "", the one at this place (1 … len(adapters)) for a number,
// else the one whose name contains which, in any case of letters. Of several with one name (a device that two interfaces lead to) it is the first. If there is none,
// or if their names differ, the error is a *measure.FieldError that lists them.
func Choose(adapters []Adapter, which string) (int, error) {
	if place, err := strconv.Atoi(which); err == nil && place >= 1 && place <= len(adapters) {
		return place - 1, nil
	}
	chosen, fits := -1, 0
	names := map[string]bool{}
	for i, a := range adapters {
		if !strings.Contains(strings.ToLower(a.Name), strings.ToLower(which)) {
			continue
		}
		if chosen < 0 {
			chosen = i
		}
		if !names[a.Name] {
			names[a.Name] = true
			fits++
		}
	}
	switch {
	case chosen >= 0 && (which == "" || fits == 1 || strings.EqualFold(adapters[chosen].Name, which)):
		return chosen, nil
	case chosen >= 0:
		return -1, noSuch("one device with "+strconv.Quote(which)+" in its name", list(adapters, names), "type more of the name, or the number before it")
	}
	return -1, noSuch("a device with "+strconv.Quote(which)+" in its name", list(adapters, nil), "choose one of these, or auto")
}

func noSuch(expected, found, advice string) error {
	return &measure.FieldError{Field: "engine", Doing: "choosing the device that computes", Expected: expected, Found: found, Advice: advice}
}

// list writes adapters with their places, those of some names or all.
func list(adapters []Adapter, some map[string]bool) string {
	var all []string
	for i, a := range adapters {
		if some == nil || some[a.Name] {
			all = append(all, fmt.Sprintf("%d %s", i+1, a.Name))
		}
	}
	if len(all) == 0 {
		return "none"
	}
	return strings.Join(all, ", ")
}

package trainer

import (
	"strings"

	"smoothscape/trainer/engine"
	"smoothscape/trainer/engine/cpu"
	"smoothscape/trainer/engine/gorgonia"
)

// EngineNames lists the names that EngineByName knows.
func EngineNames() []string { return []string{"auto", "cpu", "gorgonia"} }

// EngineByName gives the engine of that name; "auto" is the fastest that this machine has. An unknown name gives a
// *FieldError.
func EngineByName(name string) (engine.Engine, error) {
	switch name {
	case "auto", "cpu":
		return cpu.New(), nil
	case "gorgonia":
		return gorgonia.New(), nil
	}
	return nil, &FieldError{Field: "engine", Doing: "choosing who computes", Expected: "one of " + strings.Join(EngineNames(), ", "), Found: quote(name), Advice: "choose one of these"}
}

package main

import (
	"strings"

	"smoothscape/trainer"
	"smoothscape/trainer/device"
)

// engineWords lists the engines for --help.
func engineWords() string {
	return strings.Join(trainer.EngineNames(), ", ") + ", " + device.EngineName + ":NAME, which smoothscape devices tells"
}

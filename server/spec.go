package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"smoothscape/trainer"
	"smoothscape/trainer/engine"
)

// readSpec reads a network of the user's own. The *fault says at the field "spec" what is wrong with it.
func readSpec(from io.Reader) (*engine.Spec, error) {
	spec, err := engine.ReadSpec(from)
	if err != nil {
		return nil, &fault{
			Field: "spec", Doing: "reading your own network", Expected: "a network as JSON whose layers fit together", Found: err.Error(),
			Advice: "Begin with a built-in one: `smoothscape train --dump-spec --model convnet` prints it, and GET /api/models.",
		}
	}
	return &spec, nil
}

// specFile reads a network from a file, for the command line.
func specFile(name string) (*engine.Spec, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, &fault{Field: "spec", Doing: "opening the network " + quoted(name), Expected: "a file of JSON", Found: osReason(err), Advice: "Check its name."}
	}
	defer file.Close()
	spec, err := readSpec(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return spec, nil
}

// networkFault turns what does not fit between a network and the images into a fault; other errors pass.
func networkFault(cfg trainer.Config, err error) error {
	if err == nil || len(trainer.FieldErrors(err)) > 0 {
		return configFaults(err)
	}
	return &fault{
		Field: "model", Doing: "fitting the network to the images", Expected: "a network for images of this size", Found: strings.TrimSpace(err.Error()),
		Advice: "Choose another model than " + cfg.Model + ", or other images.",
	}
}

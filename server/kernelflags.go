package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"smoothscape/landscape"
)

// kernelFlags are the flags of a command that choose the kernel of f̂_δ.
type kernelFlags struct {
	law, convention string
	alpha           float64
}

func (k *kernelFlags) register(f *pflag.FlagSet) {
	var names []string
	for _, law := range landscape.Laws() {
		names = append(names, string(law))
	}
	f.StringVar(&k.law, "kernel", string(landscape.Gaussian), "law of u in f̂_δ(x) = E f(x − δu): "+strings.Join(names, ", "))
	f.StringVar(&k.convention, "convention", string(landscape.Vector), "what δ = 1 means: vector (the paper's: u of length about 1) or coordinate (standard deviation 1 per axis)")
	f.Float64Var(&k.alpha, "alpha", 1.5, "tail index of the stable law, above 1 and below 2")
}

// read returns the kernel in d dimensions, or a fault.
func (k *kernelFlags) read(d int) (landscape.Kernel, error) {
	kernel := landscape.Kernel{Law: landscape.Law(k.law), Convention: landscape.Convention(k.convention), Alpha: k.alpha, Dim: d}
	return kernel, kernelFault(kernel.Validate())
}

// kernelFault tells what is wrong with a kernel, or with a δ, in terms of the flags.
func kernelFault(err error) error {
	var wrong *landscape.KernelError
	switch {
	case errors.As(err, &wrong):
		return &fault{Field: "kernel", Doing: "reading the " + wrong.Field + " of the kernel", Expected: wrong.Expected, Found: wrong.Found,
			Advice: "See --kernel, --convention and --alpha in --help."}
	case errors.Is(err, landscape.ErrNoSmoothing):
		return &fault{Field: "kernel", Doing: "choosing the kernel", Expected: "one under which f̂ exists", Found: err.Error(), Advice: "The Gaussian always does."}
	}
	return err
}

// gridFault tells what is wrong with a grid that somebody asked for.
func gridFault(field string, err error) error {
	var wrong *landscape.GridError
	if !errors.As(err, &wrong) {
		return err
	}
	return &fault{Field: field, Doing: wrong.Doing, Expected: wrong.Expected, Found: wrong.Found, Advice: capital(wrong.Advice) + "."}
}

// positive refuses a number that is not finite and above 0.
func positive(flag string, v float64) error {
	if v > 0 && v <= 1e300 {
		return nil
	}
	return &fault{Field: flag, Doing: "reading --" + flag, Expected: "a finite number above 0", Found: fmt.Sprint(v)}
}

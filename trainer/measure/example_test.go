package measure_test

import (
	"context"
	"fmt"
	"math/rand/v2"

	"smoothscape/trainer/dataset"
	"smoothscape/trainer/engine"
	"smoothscape/trainer/engine/cpu"
	"smoothscape/trainer/measure"
)

// network is softmax regression on the first 512 embedded images, at parameters as drawn for a run. The parameters of a checkpoint would be
// copied into model.Params(), its running statistics into model.State().
func network() (*measure.Network, error) {
	set, err := dataset.EmbeddedHead(512)
	if err != nil {
		return nil, err
	}
	spec, err := engine.SpecFor("softmax", set.Shape, set.Classes)
	if err != nil {
		return nil, err
	}
	model, err := cpu.New().Build(spec)
	if err != nil {
		return nil, err
	}
	copy(model.Params(), engine.Initialize(spec, rand.New(rand.NewPCG(1, 2))))
	return measure.OnModel(model, set, set.Train), nil
}

// What the smoothscape program does: a request, a network, a report.
func ExampleRun() {
	network, err := network()
	if err != nil {
		fmt.Println(err)
		return
	}
	request := measure.DefaultRequest()
	request.What, request.Images = []measure.Kind{measure.Spread, measure.Smoothing}, 0
	report, err := measure.Run(context.Background(), request, network.Subject(), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, name := range []string{"gradStdDev", "noiseLevel"} {
		q, _ := report.Quantity(name)
		fmt.Printf("%s: %s = %.2g ± %.1g\n", q.Title, q.Symbol, float64(q.Value), float64(*q.StdErr))
	}
	// Output:
	// Spread of the gradients, per sample: C = 27 ± 0.2
	// Degree of smoothing: δ = 0.24 ± 0.002
}

// C of a model at its own parameters in three lines.
func ExamplePerSample() {
	network, err := network()
	if err != nil {
		fmt.Println(err)
		return
	}
	images := measure.ChooseImages(network.Len(), 64, rand.New(rand.NewPCG(1, 3)))
	spread, err := measure.PerSample(context.Background(), network, network.Params(), images, network.Len(), nil)
	fmt.Printf("C = %.0f ± %.0f, %v\n", spread.C.Value, spread.C.StdErr, err)
	// Output: C = 27 ± 1, <nil>
}

// The largest eigenvalue of the Hessian over 128 images, with a bound of its error.
func ExampleLanczos() {
	network, err := network()
	if err != nil {
		fmt.Println(err)
		return
	}
	hessian := measure.HessianOf(network, network.Params(), measure.FirstImages(128))
	start := measure.RandomStart(hessian.Dim(), rand.New(rand.NewPCG(1, 4)))
	ritz, err := measure.Lanczos(context.Background(), hessian, start, 15, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	top := ritz.Top(1, false)[0]
	fmt.Printf("λ₁ = %.1f, converged: %v\n", top.Value, top.Converged)
	// Output: λ₁ = 54.7, converged: true
}

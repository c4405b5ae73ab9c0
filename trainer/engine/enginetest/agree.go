package enginetest

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"smoothscape/trainer/engine"
	"smoothscape/trainer/engine/cpu"
)

// Tolerance is the largest difference from the float64 instance, as a part of the largest value of each gradient tensor
// (of the loss, for the loss). float32 rounds by 6e-8; a sum of n = 1e4 products in any order errs by about √n·6e-8 =
// 6e-6 of its terms, which may be ten times larger than what is left after cancellation.
const Tolerance = 1e-4

// floor is a difference that is always allowed, as a part of the largest value of the whole gradient: a bias before a batch norm has the gradient
// 0, of which rounding leaves those 6e-6 of its terms, and they are as large as those of other tensors.
const floor = 1e-5

func agrees(t *testing.T, e engine.Engine) {
	for _, n := range networks(t) {
		m := build(t, e, n.spec)
		for _, images := range n.batches {
			t.Run(fmt.Sprintf("%s %v, %d classes, %d images", n.spec.Name, n.spec.Input, n.spec.Classes, images), func(t *testing.T) {
				x, y := Batch(n.spec, images, 1)
				agree(t, m, x, y)
			})
		}
	}
}

// agree compares losses, gradients and statistics of both modes with the float64 instance, and Eval with FrozenGrad.
func agree(t *testing.T, m engine.Model, x []float32, y []int) {
	t.Helper()
	witness, err := cpu.NewNet[float64](m.Spec())
	if err != nil {
		t.Fatal(err)
	}
	widen(witness.Params(), m.Params())
	widen(witness.State(), m.State())
	state := slices.Clone(m.State())
	x64, want := make([]float64, len(x)), make([]float64, len(m.Params()))
	widen(x64, x)

	metrics, err := witness.Grad(x64, y, want)
	if err != nil {
		t.Fatal(err)
	}
	got, gotMetrics := take(t, m.Grad, m, x, y)
	sameMetrics(t, "training", gotMetrics, metrics)
	sameTensors(t, "gradient in training: ", m.Spec().Tensors(), got, want, floor)
	// A mean may be near 0 where its values are not, so it is compared by the largest statistic, which is a variance or such a mean.
	sameTensors(t, "", m.Spec().StateTensors(), m.BatchStats(), witness.BatchStats(), Tolerance)

	metrics, err = witness.FrozenGrad(x64, y, want)
	if err != nil {
		t.Fatal(err)
	}
	frozen, frozenMetrics := take(t, m.FrozenGrad, m, x, y)
	sameMetrics(t, "evaluation", frozenMetrics, metrics)
	sameTensors(t, "frozen gradient: ", m.Spec().Tensors(), frozen, want, floor)
	eval := evaluate(t, m, x, y)
	sameMetrics(t, "Eval", eval, metrics)
	if !m.Spec().HasBatchNorm() && (frozenMetrics != gotMetrics || eval != gotMetrics || !slices.Equal(got, frozen)) {
		t.Errorf("without batch norm Grad gives %+v, FrozenGrad %+v, Eval %+v", gotMetrics, frozenMetrics, eval)
	}
	if !slices.Equal(state, m.State()) {
		t.Error("a pass changed the running statistics")
	}
}

func sameMetrics(t *testing.T, what string, got, want engine.Metrics) {
	t.Helper()
	if !(math.Abs(got.Loss-want.Loss) <= Tolerance*want.Loss) {
		t.Errorf("%s: loss %v, float64 %v", what, got.Loss, want.Loss)
	}
	if got.Correct != want.Correct {
		t.Errorf("%s: %d correct, float64 %d", what, got.Correct, want.Correct)
	}
}

func sameTensors(t *testing.T, what string, tensors []engine.TensorInfo, got []float32, want []float64, floor float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s%d values, expected %d", what, len(got), len(want))
	}
	whole := 0.0
	for _, v := range want {
		whole = max(whole, math.Abs(v))
	}
	for _, tensor := range tensors {
		scale, worst := 0.0, 0.0
		for j := tensor.Offset; j < tensor.Offset+tensor.Len; j++ {
			scale = max(scale, math.Abs(want[j]))
			worst = max(worst, math.Abs(float64(got[j])-want[j]))
		}
		if !(worst <= Tolerance*scale+floor*whole) {
			t.Errorf("%s%s: off by %.3g, its largest value is %.3g and that of all %.3g", what, tensor.Name, worst, scale, whole)
		}
	}
}

func widen(to []float64, from []float32) {
	for i, v := range from {
		to[i] = float64(v)
	}
}

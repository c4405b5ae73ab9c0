package engine

import (
	"math"
	"math/rand/v2"
	"reflect"
	"testing"
)

func TestInitialState(t *testing.T) {
	spec, err := SpecFor("resnet8", Shape{3, 32, 32}, 10)
	if err != nil {
		t.Fatal(err)
	}
	tensors, state := spec.StateTensors(), InitialState(spec)
	if want := 2 * (16*3 + 32*3 + 64*3); len(state) != want || spec.StateCount() != want {
		t.Fatalf("%d values of state, want %d", len(state), want)
	}
	if tensors[0].Name != "bn1.running_mean" || tensors[1].Name != "bn1.running_var" || state[0] != 0 || state[16] != 1 {
		t.Errorf("state begins with %+v, %+v, values %v and %v", tensors[0], tensors[1], state[0], state[16])
	}
	if !spec.HasBatchNorm() {
		t.Error("it has batch norm")
	}
}

// TestFiltersTile: tensors and filters each cover the flat vector in order, without gap or overlap.
func TestFiltersTile(t *testing.T) {
	for _, model := range Models() {
		spec, err := SpecFor(model, Shape{3, 32, 32}, 100)
		if err != nil {
			t.Fatal(err)
		}
		checkTiling(t, spec)
	}
	spec, _ := SpecFor("convnet", Shape{1, 28, 28}, 10)
	filters := spec.Filters()
	if want := 8 + 1 + 16 + 1 + 10 + 1; len(filters) != want {
		t.Errorf("%d filters, want %d", len(filters), want)
	}
	if want := (Filter{Start: 80 + 72, Len: 72}); filters[10] != want {
		t.Errorf("second filter of the second convolution %+v, want %+v", filters[10], want)
	}
}

func checkTiling(t *testing.T, spec Spec) {
	t.Helper()
	at := 0
	for _, tensor := range spec.Tensors() {
		n := 1
		for _, d := range tensor.Shape {
			n *= d
		}
		if tensor.Offset != at || tensor.Len != n {
			t.Fatalf("tensor %+v does not start at %d", tensor, at)
		}
		at += n
	}
	if at != spec.ParameterCount() {
		t.Fatalf("tensors cover %d of %d parameters", at, spec.ParameterCount())
	}
	at = 0
	for _, f := range spec.Filters() {
		if f.Start != at || f.Len < 1 {
			t.Fatalf("filter %+v does not start at %d", f, at)
		}
		at += f.Len
	}
	if at != spec.ParameterCount() {
		t.Fatalf("filters cover %d of %d parameters", at, spec.ParameterCount())
	}
}

// TestInitialize: each layer uniform on ±1/√fan-in, by its bounds and its variance bound²/3.
func TestInitialize(t *testing.T) {
	spec, err := SpecFor("convnet", Shape{1, 28, 28}, 100)
	if err != nil {
		t.Fatal(err)
	}
	params := Initialize(spec, rand.New(rand.NewPCG(1, 2)))
	if again := Initialize(spec, rand.New(rand.NewPCG(1, 2))); !reflect.DeepEqual(params, again) {
		t.Error("the same seed gives other parameters")
	}
	if len(params) != spec.ParameterCount() {
		t.Fatalf("%d parameters, want %d", len(params), spec.ParameterCount())
	}
	fanIn := []float64{9, 9, 72, 72, 784, 784}
	for i, tensor := range spec.Tensors() {
		bound, sum := 1/math.Sqrt(fanIn[i]), 0.0
		for _, v := range params[tensor.Offset : tensor.Offset+tensor.Len] {
			if math.Abs(float64(v)) > bound*(1+1e-6) { // 1e-6: rounding to float32
				t.Fatalf("%s: %v lies outside ±%v", tensor.Name, v, bound)
			}
			sum += float64(v) * float64(v)
		}
		// v² has mean bound²/3 and standard deviation bound²·√(1/5−1/9) = 0.298·bound²; four of those of the mean.
		n := float64(tensor.Len)
		if got, tol := sum/n/(bound*bound), 4*0.298/math.Sqrt(n); math.Abs(got-1.0/3) > tol {
			t.Errorf("%s: mean square %v of the squared bound, want 1/3 ± %v", tensor.Name, got, tol)
		}
	}
}

// TestInitializeBatchNorm: γ = 1 and β = 0, without a draw.
func TestInitializeBatchNorm(t *testing.T) {
	layers := []Layer{{Kind: Flatten}, {Kind: Linear, Units: 4}, {Kind: BatchNorm}, {Kind: Linear, Units: 3}}
	with := Spec{Input: Shape{2, 3, 3}, Classes: 3, Layers: layers}
	without := Spec{Input: with.Input, Classes: 3, Layers: []Layer{layers[0], layers[1], layers[3]}}
	got, want := Initialize(with, rand.New(rand.NewPCG(1, 2))), Initialize(without, rand.New(rand.NewPCG(1, 2)))
	at := 18*4 + 4
	if norm := got[at : at+8]; !reflect.DeepEqual(norm, []float32{1, 1, 1, 1, 0, 0, 0, 0}) {
		t.Errorf("γ and β are %v", norm)
	}
	if !reflect.DeepEqual(append(append([]float32(nil), got[:at]...), got[at+8:]...), want) {
		t.Error("with a norm the other layers draw other numbers")
	}
}

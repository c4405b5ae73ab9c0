package webgpu

import (
	"testing"

	"smoothscape/trainer/engine"
	"smoothscape/trainer/engine/enginetest"
)

// A profile names every kernel of a training step once, with all its calls; the operations of convolutions and linear layers are those of the network, forward and
// back; and the model trains on as if nothing had been.
func TestProfile(t *testing.T) {
	e := anyEngine(t)
	spec := small(t, "convnet")
	device, host := pair(t, e, spec)
	parts, err := device.(engine.Profiler).Profile(4)
	if err != nil {
		t.Fatal(err)
	}
	p, err := compile(spec, 4, training, e.adapter.Limits)
	if err != nil {
		t.Fatal(err)
	}
	calls, flops, seen := 0, int64(0), map[string]bool{}
	for i, k := range parts {
		if seen[k.Kernel] || k.Time < 0 || i > 0 && k.Time > parts[i-1].Time {
			t.Errorf("part %d of %+v", i, parts)
		}
		seen[k.Kernel] = true
		calls += k.Calls
		flops += k.Flops
	}
	if forward := 4 * spec.Flops(); calls != len(p.steps) || flops <= 2*forward || flops > 3*forward {
		t.Errorf("%d calls of %d, %d operations where forward takes %d", calls, len(p.steps), flops, forward)
	}
	x, y := enginetest.Batch(spec, 4, 1)
	got, want := make([]float32, len(host.Params())), make([]float32, len(host.Params()))
	if _, err := device.Grad(x, y, got); err != nil {
		t.Fatal(err)
	}
	if _, err := host.Grad(x, y, want); err != nil {
		t.Fatal(err)
	}
	if d := distance(got, want); !(d <= 1e-4) {
		t.Errorf("afterwards the gradient is off by %.3g", d)
	}
}

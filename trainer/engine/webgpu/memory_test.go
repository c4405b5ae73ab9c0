package webgpu

import (
	"errors"
	"testing"

	"smoothscape/trainer/engine"
)

// least are the limits that every WebGPU device has.
var least = Limits{MaxBinding: 128 << 20, MaxBuffer: 256 << 20, StorageBuffers: 8, Workgroups: 65535, Alignment: 256, shape: tileShapes[0], group: 256}

// Training the large networks fits the memory of ordinary cards, and each array the limits of every device.
func TestMemoryOfLargeNetworks(t *testing.T) {
	for name, most := range map[string]int64{"resnet18": 1.2e9, "wrn-28-10": 5e9} {
		spec, err := engine.SpecFor(name, engine.Shape{C: 3, H: 32, W: 32}, 100)
		if err != nil {
			t.Fatal(err)
		}
		m, err := memoryOf(spec, 128, least)
		if err != nil {
			t.Fatal(err)
		}
		if m.Total > most || m.Total != m.Parameters+m.Activations+m.Workspace || m.Parameters < 8*int64(spec.ParameterCount()) {
			t.Errorf("%s with 128 images: %v; expected at most %s", name, m, amount(most))
		}
		t.Logf("%s with 128 images: %v", name, m)
		if _, err := memoryOf(spec, 4096, least); !errors.Is(err, ErrMemory) {
			t.Errorf("%s with 4096 images: error %v, expected ErrMemory", name, err)
		}
	}
}

// No two arrays that are in use at once share memory, each array fits its slot, and each kernel sees as many arrays as every device allows.
func TestSlotsAreNotSharedAtOnce(t *testing.T) {
	for _, name := range engine.Models() {
		for _, m := range []mode{training, frozen, evaluation} {
			p, err := compile(small(t, name), 4, m, least)
			if err != nil {
				t.Fatal(err)
			}
			holder := map[int]int{} // of each slot
			for i, s := range p.steps {
				if len(s.arrays) > least.StorageBuffers {
					t.Errorf("%s: %s has %d arrays", name, s.kernel, len(s.arrays))
				}
				for _, a := range s.arrays {
					array := p.arrays[a]
					if array.place != slotted {
						continue
					}
					if i < array.first || i > array.last || array.bytes() > p.slots[array.slot] {
						t.Fatalf("%s, step %d: %s uses %+v in a slot of %d bytes", name, i, s.kernel, array, p.slots[array.slot])
					}
					if other, taken := holder[array.slot]; taken && other != a && p.arrays[other].last >= array.first && array.last >= p.arrays[other].first {
						t.Errorf("%s, step %d: arrays %d and %d share a slot at once", name, i, other, a)
					}
					holder[array.slot] = a
				}
			}
		}
	}
}

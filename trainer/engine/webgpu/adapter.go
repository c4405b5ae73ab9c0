package webgpu

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gogpu/gputypes"
	"github.com/gogpu/wgpu/hal"
)

// Errors of this package. Callers test with errors.Is.
var (
	// ErrNoLoader: the library that knows the graphics drivers is not on this machine.
	ErrNoLoader = errors.New("webgpu: no graphics library")
	// ErrNoAdapter: there is the library, but no driver that computes.
	ErrNoAdapter = errors.New("webgpu: no graphics adapter")
	// ErrMemory: the device allows less memory than the network needs, or has less.
	ErrMemory = errors.New("webgpu: not enough memory on the device")
	// ErrDeviceLost: the device went away while it computed: its driver was restarted, reset or unplugged.
	ErrDeviceLost = errors.New("webgpu: the device was lost")
)

// Kind is what an adapter is, the fastest first.
type Kind int

// The kinds of adapters.
const (
	DiscreteGPU Kind = iota
	IntegratedGPU
	VirtualGPU
	Other
	CPU // a driver that computes on the processor, such as Mesa's llvmpipe: right, and slow
)

func (k Kind) String() string {
	return [...]string{"discrete GPU", "integrated GPU", "virtual GPU", "other", "CPU"}[k]
}

// Adapter is a driver on this machine that computes.
type Adapter struct {
	Name    string // "llvmpipe (LLVM 15.0.6, 256 bits)"
	Driver  string // its version as far as the interface tells, else ""
	Backend string // "Vulkan", "Metal", "DX12"
	Kind    Kind
	Limits  Limits

	backend gputypes.Backend
	ordinal int // among those of the backend
}

func (a Adapter) String() string { return fmt.Sprintf("%s, %s, %v", a.Name, a.Backend, a.Kind) }

// Path names the device and its driver. It begins engine.Engine.Path; where that is the same a resumed run gives the same numbers bit for bit.
func (a Adapter) Path() string {
	return strings.ToLower(fmt.Sprintf("webgpu/%s/%s/%s", a.Backend, a.Name, a.Driver))
}

// Limits are those of an adapter that decide what it can train.
type Limits struct {
	MaxBinding     int64 // bytes of memory that a kernel sees as one array
	MaxBuffer      int64 // bytes of one allocation
	StorageBuffers int   // arrays that a kernel may see
	Workgroups     int   // groups of threads along one axis of a dispatch
	Alignment      int64 // bytes that an array's place in its allocation is a multiple of

	// tiled is 0, or where the threads of a group share memory that is faster than the rest: the fewest lines and columns of a product that are worth a tile,
	// which then has this shape.
	tiled int
	shape tileShape
	group int // threads of a group, at most
}

// Adapters lists every adapter of this machine, the fastest kind first. It returns an error that wraps ErrNoLoader or ErrNoAdapter where there
// is none, and says what to install.
func Adapters() ([]Adapter, error) {
	var all []Adapter
	err := eachInstance(func(backend gputypes.Backend, exposed []hal.ExposedAdapter) bool {
		for i, e := range exposed {
			all = append(all, describe(backend, i, e))
		}
		return true
	})
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%w: expected a Vulkan, Metal or Direct3D 12 driver, found none. Install the driver of the graphics card, or mesa-vulkan-drivers to compute on the processor (slow)", ErrNoAdapter)
	}
	slices.SortStableFunc(all, func(a, b Adapter) int { return cmp.Compare(a.Kind, b.Kind) })
	return all, nil
}

// eachInstance calls visit with the adapters of each library there is, which live until it returns, until it returns false.
func eachInstance(visit func(gputypes.Backend, []hal.ExposedAdapter) bool) error {
	var causes []error
	found := false
	for _, backend := range []gputypes.Backend{gputypes.BackendMetal, gputypes.BackendDX12, gputypes.BackendVulkan} {
		if _, ok := hal.GetBackend(backend); !ok {
			continue
		}
		l, err := load(backend)
		switch {
		case errors.Is(err, ErrNoAdapter): // there is the library, at least
			found = true
			continue
		case err != nil:
			causes = append(causes, err)
			continue
		}
		found = true
		more := visit(backend, l.adapters)
		l.release()
		if !more {
			return nil
		}
	}
	if !found {
		return fmt.Errorf("%w: expected the Vulkan loader (Linux: libvulkan1 and mesa-vulkan-drivers, or the driver of the graphics card), Metal (macOS) or Direct3D 12 (Windows), found none: %w", ErrNoLoader, errors.Join(causes...))
	}
	return nil
}

// library is a graphics library at work, and its adapters.
type library struct {
	instance hal.Instance
	adapters []hal.ExposedAdapter
}

// load loads a library. The error wraps ErrNoAdapter where the library itself misses its drivers, else ErrNoLoader.
func load(backend gputypes.Backend) (library, error) {
	from, ok := hal.GetBackend(backend)
	if !ok {
		return library{}, fmt.Errorf("%w: this program was built without %v", ErrNoLoader, backend)
	}
	instance, err := from.CreateInstance(&hal.InstanceDescriptor{Backends: gputypes.Backends(1 << backend)})
	switch {
	case err == nil:
		return library{instance, instance.EnumerateAdapters(nil)}, nil
	case strings.HasSuffix(err.Error(), "vkCreateInstance failed: -9"): // VK_ERROR_INCOMPATIBLE_DRIVER; the binding has no other name for it
		return library{}, fmt.Errorf("%w: %w", ErrNoAdapter, err)
	}
	return library{}, fmt.Errorf("%w: %w", ErrNoLoader, err)
}

// release unloads the library, after whatever was opened of its adapters.
func (l library) release() {
	for _, a := range l.adapters {
		a.Adapter.Destroy()
	}
	l.instance.Destroy()
}

func describe(backend gputypes.Backend, ordinal int, e hal.ExposedAdapter) Adapter {
	l := e.Capabilities.Limits
	kinds := map[gputypes.DeviceType]Kind{
		gputypes.DeviceTypeDiscreteGPU: DiscreteGPU, gputypes.DeviceTypeIntegratedGPU: IntegratedGPU, gputypes.DeviceTypeVirtualGPU: VirtualGPU, gputypes.DeviceTypeCPU: CPU,
	}
	kind, ok := kinds[e.Info.DeviceType]
	if !ok {
		kind = Other
	}
	tiled := leastTiled
	if kind == CPU {
		tiled = 0
	}
	return Adapter{
		Name: e.Info.Name, Driver: e.Info.DriverInfo, Backend: backend.String(), Kind: kind,
		Limits: Limits{
			MaxBinding: int64(l.MaxStorageBufferBindingSize), MaxBuffer: int64(l.MaxBufferSize), StorageBuffers: int(l.MaxStorageBuffersPerShaderStage),
			Workgroups: int(l.MaxComputeWorkgroupsPerDimension), Alignment: int64(max(l.MinStorageBufferOffsetAlignment, l.MinUniformBufferOffsetAlignment, 4)),
			tiled: tiled, shape: tileShapes[0], group: int(l.MaxComputeInvocationsPerWorkgroup),
		},
		backend: backend, ordinal: ordinal,
	}
}

package webgpu

import (
	"embed"
	"path"
	"regexp"
	"sync"

	"smoothscape/trainer/engine"
)

//go:embed kernels/*.wgsl
var kernelFiles embed.FS

// Engine builds models on one device. It and its models may be used by many goroutines; the device works for one at a time.
type Engine struct {
	adapter Adapter
	device  device

	mu      sync.Mutex // held by who uses the device
	kernels map[string]kernel
}

// New opens the device of an adapter that Adapters listed. Close releases it. Where kernels may be tiled it takes up to two seconds the first time, to find the shape of
// tiles that is the fastest there, which it keeps in a file of the folder cache; "" keeps nothing.
func New(a Adapter, cache string) (*Engine, error) {
	d, err := open(a)
	if err != nil {
		return nil, err
	}
	e := &Engine{adapter: a, device: d, kernels: map[string]kernel{}}
	spec, images := typical()
	e.tune(cache, spec, images)
	return e, nil
}

// Name is "webgpu".
func (e *Engine) Name() string { return "webgpu" }

// Path is that of the adapter, and the shape of tiles.
func (e *Engine) Path() string {
	if e.adapter.Limits.tiled == 0 {
		return e.adapter.Path()
	}
	return e.adapter.Path() + "/" + e.adapter.Limits.shape.String()
}

// Adapter is whose device this is.
func (e *Engine) Adapter() Adapter { return e.adapter }

// Memory is what training spec with so many images at once takes on the device; nothing is allocated. The error wraps ErrMemory where a limit of the
// device forbids it, and what Build returns for a specification that does not fit.
func (e *Engine) Memory(spec engine.Spec, images int) (Memory, error) {
	if err := spec.Validate(); err != nil {
		return Memory{}, err
	}
	return memoryOf(spec, images, e.adapter.Limits)
}

// Close releases the device. Its models must be closed before.
func (e *Engine) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, k := range e.kernels {
		k.release()
	}
	clear(e.kernels)
	e.device.release()
	return nil
}

// Build makes a model on the device, with all parameters zero.
func (e *Engine) Build(spec engine.Spec) (engine.Model, error) {
	if err := spec.Validate(); err != nil {
		return nil, err
	}
	return newModel(e, spec)
}

// kernel compiles a kernel when it is first asked for. The caller holds mu.
func (e *Engine) kernel(name string) (kernel, error) {
	if k, ok := e.kernels[name]; ok {
		return k, nil
	}
	text, writes, err := source(name)
	if err != nil {
		return nil, err
	}
	k, err := e.device.compile(name, text, writes)
	if err != nil {
		return nil, err
	}
	e.kernels[name] = k
	return k, nil
}

var storage = regexp.MustCompile(`var<storage, (read|read_write)>`)

// source is the text of a kernel, and which of its arrays it writes.
func source(name string) (text string, writes []bool, err error) {
	header, err := kernelFiles.ReadFile("kernels/header.wgsl")
	if err != nil {
		return "", nil, err
	}
	shape, file, isTiled := shapeOf(name)
	body, err := kernelFiles.ReadFile(path.Join("kernels", file+".wgsl"))
	if err != nil {
		return "", nil, err
	}
	for _, m := range storage.FindAllSubmatch(body, -1) {
		writes = append(writes, string(m[1]) == "read_write")
	}
	if !isTiled {
		return string(header) + string(body), writes, nil
	}
	tile, err := kernelFiles.ReadFile("kernels/tile.wgsl")
	if err != nil {
		return "", nil, err
	}
	end, err := shape.text(string(tile))
	return string(header) + string(body) + end, writes, err
}

package webgpu

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gogpu/gputypes"
	"github.com/gogpu/wgpu"
)

// gogpu is a device over github.com/gogpu/wgpu, which is pure Go.
type gogpu struct {
	library library
	device  *wgpu.Device
	staging *wgpu.Buffer // of read; grows
	busy    bool         // something that was handed to the device may not be done, or waits for the next submit, as writes do
}

type gogpuMemory struct {
	buffer *wgpu.Buffer
	device *gogpu
}

type gogpuKernel struct {
	module   *wgpu.ShaderModule
	group    *wgpu.BindGroupLayout
	layout   *wgpu.PipelineLayout
	pipeline *wgpu.ComputePipeline
}

type gogpuDispatch struct {
	kernel *gogpuKernel
	group  *wgpu.BindGroup
	x, y   uint32
}

// readLimit is how long read waits: far longer than any piece of work that the plan lets run at once, so that a driver that hangs is known as such.
const readLimit = 10 * time.Minute

// open opens the adapter with the limits it offers.
func open(a Adapter) (device, error) {
	l, err := load(a.backend)
	if err != nil {
		return nil, fmt.Errorf("opening %v: %w", a, err)
	}
	if a.ordinal >= len(l.adapters) || l.adapters[a.ordinal].Info.Name != a.Name {
		l.release()
		return nil, fmt.Errorf("%w: opening %v: it is no longer there; list the devices again", ErrNoAdapter, a)
	}
	e := l.adapters[a.ordinal]
	opened, err := e.Adapter.Open(0, e.Capabilities.Limits)
	if err != nil {
		l.release()
		return nil, failed("opening "+a.String(), err)
	}
	made, err := wgpu.NewDeviceFromHAL(opened.Device, opened.Queue, 0, e.Capabilities.Limits, "smoothscape")
	if err != nil {
		l.release()
		return nil, failed("opening "+a.String(), err)
	}
	return &gogpu{library: l, device: made}, nil
}

func (d *gogpu) release() {
	d.settle()
	if d.staging != nil {
		d.staging.Release()
	}
	d.device.Release()
	d.library.release()
}

func (d *gogpu) allocate(bytes int64) (memory, error) {
	b, err := d.device.CreateBuffer(&wgpu.BufferDescriptor{Size: uint64(bytes), Usage: wgpu.BufferUsageStorage | wgpu.BufferUsageUniform | wgpu.BufferUsageCopyDst | wgpu.BufferUsageCopySrc})
	if err != nil {
		return nil, failed(fmt.Sprintf("allocating %s on the device", amount(bytes)), err)
	}
	m := gogpuMemory{b, d}
	if err := d.clear(m); err != nil {
		m.release()
		return nil, err
	}
	return m, nil
}

// clear sets memory to 0: what a driver gives may be what another had.
func (d *gogpu) clear(m gogpuMemory) error {
	const doing = "clearing memory of the device"
	encoder, err := d.device.CreateCommandEncoder(nil)
	if err != nil {
		return failed(doing, err)
	}
	encoder.ClearBuffer(m.buffer, 0, m.buffer.Size())
	return d.submit(doing, encoder)
}

// release gives memory back once nothing that was handed to the device uses it. The binding itself knows that of dispatches, not of writes.
func (m gogpuMemory) release() {
	m.device.settle()
	m.buffer.Release()
}

// settle waits until nothing is left to do. Of a device that is lost nothing is.
func (d *gogpu) settle() {
	if d.busy {
		_, _ = d.device.Queue().Submit()
		_ = d.device.WaitIdle()
		d.busy = false
	}
}

func (d *gogpu) compile(name, text string, writes []bool) (kernel, error) {
	k := &gogpuKernel{}
	entries := []wgpu.BindGroupLayoutEntry{{Binding: 0, Visibility: wgpu.ShaderStageCompute, Buffer: &gputypes.BufferBindingLayout{Type: gputypes.BufferBindingTypeUniform}}}
	for i, w := range writes {
		kind := gputypes.BufferBindingTypeReadOnlyStorage
		if w {
			kind = gputypes.BufferBindingTypeStorage
		}
		entries = append(entries, wgpu.BindGroupLayoutEntry{Binding: uint32(i + 1), Visibility: wgpu.ShaderStageCompute, Buffer: &gputypes.BufferBindingLayout{Type: kind}})
	}
	var err error
	if k.module, err = d.device.CreateShaderModule(&wgpu.ShaderModuleDescriptor{Label: name, WGSL: text}); err == nil {
		if k.group, err = d.device.CreateBindGroupLayout(&wgpu.BindGroupLayoutDescriptor{Label: name, Entries: entries}); err == nil {
			if k.layout, err = d.device.CreatePipelineLayout(&wgpu.PipelineLayoutDescriptor{Label: name, BindGroupLayouts: []*wgpu.BindGroupLayout{k.group}}); err == nil {
				k.pipeline, err = d.device.CreateComputePipeline(&wgpu.ComputePipelineDescriptor{Label: name, Layout: k.layout, Module: k.module, EntryPoint: "main"})
			}
		}
	}
	if err != nil {
		k.release()
		return nil, failed("compiling the kernel "+name, err)
	}
	return k, nil
}

func (k *gogpuKernel) release() {
	if k.pipeline != nil {
		k.pipeline.Release()
	}
	if k.layout != nil {
		k.layout.Release()
	}
	if k.group != nil {
		k.group.Release()
	}
	if k.module != nil {
		k.module.Release()
	}
}

func (d *gogpu) prepare(k kernel, sizes span, arrays []span, x, y int) (dispatch, error) {
	of := k.(*gogpuKernel)
	entries := make([]wgpu.BindGroupEntry, 0, 1+len(arrays))
	for i, s := range append([]span{sizes}, arrays...) {
		entries = append(entries, wgpu.BindGroupEntry{Binding: uint32(i), Buffer: s.of.(gogpuMemory).buffer, Offset: uint64(s.offset), Size: uint64(s.bytes)})
	}
	group, err := d.device.CreateBindGroup(&wgpu.BindGroupDescriptor{Layout: of.group, Entries: entries})
	if err != nil {
		return nil, failed("binding a kernel to its arrays", err)
	}
	return &gogpuDispatch{kernel: of, group: group, x: uint32(x), y: uint32(y)}, nil
}

func (w *gogpuDispatch) release() { w.group.Release() }

func (d *gogpu) write(m memory, data []byte) error {
	d.busy = true
	if err := d.device.Queue().WriteBuffer(m.(gogpuMemory).buffer, 0, data); err != nil {
		return failed(fmt.Sprintf("writing %s to the device", amount(int64(len(data)))), err)
	}
	return nil
}

func (d *gogpu) run(work []dispatch) error {
	const doing = "handing work to the device"
	encoder, err := d.device.CreateCommandEncoder(nil)
	if err != nil {
		return failed(doing, err)
	}
	pass, err := encoder.BeginComputePass(nil)
	if err != nil {
		return failed(doing, err)
	}
	for _, w := range work {
		w := w.(*gogpuDispatch)
		pass.SetPipeline(w.kernel.pipeline)
		pass.SetBindGroup(0, w.group, nil)
		pass.Dispatch(w.x, w.y, 1)
	}
	if err := pass.End(); err != nil {
		return failed(doing, err)
	}
	return d.submit(doing, encoder)
}

func (d *gogpu) submit(doing string, encoder *wgpu.CommandEncoder) error {
	commands, err := encoder.Finish()
	if err != nil {
		return failed(doing, err)
	}
	d.busy = true
	if _, err := d.device.Queue().Submit(commands); err != nil {
		return failed(doing, err)
	}
	return nil
}

func (d *gogpu) read(from span, to []byte) error {
	const doing = "reading from the device"
	size := uint64(len(to))
	if d.staging == nil || d.staging.Size() < size {
		if d.staging != nil {
			d.staging.Release()
			d.staging = nil
		}
		b, err := d.device.CreateBuffer(&wgpu.BufferDescriptor{Size: size, Usage: wgpu.BufferUsageMapRead | wgpu.BufferUsageCopyDst})
		if err != nil {
			return failed(doing, err)
		}
		d.staging = b
	}
	encoder, err := d.device.CreateCommandEncoder(nil)
	if err != nil {
		return failed(doing, err)
	}
	encoder.CopyBufferToBuffer(from.of.(gogpuMemory).buffer, uint64(from.offset), d.staging, 0, size)
	if err := d.submit(doing, encoder); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), readLimit)
	defer cancel()
	if err := d.staging.Map(ctx, wgpu.MapModeRead, 0, size); err != nil {
		return failed(doing, err)
	}
	mapped, err := d.staging.MappedRange(0, size)
	if err != nil {
		return failed(doing, err)
	}
	d.busy = false
	copy(to, mapped.Bytes())
	if err := d.staging.Unmap(); err != nil {
		return failed(doing, err)
	}
	return nil
}

// failed says what was being done, and wraps what the binding's error means for us.
func failed(doing string, err error) error {
	switch {
	case errors.Is(err, wgpu.ErrOutOfMemory):
		return fmt.Errorf("%w: %s: %w; choose a smaller batch or network, or close what else uses the device", ErrMemory, doing, err)
	case errors.Is(err, wgpu.ErrDeviceLost), errors.Is(err, wgpu.ErrMapDeviceLost), errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%w: %s: %w; resume from the newest checkpoint, on this device or another", ErrDeviceLost, doing, err)
	}
	return fmt.Errorf("webgpu: %s: %w", doing, err)
}

package webgpu

// device is what the engine asks of a WebGPU binding. Whatever it gives belongs to the caller, who releases it. A device is used by one goroutine at a time. Its errors
// wrap ErrMemory or ErrDeviceLost where they are that.
type device interface {
	// allocate gives memory of so many bytes, a multiple of 4, all 0.
	allocate(bytes int64) (memory, error)
	// compile makes a kernel of its text, whose bindings are the sizes and then arrays; writes says which of these it writes.
	compile(name, text string, writes []bool) (kernel, error)
	// prepare makes a dispatch of groups x·y of a kernel on arrays; sizes holds the header's struct.
	prepare(k kernel, sizes span, arrays []span, x, y int) (dispatch, error)
	// write replaces the first bytes of memory; data belongs to the caller again when it returns.
	write(m memory, data []byte) error
	// run lets dispatches run one after the other, each seeing what those before it wrote, as one piece of work that it does not wait for.
	run(work []dispatch) error
	// read waits for all work and copies bytes.
	read(from span, to []byte) error
	release()
}

// memory, kernel and dispatch are handles of a device.
type (
	memory   interface{ release() }
	kernel   interface{ release() }
	dispatch interface{ release() }
)

// span is a part of memory, in bytes.
type span struct {
	of            memory
	offset, bytes int64
}

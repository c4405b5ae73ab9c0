package webgpu

// frame is a plan of steps on memory that is known already.
type frame struct {
	plan
	spans []span
}

func (f *frame) add(kernel string, sizes sizes, threads int, on ...span) {
	s := step{kernel: kernel, sizes: sizes, threads: threads, flops: int64(threads)}
	for _, part := range on {
		s.arrays = append(s.arrays, len(f.arrays))
		f.arrays = append(f.arrays, array{slot: len(f.spans)})
		f.spans = append(f.spans, part)
	}
	f.steps = append(f.steps, s)
}

package webgpu

import (
	"encoding/binary"
	"fmt"
)

// mostFlopsAtOnce bounds the work that is handed to the device in one piece: on 0.1 TFLOP/s it takes 0.2 s. Windows and macOS end what keeps a device for
// a second or two.
const mostFlopsAtOnce = 20e9

// pass is a plan with a device's memory and kernels bound to it.
type pass struct {
	*plan
	sizes  memory // of all steps
	work   []dispatch
	pieces [][]dispatch // of work
}

// bind makes a pass of a plan. at gives the memory of an array.
func bind(e *Engine, p *plan, at func(array) span) (*pass, error) {
	made := &pass{plan: p}
	each := e.adapter.Limits.uniform()
	sizes, err := e.device.allocate(int64(len(p.steps)) * each)
	if err != nil {
		return nil, err
	}
	made.sizes = sizes
	text := make([]byte, 0, int64(len(p.steps))*each)
	for i, s := range p.steps {
		text = text[:int64(i)*each]
		if text, err = binary.Append(text, binary.LittleEndian, s.sizes); err != nil {
			made.release()
			return nil, err
		}
		w, err := made.step(e, s, span{sizes, int64(i) * each, 64}, at)
		if err != nil {
			made.release()
			return nil, err
		}
		made.work = append(made.work, w)
	}
	if err := e.device.write(sizes, text); err != nil {
		made.release()
		return nil, err
	}
	made.cut()
	return made, nil
}

// step prepares one dispatch. Its groups of 64 threads lie in rows no longer than the device allows.
func (p *pass) step(e *Engine, s step, sizes span, at func(array) span) (dispatch, error) {
	k, err := e.kernel(s.kernel)
	if err != nil {
		return nil, err
	}
	arrays := make([]span, len(s.arrays))
	for i, a := range s.arrays {
		arrays[i] = at(p.arrays[a])
	}
	groups, most := tiles(s.threads, 64), e.adapter.Limits.Workgroups
	x := min(groups, most)
	y := tiles(groups, x)
	if y > most {
		return nil, fmt.Errorf("%w: %s needs %d groups of threads, expected at most %d on this device; choose a smaller batch", ErrMemory, s.kernel, groups, most*most)
	}
	return e.device.prepare(k, sizes, arrays, x, y)
}

// cut cuts the work into pieces.
func (p *pass) cut() {
	from, flops := 0, int64(0)
	for i, s := range p.steps {
		if flops += s.flops; flops >= mostFlopsAtOnce || i == len(p.steps)-1 {
			p.pieces = append(p.pieces, p.work[from:i+1])
			from, flops = i+1, 0
		}
	}
}

func (p *pass) run(d device) error {
	for _, piece := range p.pieces {
		if err := d.run(piece); err != nil {
			return err
		}
	}
	return nil
}

func (p *pass) release() {
	for _, w := range p.work {
		w.release()
	}
	p.sizes.release()
}

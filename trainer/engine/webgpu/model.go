package webgpu

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"smoothscape/trainer/engine"
)

// mostPasses bounds the passes that a model keeps ready: batches of a few sizes come again and again.
const mostPasses = 12

// model is a network whose parameters live on the host, from where the calls of engine.Model take them to the device; laid and resident work on what stays there.
type model struct {
	engine        *Engine
	spec          engine.Spec
	params, state []float32
	stats         []float32 // of the batch of the last Grad

	weights, running, moments layout
	memories                  map[place]memory // of the model: laid out as weights, weights, running, moments
	slots                     []memory         // shared by all passes, which run one after the other
	slotBytes                 []int64
	passes                    map[passKey]*pass
	bytes                     []byte    // on their way
	laid                      *laid     // what EvalAt works on; nil before the first Lay
	made                      int       // passes so far
	resident                  *resident // what Updates works on; nil before the first Keep
}

type passKey struct {
	mode   mode
	images int
}

func newModel(e *Engine, spec engine.Spec) (*model, error) {
	alignment := e.adapter.Limits.Alignment
	m := &model{
		engine: e, spec: spec, params: make([]float32, spec.ParameterCount()), state: engine.InitialState(spec), stats: make([]float32, spec.StateCount()),
		weights: layTensors(spec.Tensors(), alignment), running: layTensors(spec.StateTensors(), alignment), moments: layTensors(momentTensors(spec), alignment),
		memories: map[place]memory{}, passes: map[passKey]*pass{},
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	for place, bytes := range map[place]int64{parameters: m.weights.bytes, gradients: m.weights.bytes, running: m.running.bytes, moments: m.moments.bytes} {
		if most := e.adapter.Limits.MaxBuffer; bytes > most {
			m.release()
			return nil, fmt.Errorf("%w: %s has %d parameters, %s, expected at most %s in one piece on this device; choose a smaller network", ErrMemory, spec.Name, len(m.params), amount(bytes), amount(most))
		}
		memory, err := e.device.allocate(bytes)
		if err != nil {
			m.release()
			return nil, err
		}
		m.memories[place] = memory
	}
	return m, nil
}

func (m *model) Spec() engine.Spec     { return m.spec }
func (m *model) Params() []float32     { return m.params }
func (m *model) State() []float32      { return m.state }
func (m *model) BatchStats() []float32 { return m.stats }

func (m *model) Grad(x []float32, y []int, grad []float32) (engine.Metrics, error) {
	return m.gradient(training, x, y, grad)
}

func (m *model) FrozenGrad(x []float32, y []int, grad []float32) (engine.Metrics, error) {
	return m.gradient(frozen, x, y, grad)
}

func (m *model) Eval(x []float32, y []int) (engine.Metrics, error) {
	if err := engine.CheckBatch(m.spec, len(x), y); err != nil {
		return engine.Metrics{}, err
	}
	m.engine.mu.Lock()
	defer m.engine.mu.Unlock()
	metrics, _, err := m.run(evaluation, x, y)
	return metrics, err
}

func (m *model) Clone() (engine.Model, error) {
	c, err := newModel(m.engine, m.spec)
	if err != nil {
		return nil, err
	}
	copy(c.params, m.params)
	copy(c.state, m.state)
	return c, nil
}

func (m *model) Close() error {
	m.engine.mu.Lock()
	defer m.engine.mu.Unlock()
	m.release()
	return nil
}

// release gives back all memory of the device. The caller holds the engine's mu.
func (m *model) release() {
	m.laid.release()
	m.resident.release()
	m.laid, m.resident = nil, nil
	m.forget()
	for i, slot := range m.slots {
		if slot != nil {
			slot.release()
		}
		m.slots[i] = nil
	}
	m.slots, m.slotBytes = nil, nil
	for _, memory := range m.memories {
		memory.release()
	}
	clear(m.memories)
}

// forget releases all passes: what they are bound to is about to go.
func (m *model) forget() {
	m.resident.forget()
	for _, p := range m.passes {
		p.release()
	}
	clear(m.passes)
}

func (m *model) gradient(mode mode, x []float32, y []int, grad []float32) (engine.Metrics, error) {
	if err := engine.CheckGrad(m.spec, len(x), y, len(grad), len(m.params)); err != nil {
		return engine.Metrics{}, err
	}
	m.engine.mu.Lock()
	defer m.engine.mu.Unlock()
	if len(grad) == 0 {
		mode = mode.forward()
	}
	metrics, _, err := m.run(mode, x, y)
	if err != nil {
		return engine.Metrics{}, err
	}
	if len(grad) > 0 {
		if err := m.receive(m.memories[gradients], m.weights.bytes); err != nil {
			return engine.Metrics{}, err
		}
		for i, t := range m.weights.tensors {
			decode(grad[t.Offset:][:t.Len], m.bytes[m.weights.offsets[i]:])
		}
	}
	if mode.fresh() && len(m.stats) > 0 {
		if err := m.receive(m.memories[moments], m.moments.bytes); err != nil {
			return engine.Metrics{}, err
		}
		for i := range m.moments.tensors { // mean, 1/√(variance + ε), unbiased variance
			mean, variance := m.running.tensors[2*i], m.running.tensors[2*i+1]
			from := m.bytes[m.moments.offsets[i]:]
			decode(m.stats[mean.Offset:][:mean.Len], from)
			decode(m.stats[variance.Offset:][:variance.Len], from[8*mean.Len:])
		}
	}
	return metrics, nil
}

// run does one pass and gives its metrics.
func (m *model) run(mode mode, x []float32, y []int) (engine.Metrics, *pass, error) {
	p, err := m.pass(mode, len(y))
	if err != nil {
		return engine.Metrics{}, nil, err
	}
	if err := m.send(m.memories[parameters], m.weights, m.params); err != nil {
		return engine.Metrics{}, nil, err
	}
	if !mode.fresh() {
		if err := m.send(m.memories[running], m.running, m.state); err != nil {
			return engine.Metrics{}, nil, err
		}
	}
	device := m.engine.device
	m.bytes = encode(m.bytes[:0], x)
	if err := device.write(m.slots[p.arrays[p.batch].slot], m.bytes); err != nil {
		return engine.Metrics{}, nil, err
	}
	m.bytes = m.bytes[:0]
	for _, label := range y {
		m.bytes = binary.LittleEndian.AppendUint32(m.bytes, uint32(label))
	}
	if err := device.write(m.slots[p.arrays[p.labels].slot], m.bytes); err != nil {
		return engine.Metrics{}, nil, err
	}
	if err := p.run(device); err != nil {
		return engine.Metrics{}, nil, err
	}
	if err := m.receive(m.slots[p.arrays[p.rows].slot], p.arrays[p.rows].bytes()); err != nil {
		return engine.Metrics{}, nil, err
	}
	each, whole := len(x)/len(y), doubt(m.params)
	return sumRows(m.bytes, len(y), func(i int) float64 { return doubt(x[i*each:][:each]) + whole }), p, nil
}

// sumRows sums what the kernel loss left: loss and success of each image. Shader languages let a compiler assume that there are no infinities and no NaN, so
// what must come of them is decided here: the loss of an image that the host doubts is NaN.
func sumRows(rows []byte, images int, doubt func(image int) float64) engine.Metrics {
	var out engine.Metrics
	for i := range images {
		loss := float64(math.Float32frombits(binary.LittleEndian.Uint32(rows[8*i:]))) + doubt(i)
		switch success := math.Float32frombits(binary.LittleEndian.Uint32(rows[8*i+4:])); {
		case success == 2: // see kernels/loss.wgsl
			loss = math.NaN()
		case success == 1 && !math.IsNaN(loss):
			out.Correct++
		}
		out.Loss += loss
	}
	out.Loss /= float64(images)
	return out
}

// doubt is 0, or NaN if a value is not finite.
func doubt(values []float32) float64 {
	sum := float32(0)
	for _, v := range values {
		sum += 0 * v
	}
	return float64(sum)
}

// pass gives the pass for so many images, making it when it is first asked for.
func (m *model) pass(mode mode, images int) (*pass, error) {
	key := passKey{mode, images}
	if p, ok := m.passes[key]; ok {
		return p, nil
	}
	if len(m.passes) >= mostPasses {
		m.forget()
	}
	plan, err := compile(m.spec, images, mode, m.engine.adapter.Limits)
	if err != nil {
		return nil, err
	}
	if err := m.grow(plan.slots); err != nil {
		return nil, err
	}
	p, err := bind(m.engine, plan, m.at)
	if err != nil {
		return nil, err
	}
	m.passes[key] = p
	m.made++
	return p, nil
}

// at is where an array lies on the device.
func (m *model) at(a array) span {
	if a.place == slotted {
		return span{m.slots[a.slot], 0, a.bytes()}
	}
	return span{m.memories[a.place], a.offset, a.bytes()}
}

// grow makes the slots at least as large.
func (m *model) grow(need []int64) error {
	for i, bytes := range need {
		if i < len(m.slots) && m.slotBytes[i] >= bytes {
			continue
		}
		if i < len(m.slots) {
			m.forget()
			m.slots[i].release()
			m.slots[i], m.slotBytes[i] = nil, 0
		} else {
			m.slots, m.slotBytes = append(m.slots, nil), append(m.slotBytes, 0)
		}
		slot, err := m.engine.device.allocate(bytes)
		if err != nil {
			m.slots, m.slotBytes = m.slots[:i], m.slotBytes[:i] // those behind it are still to come, or are lost with it
			return err
		}
		m.slots[i], m.slotBytes[i] = slot, bytes
	}
	return nil
}

// send takes values to the device.
func (m *model) send(to memory, l layout, values []float32) error {
	m.bytes = slices.Grow(m.bytes[:0], int(l.bytes))[:l.bytes]
	for i, t := range l.tensors {
		encode(m.bytes[:l.offsets[i]], values[t.Offset:][:t.Len])
	}
	return m.engine.device.write(to, m.bytes)
}

// receive brings so many bytes from the device.
func (m *model) receive(from memory, bytes int64) error {
	m.bytes = slices.Grow(m.bytes[:0], int(bytes))[:bytes]
	return m.engine.device.read(span{from, 0, bytes}, m.bytes)
}

func encode(to []byte, values []float32) []byte {
	for _, v := range values {
		to = binary.LittleEndian.AppendUint32(to, math.Float32bits(v))
	}
	return to
}

func decode(to []float32, from []byte) {
	for i := range to {
		to[i] = math.Float32frombits(binary.LittleEndian.Uint32(from[4*i:]))
	}
}

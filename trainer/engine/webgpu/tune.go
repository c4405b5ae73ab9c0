package webgpu

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"time"

	"smoothscape/trainer/engine"
)

// mostTuning is how long shapes are timed; the one that is at work then is the last.
const mostTuning = 2 * time.Second

// typical is a network of convolutions as residual networks have them, early ones with few channels and many pixels and late ones, and how many images it is
// timed on: 14e9 operations, less than a watchdog minds.
func typical() (engine.Spec, int) {
	conv := func(channels, stride int) engine.Layer {
		return engine.Layer{Kind: engine.Conv, Channels: channels, Kernel: 3, Stride: stride, Padding: 1, NoBias: true}
	}
	return engine.Spec{Name: "typical", Input: engine.Shape{C: 64, H: 32, W: 32}, Classes: 10, Layers: []engine.Layer{
		conv(64, 1), conv(64, 1), conv(128, 2), conv(256, 2), conv(256, 1), {Kind: engine.GlobalAvgPool}, {Kind: engine.Linear, Units: 10},
	}}, 16
}

// tune gives the engine the shape of tiles that suits its device: the one that the folder cache remembers of the adapter, its driver and these kernels, or else the
// fastest for so many images of a network, which it shall remember; "" remembers nothing. What it cannot read or write only means that shapes are timed again. The engine's Path names the shape,
// for the sums of one differ from another's in their last bits.
func (e *Engine) tune(cache string, spec engine.Spec, images int) {
	limits := &e.adapter.Limits
	if limits.tiled == 0 {
		return
	}
	memo := shapeMemo{cache, e.adapter.Path()}
	if shape, ok := memo.read(); ok && shape.Threads() <= limits.group {
		limits.shape = shape
		return
	}
	best := time.Duration(0)
	chosen := limits.shape
	began := time.Now()
	for _, limits.shape = range tileShapes {
		if limits.shape.Threads() > limits.group {
			continue
		}
		// A shape that the driver refuses is not chosen; a device that has gone says so to who uses it.
		if took, err := e.products(spec, images); err == nil && (best == 0 || took < best) {
			best, chosen = took, limits.shape
		}
		if time.Since(began) > mostTuning {
			break
		}
	}
	limits.shape = chosen
	e.forgetShapes()
	if best > 0 {
		memo.write(chosen)
	}
}

// products is how long all products of a training step take.
func (e *Engine) products(spec engine.Spec, images int) (time.Duration, error) {
	m, err := newModel(e, spec)
	if err != nil {
		return 0, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	defer m.release()
	p, err := m.pass(training, images)
	if err != nil {
		return 0, err
	}
	var work sequence
	for i, s := range p.steps {
		if strings.HasPrefix(s.kernel, "conv_") {
			work.add(p, i, i+1)
		}
	}
	return m.timed(&work, 1)
}

// forgetShapes releases the kernels of all shapes but the chosen one.
func (e *Engine) forgetShapes() {
	e.mu.Lock()
	defer e.mu.Unlock()
	for name, k := range e.kernels {
		if shape, _, ok := shapeOf(name); ok && shape != e.adapter.Limits.shape {
			k.release()
			delete(e.kernels, name)
		}
	}
}

// shapeMemo remembers the shape of an adapter, by its path, in a file of a folder. It is good for the kernels that it was timed with.
type shapeMemo struct{ folder, path string }

func (m shapeMemo) file() string { return filepath.Join(m.folder, "tiles.json") }

// key is the adapter and the kernels.
func (m shapeMemo) key() string {
	sum := sha256.New()
	for _, shape := range tileShapes {
		for _, product := range []string{"conv_forward", "conv_input", "conv_weights"} {
			text, _, err := source(shape.kernel(product))
			if err != nil { // which whoever compiles it hears
				continue
			}
			sum.Write([]byte(text))
		}
	}
	return m.path + " " + hex.EncodeToString(sum.Sum(nil)[:8])
}

// all is what the file has, nothing if it cannot be read.
func (m shapeMemo) all() map[string]string {
	all := map[string]string{}
	if text, err := os.ReadFile(m.file()); err == nil && json.Unmarshal(text, &all) != nil || all == nil {
		return map[string]string{}
	}
	return all
}

func (m shapeMemo) read() (tileShape, bool) {
	if m.folder == "" {
		return tileShape{}, false
	}
	name, known := m.all()[m.key()]
	for _, shape := range tileShapes {
		if known && shape.String() == name {
			return shape, true
		}
	}
	return tileShape{}, false
}

// write replaces the file as a whole: who reads it meanwhile sees the old one.
func (m shapeMemo) write(shape tileShape) {
	if m.folder == "" || os.MkdirAll(m.folder, 0o755) != nil {
		return
	}
	all := m.all()
	all[m.key()] = shape.String()
	text, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return
	}
	next, err := os.CreateTemp(m.folder, "tiles-*.json")
	if err != nil {
		return
	}
	_, err = next.Write(text)
	if next.Close() != nil || err != nil || os.Rename(next.Name(), m.file()) != nil {
		_ = os.Remove(next.Name()) // it is told of by nobody, like all that goes wrong here
	}
}

package webgpu

import (
	"bytes"
	"context"
	"log/slog"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"smoothscape/trainer/engine"
	"smoothscape/trainer/engine/enginetest"
)

// collected hears the binding complain of what was left to the garbage collector.
type collected struct{ heard chan string }

func (c collected) Enabled(context.Context, slog.Level) bool { return true }
func (c collected) WithAttrs([]slog.Attr) slog.Handler       { return c }
func (c collected) WithGroup(string) slog.Handler            { return c }
func (c collected) Handle(_ context.Context, r slog.Record) error {
	if strings.Contains(r.Message, "released by GC") {
		c.heard <- r.Message
	}
	return nil
}

// Everything is released by whoever made it, in models that met several batch sizes and in clones, closed before the engine; nothing is left to the garbage collector. That the
// test would hear of it is shown by memory which it drops on purpose, after the rest and so collected no earlier.
func TestNothingIsLeftToTheCollector(t *testing.T) {
	e := anyEngine(t)
	before := slog.Default()
	ears := collected{make(chan string, 1<<12)}
	slog.SetDefault(slog.New(ears))
	defer slog.SetDefault(before)

	useAndClose(t, e)
	for range 2 {
		dropped, err := e.device.allocate(16)
		if err == nil {
			err = e.device.read(span{dropped, 0, 16}, make([]byte, 16)) // so that the device has done with it
		}
		if err != nil {
			t.Fatal(err)
		}
		deadline := time.After(15 * time.Second)
		for heard := false; !heard; {
			runtime.GC()
			select {
			case <-ears.heard:
				heard = true
			case <-deadline:
				t.Fatal("the binding says nothing of memory that was dropped")
			case <-time.After(time.Millisecond):
			}
		}
	}
	select {
	case message := <-ears.heard:
		t.Errorf("besides the two that were dropped: %s", message)
	default:
	}
}

// useAndClose makes everything that an engine can make.
func useAndClose(t *testing.T, on *Engine) {
	t.Helper()
	e, err := New(on.adapter, "")
	if err != nil {
		t.Fatal(err)
	}
	spec := small(t, "resnet8")
	m, err := e.Build(spec)
	if err != nil {
		t.Fatal(err)
	}
	clone, err := m.Clone()
	if err != nil {
		t.Fatal(err)
	}
	for _, images := range []int{2, 5, 3} {
		x, y := enginetest.Batch(spec, images, 1)
		grad := make([]float32, len(m.Params()))
		for _, m := range []engine.Model{m, clone} {
			if _, err := m.Grad(x, y, grad); err != nil {
				t.Fatal(err)
			}
			if _, err := m.Eval(x, y); err != nil {
				t.Fatal(err)
			}
		}
	}
	resident := clone.(engine.ResidentModel)
	kept := keptImages(spec, 9, 20)
	for _, momentum := range []bool{true, false} {
		var velocity []float32
		if momentum {
			velocity = make([]float32, len(m.Params()))
		}
		if _, err := resident.Keep(kept, momentum); err != nil {
			t.Fatal(err)
		}
		if err := resident.Send(velocity); err != nil {
			t.Fatal(err)
		}
		if _, err := resident.Updates(someUpdates(rand.New(rand.NewPCG(1, 1)), kept, momentum)[:3]); err != nil {
			t.Fatal(err)
		}
		if _, err := resident.EvalKept(0, 7); err != nil {
			t.Fatal(err)
		}
	}
	x, y := enginetest.Batch(spec, 3, 1)
	for _, recompute := range []bool{true, false} {
		if err := clone.(engine.AffineModel).Lay(planeOf(clone), x, y, recompute); err != nil {
			t.Fatal(err)
		}
		everywhere(t, clone.(engine.AffineModel), []engine.Place{{}, {1}})
	}
	for _, closer := range []interface{ Close() error }{m, clone, e} {
		if err := closer.Close(); err != nil {
			t.Error(err)
		}
	}
}

// Memory is 0 when it is given, whatever another had in it before; and it may be given back while writes to it wait.
func TestMemoryIsFresh(t *testing.T) {
	e := anyEngine(t)
	used := slices.Repeat([]byte{7}, 4096)
	for round := range 3 {
		var all []memory
		for range 20 {
			m, err := e.device.allocate(int64(len(used)))
			if err != nil {
				t.Fatal(err)
			}
			got := make([]byte, len(used))
			if err := e.device.read(span{m, 0, int64(len(got))}, got); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, make([]byte, len(got))) {
				t.Errorf("round %d: memory with something in it", round)
			}
			if err := e.device.write(m, used); err != nil {
				t.Fatal(err)
			}
			all = append(all, m)
		}
		for _, m := range all {
			m.release()
		}
	}
}

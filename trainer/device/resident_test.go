package device

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"smoothscape/trainer/engine"
	"smoothscape/trainer/engine/cpu"
	"smoothscape/trainer/engine/crosscheck"
)

// keeping is a model that keeps images and does something of its own at each call.
type keeping struct {
	engine.Model
	do func() error
}

func (m keeping) Keep(engine.Kept, bool) (int64, error) { return 7, m.do() }
func (m keeping) Send([]float32) error                  { return m.do() }
func (m keeping) Fetch([]float32) error                 { return m.do() }
func (m keeping) Undo() error                           { return m.do() }

func (m keeping) Updates(updates []engine.Update) ([]engine.UpdateResult, error) {
	return make([]engine.UpdateResult, len(updates)), m.do()
}

func (m keeping) EvalKept(from, to int) (engine.Metrics, error) {
	return engine.Metrics{Correct: to - from}, m.do()
}

// models is a device whose models are what build makes of the CPU's.
type models struct {
	faulty
	build func(engine.Model) engine.Model
}

func (d models) Build(spec engine.Spec) (engine.Model, error) {
	m, err := d.Engine.Build(spec)
	return d.build(m), err
}

// guardedKeeping is such a model under guard.
func guardedKeeping(t *testing.T, build func(engine.Model) engine.Model, hung func(string)) engine.Model {
	t.Helper()
	m, err := Guard(models{faulty{cpu.New(), nothing}, build}, someDevice, hung).Build(crosscheck.Network())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.Close() })
	return m
}

// able is a model that can do all.
type able struct {
	engine.Model
	places
	stays
}

// places and stays are what it can do besides, one level down: the Model above is whose it is.
type places struct{ *planarModel }

type stays struct{ keeping }

// What a guarded model can do besides is what the device's model can, and no more.
func TestWhatPassesTheGuard(t *testing.T) {
	for name, c := range map[string]struct {
		build            func(engine.Model) engine.Model
		affine, resident bool
	}{
		"neither":  {func(m engine.Model) engine.Model { return m }, false, false},
		"places":   {func(m engine.Model) engine.Model { return &planarModel{Model: m} }, true, false},
		"resident": {func(m engine.Model) engine.Model { return keeping{m, nil} }, false, true},
		"both": {func(m engine.Model) engine.Model {
			return able{m, places{&planarModel{Model: m}}, stays{keeping{m, nil}}}
		}, true, true},
	} {
		m := guardedKeeping(t, c.build, nil)
		_, affine := m.(engine.AffineModel)
		_, resident := m.(engine.ResidentModel)
		if affine != c.affine || resident != c.resident {
			t.Errorf("%s: under guard it forms places: %v, keeps images: %v", name, affine, resident)
		}
	}
}

// Each error of a model that keeps images is the device's, but for one about what was asked for; and each call is watched.
func TestFaultsOfAModelThatKeepsImages(t *testing.T) {
	update := []engine.Update{{Batch: [][]engine.View{{{}, {}}}, First: [][]engine.View{{{}}}, Second: [][]engine.View{{{}}}}}
	calls := map[string]func(engine.ResidentModel) error{
		"keeping images":          func(m engine.ResidentModel) error { _, err := m.Keep(engine.Kept{}, false); return err },
		"parameters to it":        func(m engine.ResidentModel) error { return m.Send(nil) },
		"parameters from it":      func(m engine.ResidentModel) error { return m.Fetch(nil) },
		"going back":              engine.ResidentModel.Undo,
		"updates of 4 images":     func(m engine.ResidentModel) error { _, err := m.Updates(update); return err },
		"kept images of 5 images": func(m engine.ResidentModel) error { _, err := m.EvalKept(2, 7); return err },
	}
	for what, call := range calls {
		for _, asked := range []error{engine.ErrShape, errors.New("it is gone")} {
			m := guardedKeeping(t, func(m engine.Model) engine.Model { return keeping{m, func() error { return asked }} }, nil)
			err := call(m.(engine.ResidentModel))
			if fault := (*Fault)(nil); !errors.Is(err, asked) || errors.As(err, &fault) == (asked == engine.ErrShape) {
				t.Errorf("%s: %v", what, err)
			}
		}
		synctest.Test(t, func(t *testing.T) {
			said := make(chan string, 1) // the watchdog speaks from a goroutine of its own
			m := guardedKeeping(t, func(m engine.Model) engine.Model {
				return keeping{m, func() error { time.Sleep(time.Hour); return nil }}
			}, func(sentence string) { said <- sentence })
			err := call(m.(engine.ResidentModel))
			if sentence := <-said; err != nil || !strings.Contains(sentence, what) {
				t.Errorf("%s hangs, and the watchdog says %q (%v)", what, sentence, err)
			}
		})
	}
}

package golden

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"

	"smoothscape/trainer/engine"
)

// answer is what PyTorch made of a test in float64.
type answer struct {
	Seed       uint64             `json:"seed"`
	Training   pass               `json:"training"`
	Evaluation *pass              `json:"evaluation"` // nil without batch norm: the same as Training
	Statistics map[string]summary `json:"statistics"` // of the batch, by tensor
}

// pass is one mode.
type pass struct {
	Loss     float64            `json:"loss"`
	Correct  int                `json:"correct"`
	Gradient map[string]summary `json:"gradient"` // by tensor
}

// summary is a tensor g: whole, or as some numbers that depend on all of it.
type summary struct {
	Values  []float64 `json:"values"`
	Norm    float64   `json:"norm"`    // ‖g‖
	Sum     float64   `json:"sum"`     // Σg
	Dot     float64   `json:"dot"`     // g·v
	Samples []float64 `json:"samples"` // g[k·n/len]
}

func readAnswer(t *testing.T, name string) answer {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, "golden", name+".json"))
	if err != nil {
		t.Fatalf("%v: run trainer/testdata/torch/golden.py", err)
	}
	var a answer
	if err := json.Unmarshal(text, &a); err != nil {
		t.Fatalf("golden of %s: %v", name, err)
	}
	return a
}

// length is ‖g‖.
func (s summary) length() float64 {
	if s.Values != nil {
		return norm2(s.Values)
	}
	return s.Norm
}

func norm2(v []float64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += x * x
	}
	return math.Sqrt(sum)
}

// differs says how got lies farther than bound (in the Euclidean norm) from the tensor; "" if it does not. Where only a summary
// is known, it says what e = got − g with ‖e‖ ≤ bound excludes: a norm that differs by more than ‖e‖, an entry that does, a sum that differs by more than
// √n·‖e‖ (Cauchy and Schwarz), and a product with v by more than six standard deviations of e·v, which are ‖e‖/√3 each since v is uniform on [−1, 1)
// and knows nothing of e.
func (s summary) differs(got, v []float64, bound float64) string {
	off := func(what string, got, want, bound float64) string {
		if math.Abs(got-want) <= bound {
			return ""
		}
		return fmt.Sprintf("%s %.15g, PyTorch's %.15g, farther apart than %.3g", what, got, want, bound)
	}
	if s.Values != nil {
		if len(got) != len(s.Values) {
			return fmt.Sprintf("%d values, PyTorch has %d", len(got), len(s.Values))
		}
		e := make([]float64, len(got))
		for i, x := range got {
			e[i] = x - s.Values[i]
		}
		return off("distance", norm2(e), 0, bound)
	}
	sum, dot := 0.0, 0.0
	for i, x := range got {
		sum += x
		dot += x * v[i]
	}
	n := len(got)
	parts := []string{
		off("norm", norm2(got), s.Norm, bound), off("sum", sum, s.Sum, math.Sqrt(float64(n))*bound), off("product", dot, s.Dot, 6/math.Sqrt(3)*bound),
	}
	for k, want := range s.Samples {
		parts = append(parts, off(fmt.Sprintf("entry %d", k*n/len(s.Samples)), got[k*n/len(s.Samples)], want, bound))
	}
	for _, p := range parts {
		if p != "" {
			return p
		}
	}
	return ""
}

// tolerance of an arithmetic whose unit of rounding is u. A sum of n ≤ 1e4 products errs by about √n·u = 100u of its terms, and what is left after
// cancellation may be ten times smaller than they are: part = 1000u of a tensor's norm (PyTorch's own float32 keeps 60u). Some gradients are 0, or
// nearly, whatever the data, because the next batch norm takes out what they would change: there all terms cancel, and what is left is rounding of a signal as large as the gradient of the whole
// network, hence rest = 100u of that. No ReLU and no maximum is decided
// otherwise in float32: golden.py draws numbers that keep 300u away from that. To both come the digits that goldens are stored with.
type tolerance struct{ part, rest float64 }

var (
	single = tolerance{part: 1000 * 0x1p-24, rest: 100 * 0x1p-24}
	double = tolerance{part: 1000*0x1p-53 + digits, rest: 100*0x1p-53 + digits}
)

const digits = 1e-12

// check compares a loss, its hits and its gradient with a pass.
func (p pass) check(t *testing.T, mode string, spec engine.Spec, m engine.Metrics, grad, v []float64, tol tolerance) {
	t.Helper()
	if d := math.Abs(m.Loss - p.Loss); !(d <= tol.part*p.Loss) {
		t.Errorf("%s: loss %.15g, PyTorch's %.15g, %.3g of it apart", mode, m.Loss, p.Loss, d/p.Loss)
	}
	if m.Correct != p.Correct {
		t.Errorf("%s: %d correct, PyTorch has %d", mode, m.Correct, p.Correct)
	}
	checkTensors(t, mode+": gradient of ", spec.Tensors(), p.Gradient, grad, v, tol)
}

// checkTensors compares a flat vector with the tensors that it should hold.
func checkTensors(t *testing.T, what string, infos []engine.TensorInfo, want map[string]summary, got, v []float64, tol tolerance) {
	t.Helper()
	if len(want) != len(infos) {
		t.Errorf("%s%d tensors, PyTorch has %d", what, len(infos), len(want))
	}
	whole := 0.0
	for _, s := range want {
		whole = math.Hypot(whole, s.length())
	}
	for _, info := range infos {
		s, ok := want[info.Name]
		if !ok {
			t.Errorf("%s%s: PyTorch has no such tensor", what, info.Name)
			continue
		}
		at, end := info.Offset, info.Offset+info.Len
		if d := s.differs(got[at:end], v[at:end], tol.part*s.length()+tol.rest*whole); d != "" {
			t.Errorf("%s%s (norm %.3g): %s", what, info.Name, s.length(), d)
		}
	}
}

// TestAWrongTensorIsSeen: a summary notices what a tensor held whole would show.
func TestAWrongTensorIsSeen(t *testing.T) {
	d := &draw{seed: 1}
	const n = 300
	g, v := d.vector(n, 1), d.vector(n, 1)
	s := summary{Norm: norm2(g)}
	for i := range g {
		s.Sum += g[i]
		s.Dot += g[i] * v[i]
	}
	for k := range 6 {
		s.Samples = append(s.Samples, g[k*n/6])
	}
	bound := 1e-9 * s.Norm
	changes := map[string]func(g []float64){
		"one entry off":         func(g []float64) { g[17] += 1e-6 },
		"scaled":                func(g []float64) { scale(g, 1+1e-7) },
		"another sign":          func(g []float64) { scale(g, -1) },
		"two entries exchanged": func(g []float64) { g[3], g[4] = g[4], g[3] },
		"not a number":          func(g []float64) { g[299] = math.NaN() },
		"zeros":                 func(g []float64) { clear(g) },
	}
	for _, whole := range []bool{true, false} {
		if whole {
			s.Values = append([]float64(nil), g...)
		} else {
			s.Values = nil
		}
		if d := s.differs(g, v, bound); d != "" {
			t.Errorf("the tensor itself differs: %s", d)
		}
		for name, change := range changes {
			wrong := append([]float64(nil), g...)
			change(wrong)
			if s.differs(wrong, v, bound) == "" {
				t.Errorf("%s: not seen (whole: %v)", name, whole)
			}
		}
	}
}

func scale(g []float64, by float64) {
	for i := range g {
		g[i] *= by
	}
}

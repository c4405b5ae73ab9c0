package trainer

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"smoothscape/trainer/engine"
	"smoothscape/trainer/safetensors"
)

// sample is a checkpoint in the middle of an epoch, with parameters that only survive bit by bit.
func sample(t testing.TB) *Checkpoint { return sampleOf(t, func(*Config) {}) }

// sampleOf is the sample of another configuration.
func sampleOf(t testing.TB, change func(*Config)) *Checkpoint {
	t.Helper()
	spec, err := engine.SpecFor("softmax", engine.Shape{C: 1, H: 2, W: 2}, 3)
	if err != nil {
		t.Fatal(err)
	}
	cfg := Default("softmax")
	cfg.Schedule, cfg.BatchSize, cfg.Seed = Constant, 4, math.MaxUint64
	change(&cfg)
	c := &Checkpoint{
		Config: cfg, Spec: spec, Engine: "cpu", Path: "go-float32/amd64", TrainSize: 10, DataCRC: math.MaxUint32,
		Step: 5, Epoch: 1, Index: 8, LossSum: 0.1 + 0.2, Correct: 3, Window: []float64{1.0 / 3, 5e-324},
	}
	for i := range spec.ParameterCount() {
		c.Params = append(c.Params, float32(i)/3)
	}
	if cfg.Momentum > 0 {
		for i := range c.Params {
			c.Velocity = append(c.Velocity, -float32(i))
		}
	}
	c.Params[0], c.Params[1], c.Params[2] = float32(math.Copysign(0, -1)), float32(math.Inf(1)), math.Float32frombits(0x7fc00123)
	return c
}

func encoded(t testing.TB, c *Checkpoint) []byte {
	t.Helper()
	var buf bytes.Buffer
	if err := c.Encode(&buf); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// same compares two checkpoints; vectors by their bits, since NaN ≠ NaN.
func same(a, b *Checkpoint) bool {
	x, y := *a, *b
	alike := func(v, w []float32) bool {
		return slices.EqualFunc(v, w, func(p, q float32) bool { return math.Float32bits(p) == math.Float32bits(q) })
	}
	if !alike(x.Params, y.Params) || !alike(x.State, y.State) || !alike(x.Velocity, y.Velocity) || !slices.Equal(x.Window, y.Window) {
		return false
	}
	for _, c := range []*Checkpoint{&x, &y} {
		c.Params, c.State, c.Velocity, c.Window = nil, nil, nil, nil
	}
	return reflect.DeepEqual(x, y)
}

func TestCheckpointComesBackBitForBit(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"plain":          func(*Config) {},
		"momentum":       func(c *Config) { c.Momentum, c.Nesterov, c.WeightDecay, c.Augment = 0.9, true, 5e-4, FlipCrop },
		"one's own spec": func(c *Config) { c.Model, c.Spec = CustomModel, ownNetwork() },
	} {
		want := sampleOf(t, change)
		data := encoded(t, want)
		got, err := DecodeCheckpoint(iotest.OneByteReader(bytes.NewReader(data)))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !same(got, want) {
			t.Errorf("%s: got %+v, want %+v", name, got, want)
		}
		if !bytes.Equal(encoded(t, got), data) {
			t.Errorf("%s: the second writing differs from the first", name)
		}
	}
}

// What a PyTorch user finds in the file, read as the format is described and not by this program's reader.
func TestCheckpointDescribesItself(t *testing.T) {
	data := encoded(t, sampleOf(t, func(c *Config) { c.Momentum = 0.9 }))
	n := 8 + binary.LittleEndian.Uint64(data)
	var header map[string]struct {
		DType   string `json:"dtype"`
		Shape   []int
		Offsets []int `json:"data_offsets"`
		Format  string
		Version string
		Run     string
	}
	if err := json.Unmarshal(data[8:n], &header); err != nil {
		t.Fatal(err)
	}
	meta := header["__metadata__"]
	var run struct {
		Config Config
		Step   int
	}
	if err := json.Unmarshal([]byte(meta.Run), &run); err != nil || run.Step != 5 || run.Config.Seed != math.MaxUint64 || meta.Format != "pt" || meta.Version != "2" {
		t.Errorf("metadata: %+v, %+v, %v", meta, run, err)
	}
	for name, want := range map[string][]int{"1.weight": {3, 4}, "1.bias": {3}, "momentum.1.weight": {3, 4}, "momentum.1.bias": {3}} {
		if got := header[name]; got.DType != "F32" || !slices.Equal(got.Shape, want) {
			t.Errorf("%s: %+v", name, got)
		}
	}
	at := int(n) + header["1.bias"].Offsets[0]
	if got := math.Float32frombits(binary.LittleEndian.Uint32(data[at:])); got != 4 || len(header) != 5 {
		t.Errorf("the first bias is %g of %d entries", got, len(header))
	}
}

func TestShortCheckpointIsTruncatedWhereverItEnds(t *testing.T) {
	data := encoded(t, sample(t))
	for n := range data {
		if _, err := DecodeCheckpoint(bytes.NewReader(data[:n])); !errors.Is(err, ErrTruncated) {
			t.Fatalf("%d of %d bytes: got %v", n, len(data), err)
		}
	}
}

func TestNoFlippedBitIsOverlooked(t *testing.T) {
	data := encoded(t, sample(t))
	for i := range 8 * len(data) {
		damaged := bytes.Clone(data)
		damaged[i/8] ^= 1 << (i % 8)
		var typed *CheckpointError
		if _, err := DecodeCheckpoint(bytes.NewReader(damaged)); !errors.As(err, &typed) {
			t.Fatalf("bit %d of byte %d: got %v", i%8, i/8, err)
		}
	}
}

func TestCheckpointErrorsSayWhatIsWrong(t *testing.T) {
	good := encoded(t, sample(t))
	change := func(f func(b []byte) []byte) []byte { return f(bytes.Clone(good)) }
	for _, test := range []struct {
		name   string
		data   []byte
		cause  error
		saying string
	}{
		{"another file", []byte("\x89PNG\r\n\x1a\n 0123456789"), ErrNotCheckpoint, "safetensors"},
		{"version 1", []byte("SMTHCKPT\x01\x00\x00\x00\x20\x00\x00\x00{"), ErrVersion, "one of version 1"},
		{"version from the future", rewritten(t, good, func(m map[string]string) { m[keyVersion] = "3" }, nil), ErrVersion, `expected 2, found "3"`},
		{"header of 4 GiB", change(func(b []byte) []byte { copy(b, "\xff\xff\xff\xff"); return b }), ErrTooLarge, "at most 4194304"},
		{"one byte more", append(bytes.Clone(good), 0), ErrCorrupt, "no more bytes"},
		{"a flipped parameter", change(func(b []byte) []byte { b[len(b)-40] ^= 1; return b }), ErrCorrupt, "checksum"},
		{"state that lies", rewritten(t, good, func(m map[string]string) { m[keyRun] = `{"trainSize":10}` }, nil), ErrCorrupt, "state of a run"},
		{"state with a word too many", rewritten(t, good, func(m map[string]string) { m[keyRun] = strings.Replace(m[keyRun], "{", `{"steps":1,`, 1) }, nil), ErrCorrupt, "steps"},
		{"state and something behind it", rewritten(t, good, func(m map[string]string) { m[keyRun] += "{}" }, nil), ErrCorrupt, "behind it"},
		{"tensors of another program", rewritten(t, good, func(m map[string]string) { clear(m) }, nil), ErrNotCheckpoint, checkpointKind},
		{"a tensor too few", rewritten(t, good, nil, func(all []safetensors.Tensor) []safetensors.Tensor { return all[:1] }), ErrCorrupt, `"1.bias"`},
		{"a tensor too many", rewritten(t, good, nil, func(all []safetensors.Tensor) []safetensors.Tensor {
			return append(all, safetensors.Tensor{Name: "x", Shape: []int{0}})
		}), ErrCorrupt, "2 of them"},
		{"a tensor of another network", rewritten(t, good, nil, func(all []safetensors.Tensor) []safetensors.Tensor {
			all[0].Shape = []int{4, 3}
			return all
		}), ErrCorrupt, `"1.weight" of shape [3 4]`},
		{"no seal", change(func(b []byte) []byte { return bytes.Replace(b, []byte(`"sha256"`), []byte(`"sha255"`), 1) }), ErrCorrupt, "SHA-256"},
		{"half precision", []byte("\x3c\x00\x00\x00\x00\x00\x00\x00" + `{"x":{"dtype":"F16","shape":[1],"data_offsets":[0,2]}}      ` + "\x00\x00"), ErrNotCheckpoint, "F32"},
	} {
		_, err := DecodeCheckpoint(bytes.NewReader(test.data))
		if !errors.Is(err, test.cause) || !strings.Contains(err.Error(), "expected") || !strings.Contains(err.Error(), test.saying) {
			t.Errorf("%s: got %v", test.name, err)
		}
	}
	broken := errors.New("disk on fire")
	if _, err := DecodeCheckpoint(iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Errorf("a failing reader: got %v", err)
	}
}

func TestImpossibleStateIsNotWritten(t *testing.T) {
	for name, change := range map[string]func(*Checkpoint){
		"parameters missing":     func(c *Checkpoint) { c.Params = c.Params[1:] },
		"momentum missing":       func(c *Checkpoint) { c.Config.Momentum = 0.9 },
		"momentum of nobody":     func(c *Checkpoint) { c.Velocity = []float32{1} },
		"statistics of nobody":   func(c *Checkpoint) { c.State = []float32{1} },
		"between two batches":    func(c *Checkpoint) { c.Index = 7 },
		"step of another place":  func(c *Checkpoint) { c.Step++ },
		"epoch after the end":    func(c *Checkpoint) { c.Epoch = c.Config.Epochs + 1 },
		"window that is not":     func(c *Checkpoint) { c.Window = []float64{math.NaN()} },
		"more right than images": func(c *Checkpoint) { c.Correct = 9 },
		"sum that is not":        func(c *Checkpoint) { c.LossSum = math.Inf(1) },
	} {
		c := sample(t)
		change(c)
		if err := c.Encode(&bytes.Buffer{}); err == nil {
			t.Errorf("%s: was written", name)
		}
	}
}

// rewritten is a checkpoint's file with other texts and tensors, and a seal that fits, to look behind it.
func rewritten(t testing.TB, good []byte, metadata func(map[string]string), tensors func([]safetensors.Tensor) []safetensors.Tensor) []byte {
	t.Helper()
	file, err := safetensors.Read(bytes.NewReader(good), safetensors.Limits{HeaderBytes: maxHeader, Values: maxTensorValues})
	if err != nil {
		t.Fatal(err)
	}
	if metadata != nil {
		metadata(file.Metadata)
	}
	if tensors != nil {
		file.Tensors = tensors(file.Tensors)
	}
	var buf bytes.Buffer
	if err := safetensors.Write(&buf, file.Metadata, file.Tensors); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func FuzzDecodeCheckpoint(f *testing.F) {
	good := encoded(f, sampleOf(f, func(c *Config) { c.Momentum = 0.9 }))
	rewritten(f, good, func(m map[string]string) { f.Add(m[keyRun], good) }, nil)
	f.Fuzz(func(t *testing.T, run string, file []byte) {
		if !utf8.ValidString(run) {
			return
		}
		for _, data := range [][]byte{file, rewritten(t, good, func(m map[string]string) { m[keyRun] = run }, nil)} {
			c, err := DecodeCheckpoint(bytes.NewReader(data))
			if err != nil {
				var typed *CheckpointError
				if !errors.As(err, &typed) {
					t.Fatalf("not typed: %v", err)
				}
				continue
			}
			again, err := DecodeCheckpoint(bytes.NewReader(encoded(t, c)))
			if err != nil || !same(c, again) {
				t.Fatalf("read %+v, then %+v, %v", c, again, err)
			}
		}
	})
}

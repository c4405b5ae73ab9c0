package trainer

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"

	"smoothscape/trainer/engine"
)

// sample is a checkpoint in the middle of an epoch, with parameters that only survive bit by bit.
func sample(t testing.TB) *Checkpoint {
	t.Helper()
	spec, err := engine.SpecFor("softmax", engine.Shape{C: 1, H: 2, W: 2}, 3)
	if err != nil {
		t.Fatal(err)
	}
	cfg := Default("softmax")
	cfg.Schedule, cfg.BatchSize, cfg.Seed = Constant, 4, math.MaxUint64
	c := &Checkpoint{
		Config: cfg, Spec: spec, Engine: "cpu", Path: "go-float32/amd64", TrainSize: 10, DataCRC: math.MaxUint32,
		Step: 5, Epoch: 1, Index: 8, LossSum: 0.1 + 0.2, Correct: 3, Window: []float64{1.0 / 3, 5e-324},
	}
	for i := range spec.ParameterCount() {
		c.Params = append(c.Params, float32(i)/3)
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

// same compares two checkpoints; parameters by their bits, since NaN ≠ NaN.
func same(a, b *Checkpoint) bool {
	x, y := *a, *b
	if len(x.Params) != len(y.Params) || len(x.Window) != len(y.Window) {
		return false
	}
	for i := range x.Params {
		if math.Float32bits(x.Params[i]) != math.Float32bits(y.Params[i]) {
			return false
		}
	}
	for i := range x.Window {
		if x.Window[i] != y.Window[i] {
			return false
		}
	}
	x.Params, y.Params, x.Window, y.Window = nil, nil, nil, nil
	return reflect.DeepEqual(x, y)
}

func TestCheckpointComesBackBitForBit(t *testing.T) {
	want := sample(t)
	data := encoded(t, want)
	got, err := DecodeCheckpoint(iotest.OneByteReader(bytes.NewReader(data)))
	if err != nil {
		t.Fatal(err)
	}
	if !same(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if !bytes.Equal(encoded(t, got), data) {
		t.Error("the second writing differs from the first")
	}
}

func TestCheckpointDescribesItself(t *testing.T) {
	data := encoded(t, sample(t))
	var header struct{ Tensors []engine.TensorInfo }
	if err := json.Unmarshal(data[16:16+binary.LittleEndian.Uint32(data[12:])], &header); err != nil {
		t.Fatal(err)
	}
	if len(header.Tensors) != 2 || header.Tensors[1].Name != "1.bias" || header.Tensors[1].Offset != 12 {
		t.Errorf("got %+v", header.Tensors)
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
		name  string
		data  []byte
		cause error
	}{
		{"another file", []byte("\x89PNG\r\n\x1a\n 0123456789"), ErrNotCheckpoint},
		{"version from the future", change(func(b []byte) []byte { b[8] = 2; return b }), ErrVersion},
		{"header of 4 GiB", change(func(b []byte) []byte { copy(b[12:], "\xff\xff\xff\xff"); return b }), ErrTooLarge},
		{"one byte more", append(bytes.Clone(good), 0), ErrCorrupt},
		{"a flipped parameter", change(func(b []byte) []byte { b[len(b)-40] ^= 1; return b }), ErrCorrupt},
		{"header that lies", sealed([]byte(`{"trainSize":10}`), nil), ErrCorrupt},
	} {
		_, err := DecodeCheckpoint(bytes.NewReader(test.data))
		if !errors.Is(err, test.cause) || !strings.Contains(err.Error(), "expected") {
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

// sealed makes a file of any header and parameters, with the checksum that fits, to look behind it.
func sealed(header, params []byte) []byte {
	b := append([]byte(checkpointMagic), 1, 0, 0, 0)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(header)))
	b = append(append(b, header...), params...)
	sum := sha256.Sum256(b)
	return append(b, sum[:]...)
}

func FuzzDecodeCheckpoint(f *testing.F) {
	good := encoded(f, sample(f))
	n := 16 + binary.LittleEndian.Uint32(good[12:])
	f.Add(good[16:n], good[n:len(good)-sha256.Size], good)
	f.Fuzz(func(t *testing.T, header, params, file []byte) {
		for _, data := range [][]byte{file, sealed(header, params)} {
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

package safetensors

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

var limits = Limits{HeaderBytes: 1 << 16, Values: 1 << 16}

// sample has a tensor of each rank that matters, an empty one, and values that only survive bit by bit.
func sample() (map[string]string, []Tensor) {
	return map[string]string{"format": "pt", "β": "<ü & \"\n"}, []Tensor{
		{Name: "conv.weight", Shape: []int{2, 1, 3}, Values: []float32{1, float32(math.Copysign(0, -1)), float32(math.Inf(1)), math.Float32frombits(0x7fc00123), 1e-45, 3}},
		{Name: "empty", Shape: []int{0, 7}},
		{Name: "single", Shape: nil, Values: []float32{42}},
		{Name: "a", Shape: []int{2}, Values: []float32{-1, math.MaxFloat32}},
	}
}

func written(t testing.TB, metadata map[string]string, tensors []Tensor) []byte {
	t.Helper()
	var buf bytes.Buffer
	if err := Write(&buf, metadata, tensors); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// made puts a file together from any header and values, without a seal.
func made(header string, values int) []byte {
	out := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(out, header...), make([]byte, 4*values)...)
}

// sameBits compares values by their bits, since NaN ≠ NaN.
func sameBits(a, b []float32) bool {
	return slices.EqualFunc(a, b, func(x, y float32) bool { return math.Float32bits(x) == math.Float32bits(y) })
}

func sameTensors(a, b []Tensor) bool {
	return slices.EqualFunc(a, b, func(x, y Tensor) bool {
		return x.Name == y.Name && slices.Equal(x.Shape, y.Shape) && sameBits(x.Values, y.Values)
	})
}

func TestFileComesBackBitForBit(t *testing.T) {
	metadata, tensors := sample()
	data := written(t, metadata, tensors)
	file, err := Read(iotest.OneByteReader(bytes.NewReader(data)), limits)
	if err != nil {
		t.Fatal(err)
	}
	if !file.Sealed || !maps.Equal(file.Metadata, metadata) || !sameTensors(file.Tensors, tensors) || len(file.Values) != 9 {
		t.Errorf("got %+v", file)
	}
	if !bytes.Equal(written(t, file.Metadata, file.Tensors), data) {
		t.Error("the second writing differs from the first")
	}
}

// The bytes themselves, by hand from the description of the format, so that other readers find what they expect.
func TestBytesAreThoseOfTheFormat(t *testing.T) {
	data := written(t, map[string]string{"format": "pt"}, []Tensor{{Name: "0.weight", Shape: []int{1, 2}, Values: []float32{1, -2}}, {Name: "0.bias", Shape: []int{1}, Values: []float32{0.5}}})
	n := int(binary.LittleEndian.Uint64(data))
	header, values := data[8:8+n], data[8+n:]
	if n%8 != 0 {
		t.Errorf("the values begin at %d, not at a multiple of 8", 8+n)
	}
	if want := []byte{0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0, 0, 0, 0, 0x3f}; !bytes.Equal(values, want) {
		t.Errorf("values: got % x, want % x", values, want)
	}
	digest := string(header[len(sealPrefix):][:digestDigits])
	want := `{"__metadata__":{"sha256":"` + digest + `","format":"pt"},` +
		`"0.weight":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},"0.bias":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}`
	if got := strings.TrimRight(string(header), " "); got != want {
		t.Errorf("header: got  %s\nwant %s", got, want)
	}
	if !json.Valid(header) {
		t.Error("the header is no JSON")
	}
	// The recipe of the package's documentation.
	sum := sha256.Sum256(bytes.Replace(data, []byte(digest), []byte(strings.Repeat("0", 64)), 1))
	if digest != hex.EncodeToString(sum[:]) {
		t.Errorf("digest: got %s, want %x", digest, sum)
	}
}

func TestShortFileIsTruncatedWhereverItEnds(t *testing.T) {
	data := written(t, map[string]string{"a": "b"}, []Tensor{{Name: "x", Shape: []int{3}, Values: []float32{1, 2, 3}}})
	for n := range data {
		if _, err := Read(bytes.NewReader(data[:n]), limits); !errors.Is(err, ErrTruncated) {
			t.Fatalf("%d of %d bytes: got %v", n, len(data), err)
		}
	}
}

// Any flipped bit of a sealed file gives an error, or a file that says that it has no seal.
func TestNoFlippedBitIsOverlooked(t *testing.T) {
	metadata, tensors := sample()
	data := written(t, metadata, tensors)
	for i := range 8 * len(data) {
		damaged := bytes.Clone(data)
		damaged[i/8] ^= 1 << (i % 8)
		var typed *Error
		if file, err := Read(bytes.NewReader(damaged), limits); !errors.As(err, &typed) && (err != nil || file.Sealed) {
			t.Fatalf("bit %d of byte %d: got %+v, %v", i%8, i/8, file, err)
		}
	}
}

func TestForeignFilesAreRead(t *testing.T) {
	for name, header := range map[string]string{
		"no metadata":         `{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"y":{"dtype":"F32","shape":[],"data_offsets":[8,12]}}`,
		"other order of keys": `{"y":{"shape":[],"data_offsets":[8,12],"dtype":"F32"},"x":{"data_offsets":[0,8],"dtype":"F32","shape":[2]},"__metadata__":{}}   `,
		"digest elsewhere":    `{"__metadata__":{"a":"b","sha256":"00"},"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"y":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}`,
	} {
		file, err := Read(bytes.NewReader(made(header, 3)), limits)
		if err != nil || file.Sealed || len(file.Tensors) != 2 || file.Tensors[0].Name != "x" || len(file.Tensors[0].Values) != 2 {
			t.Errorf("%s: got %+v, %v", name, file, err)
		}
	}
	if file, err := Read(bytes.NewReader(made("{}", 0)), limits); err != nil || len(file.Tensors) != 0 {
		t.Errorf("nothing: got %+v, %v", file, err)
	}
}

func TestErrorsSayWhatIsWrong(t *testing.T) {
	one := func(body string) string { return `{"x":` + body + `}` }
	const x = `{"dtype":"F32","shape":[2],"data_offsets":[0,8]}`
	for _, test := range []struct {
		name   string
		data   []byte
		cause  error
		saying string
	}{
		{"a PNG", []byte("\x89PNG\r\n\x1a\n 0123456789"), ErrTooLarge, "at most 65536"},
		{"no JSON", made("hello", 0), ErrFormat, `"{"`},
		{"white space before", made(" {}", 0), ErrFormat, `"{"`},
		{"something behind the header", made("{} x", 0), ErrFormat, "spaces"},
		{"no UTF-8", made("{\"\xff\":"+x+"}", 2), ErrFormat, "UTF-8"},
		{"another type", made(one(`{"dtype":"F16","shape":[2],"data_offsets":[0,4]}`), 1), ErrType, `"F16"`},
		{"a name twice", made(`{"x":`+x+`,"x":`+x+`}`, 2), ErrFormat, "twice"},
		{"a name twice, once in disguise", made(`{"x":`+x+`,"\u0078":`+x+`}`, 2), ErrFormat, "twice"},
		{"metadata that is no text", made(`{"__metadata__":{"a":1}}`, 0), ErrFormat, "a text"},
		{"a text twice", made(`{"__metadata__":{"a":"1","a":"2"}}`, 0), ErrFormat, "twice"},
		{"a key of another format", made(one(`{"dtype":"F32","shape":[2],"data_offsets":[0,8],"stride":1}`), 2), ErrFormat, `"stride"`},
		{"a key too few", made(one(`{"dtype":"F32","data_offsets":[0,4]}`), 1), ErrFormat, "2 of them"},
		{"a size below 0", made(one(`{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}`), 1), ErrFormat, `"-1"`},
		{"a size in other words", made(one(`{"dtype":"F32","shape":[1e0],"data_offsets":[0,4]}`), 1), ErrFormat, `"1e0"`},
		{"sizes whose product overflows", made(one(`{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}`), 0), ErrFormat, "four bytes"},
		{"a shape that does not fit", made(one(`{"dtype":"F32","shape":[3],"data_offsets":[0,8]}`), 2), ErrFormat, "[3]"},
		{"one offset", made(one(`{"dtype":"F32","shape":[0],"data_offsets":[0]}`), 0), ErrFormat, "two"},
		{"a hole", made(`{"x":`+x+`,"y":{"dtype":"F32","shape":[1],"data_offsets":[12,16]}}`, 4), ErrFormat, `"y" to begin at 8`},
		{"an overlap", made(`{"x":`+x+`,"y":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}`, 2), ErrFormat, `"y" to begin at 8`},
		{"nothing at the beginning", made(one(`{"dtype":"F32","shape":[1],"data_offsets":[4,8]}`), 2), ErrFormat, "to begin at 0"},
		{"a list of tensors", made(`[]`, 0), ErrFormat, `"{"`},
		{"a nest", made(one(strings.Repeat("[", 1000)), 0), ErrFormat, `"{"`},
		{"one byte more", append(made(one(x), 2), 0), ErrFormat, "no more bytes"},
		{"more values than allowed", made(one(`{"dtype":"F32","shape":[65537],"data_offsets":[0,262148]}`), 0), ErrTooLarge, "at most 262144"},
	} {
		var typed *Error
		_, err := Read(bytes.NewReader(test.data), limits)
		if !errors.As(err, &typed) || !errors.Is(err, test.cause) || !strings.Contains(err.Error(), test.saying) {
			t.Errorf("%s: got %v", test.name, err)
		}
	}
	broken := errors.New("disk on fire")
	if _, err := Read(iotest.ErrReader(broken), limits); !errors.Is(err, broken) {
		t.Errorf("a failing reader: got %v", err)
	}
}

func TestWhatCannotBeReadIsNotWritten(t *testing.T) {
	ok := Tensor{Name: "x", Shape: []int{1}, Values: []float32{1}}
	for name, test := range map[string]struct {
		metadata map[string]string
		tensors  []Tensor
	}{
		"a name twice":             {nil, []Tensor{ok, ok}},
		"the name of the metadata": {nil, []Tensor{{Name: metadataKey}}},
		"a shape that lies":        {nil, []Tensor{{Name: "x", Shape: []int{2}, Values: []float32{1}}}},
		"a size below 0":           {nil, []Tensor{{Name: "x", Shape: []int{-1, -1}, Values: []float32{1}}}},
		"a name that is no text":   {nil, []Tensor{{Name: "\xff", Shape: []int{1}, Values: []float32{1}}}},
		"a digest of one's own":    {map[string]string{"sha256": "0"}, nil},
		"metadata that is no text": {map[string]string{"a": "\xff"}, nil},
	} {
		if err := Write(&bytes.Buffer{}, test.metadata, test.tensors); err == nil {
			t.Errorf("%s: was written", name)
		}
	}
}

// A header may announce what it likes: what is not there is not allocated.
func TestAnnouncementsCostNoMemory(t *testing.T) {
	data := made(`{"x":{"dtype":"F32","shape":[1073741824],"data_offsets":[0,4294967296]}}`, 100)
	big := Limits{HeaderBytes: 1 << 16, Values: 1 << 30}
	got := testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := Read(bytes.NewReader(data), big); !errors.Is(err, ErrTruncated) {
				b.Fatal(err)
			}
		}
	}).AllocedBytesPerOp()
	if got > 1<<20 {
		t.Errorf("%d bytes for a file of %d", got, len(data))
	}
}

func FuzzRead(f *testing.F) {
	metadata, tensors := sample()
	f.Add(written(f, metadata, tensors))
	f.Add(made(`{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"y":{"dtype":"F32","shape":[],"data_offsets":[8,12]}}`, 3))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := Read(bytes.NewReader(data), limits)
		if err != nil {
			var typed *Error
			if !errors.As(err, &typed) {
				t.Fatalf("not typed: %v", err)
			}
			return
		}
		if delete(file.Metadata, sealKey); file.Metadata == nil {
			t.Fatal("no metadata")
		}
		again, err := Read(bytes.NewReader(written(t, file.Metadata, file.Tensors)), limits)
		if err != nil || !again.Sealed || !reflect.DeepEqual(again.Metadata, file.Metadata) || !sameTensors(again.Tensors, file.Tensors) {
			t.Fatalf("read %+v, then %+v, %v", file, again, err)
		}
	})
}

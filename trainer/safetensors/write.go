package safetensors

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"unicode/utf8"
)

// chunkBytes is how many bytes of values are converted at a time, and allocated ahead of what was read.
const chunkBytes = 1 << 16

// Write writes a sealed file of the tensors, in their order, to w. The same arguments give the same bytes. It keeps none of
// them. Names must be valid UTF-8 and occur once; "__metadata__" names no tensor, "sha256" no text.
func Write(w io.Writer, metadata map[string]string, tensors []Tensor) error {
	header, err := headerOf(metadata, tensors)
	if err != nil {
		return fmt.Errorf("writing a safetensors file: %w", err)
	}
	sum := sha256.New()
	sum.Write(header) // a hash never fails
	if err := writeValues(sum, tensors); err != nil {
		return err
	}
	hex.Encode(header[8+len(sealPrefix):], sum.Sum(nil))
	if _, err = w.Write(header); err == nil {
		err = writeValues(w, tensors)
	}
	if err != nil {
		return fmt.Errorf("writing a safetensors file: %w", err)
	}
	return nil
}

// headerOf gives length and header, with a blank digest.
func headerOf(metadata map[string]string, tensors []Tensor) ([]byte, error) {
	out := append(make([]byte, 8), sealPrefix+blank+`"`...)
	for _, key := range slices.Sorted(maps.Keys(metadata)) {
		if key == sealKey || !utf8.ValidString(key) || !utf8.ValidString(metadata[key]) {
			return nil, fmt.Errorf("metadata: expected valid UTF-8 under a name other than %q, found %s", sealKey, quote(key))
		}
		out = fmt.Appendf(out, ",%s:%s", text(key), text(metadata[key]))
	}
	out = append(out, '}')
	seen := map[string]bool{metadataKey: true}
	var end int64
	for _, t := range tensors {
		n, ok := count(t.Shape)
		switch {
		case seen[t.Name]:
			return nil, fmt.Errorf("tensors: expected names of their own, found %s twice", quote(t.Name))
		case !utf8.ValidString(t.Name):
			return nil, fmt.Errorf("tensors: expected names of valid UTF-8, found %s", quote(t.Name))
		case !ok || n != int64(len(t.Values)):
			return nil, fmt.Errorf("tensor %s: expected as many values as its shape %v says, found %d", quote(t.Name), t.Shape, len(t.Values))
		}
		seen[t.Name] = true
		begin := end
		end += 4 * n
		shape, err := json.Marshal(append([]int{}, t.Shape...))
		if err != nil {
			return nil, err
		}
		out = fmt.Appendf(out, `,%s:{"dtype":"F32","shape":%s,"data_offsets":[%d,%d]}`, text(t.Name), shape, begin, end)
	}
	out = append(out, '}')
	for len(out)%8 != 0 {
		out = append(out, ' ')
	}
	binary.LittleEndian.PutUint64(out, uint64(len(out)-8))
	return out, nil
}

// text is valid UTF-8 as a JSON string.
func text(s string) []byte {
	b, err := json.Marshal(s)
	if err != nil {
		panic("safetensors: text: " + err.Error()) // encoding/json takes any string
	}
	return b
}

func writeValues(w io.Writer, tensors []Tensor) error {
	buf := make([]byte, 0, chunkBytes)
	for _, t := range tensors {
		for values := range slices.Chunk(t.Values, chunkBytes/4) {
			buf = buf[:0]
			for _, v := range values {
				buf = binary.LittleEndian.AppendUint32(buf, math.Float32bits(v))
			}
			if _, err := w.Write(buf); err != nil {
				return err
			}
		}
	}
	return nil
}

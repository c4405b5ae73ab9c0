package gridfile

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"strings"
	"unicode/utf8"

	"smoothscape/landscape/gridfile/hdf5"
)

const npyMagic = "\x93NUMPY"

// array is what an NPY file holds: numbers or texts, in C order.
type array struct {
	shape  []int
	floats []float64
	texts  []string
}

// readNPY reads a file with one array.
func readNPY(data []byte) (Contents, error) {
	a, err := parseNPY(data)
	if err != nil {
		return Contents{}, err
	}
	if a.floats == nil || len(a.shape) != 2 || len(a.floats) == 0 {
		return Contents{}, bad("", "numbers in two dimensions, rows and columns", describe(a))
	}
	s := &Surface{X: indices(a.shape[1]), Y: indices(a.shape[0]), Indexed: true, Values: []Values{{Name: "z", Z: a.floats}}}
	return Contents{Format: NPY, Surface: s}, nil
}

func describe(a array) string {
	what := "numbers"
	if a.texts != nil {
		what = "texts"
	}
	return fmt.Sprintf("%s of shape %s", what, shapeText(a.shape))
}

func shapeText(shape []int) string {
	return "(" + strings.Trim(strings.ReplaceAll(fmt.Sprint(shape), " ", ", "), "[]") + ")"
}

// parseNPY reads an array of at most two dimensions.
func parseNPY(data []byte) (array, error) {
	if !strings.HasPrefix(string(data[:min(len(data), len(npyMagic))]), npyMagic) {
		return array{}, badByte(0, "the letters \\x93NUMPY", quoted(string(data[:min(len(data), 8)])))
	}
	if len(data) < 10 {
		return array{}, badByte(len(data), "a header", "the end of the file")
	}
	start, length := 10, int(binary.LittleEndian.Uint16(data[8:]))
	switch version := data[6]; version {
	case 1:
	case 2, 3:
		if len(data) < 12 {
			return array{}, badByte(len(data), "a header", "the end of the file")
		}
		start, length = 12, int(binary.LittleEndian.Uint32(data[8:]))
	default:
		return array{}, badByte(6, "version 1, 2 or 3", fmt.Sprint(version))
	}
	if length > len(data)-start || length > maxHeader {
		return array{}, badByte(8, fmt.Sprintf("a header of at most %d bytes", min(maxHeader, len(data)-start)), fmt.Sprint(length))
	}
	h, err := parseHeader(string(data[start:start+length]), start)
	if err != nil {
		return array{}, err
	}
	return h.elements(data, start+length)
}

// maxTexts bounds an array of texts, of which only single ones are used.
const maxTexts = 1 << 12

// maxHeader bounds the header of an array that has no fields.
const maxHeader = 1 << 16

// elements decodes what follows the header at a byte of the file.
func (h npyHeader) elements(data []byte, at int) (array, error) {
	if len(h.shape) > 2 {
		return array{}, badByte(h.at, "at most two dimensions", "the shape "+shapeText(h.shape))
	}
	count := 1
	for _, d := range h.shape {
		if d != 0 && count > MaxValues/d {
			return array{}, badByte(h.at, fmt.Sprintf("at most %d values", MaxValues), "the shape "+shapeText(h.shape))
		}
		count *= d
	}
	// A text of n characters may be long, a file is at most MaxFileBytes: the product fits 64 bits.
	if have := len(data) - at; int64(count)*int64(h.size) != int64(have) {
		return array{}, badByte(at, fmt.Sprintf("%d values of %d bytes to the end of the file", count, h.size), fmt.Sprintf("%d bytes", have))
	}
	a := array{shape: h.shape}
	if h.kind == 'U' || h.kind == 'S' {
		if count > maxTexts {
			return array{}, badByte(h.at, fmt.Sprintf("at most %d texts", maxTexts), "the shape "+shapeText(h.shape))
		}
		a.texts = make([]string, count)
		for i := range a.texts {
			a.texts[i] = h.text(data[at+i*h.size : at+(i+1)*h.size])
		}
		return a, nil
	}
	a.floats = make([]float64, count)
	if !h.fortran || len(h.shape) < 2 {
		for i := range a.floats {
			a.floats[i] = h.float(data[at+i*h.size:])
		}
		return a, nil
	}
	rows, cols := h.shape[0], h.shape[1]
	for i := range a.floats { // the row varies fastest in the file
		a.floats[i%rows*cols+i/rows] = h.float(data[at+i*h.size:])
	}
	return a, nil
}

// float decodes a number at the beginning of b.
func (h npyHeader) float(b []byte) float64 {
	var bits uint64
	switch h.size {
	case 1:
		bits = uint64(b[0])
	case 2:
		bits = uint64(h.order.Uint16(b))
	case 4:
		bits = uint64(h.order.Uint32(b))
	default:
		bits = h.order.Uint64(b)
	}
	switch h.kind {
	case 'b':
		return float64(min(bits, 1))
	case 'u':
		return float64(bits)
	case 'i':
		shift := 64 - 8*h.size
		return float64(int64(bits<<shift) >> shift)
	}
	switch h.size {
	case 2:
		return hdf5.Float16(uint16(bits))
	case 4:
		return float64(math.Float32frombits(uint32(bits)))
	}
	return math.Float64frombits(bits)
}

// text decodes a text that zeros fill up.
func (h npyHeader) text(b []byte) string {
	if h.kind == 'S' {
		return strings.TrimRight(string(b), "\x00")
	}
	var text []byte
	for ; len(b) >= 4; b = b[4:] {
		text = utf8.AppendRune(text, rune(h.order.Uint32(b)))
	}
	return strings.TrimRight(string(text), "\x00")
}

// writeNPY writes float64 in C order.
func writeNPY(w io.Writer, shape []int, v []float64) error {
	b := npyHead("<f8", shape)
	for _, x := range v {
		if len(b) >= 1<<16 {
			if _, err := w.Write(b); err != nil {
				return err
			}
			b = b[:0]
		}
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(x))
	}
	_, err := w.Write(b)
	return err
}

// writeText writes one text of no dimension.
func writeText(w io.Writer, text string) error {
	runes := []rune(text)
	b := npyHead(fmt.Sprintf("<U%d", max(1, len(runes))), nil)
	for _, r := range runes {
		b = binary.LittleEndian.AppendUint32(b, uint32(r))
	}
	if len(runes) == 0 {
		b = append(b, 0, 0, 0, 0)
	}
	_, err := w.Write(b)
	return err
}

// npyHead is everything before the values, in version 1, filled up to 64 bytes.
func npyHead(descr string, shape []int) []byte {
	dims := strings.Trim(strings.ReplaceAll(fmt.Sprint(shape), " ", ", "), "[]")
	if len(shape) == 1 {
		dims += ","
	}
	dict := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", descr, dims)
	fill := 63 - (len(npyMagic)+4+len(dict))%64
	dict += strings.Repeat(" ", fill) + "\n"
	b := append([]byte(npyMagic), 1, 0)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(dict)))
	return append(b, dict...)
}

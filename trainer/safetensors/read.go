package safetensors

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"math"
	"slices"
)

// Read reads a file from r to its end. It takes no more memory than what r really holds, up to the limits. Whatever is wrong is
// an *Error.
func Read(r io.Reader, limits Limits) (*File, error) {
	d := &reader{r: r, sum: sha256.New()}
	length, header, err := d.header(limits)
	if err != nil {
		return nil, err
	}
	metadata, entries, err := parseHeader(header)
	if err != nil {
		return nil, err
	}
	if most := 4 * int64(limits.Values); len(entries) > 0 && entries[len(entries)-1].end > most {
		return nil, d.fail(ErrTooLarge, "reading the header", fmt.Sprintf("at most %d bytes of values", most), fmt.Sprint(entries[len(entries)-1].end))
	}
	digest, sealed := digestOf(header)
	if sealed {
		copy(header[len(sealPrefix):], blank)
		delete(metadata, sealKey)
	}
	d.sum.Write(length)
	d.sum.Write(header)
	file := &File{Metadata: metadata, Sealed: sealed}
	if file.Values, err = d.values(entries); err != nil {
		return nil, err
	}
	for _, e := range entries {
		file.Tensors = append(file.Tensors, Tensor{Name: e.name, Shape: e.shape, Values: file.Values[e.begin/4 : e.end/4 : e.end/4]})
	}
	switch n, err := io.ReadFull(r, make([]byte, 1)); {
	case n > 0:
		return nil, d.fail(ErrFormat, "looking for the end", "no more bytes", "at least one")
	case err != io.EOF:
		return nil, d.fail(err, "looking for the end", "the end of the file", err.Error())
	}
	if want := hex.AppendEncode(nil, d.sum.Sum(nil)); sealed && !bytes.Equal(digest, want) {
		d.offset = int64(8 + len(sealPrefix))
		return nil, d.fail(ErrSeal, "comparing the checksum", string(want), string(digest))
	}
	return file, nil
}

// reader reads r, counts, and sums up the values.
type reader struct {
	r      io.Reader
	sum    hash.Hash
	offset int64
}

// header reads the length of the header, and the header.
func (d *reader) header(limits Limits) (length, header []byte, err error) {
	if length, err = d.take(nil, 8, "reading the length of the header"); err != nil {
		return nil, nil, err
	}
	n := binary.LittleEndian.Uint64(length)
	if n > uint64(limits.HeaderBytes) {
		d.offset = 0
		return nil, nil, d.fail(ErrTooLarge, "reading the length of the header", fmt.Sprintf("at most %d", limits.HeaderBytes), fmt.Sprint(n))
	}
	for uint64(len(header)) < n && err == nil {
		header, err = d.take(header, int(min(n-uint64(len(header)), chunkBytes)), "reading the header")
	}
	return length, header, err
}

// values reads the values of all entries.
func (d *reader) values(entries []entry) ([]float32, error) {
	if len(entries) == 0 {
		return nil, nil
	}
	n := int(entries[len(entries)-1].end / 4)
	var values []float32
	var raw []byte
	for len(values) < n {
		size := min(n-len(values), chunkBytes/4)
		var err error
		if raw, err = d.take(raw[:0], 4*size, "reading the values"); err != nil {
			return nil, err
		}
		d.sum.Write(raw)
		if len(values)+size > cap(values) { // double, but never beyond what the header announces
			values = slices.Grow(values, min(n-len(values), max(size, len(values))))
		}
		for i := range size {
			values = append(values, math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:])))
		}
	}
	return values, nil
}

// take appends the next n bytes to data.
func (d *reader) take(data []byte, n int, doing string) ([]byte, error) {
	start := len(data)
	data = slices.Grow(data, n)[:start+n]
	got, err := io.ReadFull(d.r, data[start:])
	d.offset += int64(got)
	if err != nil {
		cause, found := ErrTruncated, "the end of the file"
		if err != io.EOF && err != io.ErrUnexpectedEOF {
			cause, found = err, err.Error()
		}
		return nil, d.fail(cause, doing, fmt.Sprintf("%d more bytes", n-got), found)
	}
	return data, nil
}

func (d *reader) fail(cause error, doing, expected, found string) error {
	return &Error{Offset: d.offset, Doing: doing, Expected: expected, Found: found, Err: cause}
}

package safetensors

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// entry is what the header says of one tensor.
type entry struct {
	name       string
	shape      []int
	begin, end int64 // bytes
}

// headerReader reads the JSON of a header, token by token, since encoding/json's structs would let doubled and misspelt keys
// pass.
type headerReader struct {
	dec *json.Decoder
}

// parseHeader gives the texts of a header, and its tensors in the order of their values.
func parseHeader(header []byte) (map[string]string, []entry, error) {
	h := &headerReader{dec: json.NewDecoder(bytes.NewReader(header))}
	h.dec.UseNumber() // so that 1.0 and 1e3 are no whole numbers
	if !utf8.Valid(header) {
		return nil, nil, h.fail(ErrFormat, "reading the header", "valid UTF-8", "other bytes")
	}
	if !bytes.HasPrefix(header, []byte("{")) {
		return nil, nil, h.fail(ErrFormat, "reading the header", `"{"`, quote(string(header[:min(len(header), 1)])))
	}
	metadata, entries := map[string]string{}, []entry(nil)
	err := h.object("the header", func(name string) error {
		if name == metadataKey {
			return h.object("the metadata", func(key string) (err error) {
				metadata[key], err = h.text("the metadata " + quote(key))
				return err
			})
		}
		e, err := h.entry(name)
		entries = append(entries, e)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	rest := header[h.dec.InputOffset():]
	if strings.Trim(string(rest), " ") != "" {
		return nil, nil, h.fail(ErrFormat, "reading the end of the header", "spaces", quote(string(rest)))
	}
	slices.SortStableFunc(entries, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.begin, b.begin), cmp.Compare(a.end, b.end)) // one without values before the one that begins there
	})
	var end int64
	for _, e := range entries {
		if e.begin != end {
			return nil, nil, h.fail(ErrFormat, "fitting the tensors together", fmt.Sprintf("%s to begin at %d", quote(e.name), end), fmt.Sprint(e.begin))
		}
		end = e.end
	}
	return metadata, entries, nil
}

// entry reads {"dtype":"F32","shape":[…],"data_offsets":[begin,end]}, whatever the order of its keys.
func (h *headerReader) entry(name string) (entry, error) {
	e := entry{name: name}
	what := "tensor " + quote(name)
	have := 0
	err := h.object(what, func(key string) (err error) {
		have++
		switch key {
		case "dtype":
			dtype, err := h.text("the type of " + what)
			if err == nil && dtype != "F32" {
				err = h.fail(ErrType, "reading the type of "+what, `"F32"`, quote(dtype))
			}
			return err
		case "shape":
			var sizes []int64
			if sizes, err = h.numbers("the shape of " + what); err == nil {
				e.shape = make([]int, len(sizes))
				for i, size := range sizes {
					if e.shape[i] = int(size); int64(e.shape[i]) != size {
						return h.fail(ErrFormat, "reading the shape of "+what, "sizes that this machine can count", fmt.Sprint(size))
					}
				}
			}
			return err
		case "data_offsets":
			var offsets []int64
			if offsets, err = h.numbers("the offsets of " + what); err == nil && len(offsets) != 2 {
				return h.fail(ErrFormat, "reading the offsets of "+what, "two", fmt.Sprint(len(offsets)))
			}
			if err == nil {
				e.begin, e.end = offsets[0], offsets[1]
			}
			return err
		}
		return h.fail(ErrFormat, "reading "+what, "the keys dtype, shape and data_offsets", quote(key))
	})
	if err == nil && have != 3 {
		err = h.fail(ErrFormat, "reading "+what, "the keys dtype, shape and data_offsets", fmt.Sprintf("%d of them", have))
	}
	if err != nil {
		return e, err
	}
	if n, ok := count(e.shape); !ok || e.end < e.begin || e.end-e.begin != 4*n {
		return e, h.fail(ErrFormat, "checking "+what, fmt.Sprintf("four bytes for each value of the shape %v", e.shape), fmt.Sprintf("bytes %d to %d", e.begin, e.end))
	}
	return e, nil
}

// object reads an object, calling value at the value of each key.
func (h *headerReader) object(what string, value func(key string) error) error {
	if err := h.delim('{', "reading "+what); err != nil {
		return err
	}
	seen := map[string]bool{}
	for h.dec.More() {
		key, err := h.text("a name in " + what)
		if err != nil {
			return err
		}
		if seen[key] {
			return h.fail(ErrFormat, "reading "+what, "names of their own", quote(key)+" twice")
		}
		seen[key] = true
		if err := value(key); err != nil {
			return err
		}
	}
	return h.delim('}', "reading the end of "+what)
}

// numbers reads an array of whole numbers from 0 on.
func (h *headerReader) numbers(what string) ([]int64, error) {
	if err := h.delim('[', "reading "+what); err != nil {
		return nil, err
	}
	var all []int64
	for h.dec.More() {
		token, err := h.token("reading " + what)
		if err != nil {
			return nil, err
		}
		number, _ := token.(json.Number)
		n, err := strconv.ParseUint(string(number), 10, 63)
		if err != nil {
			return nil, h.fail(ErrFormat, "reading "+what, "whole numbers from 0 on", quote(fmt.Sprint(token)))
		}
		all = append(all, int64(n))
	}
	return all, h.delim(']', "reading the end of "+what)
}

func (h *headerReader) text(what string) (string, error) {
	token, err := h.token("reading " + what)
	if err != nil {
		return "", err
	}
	s, ok := token.(string)
	if !ok {
		return "", h.fail(ErrFormat, "reading "+what, "a text", quote(fmt.Sprint(token)))
	}
	return s, nil
}

func (h *headerReader) delim(want json.Delim, doing string) error {
	token, err := h.token(doing)
	if err == nil && token != want {
		err = h.fail(ErrFormat, doing, quote(want.String()), quote(fmt.Sprint(token)))
	}
	return err
}

func (h *headerReader) token(doing string) (json.Token, error) {
	token, err := h.dec.Token()
	if err != nil {
		return nil, h.fail(ErrFormat, doing, "JSON", err.Error())
	}
	return token, nil
}

// fail makes the error of the place that the decoder has reached; 8 bytes stand before the header.
func (h *headerReader) fail(cause error, doing, expected, found string) error {
	return &Error{Offset: 8 + h.dec.InputOffset(), Doing: doing, Expected: expected, Found: found, Err: cause}
}

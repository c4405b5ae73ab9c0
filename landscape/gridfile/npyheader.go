package gridfile

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
)

// npyHeader is the dictionary at the beginning of an NPY file.
type npyHeader struct {
	kind    byte // 'f', 'i', 'u', 'b', 'U' or 'S'
	size    int  // bytes of an element
	order   binary.ByteOrder
	fortran bool
	shape   []int
	at      int // byte of the shape, for errors
}

// parseHeader reads {'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }: the keys in any order, each once.
func parseHeader(text string, start int) (npyHeader, error) {
	p := &literal{text: text, start: start}
	var h npyHeader
	seen := map[string]bool{}
	p.demand('{')
	for p.err == nil && !p.next('}') {
		key := p.str()
		p.demand(':')
		if p.err == nil && seen[key] {
			p.fail("each key once", key+" twice")
		}
		seen[key] = true
		switch key {
		case "descr":
			h.readType(p)
		case "fortran_order":
			h.fortran = p.boolean()
		case "shape":
			p.space()
			h.at = p.start + p.at
			h.shape = p.tuple()
		default:
			p.fail("the keys descr, fortran_order and shape", quoted(key))
		}
		if p.next('}') {
			break
		}
		p.demand(',')
	}
	if p.space(); p.err == nil && p.at < len(text) {
		p.fail("spaces to the end of the header", quoted(text[p.at:]))
	}
	if p.err == nil && len(seen) != 3 {
		p.fail("the keys descr, fortran_order and shape", fmt.Sprintf("%d of them", len(seen)))
	}
	return h, p.err
}

// readType reads the type of the elements.
func (h *npyHeader) readType(p *literal) {
	const numbers = "booleans, integers or floating-point numbers"
	if p.space(); strings.HasPrefix(p.rest(), "[") {
		p.fail(numbers, "an array with fields")
		return
	}
	at := p.at
	descr := p.str()
	if p.err != nil {
		return
	}
	p.at = at
	h.order = binary.LittleEndian
	code := descr
	if len(code) > 0 && strings.ContainsRune("<>|=", rune(code[0])) {
		if code[0] == '>' {
			h.order = binary.BigEndian
		}
		code = code[1:]
	}
	if code == "" {
		p.fail(numbers, quoted(descr))
		return
	}
	n, err := strconv.ParseUint(code[1:], 10, 24)
	h.kind = code[0]
	switch {
	case h.kind == 'O':
		p.fail(numbers, "objects: a pickle, which could run anything and is never opened")
	case h.kind == 'U' && err == nil:
		h.size = 4 * int(n)
	case h.kind == 'S' && err == nil:
		h.size = int(n)
	case err == nil && (h.kind == 'b' && n == 1 || strings.ContainsRune("iu", rune(h.kind)) && (n == 1 || n == 2 || n == 4 || n == 8) || h.kind == 'f' && (n == 2 || n == 4 || n == 8)):
		h.size = int(n)
	default:
		p.fail(numbers, "the type "+quoted(descr))
	}
	if p.err == nil {
		p.str() // again, to go on behind it
	}
}

// literal reads the part of Python's notation that headers are written in. It keeps its first error.
type literal struct {
	text  string
	at    int
	start int // byte of the file where the text begins
	err   error
}

func (p *literal) rest() string { return p.text[p.at:] }

func (p *literal) fail(expected, found string) {
	if p.err == nil {
		p.err = badByte(p.start+p.at, expected, found)
	}
}

func (p *literal) space() {
	for p.at < len(p.text) && strings.ContainsRune(" \t\r\n", rune(p.text[p.at])) {
		p.at++
	}
}

// next takes a character if it comes next.
func (p *literal) next(c byte) bool {
	p.space()
	if p.err != nil || p.at == len(p.text) || p.text[p.at] != c {
		return false
	}
	p.at++
	return true
}

func (p *literal) demand(c byte) {
	if !p.next(c) {
		p.fail(fmt.Sprintf("%q", string(c)), quoted(p.text[p.at:min(len(p.text), p.at+10)]))
	}
}

// str reads a text in quotes; none in a header has escapes.
func (p *literal) str() string {
	p.space()
	if p.err != nil {
		return ""
	}
	if p.at == len(p.text) || p.text[p.at] != '\'' && p.text[p.at] != '"' {
		p.fail("a text in quotes", quoted(p.text[p.at:min(len(p.text), p.at+10)]))
		return ""
	}
	body, _, closed := strings.Cut(p.text[p.at+1:], p.text[p.at:p.at+1])
	if !closed || strings.ContainsAny(body, "\\\n") {
		p.fail("a text that ends in its quote, without escapes", quoted(body))
		return ""
	}
	p.at += len(body) + 2
	return body
}

func (p *literal) boolean() bool {
	p.space()
	for word, value := range map[string]bool{"True": true, "False": false} {
		if strings.HasPrefix(p.rest(), word) {
			p.at += len(word)
			return value
		}
	}
	p.fail("True or False", quoted(p.text[p.at:min(len(p.text), p.at+10)]))
	return false
}

// tuple reads whole numbers in parentheses; those of Python 2 may end in L.
func (p *literal) tuple() []int {
	shape := []int{}
	p.demand('(')
	for p.err == nil && !p.next(')') {
		p.space()
		digits := p.rest()[:len(p.rest())-len(strings.TrimLeft(p.rest(), "0123456789"))]
		n, err := strconv.ParseUint(digits, 10, 31)
		if err != nil {
			p.fail("a whole number below 2³¹", quoted(p.text[p.at:min(len(p.text), p.at+12)]))
			break
		}
		p.at += len(digits)
		if p.at < len(p.text) && p.text[p.at] == 'L' {
			p.at++
		}
		if shape = append(shape, int(n)); len(shape) > 32 {
			p.fail("at most 32 dimensions", "more")
		}
		if p.next(')') {
			break
		}
		p.demand(',')
	}
	return shape
}

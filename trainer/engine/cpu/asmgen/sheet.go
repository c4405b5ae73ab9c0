package main

import (
	"fmt"
	"strings"
)

// pass is an elementwise kernel. Its vectors are worked through four at a time: vector j of the four has the registers j, 4+j and 8+j for its sums
// and coefficients, so that four chains of additions run side by side.
type pass struct {
	name         string
	operands     string   // of y, x, z those that it has
	sums         []string // registers that point to what is summed up, beginning with register 0
	coefficients []string // registers that point to what is read once a channel, behind the sums
	bound        bool     // cuts from below
	body         func(j int, y, x, z string)
}

const (
	scratch, second, lower = 12, 13, 14 // registers of a pass: two that it may use, and the bound from below
	abreast                = 4          // vectors
)

func addresses() map[byte]string { return map[byte]string{'y': "DI", 'x': "SI", 'z': "R8"} }

// sheet writes a pass. Channels that fill one or two vectors lie so densely that four vectors are four or two pixels: each row is then summed up by
// itself, in parallel chains that are joined at its end. Wider ones are taken in blocks of four, two and one vectors, pixel after pixel.
func (s isa) sheet(k pass) {
	s.p("\n// func %s%s(s *sheet[float32])", k.name, s.name)
	s.p("TEXT ·%s%s(SB), NOSPLIT, $16-8", k.name, s.name)
	l := k.name + s.name
	s.p("\tMOVQ s+0(FP), CX")
	s.p("\tMOVQ 72(CX), R9 // a, b, c")
	s.p("\tMOVQ 96(CX), R10")
	s.p("\tMOVQ 120(CX), R11")
	s.p("\tMOVQ 184(CX), R12")
	s.p("\tSHLQ $2, R12 // from pixel to pixel")
	s.p("\tMOVQ 168(CX), R13 // rows left")
	strides := map[byte]int{'y': 144, 'x': 152, 'z': 160}
	for i, o := range []byte("yxz") {
		if strings.IndexByte(k.operands, o) >= 0 {
			s.p("\tMOVQ %d(CX), %s // %c", 24*i, addresses()[o], o)
		}
	}
	if k.bound { // 0 or −∞
		s.p("\tMOVL $0xff800000, 0(SP)")
		s.p("\tCMPB 192(CX), $0")
		s.p("\tJEQ %sbound", l)
		s.p("\tMOVL $0, 0(SP)")
		s.p("%sbound:", l)
		s.p("\tVBROADCASTSS 0(SP), %s", s.v(lower))
	}
	next := func(row string) {
		for _, o := range []byte(k.operands) {
			s.p("\tMOVQ %d(CX), AX", strides[o])
			s.p("\tLEAQ (%s)(AX*4), %s", addresses()[o], addresses()[o])
		}
		s.p("\tDECQ R13")
		s.p("\tJNZ %s", row)
		s.p("\tVZEROUPPER")
		s.p("\tRET")
	}
	if len(k.sums)+len(k.coefficients) == 0 { // no channels, only values
		s.p("\tVXORPS %s, %s, %s", s.v(lower), s.v(lower), s.v(lower))
		s.dense(k, l, 1, next)
		return
	}
	s.p("\tCMPQ R12, $%d", s.bytes)
	s.p("\tJEQ %sdense1", l)
	s.p("\tCMPQ R12, $%d", 2*s.bytes)
	s.p("\tJEQ %sdense2", l)
	s.blocks(k, l, next)
	s.dense(k, l, 1, next)
	s.dense(k, l, 2, next)
}

// dense writes a pass over pixels of so many vectors: a row is a run of them.
func (s isa) dense(k pass, l string, vectors int, next func(row string)) {
	l = fmt.Sprintf("%sdense%d", l, vectors)
	s.p("%s:", l)
	s.p("\tMOVQ 176(CX), DX")
	if len(k.sums)+len(k.coefficients) == 0 {
		s.p("\tIMULQ R12, DX // bytes of a row")
	} else {
		s.p("\tIMULQ $%d, DX // bytes of a row", vectors*s.bytes)
	}
	s.p("\tMOVQ DX, R14")
	s.p("\tANDQ $%d, R14 // the part that is whole fours of vectors", -abreast*s.bytes)
	for i, c := range k.coefficients {
		for j := range abreast {
			s.p("\tVMOVUPS %d(%s), %s", j%vectors*s.bytes, c, s.v(4*(len(k.sums)+i)+j))
		}
	}
	s.p("%srow:", l)
	for i := range k.sums {
		for j := range abreast {
			s.p("\tVXORPS %[1]s, %[1]s, %[1]s", s.v(4*i+j))
		}
	}
	s.p("\tXORQ BX, BX")
	run := func(name, end string, count int) {
		s.p("\tCMPQ BX, %s", end)
		s.p("\tJGE %s%send", l, name)
		s.p("%s%s:", l, name)
		for j := range count {
			k.body(j, fmt.Sprintf("%d(DI)(BX*1)", j*s.bytes), fmt.Sprintf("%d(SI)(BX*1)", j*s.bytes), fmt.Sprintf("%d(R8)(BX*1)", j*s.bytes))
		}
		s.p("\tADDQ $%d, BX", count*s.bytes)
		s.p("\tCMPQ BX, %s", end)
		s.p("\tJLT %s%s", l, name)
		s.p("%s%send:", l, name)
	}
	run("fours", "R14", abreast)
	run("rest", "DX", vectors)
	for i, sum := range k.sums {
		for apart := abreast / 2; apart >= vectors; apart /= 2 {
			for j := range apart {
				s.p("\tVADDPS %s, %s, %s", s.v(4*i+j+apart), s.v(4*i+j), s.v(4*i+j))
			}
		}
		for j := range vectors {
			s.p("\tVADDPS %d(%s), %s, %s", j*s.bytes, sum, s.v(4*i+j), s.v(4*i+j))
			s.p("\tVMOVUPS %s, %d(%s)", s.v(4*i+j), j*s.bytes, sum)
		}
	}
	next(l + "row")
}

// blocks writes a pass over pixels of many vectors.
func (s isa) blocks(k pass, l string, next func(row string)) {
	s.p("%srow:", l)
	s.p("\tXORQ BX, BX")
	s.p("%schannels:", l)
	s.p("\tMOVQ R12, AX")
	s.p("\tSUBQ BX, AX")
	s.p("\tMOVQ BX, BP")
	s.p("\tMOVQ 176(CX), R14 // pixels left")
	s.p("\tCMPQ AX, $%d", 4*s.bytes)
	s.p("\tJGE %sblock4", l)
	s.p("\tCMPQ AX, $%d", 2*s.bytes)
	s.p("\tJGE %sblock2", l)
	for _, count := range []int{1, 2, 4} {
		s.p("%sblock%d:", l, count)
		for i, c := range append(append([]string{}, k.sums...), k.coefficients...) {
			for j := range count {
				s.p("\tVMOVUPS %d(%s)(BX*1), %s", j*s.bytes, c, s.v(4*i+j))
			}
		}
		s.p("%spixel%d:", l, count)
		for j := range count {
			k.body(j, fmt.Sprintf("%d(DI)(BP*1)", j*s.bytes), fmt.Sprintf("%d(SI)(BP*1)", j*s.bytes), fmt.Sprintf("%d(R8)(BP*1)", j*s.bytes))
		}
		s.p("\tADDQ R12, BP")
		s.p("\tDECQ R14")
		s.p("\tJNZ %spixel%d", l, count)
		for i, sum := range k.sums {
			for j := range count {
				s.p("\tVMOVUPS %s, %d(%s)(BX*1)", s.v(4*i+j), j*s.bytes, sum)
			}
		}
		s.p("\tADDQ $%d, BX", count*s.bytes)
		s.p("\tCMPQ BX, R12")
		s.p("\tJLT %schannels", l)
		if count < 4 {
			s.p("\tJMP %snext", l)
		}
	}
	s.p("%snext:", l)
	next(l + "row")
}

func (s isa) sheets() {
	t, u, bound := s.v(scratch), s.v(second), s.v(lower)
	at := func(i, j int) string { return s.v(4*i + j) }
	a, b, c := "R9", "R10", "R11"
	cut := func(y string) {
		s.p("\tVMAXPS %s, %s, %s // gives its first operand if that is NaN", t, bound, t)
		s.p("\tVMOVUPS %s, %s", t, y)
	}
	for _, k := range []pass{
		{name: "sums", operands: "x", sums: []string{a}, body: func(j int, _, x, _ string) {
			s.p("\tVADDPS %s, %s, %s", x, at(0, j), at(0, j))
		}},
		{name: "squares", operands: "x", sums: []string{a}, coefficients: []string{b}, body: func(j int, _, x, _ string) {
			s.p("\tVMOVUPS %s, %s", x, t)
			s.p("\tVSUBPS %s, %s, %s", at(1, j), t, t)
			s.p("\tVFMADD231PS %s, %s, %s", t, t, at(0, j))
		}},
		{name: "moments", operands: "xz", sums: []string{a, b}, coefficients: []string{c}, body: func(j int, _, x, z string) {
			s.p("\tVMOVUPS %s, %s", x, t)
			s.p("\tVADDPS %s, %s, %s", t, at(0, j), at(0, j))
			s.p("\tVMOVUPS %s, %s", z, u)
			s.p("\tVSUBPS %s, %s, %s", at(2, j), u, u)
			s.p("\tVFMADD231PS %s, %s, %s", u, t, at(1, j))
		}},
		{name: "affine", operands: "yx", coefficients: []string{a, b}, bound: true, body: func(j int, y, x, _ string) {
			s.p("\tVMOVUPS %s, %s", x, t)
			s.p("\tVFMADD213PS %s, %s, %s", at(1, j), at(0, j), t)
			cut(y)
		}},
		{name: "blend", operands: "yxz", coefficients: []string{a, b, c}, bound: true, body: func(j int, y, x, z string) {
			s.p("\tVMOVUPS %s, %s", z, u)
			s.p("\tVFMADD213PS %s, %s, %s", at(2, j), at(1, j), u)
			s.p("\tVMOVUPS %s, %s", x, t)
			s.p("\tVFMADD213PS %s, %s, %s", u, at(0, j), t)
			cut(y)
		}},
		{name: "gate", operands: "yxz", body: func(_ int, y, x, z string) {
			s.p("\tVMOVUPS %s, %s", z, t)
			if s.bcst {
				s.p("\tVCMPPS $30, %s, %s, K1 // z > 0", bound, t)
				s.p("\tVMOVUPS.Z %s, K1, %s", x, t)
			} else {
				s.p("\tVCMPPS $30, %s, %s, %s // z > 0", bound, t, t)
				s.p("\tVANDPS %s, %s, %s", x, t, t)
			}
			s.p("\tVMOVUPS %s, %s", t, y)
		}},
	} {
		s.sheet(k)
	}
}

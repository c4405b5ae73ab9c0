// Command asmgen writes the assembly of package cpu: the same kernels for two widths of vectors.
package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"
)

// isa is a width of vectors and what comes with it.
type isa struct {
	name   string
	reg    string // name of a vector register
	bytes  int    // of a vector
	regs   int
	pixels int // of a tile
	depth  int // of an outer product
	bcst   bool
}

var isas = []isa{
	{name: "AVX512", reg: "Z", bytes: 64, regs: 32, pixels: 12, depth: 8, bcst: true},
	{name: "AVX2", reg: "Y", bytes: 32, regs: 16, pixels: 6, depth: 4},
}

var out bytes.Buffer

func p(format string, args ...any) { fmt.Fprintf(&out, format+"\n", args...) }

var pixelRegs = []string{"AX", "BX", "DX", "SI", "DI", "R8", "R9", "R10", "R11", "R12", "R13", "R15"}

func (s isa) v(i int) string { return fmt.Sprintf("%s%d", s.reg, i) }

func (s isa) tile(vectors int) {
	p("\n// func tile%sx%d(t *tile[float32])", s.name, vectors)
	p("TEXT ·tile%sx%d(SB), NOSPLIT, $96-8", s.name, vectors)
	acc := func(i, v int) string { return s.v(i*vectors + v) }
	weight := func(v int) string { return s.v(s.pixels*vectors + v) }
	firstFree := s.pixels*vectors + vectors
	p("\tMOVQ t+0(FP), CX")
	for i, f := range []int{0, 24, 48, 72, 96, 120, 144, 152, 168} { // in out weight init from to taps len(taps) length
		p("\tMOVQ %d(CX), AX", f)
		p("\tMOVQ AX, %d(SP)", 8*i)
	}
	p("\tMOVQ 104(CX), AX // len(from)")
	p("\tXORQ DX, DX")
	p("\tMOVQ $%d, BX", s.pixels)
	p("\tDIVQ BX")
	p("\tMOVQ AX, 72(SP) // tiles left")
	p("\tMOVWLZX 184(CX), AX // add, relu")
	p("\tMOVQ AX, 80(SP)")
	l := fmt.Sprintf("t%s%d", s.name, vectors)
	p("%stile:", l)
	p("\tMOVQ 0(SP), CX")
	p("\tMOVQ 32(SP), R14")
	for i := range s.pixels {
		p("\tMOVQ %d(R14), %s", 8*i, pixelRegs[i])
		p("\tLEAQ (CX)(%s*4), %s", pixelRegs[i], pixelRegs[i])
	}
	p("\tADDQ $%d, R14", 8*s.pixels)
	p("\tMOVQ R14, 32(SP)")
	p("\tMOVQ 24(SP), R14")
	for v := range vectors {
		p("\tVMOVUPS %d(R14), %s", v*s.bytes, acc(0, v))
	}
	for i := 1; i < s.pixels; i++ {
		for v := range vectors {
			p("\tVMOVAPS %s, %s", acc(0, v), acc(i, v))
		}
	}
	p("\tMOVQ 16(SP), R14")
	p("\tMOVQ 56(SP), CX")
	p("\tMOVQ CX, 88(SP) // taps left")
	p("%stap:", l)
	p("\tMOVQ 56(SP), CX // the taps are counted down, and so read from the first on")
	p("\tSUBQ 88(SP), CX")
	p("\tMOVQ 48(SP), BP")
	p("\tMOVQ (BP)(CX*8), CX")
	p("\tMOVQ 64(SP), BP")
	p("\tADDQ CX, BP")
	p("%sk:", l)
	for v := range vectors {
		p("\tVMOVUPS %d(R14), %s", v*s.bytes, weight(v))
	}
	for i := range s.pixels {
		if s.bcst && vectors == 1 {
			p("\tVFMADD231PS.BCST (%s)(CX*4), %s, %s", pixelRegs[i], weight(0), acc(i, 0))
			continue
		}
		x := s.v(firstFree + i%(s.regs-firstFree))
		p("\tVBROADCASTSS (%s)(CX*4), %s", pixelRegs[i], x)
		for v := range vectors {
			p("\tVFMADD231PS %s, %s, %s", weight(v), x, acc(i, v))
		}
	}
	p("\tINCQ CX")
	p("\tADDQ $%d, R14", s.bytes*vectors)
	p("\tCMPQ CX, BP")
	p("\tJLT %sk", l)
	p("\tDECQ 88(SP)")
	p("\tJNZ %stap", l)
	p("\tMOVQ 8(SP), R14")
	p("\tMOVQ 40(SP), CX")
	for i := range s.pixels {
		p("\tMOVQ %d(CX), %s", 8*i, pixelRegs[i])
		p("\tLEAQ (R14)(%s*4), %s", pixelRegs[i], pixelRegs[i])
	}
	p("\tADDQ $%d, CX", 8*s.pixels)
	p("\tMOVQ CX, 40(SP)")
	p("\tMOVQ 80(SP), CX")
	p("\tTESTB $1, CX")
	p("\tJZ %srelu", l)
	for i := range s.pixels {
		for v := range vectors {
			p("\tVADDPS %d(%s), %s, %s", v*s.bytes, pixelRegs[i], acc(i, v), acc(i, v))
		}
	}
	p("%srelu:", l)
	p("\tTESTL $0x100, CX")
	p("\tJZ %sstore", l)
	zero := s.v(firstFree)
	p("\tVXORPS %s, %s, %s", zero, zero, zero)
	for i := range s.pixels {
		for v := range vectors {
			p("\tVMAXPS %s, %s, %s // gives its first operand if that is NaN", acc(i, v), zero, acc(i, v))
		}
	}
	p("%sstore:", l)
	for i := range s.pixels {
		for v := range vectors {
			p("\tVMOVUPS %s, %d(%s)", acc(i, v), v*s.bytes, pixelRegs[i])
		}
	}
	p("\tDECQ 72(SP)")
	p("\tJNZ %stile", l)
	p("\tVZEROUPPER")
	p("\tRET")
}

func (s isa) outer(vectors int) {
	p("\n// func outer%sx%d(o *outer[float32])", s.name, vectors)
	p("TEXT ·outer%sx%d(SB), NOSPLIT, $32-8", s.name, vectors)
	acc := func(i, v int) string { return s.v(i*vectors + v) }
	x := func(v int) string { return s.v(s.depth*vectors + v) }
	firstFree := s.depth*vectors + vectors
	l := fmt.Sprintf("o%s%d", s.name, vectors)
	each := func(op string) {
		p("\tMOVQ o+0(FP), CX")
		p("\tMOVQ 0(CX), SI")
		p("\tMOVQ 144(CX), DI")
		for i := range s.depth {
			for v := range vectors {
				if op == "load" {
					p("\tVMOVUPS %d(SI), %s", v*s.bytes, acc(i, v))
				} else {
					p("\tVMOVUPS %s, %d(SI)", acc(i, v), v*s.bytes)
				}
			}
			p("\tLEAQ (SI)(DI*4), SI")
		}
	}
	each("load")
	p("\tMOVQ 72(CX), AX")
	p("\tMOVQ AX, 0(SP) // images left")
	p("\tMOVQ 24(CX), R8 // s, and where its rows and pixels begin")
	p("\tMOVQ 48(CX), R9 // x")
	p("\tMOVQ 112(CX), AX")
	p("\tSHLQ $2, AX // from pixel to pixel of s")
	p("\tMOVQ 136(CX), BX")
	p("\tSHLQ $2, BX // of x")
	p("%simage:", l)
	p("\tMOVQ R8, R10")
	p("\tMOVQ R9, R11")
	p("\tMOVQ 80(CX), DX // rows left")
	p("%srow:", l)
	p("\tMOVQ R10, SI")
	p("\tMOVQ R11, DI")
	p("\tMOVQ 88(CX), R12 // pixels left")
	p("%spixel:", l)
	for v := range vectors {
		p("\tVMOVUPS %d(DI), %s", v*s.bytes, x(v))
	}
	for i := range s.depth {
		if s.bcst && vectors == 1 {
			p("\tVFMADD231PS.BCST %d(SI), %s, %s", 4*i, x(0), acc(i, 0))
			continue
		}
		b := s.v(firstFree + i%(s.regs-firstFree))
		p("\tVBROADCASTSS %d(SI), %s", 4*i, b)
		for v := range vectors {
			p("\tVFMADD231PS %s, %s, %s", x(v), b, acc(i, v))
		}
	}
	p("\tADDQ AX, SI")
	p("\tADDQ BX, DI")
	p("\tDECQ R12")
	p("\tJNZ %spixel", l)
	p("\tMOVQ 104(CX), SI")
	p("\tLEAQ (R10)(SI*4), R10")
	p("\tMOVQ 128(CX), SI")
	p("\tLEAQ (R11)(SI*4), R11")
	p("\tDECQ DX")
	p("\tJNZ %srow", l)
	p("\tMOVQ 96(CX), SI")
	p("\tLEAQ (R8)(SI*4), R8")
	p("\tMOVQ 120(CX), SI")
	p("\tLEAQ (R9)(SI*4), R9")
	p("\tDECQ 0(SP)")
	p("\tJNZ %simage", l)
	each("store")
	p("\tVZEROUPPER")
	p("\tRET")
}

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

var addresses = map[byte]string{'y': "DI", 'x': "SI", 'z': "R8"}

// sheet writes a pass. Channels that fill one or two vectors lie so densely that four vectors are four or two pixels: each row is then summed up by
// itself, in parallel chains that are joined at its end. Wider ones are taken in blocks of four, two and one vectors, pixel after pixel.
func (s isa) sheet(k pass) {
	p("\n// func %s%s(s *sheet[float32])", k.name, s.name)
	p("TEXT ·%s%s(SB), NOSPLIT, $16-8", k.name, s.name)
	l := k.name + s.name
	p("\tMOVQ s+0(FP), CX")
	p("\tMOVQ 72(CX), R9 // a, b, c")
	p("\tMOVQ 96(CX), R10")
	p("\tMOVQ 120(CX), R11")
	p("\tMOVQ 184(CX), R12")
	p("\tSHLQ $2, R12 // from pixel to pixel")
	p("\tMOVQ 168(CX), R13 // rows left")
	strides := map[byte]int{'y': 144, 'x': 152, 'z': 160}
	for i, o := range []byte("yxz") {
		if strings.IndexByte(k.operands, o) >= 0 {
			p("\tMOVQ %d(CX), %s // %c", 24*i, addresses[o], o)
		}
	}
	if k.bound { // 0 or −∞
		p("\tMOVL $0xff800000, 0(SP)")
		p("\tCMPB 192(CX), $0")
		p("\tJEQ %sbound", l)
		p("\tMOVL $0, 0(SP)")
		p("%sbound:", l)
		p("\tVBROADCASTSS 0(SP), %s", s.v(lower))
	}
	next := func(row string) {
		for _, o := range []byte(k.operands) {
			p("\tMOVQ %d(CX), AX", strides[o])
			p("\tLEAQ (%s)(AX*4), %s", addresses[o], addresses[o])
		}
		p("\tDECQ R13")
		p("\tJNZ %s", row)
		p("\tVZEROUPPER")
		p("\tRET")
	}
	if len(k.sums)+len(k.coefficients) == 0 { // no channels, only values
		p("\tVXORPS %s, %s, %s", s.v(lower), s.v(lower), s.v(lower))
		s.dense(k, l, 1, next)
		return
	}
	p("\tCMPQ R12, $%d", s.bytes)
	p("\tJEQ %sdense1", l)
	p("\tCMPQ R12, $%d", 2*s.bytes)
	p("\tJEQ %sdense2", l)
	s.blocks(k, l, next)
	s.dense(k, l, 1, next)
	s.dense(k, l, 2, next)
}

// dense writes a pass over pixels of so many vectors: a row is a run of them.
func (s isa) dense(k pass, l string, vectors int, next func(row string)) {
	l = fmt.Sprintf("%sdense%d", l, vectors)
	p("%s:", l)
	p("\tMOVQ 176(CX), DX")
	if len(k.sums)+len(k.coefficients) == 0 {
		p("\tIMULQ R12, DX // bytes of a row")
	} else {
		p("\tIMULQ $%d, DX // bytes of a row", vectors*s.bytes)
	}
	p("\tMOVQ DX, R14")
	p("\tANDQ $%d, R14 // the part that is whole fours of vectors", -abreast*s.bytes)
	for i, c := range k.coefficients {
		for j := range abreast {
			p("\tVMOVUPS %d(%s), %s", j%vectors*s.bytes, c, s.v(4*(len(k.sums)+i)+j))
		}
	}
	p("%srow:", l)
	for i := range k.sums {
		for j := range abreast {
			p("\tVXORPS %[1]s, %[1]s, %[1]s", s.v(4*i+j))
		}
	}
	p("\tXORQ BX, BX")
	run := func(name, end string, count int) {
		p("\tCMPQ BX, %s", end)
		p("\tJGE %s%send", l, name)
		p("%s%s:", l, name)
		for j := range count {
			k.body(j, fmt.Sprintf("%d(DI)(BX*1)", j*s.bytes), fmt.Sprintf("%d(SI)(BX*1)", j*s.bytes), fmt.Sprintf("%d(R8)(BX*1)", j*s.bytes))
		}
		p("\tADDQ $%d, BX", count*s.bytes)
		p("\tCMPQ BX, %s", end)
		p("\tJLT %s%s", l, name)
		p("%s%send:", l, name)
	}
	run("fours", "R14", abreast)
	run("rest", "DX", vectors)
	for i, sum := range k.sums {
		for apart := abreast / 2; apart >= vectors; apart /= 2 {
			for j := range apart {
				p("\tVADDPS %s, %s, %s", s.v(4*i+j+apart), s.v(4*i+j), s.v(4*i+j))
			}
		}
		for j := range vectors {
			p("\tVADDPS %d(%s), %s, %s", j*s.bytes, sum, s.v(4*i+j), s.v(4*i+j))
			p("\tVMOVUPS %s, %d(%s)", s.v(4*i+j), j*s.bytes, sum)
		}
	}
	next(l + "row")
}

// blocks writes a pass over pixels of many vectors.
func (s isa) blocks(k pass, l string, next func(row string)) {
	p("%srow:", l)
	p("\tXORQ BX, BX")
	p("%schannels:", l)
	p("\tMOVQ R12, AX")
	p("\tSUBQ BX, AX")
	p("\tMOVQ BX, BP")
	p("\tMOVQ 176(CX), R14 // pixels left")
	p("\tCMPQ AX, $%d", 4*s.bytes)
	p("\tJGE %sblock4", l)
	p("\tCMPQ AX, $%d", 2*s.bytes)
	p("\tJGE %sblock2", l)
	for _, count := range []int{1, 2, 4} {
		p("%sblock%d:", l, count)
		for i, c := range append(append([]string{}, k.sums...), k.coefficients...) {
			for j := range count {
				p("\tVMOVUPS %d(%s)(BX*1), %s", j*s.bytes, c, s.v(4*i+j))
			}
		}
		p("%spixel%d:", l, count)
		for j := range count {
			k.body(j, fmt.Sprintf("%d(DI)(BP*1)", j*s.bytes), fmt.Sprintf("%d(SI)(BP*1)", j*s.bytes), fmt.Sprintf("%d(R8)(BP*1)", j*s.bytes))
		}
		p("\tADDQ R12, BP")
		p("\tDECQ R14")
		p("\tJNZ %spixel%d", l, count)
		for i, sum := range k.sums {
			for j := range count {
				p("\tVMOVUPS %s, %d(%s)(BX*1)", s.v(4*i+j), j*s.bytes, sum)
			}
		}
		p("\tADDQ $%d, BX", count*s.bytes)
		p("\tCMPQ BX, R12")
		p("\tJLT %schannels", l)
		if count < 4 {
			p("\tJMP %snext", l)
		}
	}
	p("%snext:", l)
	next(l + "row")
}

func (s isa) sheets() {
	t, u, bound := s.v(scratch), s.v(second), s.v(lower)
	at := func(i, j int) string { return s.v(4*i + j) }
	a, b, c := "R9", "R10", "R11"
	cut := func(y string) {
		p("\tVMAXPS %s, %s, %s // gives its first operand if that is NaN", t, bound, t)
		p("\tVMOVUPS %s, %s", t, y)
	}
	for _, k := range []pass{
		{name: "sums", operands: "x", sums: []string{a}, body: func(j int, _, x, _ string) {
			p("\tVADDPS %s, %s, %s", x, at(0, j), at(0, j))
		}},
		{name: "squares", operands: "x", sums: []string{a}, coefficients: []string{b}, body: func(j int, _, x, _ string) {
			p("\tVMOVUPS %s, %s", x, t)
			p("\tVSUBPS %s, %s, %s", at(1, j), t, t)
			p("\tVFMADD231PS %s, %s, %s", t, t, at(0, j))
		}},
		{name: "moments", operands: "xz", sums: []string{a, b}, coefficients: []string{c}, body: func(j int, _, x, z string) {
			p("\tVMOVUPS %s, %s", x, t)
			p("\tVADDPS %s, %s, %s", t, at(0, j), at(0, j))
			p("\tVMOVUPS %s, %s", z, u)
			p("\tVSUBPS %s, %s, %s", at(2, j), u, u)
			p("\tVFMADD231PS %s, %s, %s", u, t, at(1, j))
		}},
		{name: "affine", operands: "yx", coefficients: []string{a, b}, bound: true, body: func(j int, y, x, _ string) {
			p("\tVMOVUPS %s, %s", x, t)
			p("\tVFMADD213PS %s, %s, %s", at(1, j), at(0, j), t)
			cut(y)
		}},
		{name: "blend", operands: "yxz", coefficients: []string{a, b, c}, bound: true, body: func(j int, y, x, z string) {
			p("\tVMOVUPS %s, %s", z, u)
			p("\tVFMADD213PS %s, %s, %s", at(2, j), at(1, j), u)
			p("\tVMOVUPS %s, %s", x, t)
			p("\tVFMADD213PS %s, %s, %s", u, at(0, j), t)
			cut(y)
		}},
		{name: "gate", operands: "yxz", body: func(_ int, y, x, z string) {
			p("\tVMOVUPS %s, %s", z, t)
			if s.bcst {
				p("\tVCMPPS $30, %s, %s, K1 // z > 0", bound, t)
				p("\tVMOVUPS.Z %s, K1, %s", x, t)
			} else {
				p("\tVCMPPS $30, %s, %s, %s // z > 0", bound, t, t)
				p("\tVANDPS %s, %s, %s", x, t, t)
			}
			p("\tVMOVUPS %s, %s", t, y)
		}},
	} {
		s.sheet(k)
	}
}

// pools writes the maximum of windows and its way back: for each vector of channels, for each pixel, for each place of the window.
func (s isa) pools() {
	for _, name := range []string{"pool", "unpool"} {
		p("\n// func %s%s(l *pool[float32])", name, s.name)
		p("TEXT ·%s%s(SB), NOSPLIT, $32-8", name, s.name)
		l := name + s.name
		best, code, place, one, v, m, n := s.v(0), s.v(1), s.v(2), s.v(3), s.v(4), s.v(5), s.v(6)
		p("\tMOVQ l+0(FP), CX")
		p("\tMOVQ 0(CX), DI // y")
		p("\tMOVQ 24(CX), SI // x")
		p("\tMOVQ 48(CX), R8 // code")
		p("\tMOVQ 80(CX), R12")
		p("\tSHLQ $2, R12 // from place to place of a row of the window, and from pixel to pixel of y")
		p("\tMOVQ 96(CX), R10")
		p("\tSHLQ $2, R10 // from window to window")
		p("\tMOVQ 104(CX), R11")
		p("\tSHLQ $2, R11 // from row to row")
		p("\tMOVL $1, 0(SP)")
		p("\tVBROADCASTSS 0(SP), %s", one)
		p("\tXORQ BX, BX")
		p("%schannels:", l)
		p("\tLEAQ (DI)(BX*1), DX")
		p("\tLEAQ (R8)(BX*1), R9")
		p("\tLEAQ (SI)(BX*1), AX")
		p("\tMOVQ 72(CX), R14 // pixels left")
		p("%spixel:", l)
		if name == "pool" {
			p("\tVMOVUPS (AX), %s", best)
			p("\tVXORPS %s, %s, %s", code, code, code)
		} else {
			p("\tVMOVUPS (DX), %s", best)
			p("\tVMOVUPS (R9), %s", code)
		}
		p("\tVXORPS %s, %s, %s", place, place, place)
		p("\tMOVQ AX, R13")
		p("\tMOVQ 88(CX), R15 // rows of the window left")
		p("%srow:", l)
		p("\tMOVQ R13, 8(SP)")
		p("\tMOVQ 88(CX), BP // places left")
		p("%splace:", l)
		switch {
		case name == "pool" && s.bcst:
			p("\tVMOVUPS (R13), %s", v)
			p("\tVCMPPS $6, %s, %s, K1 // not v ≤ best: larger, or one is NaN", best, v)
			p("\tVCMPPS $7, %s, %s, K1, K2 // and best is not", best, best)
			p("\tVMOVAPS %s, K2, %s", v, best)
			p("\tVMOVAPS %s, K2, %s", place, code)
		case name == "pool":
			p("\tVMOVUPS (R13), %s", v)
			p("\tVCMPPS $6, %s, %s, %s // not v ≤ best: larger, or one is NaN", best, v, m)
			p("\tVCMPPS $7, %s, %s, %s // and best is not", best, best, n)
			p("\tVANDPS %s, %s, %s", n, m, m)
			p("\tVBLENDVPS %s, %s, %s, %s", m, v, best, best)
			p("\tVBLENDVPS %s, %s, %s, %s", m, place, code, code)
		case s.bcst:
			p("\tVPCMPEQD %s, %s, K1", place, code)
			p("\tVMOVUPS (R13), %s", v)
			p("\tVADDPS %s, %s, K1, %s", best, v, v)
			p("\tVMOVUPS %s, (R13)", v)
		default:
			p("\tVPCMPEQD %s, %s, %s", place, code, m)
			p("\tVANDPS %s, %s, %s", best, m, m)
			p("\tVADDPS (R13), %s, %s", m, m)
			p("\tVMOVUPS %s, (R13)", m)
		}
		p("\tVPADDD %s, %s, %s", one, place, place)
		p("\tADDQ R12, R13")
		p("\tDECQ BP")
		p("\tJNZ %splace", l)
		p("\tMOVQ 8(SP), R13")
		p("\tADDQ R11, R13")
		p("\tDECQ R15")
		p("\tJNZ %srow", l)
		if name == "pool" {
			p("\tVMOVUPS %s, (DX)", best)
			p("\tVMOVUPS %s, (R9)", code)
		}
		p("\tADDQ R12, DX")
		p("\tADDQ R12, R9")
		p("\tADDQ R10, AX")
		p("\tDECQ R14")
		p("\tJNZ %spixel", l)
		p("\tADDQ $%d, BX", s.bytes)
		p("\tCMPQ BX, R12")
		p("\tJLT %schannels", l)
		p("\tVZEROUPPER")
		p("\tRET")
	}
}

// transpose writes the transposition of a strip of 8 rows, 8 columns at a time.
func transpose() {
	p("\n// func transposeStrip(dst, src *float32, blocks, ldDst, ldSrc int)")
	p("TEXT ·transposeStrip(SB), NOSPLIT, $0-40")
	p("\tMOVQ dst+0(FP), DI")
	p("\tMOVQ src+8(FP), SI")
	p("\tMOVQ blocks+16(FP), CX")
	p("\tMOVQ ldDst+24(FP), R8")
	p("\tSHLQ $2, R8")
	p("\tMOVQ ldSrc+32(FP), R9")
	p("\tSHLQ $2, R9")
	p("transposeBlock:")
	p("\tMOVQ SI, AX")
	for i := range 8 {
		p("\tVMOVUPS (AX), Y%d", i)
		p("\tADDQ R9, AX")
	}
	// Pairs of rows, then of pairs, then of halves.
	for i := 0; i < 8; i += 2 {
		p("\tVUNPCKLPS Y%d, Y%d, Y%d", i+1, i, 8+i)
		p("\tVUNPCKHPS Y%d, Y%d, Y%d", i+1, i, 9+i)
	}
	for i := 0; i < 8; i += 4 {
		p("\tVSHUFPS $0x44, Y%d, Y%d, Y%d", 8+i+2, 8+i, i)
		p("\tVSHUFPS $0xEE, Y%d, Y%d, Y%d", 8+i+2, 8+i, i+1)
		p("\tVSHUFPS $0x44, Y%d, Y%d, Y%d", 8+i+3, 8+i+1, i+2)
		p("\tVSHUFPS $0xEE, Y%d, Y%d, Y%d", 8+i+3, 8+i+1, i+3)
	}
	p("\tMOVQ DI, AX")
	for _, half := range []string{"$0x20", "$0x31"} {
		for i := range 4 {
			p("\tVPERM2F128 %s, Y%d, Y%d, Y8", half, 4+i, i)
			p("\tVMOVUPS Y8, (AX)")
			p("\tADDQ R8, AX")
		}
	}
	p("\tMOVQ AX, DI")
	p("\tADDQ $32, SI")
	p("\tDECQ CX")
	p("\tJNZ transposeBlock")
	p("\tVZEROUPPER")
	p("\tRET")
}

// highest writes the largest of some offsets, four at a time: they cannot be compared as unsigned numbers by AVX2, so their signs are collected too.
func highest() {
	p("\n// func highestOffset(offsets *int, n int) (high, signs int)")
	p("TEXT ·highestOffset(SB), NOSPLIT, $0-32")
	p("\tMOVQ offsets+0(FP), SI")
	p("\tMOVQ n+8(FP), CX")
	p("\tXORQ AX, AX // high")
	p("\tXORQ BX, BX // signs")
	p("\tSUBQ $8, CX")
	p("\tJLT highestRest")
	for i := range 4 {
		p("\tVXORPS Y%[1]d, Y%[1]d, Y%[1]d", i)
	}
	p("highestEight:")
	for i := range 2 {
		p("\tVMOVDQU %d(SI), Y%d", 32*i, 4+i)
		p("\tVPOR Y%d, Y%d, Y%d", 4+i, 2+i, 2+i)
		p("\tVPCMPGTQ Y%d, Y%d, Y%d", i, 4+i, 6+i)
		p("\tVBLENDVPD Y%d, Y%d, Y%d, Y%d", 6+i, 4+i, i, i)
	}
	p("\tADDQ $64, SI")
	p("\tSUBQ $8, CX")
	p("\tJGE highestEight")
	p("\tVPOR Y2, Y3, Y2")
	for i := range 2 { // of the two parts, of the halves
		if i == 1 {
			p("\tVEXTRACTI128 $1, Y0, X1")
			p("\tVEXTRACTI128 $1, Y2, X3")
			p("\tVPOR X3, X2, X2")
		}
		p("\tVPCMPGTQ Y0, Y1, Y6")
		p("\tVBLENDVPD Y6, Y1, Y0, Y0")
	}
	for i := range 2 { // the two that are left
		p("\tVPEXTRQ $%d, X0, DX", i)
		p("\tCMPQ DX, AX")
		p("\tCMOVQGT DX, AX")
		p("\tVPEXTRQ $%d, X2, DX", i)
		p("\tORQ DX, BX")
	}
	p("\tVZEROUPPER")
	p("highestRest:")
	p("\tADDQ $8, CX")
	p("\tJZ highestEnd")
	p("highestOne:")
	p("\tMOVQ (SI), DX")
	p("\tORQ DX, BX")
	p("\tCMPQ DX, AX")
	p("\tCMOVQGT DX, AX")
	p("\tADDQ $8, SI")
	p("\tDECQ CX")
	p("\tJNZ highestOne")
	p("highestEnd:")
	p("\tMOVQ AX, high+16(FP)")
	p("\tMOVQ BX, signs+24(FP)")
	p("\tRET")
}

// chains is how many independent sums of multiply-adds keep every processor's units busy: more than two units times a latency of five.
const chains = 12

// peak writes rounds of multiply-adds of registers, 2·chains operations on vectors each.
func (s isa) peak() {
	p("\n// func peak%s(rounds int)", s.name)
	p("TEXT ·peak%s(SB), NOSPLIT, $0-8", s.name)
	p("\tMOVQ rounds+0(FP), CX")
	for i := range chains + 1 {
		p("\tVXORPS %[1]s, %[1]s, %[1]s", s.v(i))
	}
	p("\tPCALIGN $32")
	p("peak%s:", s.name)
	for i := range chains {
		p("\tVFMADD231PS %s, %s, %s", s.v(chains), s.v(chains), s.v(i))
	}
	p("\tDECQ CX")
	p("\tJNZ peak%s", s.name)
	p("\tVZEROUPPER")
	p("\tRET")
}

func main() {
	p("// Code generated by asmgen. DO NOT EDIT.\n")
	p("#include \"textflag.h\"")
	for _, s := range isas {
		for v := 1; v <= 2; v++ {
			s.tile(v)
		}
		for v := 1; v <= 3; v++ {
			s.outer(v)
		}
		s.sheets()
		s.pools()
		s.peak()
	}
	transpose()
	highest()
	if err := os.WriteFile("kernels_amd64.s", out.Bytes(), 0o644); err != nil {
		fmt.Fprintln(os.Stderr, "asmgen:", err)
		os.Exit(1)
	}
}

package main

import (
	"fmt"
)

// outer writes the sum of outer products with some vectors; see outer in package cpu.
func (s isa) outer(vectors int) {
	s.p("\n// func outer%sx%d(o *outer[float32])", s.name, vectors)
	s.p("TEXT ·outer%sx%d(SB), NOSPLIT, $32-8", s.name, vectors)
	acc := func(i, v int) string { return s.v(i*vectors + v) }
	x := func(v int) string { return s.v(s.depth*vectors + v) }
	firstFree := s.depth*vectors + vectors
	l := fmt.Sprintf("o%s%d", s.name, vectors)
	each := func(op string) {
		s.p("\tMOVQ o+0(FP), CX")
		s.p("\tMOVQ 0(CX), SI")
		s.p("\tMOVQ 144(CX), DI")
		for i := range s.depth {
			for v := range vectors {
				if op == "load" {
					s.p("\tVMOVUPS %d(SI), %s", v*s.bytes, acc(i, v))
				} else {
					s.p("\tVMOVUPS %s, %d(SI)", acc(i, v), v*s.bytes)
				}
			}
			s.p("\tLEAQ (SI)(DI*4), SI")
		}
	}
	each("load")
	s.p("\tMOVQ 72(CX), AX")
	s.p("\tMOVQ AX, 0(SP) // images left")
	s.p("\tMOVQ 24(CX), R8 // s, and where its rows and pixels begin")
	s.p("\tMOVQ 48(CX), R9 // x")
	s.p("\tMOVQ 112(CX), AX")
	s.p("\tSHLQ $2, AX // from pixel to pixel of s")
	s.p("\tMOVQ 136(CX), BX")
	s.p("\tSHLQ $2, BX // of x")
	s.p("%simage:", l)
	s.p("\tMOVQ R8, R10")
	s.p("\tMOVQ R9, R11")
	s.p("\tMOVQ 80(CX), DX // rows left")
	s.p("%srow:", l)
	s.p("\tMOVQ R10, SI")
	s.p("\tMOVQ R11, DI")
	s.p("\tMOVQ 88(CX), R12 // pixels left")
	s.p("%spixel:", l)
	for v := range vectors {
		s.p("\tVMOVUPS %d(DI), %s", v*s.bytes, x(v))
	}
	for i := range s.depth {
		if s.bcst && vectors == 1 {
			s.p("\tVFMADD231PS.BCST %d(SI), %s, %s", 4*i, x(0), acc(i, 0))
			continue
		}
		b := s.v(firstFree + i%(s.regs-firstFree))
		s.p("\tVBROADCASTSS %d(SI), %s", 4*i, b)
		for v := range vectors {
			s.p("\tVFMADD231PS %s, %s, %s", x(v), b, acc(i, v))
		}
	}
	s.p("\tADDQ AX, SI")
	s.p("\tADDQ BX, DI")
	s.p("\tDECQ R12")
	s.p("\tJNZ %spixel", l)
	s.p("\tMOVQ 104(CX), SI")
	s.p("\tLEAQ (R10)(SI*4), R10")
	s.p("\tMOVQ 128(CX), SI")
	s.p("\tLEAQ (R11)(SI*4), R11")
	s.p("\tDECQ DX")
	s.p("\tJNZ %srow", l)
	s.p("\tMOVQ 96(CX), SI")
	s.p("\tLEAQ (R8)(SI*4), R8")
	s.p("\tMOVQ 120(CX), SI")
	s.p("\tLEAQ (R9)(SI*4), R9")
	s.p("\tDECQ 0(SP)")
	s.p("\tJNZ %simage", l)
	each("store")
	s.p("\tVZEROUPPER")
	s.p("\tRET")
}

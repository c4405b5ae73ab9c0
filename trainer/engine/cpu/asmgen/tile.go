package main

import (
	"fmt"
)

// tile writes the product of gathered windows with some vectors of weights; see tile in package cpu.
func (s isa) tile(vectors int) {
	regs := pixelRegs()
	s.p("\n// func tile%sx%d(t *tile[float32])", s.name, vectors)
	s.p("TEXT ·tile%sx%d(SB), NOSPLIT, $96-8", s.name, vectors)
	acc := func(i, v int) string { return s.v(i*vectors + v) }
	weight := func(v int) string { return s.v(s.pixels*vectors + v) }
	firstFree := s.pixels*vectors + vectors
	s.p("\tMOVQ t+0(FP), CX")
	for i, f := range []int{0, 24, 48, 72, 96, 120, 144, 152, 168} { // in out weight init from to taps len(taps) length
		s.p("\tMOVQ %d(CX), AX", f)
		s.p("\tMOVQ AX, %d(SP)", 8*i)
	}
	s.p("\tMOVQ 104(CX), AX // len(from)")
	s.p("\tXORQ DX, DX")
	s.p("\tMOVQ $%d, BX", s.pixels)
	s.p("\tDIVQ BX")
	s.p("\tMOVQ AX, 72(SP) // tiles left")
	s.p("\tMOVWLZX 184(CX), AX // add, relu")
	s.p("\tMOVQ AX, 80(SP)")
	l := fmt.Sprintf("t%s%d", s.name, vectors)
	s.p("%stile:", l)
	s.p("\tMOVQ 0(SP), CX")
	s.p("\tMOVQ 32(SP), R14")
	for i := range s.pixels {
		s.p("\tMOVQ %d(R14), %s", 8*i, regs[i])
		s.p("\tLEAQ (CX)(%s*4), %s", regs[i], regs[i])
	}
	s.p("\tADDQ $%d, R14", 8*s.pixels)
	s.p("\tMOVQ R14, 32(SP)")
	s.p("\tMOVQ 24(SP), R14")
	for v := range vectors {
		s.p("\tVMOVUPS %d(R14), %s", v*s.bytes, acc(0, v))
	}
	for i := 1; i < s.pixels; i++ {
		for v := range vectors {
			s.p("\tVMOVAPS %s, %s", acc(0, v), acc(i, v))
		}
	}
	s.p("\tMOVQ 16(SP), R14")
	s.p("\tMOVQ 56(SP), CX")
	s.p("\tMOVQ CX, 88(SP) // taps left")
	s.p("%stap:", l)
	s.p("\tMOVQ 56(SP), CX // the taps are counted down, and so read from the first on")
	s.p("\tSUBQ 88(SP), CX")
	s.p("\tMOVQ 48(SP), BP")
	s.p("\tMOVQ (BP)(CX*8), CX")
	s.p("\tMOVQ 64(SP), BP")
	s.p("\tADDQ CX, BP")
	s.p("%sk:", l)
	for v := range vectors {
		s.p("\tVMOVUPS %d(R14), %s", v*s.bytes, weight(v))
	}
	for i := range s.pixels {
		if s.bcst && vectors == 1 {
			s.p("\tVFMADD231PS.BCST (%s)(CX*4), %s, %s", regs[i], weight(0), acc(i, 0))
			continue
		}
		x := s.v(firstFree + i%(s.regs-firstFree))
		s.p("\tVBROADCASTSS (%s)(CX*4), %s", regs[i], x)
		for v := range vectors {
			s.p("\tVFMADD231PS %s, %s, %s", weight(v), x, acc(i, v))
		}
	}
	s.p("\tINCQ CX")
	s.p("\tADDQ $%d, R14", s.bytes*vectors)
	s.p("\tCMPQ CX, BP")
	s.p("\tJLT %sk", l)
	s.p("\tDECQ 88(SP)")
	s.p("\tJNZ %stap", l)
	s.p("\tMOVQ 8(SP), R14")
	s.p("\tMOVQ 40(SP), CX")
	for i := range s.pixels {
		s.p("\tMOVQ %d(CX), %s", 8*i, regs[i])
		s.p("\tLEAQ (R14)(%s*4), %s", regs[i], regs[i])
	}
	s.p("\tADDQ $%d, CX", 8*s.pixels)
	s.p("\tMOVQ CX, 40(SP)")
	s.p("\tMOVQ 80(SP), CX")
	s.p("\tTESTB $1, CX")
	s.p("\tJZ %srelu", l)
	for i := range s.pixels {
		for v := range vectors {
			s.p("\tVADDPS %d(%s), %s, %s", v*s.bytes, regs[i], acc(i, v), acc(i, v))
		}
	}
	s.p("%srelu:", l)
	s.p("\tTESTL $0x100, CX")
	s.p("\tJZ %sstore", l)
	zero := s.v(firstFree)
	s.p("\tVXORPS %s, %s, %s", zero, zero, zero)
	for i := range s.pixels {
		for v := range vectors {
			s.p("\tVMAXPS %s, %s, %s // gives its first operand if that is NaN", acc(i, v), zero, acc(i, v))
		}
	}
	s.p("%sstore:", l)
	for i := range s.pixels {
		for v := range vectors {
			s.p("\tVMOVUPS %s, %d(%s)", acc(i, v), v*s.bytes, regs[i])
		}
	}
	s.p("\tDECQ 72(SP)")
	s.p("\tJNZ %stile", l)
	s.p("\tVZEROUPPER")
	s.p("\tRET")
}

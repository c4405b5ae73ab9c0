package main

// pools writes the maximum of windows and its way back: for each vector of channels, for each pixel, for each place of the window.
func (s isa) pools() {
	for _, name := range []string{"pool", "unpool"} {
		s.p("\n// func %s%s(l *pool[float32])", name, s.name)
		s.p("TEXT ·%s%s(SB), NOSPLIT, $32-8", name, s.name)
		l := name + s.name
		best, code, place, one, v, m, n := s.v(0), s.v(1), s.v(2), s.v(3), s.v(4), s.v(5), s.v(6)
		s.p("\tMOVQ l+0(FP), CX")
		s.p("\tMOVQ 0(CX), DI // y")
		s.p("\tMOVQ 24(CX), SI // x")
		s.p("\tMOVQ 48(CX), R8 // code")
		s.p("\tMOVQ 80(CX), R12")
		s.p("\tSHLQ $2, R12 // from place to place of a row of the window, and from pixel to pixel of y")
		s.p("\tMOVQ 96(CX), R10")
		s.p("\tSHLQ $2, R10 // from window to window")
		s.p("\tMOVQ 104(CX), R11")
		s.p("\tSHLQ $2, R11 // from row to row")
		s.p("\tMOVL $1, 0(SP)")
		s.p("\tVBROADCASTSS 0(SP), %s", one)
		s.p("\tXORQ BX, BX")
		s.p("%schannels:", l)
		s.p("\tLEAQ (DI)(BX*1), DX")
		s.p("\tLEAQ (R8)(BX*1), R9")
		s.p("\tLEAQ (SI)(BX*1), AX")
		s.p("\tMOVQ 72(CX), R14 // pixels left")
		s.p("%spixel:", l)
		if name == "pool" {
			s.p("\tVMOVUPS (AX), %s", best)
			s.p("\tVXORPS %s, %s, %s", code, code, code)
		} else {
			s.p("\tVMOVUPS (DX), %s", best)
			s.p("\tVMOVUPS (R9), %s", code)
		}
		s.p("\tVXORPS %s, %s, %s", place, place, place)
		s.p("\tMOVQ AX, R13")
		s.p("\tMOVQ 88(CX), R15 // rows of the window left")
		s.p("%srow:", l)
		s.p("\tMOVQ R13, 8(SP)")
		s.p("\tMOVQ 88(CX), BP // places left")
		s.p("%splace:", l)
		switch {
		case name == "pool" && s.bcst:
			s.p("\tVMOVUPS (R13), %s", v)
			s.p("\tVCMPPS $6, %s, %s, K1 // not v ≤ best: larger, or one is NaN", best, v)
			s.p("\tVCMPPS $7, %s, %s, K1, K2 // and best is not", best, best)
			s.p("\tVMOVAPS %s, K2, %s", v, best)
			s.p("\tVMOVAPS %s, K2, %s", place, code)
		case name == "pool":
			s.p("\tVMOVUPS (R13), %s", v)
			s.p("\tVCMPPS $6, %s, %s, %s // not v ≤ best: larger, or one is NaN", best, v, m)
			s.p("\tVCMPPS $7, %s, %s, %s // and best is not", best, best, n)
			s.p("\tVANDPS %s, %s, %s", n, m, m)
			s.p("\tVBLENDVPS %s, %s, %s, %s", m, v, best, best)
			s.p("\tVBLENDVPS %s, %s, %s, %s", m, place, code, code)
		case s.bcst:
			s.p("\tVPCMPEQD %s, %s, K1", place, code)
			s.p("\tVMOVUPS (R13), %s", v)
			s.p("\tVADDPS %s, %s, K1, %s", best, v, v)
			s.p("\tVMOVUPS %s, (R13)", v)
		default:
			s.p("\tVPCMPEQD %s, %s, %s", place, code, m)
			s.p("\tVANDPS %s, %s, %s", best, m, m)
			s.p("\tVADDPS (R13), %s, %s", m, m)
			s.p("\tVMOVUPS %s, (R13)", m)
		}
		s.p("\tVPADDD %s, %s, %s", one, place, place)
		s.p("\tADDQ R12, R13")
		s.p("\tDECQ BP")
		s.p("\tJNZ %splace", l)
		s.p("\tMOVQ 8(SP), R13")
		s.p("\tADDQ R11, R13")
		s.p("\tDECQ R15")
		s.p("\tJNZ %srow", l)
		if name == "pool" {
			s.p("\tVMOVUPS %s, (DX)", best)
			s.p("\tVMOVUPS %s, (R9)", code)
		}
		s.p("\tADDQ R12, DX")
		s.p("\tADDQ R12, R9")
		s.p("\tADDQ R10, AX")
		s.p("\tDECQ R14")
		s.p("\tJNZ %spixel", l)
		s.p("\tADDQ $%d, BX", s.bytes)
		s.p("\tCMPQ BX, R12")
		s.p("\tJLT %schannels", l)
		s.p("\tVZEROUPPER")
		s.p("\tRET")
	}
}

package main

// transpose writes the transposition of a strip of 8 rows, 8 columns at a time.
func (s assembly) transpose() {
	s.p("\n// func transposeStrip(dst, src *float32, blocks, ldDst, ldSrc int)")
	s.p("TEXT ·transposeStrip(SB), NOSPLIT, $0-40")
	s.p("\tMOVQ dst+0(FP), DI")
	s.p("\tMOVQ src+8(FP), SI")
	s.p("\tMOVQ blocks+16(FP), CX")
	s.p("\tMOVQ ldDst+24(FP), R8")
	s.p("\tSHLQ $2, R8")
	s.p("\tMOVQ ldSrc+32(FP), R9")
	s.p("\tSHLQ $2, R9")
	s.p("transposeBlock:")
	s.p("\tMOVQ SI, AX")
	for i := range 8 {
		s.p("\tVMOVUPS (AX), Y%d", i)
		s.p("\tADDQ R9, AX")
	}
	// Pairs of rows, then of pairs, then of halves.
	for i := 0; i < 8; i += 2 {
		s.p("\tVUNPCKLPS Y%d, Y%d, Y%d", i+1, i, 8+i)
		s.p("\tVUNPCKHPS Y%d, Y%d, Y%d", i+1, i, 9+i)
	}
	for i := 0; i < 8; i += 4 {
		s.p("\tVSHUFPS $0x44, Y%d, Y%d, Y%d", 8+i+2, 8+i, i)
		s.p("\tVSHUFPS $0xEE, Y%d, Y%d, Y%d", 8+i+2, 8+i, i+1)
		s.p("\tVSHUFPS $0x44, Y%d, Y%d, Y%d", 8+i+3, 8+i+1, i+2)
		s.p("\tVSHUFPS $0xEE, Y%d, Y%d, Y%d", 8+i+3, 8+i+1, i+3)
	}
	s.p("\tMOVQ DI, AX")
	for _, half := range []string{"$0x20", "$0x31"} {
		for i := range 4 {
			s.p("\tVPERM2F128 %s, Y%d, Y%d, Y8", half, 4+i, i)
			s.p("\tVMOVUPS Y8, (AX)")
			s.p("\tADDQ R8, AX")
		}
	}
	s.p("\tMOVQ AX, DI")
	s.p("\tADDQ $32, SI")
	s.p("\tDECQ CX")
	s.p("\tJNZ transposeBlock")
	s.p("\tVZEROUPPER")
	s.p("\tRET")
}

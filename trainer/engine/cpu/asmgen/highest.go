package main

// highest writes the largest of some offsets, four at a time: they cannot be compared as unsigned numbers by AVX2, so their signs are collected too.
func (s assembly) highest() {
	s.p("\n// func highestOffset(offsets *int, n int) (high, signs int)")
	s.p("TEXT ·highestOffset(SB), NOSPLIT, $0-32")
	s.p("\tMOVQ offsets+0(FP), SI")
	s.p("\tMOVQ n+8(FP), CX")
	s.p("\tXORQ AX, AX // high")
	s.p("\tXORQ BX, BX // signs")
	s.p("\tSUBQ $8, CX")
	s.p("\tJLT highestRest")
	for i := range 4 {
		s.p("\tVXORPS Y%[1]d, Y%[1]d, Y%[1]d", i)
	}
	s.p("highestEight:")
	for i := range 2 {
		s.p("\tVMOVDQU %d(SI), Y%d", 32*i, 4+i)
		s.p("\tVPOR Y%d, Y%d, Y%d", 4+i, 2+i, 2+i)
		s.p("\tVPCMPGTQ Y%d, Y%d, Y%d", i, 4+i, 6+i)
		s.p("\tVBLENDVPD Y%d, Y%d, Y%d, Y%d", 6+i, 4+i, i, i)
	}
	s.p("\tADDQ $64, SI")
	s.p("\tSUBQ $8, CX")
	s.p("\tJGE highestEight")
	s.p("\tVPOR Y2, Y3, Y2")
	for i := range 2 { // of the two parts, of the halves
		if i == 1 {
			s.p("\tVEXTRACTI128 $1, Y0, X1")
			s.p("\tVEXTRACTI128 $1, Y2, X3")
			s.p("\tVPOR X3, X2, X2")
		}
		s.p("\tVPCMPGTQ Y0, Y1, Y6")
		s.p("\tVBLENDVPD Y6, Y1, Y0, Y0")
	}
	for i := range 2 { // the two that are left
		s.p("\tVPEXTRQ $%d, X0, DX", i)
		s.p("\tCMPQ DX, AX")
		s.p("\tCMOVQGT DX, AX")
		s.p("\tVPEXTRQ $%d, X2, DX", i)
		s.p("\tORQ DX, BX")
	}
	s.p("\tVZEROUPPER")
	s.p("highestRest:")
	s.p("\tADDQ $8, CX")
	s.p("\tJZ highestEnd")
	s.p("highestOne:")
	s.p("\tMOVQ (SI), DX")
	s.p("\tORQ DX, BX")
	s.p("\tCMPQ DX, AX")
	s.p("\tCMOVQGT DX, AX")
	s.p("\tADDQ $8, SI")
	s.p("\tDECQ CX")
	s.p("\tJNZ highestOne")
	s.p("highestEnd:")
	s.p("\tMOVQ AX, high+16(FP)")
	s.p("\tMOVQ BX, signs+24(FP)")
	s.p("\tRET")
}

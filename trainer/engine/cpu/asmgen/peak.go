package main

// chains is how many independent sums of multiply-adds keep every processor's units busy: more than two units times a latency of five.
const chains = 12

// peak writes rounds of multiply-adds of registers, 2·chains operations on vectors each.
func (s isa) peak() {
	s.p("\n// func peak%s(rounds int)", s.name)
	s.p("TEXT ·peak%s(SB), NOSPLIT, $0-8", s.name)
	s.p("\tMOVQ rounds+0(FP), CX")
	for i := range chains + 1 {
		s.p("\tVXORPS %[1]s, %[1]s, %[1]s", s.v(i))
	}
	s.p("\tPCALIGN $32")
	s.p("peak%s:", s.name)
	for i := range chains {
		s.p("\tVFMADD231PS %s, %s, %s", s.v(chains), s.v(chains), s.v(i))
	}
	s.p("\tDECQ CX")
	s.p("\tJNZ peak%s", s.name)
	s.p("\tVZEROUPPER")
	s.p("\tRET")
}

package main

import (
	"math"
	"strings"
	"testing"
)

// Around a checkpoint: the plane is that of the slice, the lift in the center that of the slice's own Monte Carlo, and the same command gives
// the same lines.
func TestFullspaceOfACheckpoint(t *testing.T) {
	slow(t)
	t.Parallel()
	file := trained(t)
	args := []string{"fullspace", file, "--nodes", "5", "--images", "16", "--vectors", "8", "--samples", "16", "--times", "1,8"}
	out, log, code := shell(t, t.Context(), args...)
	if code != 0 || strings.Count(log, "standard error") != 4 {
		t.Fatalf("exit code %d: %s", code, log)
	}
	s, _ := sliceOf(t, file, "--level", "0", "--images", "16")
	first, second, _ := strings.Cut(out, "\n{\"type\":\"head\"")
	one, eight := readSpace(t, strings.NewReader(first)), readSpace(t, strings.NewReader(`{"type":"head"`+second))
	if one.head.Delta != *s.Delta || math.Abs(eight.head.Delta-8**s.Delta) > 1e-12 || eight.end == nil || one.head.Dim != s.Parameters || len(one.head.Nodes) != 7 {
		t.Fatalf("δ = %g and %g of a slice at %g, %d parameters of %d, %d nodes", one.head.Delta, eight.head.Delta, *s.Delta, one.head.Dim, s.Parameters, len(one.head.Nodes))
	}
	center := len(one.head.Base) / 2
	if math.Abs(one.head.Base[center]-*s.Loss) > 1e-5 {
		t.Errorf("the loss in the center is %g, of the slice %g", one.head.Base[center], *s.Loss)
	}
	full, measured, wide := one.frames[pictureFull], one.frames[pictureMeasured], eight.frames[pictureFull]
	lift := func(f SpaceFrame, of spaceLines) float64 { return f.Z[center] - of.head.Base[center] }
	if got := lift(full, one); math.Abs(got-s.Lift.Mean) > 5*(full.StdErr[center]+s.Lift.StdErr)+1e-6 {
		t.Errorf("lift %g ± %g, of the slice %g ± %g", got, full.StdErr[center], s.Lift.Mean, s.Lift.StdErr)
	}
	if measured.Samples != 8 || !measured.Done || !strings.Contains(one.head.Recorded, "8 noise vectors of mini-batches of 128 at update 63") || !strings.Contains(eight.head.Recorded, "8 times as long") {
		t.Errorf("%d vectors: %q, %q", measured.Samples, one.head.Recorded, eight.head.Recorded)
	}
	if narrow := lift(full, one); !(lift(wide, eight) > 20*narrow && narrow > 0) { // convex, and nearly quadratic: 64 times
		t.Errorf("noise eight times as long lifts by %g instead of %g", lift(wide, eight), narrow)
	}
	if again, _, _ := shell(t, t.Context(), args...); again != out {
		t.Error("the same command gives other lines")
	}
	for _, wrong := range [][]string{{"--nodes", "4"}, {"--vectors", "1"}, {"--times", "0"}, {"--times", "1,-2"}, {"--error", "1"}, {"--engine", "none"}, {"--out", "/nowhere/at/all"}} {
		if _, log, code := shell(t, t.Context(), append([]string{"fullspace", file}, wrong...)...); code != 2 {
			t.Errorf("%v: exit code %d: %s", wrong, code, log)
		}
	}
}

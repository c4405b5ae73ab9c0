package store

import (
	"errors"
	"fmt"
	"testing"
)

// The newest benchmarks of a run are kept, newest first; those of other runs do not count.
func TestBenchmarksOfARun(t *testing.T) {
	s := open(t, t.TempDir())
	create(t, s, "a")
	create(t, s, "b")
	for i := 1; i <= 5; i++ {
		number, err := s.AddBenchmark(Benchmark{Run: "a", Created: int64(i), Body: fmt.Appendf(nil, `{"batch":%d}`, i)}, 3)
		if err != nil || number != i {
			t.Fatalf("attaching benchmark %d: number %d, %v", i, number, err)
		}
	}
	if n, err := s.AddBenchmark(Benchmark{Run: "b", Body: []byte("{}")}, 3); err != nil || n != 1 {
		t.Errorf("the first of another run has number %d, %v", n, err)
	}
	if _, err := s.AddBenchmark(Benchmark{Run: "none", Body: []byte("{}")}, 3); !errors.Is(err, ErrNotFound) {
		t.Errorf("attached to a run that is not there: %v", err)
	}
	if err := s.RemoveBenchmark("a", 4); err != nil {
		t.Fatal(err)
	}
	if err := s.RemoveBenchmark("a", 4); !errors.Is(err, ErrNotFound) {
		t.Errorf("removed twice: %v", err)
	}
	all, err := s.Benchmarks(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	var got string
	for _, b := range all {
		got += fmt.Sprint(b.Number, b.Created, string(b.Body), "; ")
	}
	if want := `5 5{"batch":5}; 3 3{"batch":3}; `; got != want {
		t.Errorf("found %s, want %s", got, want)
	}
}

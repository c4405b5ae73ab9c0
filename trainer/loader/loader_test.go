package loader

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"smoothscape/trainer/augment"
	"smoothscape/trainer/dataset"
	"smoothscape/trainer/engine"
)

// noise is a set of n images of random bytes.
func noise(n int, shape engine.Shape) *dataset.Set {
	rng := rand.New(rand.NewPCG(9, 9))
	set := &dataset.Set{Name: "noise", Shape: shape, Classes: 10, Mean: make([]float32, shape.C), Std: make([]float32, shape.C)}
	for c := range shape.C {
		set.Mean[c], set.Std[c] = 0.4+0.1*float32(c), 0.3-0.05*float32(c)
	}
	set.Train = dataset.Split{Images: make([]byte, n*shape.Len()), Labels: make([]uint8, n)}
	for i := range set.Train.Images {
		set.Train.Images[i] = byte(rng.Uint64())
	}
	for i := range set.Train.Labels {
		set.Train.Labels[i] = uint8(rng.IntN(set.Classes))
	}
	return set
}

func policy(t testing.TB, name string) augment.Policy {
	p, ok := augment.PolicyByName(name)
	if !ok {
		t.Fatalf("no policy %q", name)
	}
	return p
}

// shuffled goes through epochs first … last−1 of n images in a random order, b at a time, from image start of the first on. It uses
// one slice for all batches, as an Order may.
func shuffled(n, b, first, last, start int) Order {
	epoch, at := first, start
	var order, piece []int
	orderOf := -1
	return func() (int, []int, bool) {
		if at >= n {
			epoch, at = epoch+1, 0
		}
		if epoch >= last {
			return 0, nil, false
		}
		if orderOf != epoch {
			order, orderOf = rand.New(rand.NewPCG(4, uint64(epoch))).Perm(n), epoch
		}
		for i := range piece {
			piece[i] = -1
		}
		piece = append(piece[:0], order[at:min(at+b, n)]...)
		at += len(piece)
		return epoch, piece, true
	}
}

// all gathers everything that a loader gives: bits of the images, in order.
func all(t *testing.T, l *Loader) (x []uint32, y []int, indices []int) {
	t.Helper()
	for {
		b, err := l.Next()
		if errors.Is(err, io.EOF) {
			return x, y, indices
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range b.X {
			x = append(x, math.Float32bits(v))
		}
		y, indices = append(y, b.Y...), append(indices, b.Indices...)
	}
}

func TestSameImagesHoweverFarAhead(t *testing.T) {
	set := noise(150, engine.Shape{C: 3, H: 9, W: 7})
	for _, name := range augment.Names() {
		t.Run(name, func(t *testing.T) {
			want := func() *Loader { return New(t.Context(), set, policy(t, name), 5, 0, shuffled(150, 16, 0, 3, 0)) }
			reference := want()
			defer reference.Close()
			x, y, indices := all(t, reference)
			if len(indices) != 450 {
				t.Fatalf("%d images, want 450", len(indices))
			}
			for _, test := range []struct {
				name        string
				ahead       int
				b           int
				epoch, from int
			}{
				{"one ahead", 1, 16, 0, 0}, {"seven ahead", 7, 16, 0, 0}, {"other batches", 3, 37, 0, 0}, {"one image at a time", 4, 1, 0, 0},
				{"more ahead than there is", 50, 64, 0, 0}, {"whole epochs", 2, 1000, 0, 0}, {"resumed in the second epoch", 3, 16, 1, 48},
				{"resumed without prefetching", 0, 16, 2, 16},
			} {
				t.Run(test.name, func(t *testing.T) {
					l := New(t.Context(), set, policy(t, name), 5, test.ahead, shuffled(150, test.b, test.epoch, 3, test.from))
					defer l.Close()
					gotX, gotY, gotIndices := all(t, l)
					skip := test.epoch*150 + test.from
					if !slices.Equal(gotX, x[skip*set.Shape.Len():]) || !slices.Equal(gotY, y[skip:]) || !slices.Equal(gotIndices, indices[skip:]) {
						t.Error("the images differ from those loaded one by one")
					}
				})
			}
		})
	}
}

// TestImageByHand makes images the long way: a new generator, the move that it draws, and the formula of normalisation.
func TestImageByHand(t *testing.T) {
	shape := engine.Shape{C: 2, H: 8, W: 11}
	set := noise(300, shape)
	paper := policy(t, augment.Paper)
	const epoch, seed = 6, 12
	indices := []int{299, 0, 17, 17, 5}
	for range 200 { // beyond one helping of scratch memory
		indices = append(indices, len(indices))
	}
	x, y := make([]float32, len(indices)*shape.Len()), make([]int, len(indices))
	NewFiller(set, paper, seed).Fill(epoch, indices, x, y)
	varied := make([]byte, shape.Len())
	for k, i := range indices {
		rng := rand.New(rand.NewPCG(seed, mix(streamAugment^(epoch<<32+uint64(i)))))
		paper.Draw(rng).Apply(varied, set.Train.Images[i*shape.Len():(i+1)*shape.Len()], shape)
		for p, v := range varied {
			c := p / (shape.H * shape.W)
			if want := (float32(v)/255 - set.Mean[c]) / set.Std[c]; x[k*shape.Len()+p] != want {
				t.Fatalf("image %d, value %d: %v, want %v", i, p, x[k*shape.Len()+p], want)
			}
		}
		if y[k] != int(set.Train.Labels[i]) {
			t.Fatalf("image %d has label %d, want %d", i, y[k], set.Train.Labels[i])
		}
	}
}

// TestNeighborsVaryIndependently looks at the moves of neighboring images and epochs: their streams must not resemble each other.
func TestNeighborsVaryIndependently(t *testing.T) {
	shape := engine.Shape{C: 1, H: 9, W: 9}
	const n = 4000
	set := &dataset.Set{Shape: shape, Mean: []float32{0}, Std: []float32{1}}
	set.Train = dataset.Split{Images: make([]byte, n*shape.Len()), Labels: make([]uint8, n)}
	for i := range n {
		set.Train.Images[i*shape.Len()+shape.Len()/2] = 255 // one white pixel in the middle: its place tells the shift
	}
	filler := NewFiller(set, augment.Policy{Padding: 4}, 1)
	indices := make([]int, n)
	for i := range indices {
		indices[i] = i
	}
	place := func(epoch int) []float64 {
		x, y := make([]float32, n*shape.Len()), make([]int, n)
		filler.Fill(epoch, indices, x, y)
		places := make([]float64, n)
		for i := range places {
			places[i] = float64(slices.Index(x[i*shape.Len():(i+1)*shape.Len()], 1))
		}
		return places
	}
	first, second := place(0), place(1)
	count := make([]int, shape.Len())
	for _, p := range first {
		count[int(p)]++
	}
	var chi2 float64
	for _, c := range count {
		want := float64(n) / float64(len(count))
		chi2 += (float64(c) - want) * (float64(c) - want) / want
	}
	// χ² with 80 degrees of freedom: mean 80, standard deviation √160; five of those.
	if math.Abs(chi2-80) > 5*math.Sqrt(160) {
		t.Errorf("χ² of the 81 places is %v, want about 80", chi2)
	}
	// A correlation of n independent pairs has the standard deviation 1/√n.
	for name, r := range map[string]float64{
		"an image and the next":        correlation(first[:n-1], first[1:]),
		"an image in two epochs":       correlation(first, second),
		"an image and the next after":  correlation(first[:n-2], first[2:]),
		"an image and the next, later": correlation(first[:n-1], second[1:]),
	} {
		if math.Abs(r) > 5/math.Sqrt(n) {
			t.Errorf("%s: correlation %v, want about 0", name, r)
		}
	}
	other := make([]float32, n*shape.Len())
	NewFiller(set, augment.Policy{Padding: 4}, 2).Fill(0, indices, other, make([]int, n))
	same := 0
	for i, p := range first {
		if other[i*shape.Len()+int(p)] == 1 {
			same++
		}
	}
	// Binomial with p = 1/81.
	if want := float64(n) / 81; math.Abs(float64(same)-want) > 5*math.Sqrt(want) {
		t.Errorf("%d of %d images are the same under another seed, want about %.0f", same, n, want)
	}
}

func correlation(a, b []float64) float64 {
	var sa, sb, saa, sbb, sab float64
	for i := range a {
		sa, sb, saa, sbb, sab = sa+a[i], sb+b[i], saa+a[i]*a[i], sbb+b[i]*b[i], sab+a[i]*b[i]
	}
	n := float64(len(a))
	return (sab - sa*sb/n) / math.Sqrt((saa-sa*sa/n)*(sbb-sb*sb/n))
}

func TestRunsAheadAsFarAsAllowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		set := noise(100, engine.Shape{C: 1, H: 4, W: 4})
		asked := 0
		order := shuffled(100, 5, 0, 1000, 0)
		l := New(t.Context(), set, policy(t, augment.Paper), 1, 3, func() (int, []int, bool) { asked++; return order() })
		batches := map[*Batch]bool{}
		for k := range 20 {
			synctest.Wait()
			// Three ahead and one in the caller's hands, or soon to be.
			if want := 4 + max(0, k-1); asked != want {
				t.Errorf("before batch %d: asked for %d batches, want %d", k, asked, want)
			}
			b, err := l.Next()
			if err != nil {
				t.Fatal(err)
			}
			batches[b] = true
		}
		if len(batches) > 4 {
			t.Errorf("%d batches in memory, want at most 4", len(batches))
		}
		l.Close() // the bubble reports goroutines that outlive the test
		l.Close()
	})
}

func TestStops(t *testing.T) {
	set := noise(100, engine.Shape{C: 1, H: 4, W: 4})
	for _, ahead := range []int{0, 1, 4} {
		t.Run(fmt.Sprintf("%d ahead", ahead), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				l := New(ctx, set, policy(t, augment.Paper), 1, ahead, shuffled(100, 5, 0, 1000, 0))
				defer l.Close()
				if _, err := l.Next(); err != nil {
					t.Fatal(err)
				}
				cancel()
				for range 3 {
					if _, err := l.Next(); !errors.Is(err, context.Canceled) {
						t.Errorf("after the cancel: %v", err)
					}
				}
				synctest.Wait()
			})
		})
		t.Run(fmt.Sprintf("closed, %d ahead", ahead), func(t *testing.T) {
			l := New(t.Context(), set, policy(t, augment.None), 1, ahead, shuffled(100, 5, 0, 1000, 0))
			l.Close()
			if _, err := l.Next(); !errors.Is(err, context.Canceled) {
				t.Errorf("after Close: %v", err)
			}
		})
	}
	t.Run("while Next waits", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			held := make(chan struct{})
			l := New(ctx, set, policy(t, augment.None), 1, 2, func() (int, []int, bool) { <-held; return 0, nil, false })
			go func() { synctest.Wait(); cancel() }()
			if _, err := l.Next(); !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
			close(held)
			l.Close()
		})
	})
}

func TestStopsInsideALargeBatch(t *testing.T) {
	set := noise(300, engine.Shape{C: 3, H: 32, W: 32})
	indices := make([]int, 30_000)
	ctx, cancel := context.WithCancel(t.Context())
	given := make(chan struct{}, 10)
	l := New(ctx, set, policy(t, augment.Paper), 1, 1, func() (int, []int, bool) { given <- struct{}{}; return 0, indices, true })
	<-given
	cancel()
	l.Close()
	if _, err := l.Next(); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestEnds(t *testing.T) {
	set := noise(10, engine.Shape{C: 1, H: 2, W: 2})
	for _, ahead := range []int{0, 1, 3} {
		for _, test := range []struct {
			name   string
			pieces [][]int
			want   string // of the error
		}{
			{"no batch at all", nil, "EOF"},
			{"three batches", [][]int{{1, 2}, {9}, {0, 0, 0}}, "EOF"},
			{"an empty batch", [][]int{{1}, {}, {2}}, "EOF"},
			{"an index beyond the images", [][]int{{1}, {3, 10}}, "loading images of epoch 7: expected indices from 0 to 9, found 10"},
			{"a negative index", [][]int{{-1}}, "loading images of epoch 7: expected indices from 0 to 9, found -1"},
		} {
			t.Run(fmt.Sprintf("%s, %d ahead", test.name, ahead), func(t *testing.T) {
				rest, calls := test.pieces, 0
				l := New(t.Context(), set, policy(t, augment.FlipCrop), 1, ahead, func() (int, []int, bool) {
					calls++
					if len(rest) == 0 {
						return 0, nil, false
					}
					piece := rest[0]
					rest = rest[1:]
					return 7, piece, true
				})
				defer l.Close()
				for _, piece := range test.pieces {
					if slices.ContainsFunc(piece, func(i int) bool { return i < 0 || i > 9 }) {
						break
					}
					b, err := l.Next()
					if err != nil {
						t.Fatal(err)
					}
					if !slices.Equal(b.Indices, piece) || b.Epoch != 7 || len(b.X) != 4*len(piece) || len(b.Y) != len(piece) {
						t.Errorf("got %v of epoch %d with %d and %d values, want %v", b.Indices, b.Epoch, len(b.X), len(b.Y), piece)
					}
				}
				for range 3 {
					if b, err := l.Next(); b != nil || err == nil || !strings.Contains(err.Error(), test.want) || test.want == "EOF" && !errors.Is(err, io.EOF) {
						t.Errorf("got %v, %v, want %s", b, err, test.want)
					}
				}
				if calls > len(test.pieces)+1 {
					t.Errorf("the order was called %d times", calls)
				}
			})
		}
	}
}

func TestSteadyStateAllocatesNothing(t *testing.T) {
	set := noise(200, engine.Shape{C: 3, H: 8, W: 8})
	indices := make([]int, 20)
	for _, name := range augment.Names() {
		for _, ahead := range []int{0, 2} {
			l := New(t.Context(), set, policy(t, name), 1, ahead, func() (int, []int, bool) { return 0, indices, true })
			step := func() {
				if _, err := l.Next(); err != nil {
					t.Fatal(err)
				}
			}
			for range 10 {
				step()
			}
			if n := testing.AllocsPerRun(200, step); n != 0 {
				t.Errorf("%s, %d ahead: %v allocations a batch", name, ahead, n)
			}
			l.Close()
		}
	}
}

// BenchmarkImages compares, on one core, the images per second of dataset.Set.Batch alone with those of a Loader.
func BenchmarkImages(b *testing.B) {
	const batch = 128
	set := noise(10_000, engine.Shape{C: 3, H: 32, W: 32})
	report := func(b *testing.B) {
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/batch, "ns/image")
		b.ReportMetric(float64(b.N)*batch/b.Elapsed().Seconds(), "images/s")
	}
	b.Run("Set.Batch", func(b *testing.B) {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
		order := shuffled(set.Train.Len(), batch, 0, math.MaxInt, 0)
		x, y := make([]float32, batch*set.Shape.Len()), make([]int, batch)
		for b.Loop() {
			_, indices, _ := order()
			set.Batch(set.Train, indices, x[:len(indices)*set.Shape.Len()], y[:len(indices)])
		}
		report(b)
	})
	for _, name := range augment.Names() {
		for _, ahead := range []int{0, 2} {
			b.Run(fmt.Sprintf("%s/ahead=%d", name, ahead), func(b *testing.B) {
				defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
				l := New(b.Context(), set, policy(b, name), 1, ahead, shuffled(set.Train.Len(), batch, 0, math.MaxInt, 0))
				defer l.Close()
				for b.Loop() {
					if _, err := l.Next(); err != nil {
						b.Fatal(err)
					}
				}
				report(b)
			})
		}
	}
}

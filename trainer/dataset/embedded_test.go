package dataset

import (
	"math"
	"testing"
)

func TestEmbedded(t *testing.T) {
	set, err := Embedded()
	if err != nil {
		t.Fatal(err)
	}
	if set.Train.Len() != 8000 || set.Test.Len() != 2000 || set.Classes != 10 || set.Shape.Len() != 784 {
		t.Fatalf("got %d + %d images of %s in %d classes", set.Train.Len(), set.Test.Len(), set.Shape, set.Classes)
	}
	for _, part := range []struct {
		split Split
		each  int
	}{{set.Train, 800}, {set.Test, 200}} {
		count := make([]int, set.Classes)
		for _, y := range part.split.Labels {
			count[y]++
		}
		for class, n := range count {
			if n != part.each {
				t.Errorf("class %s: %d images, want %d", set.ClassNames[class], n, part.each)
			}
		}
	}
	// The published numbers of the whole training set are 0.2860 and 0.3530. The standard error of a mean over 8,000 images,
	// whose own means spread by about 0.17, is 0.002; five of those.
	if math.Abs(float64(set.Mean[0])-0.2860) > 0.01 || math.Abs(float64(set.Std[0])-0.3530) > 0.01 {
		t.Errorf("mean %v, std %v: far from the full set's 0.2860, 0.3530", set.Mean, set.Std)
	}
	t.Log(set.Title, set.Mean, set.Std)
}

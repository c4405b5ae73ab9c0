package augment

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"smoothscape/trainer/engine"
)

// pattern is the image of testdata/pil.py: no pixel is black.
func pattern(shape engine.Shape) []byte {
	image := make([]byte, shape.Len())
	for k := range image {
		image[k] = byte((k*k+7*k+1)%251 + 1)
	}
	return image
}

// TestMoveIsPillows compares whole images with those of Pillow, byte for byte.
func TestMoveIsPillows(t *testing.T) {
	text, err := os.ReadFile("testdata/pil.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden struct {
		Cases []struct {
			Channels, Height, Width, Top, Left int
			Flip                               bool
			Degrees                            float64
			Pixels                             string
		}
	}
	if err := json.Unmarshal(text, &golden); err != nil {
		t.Fatal(err)
	}
	if len(golden.Cases) < 10 {
		t.Fatalf("the golden file has %d cases, want at least 10", len(golden.Cases))
	}
	for _, c := range golden.Cases {
		shape := engine.Shape{C: c.Channels, H: c.Height, W: c.Width}
		move := Move{Top: c.Top, Left: c.Left, Flip: c.Flip, Angle: c.Degrees}
		t.Run(fmt.Sprintf("%v %+v", shape, move), func(t *testing.T) {
			want, err := hex.DecodeString(c.Pixels)
			if err != nil || len(want) != shape.Len() {
				t.Fatalf("the golden file has %d bytes for %v: %v", len(want), shape, err)
			}
			got := make([]byte, shape.Len())
			move.Apply(got, pattern(shape), shape)
			wrong := 0
			for i := range want {
				if got[i] != want[i] {
					wrong++
				}
			}
			if wrong > 0 {
				t.Errorf("%d of %d bytes differ", wrong, len(want))
			}
		})
	}
}

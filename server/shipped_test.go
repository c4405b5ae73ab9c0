package main

import (
	"encoding/json"
	"errors"
	"net/http"
	"testing"
)

// What ships is as fine as a slice can be, knows its δ, and is small enough to carry.
func TestShippedSlices(t *testing.T) {
	for _, s := range shippedSlices() {
		t.Run(s.ID, func(t *testing.T) {
			text, err := shippedJSON(s.ID)
			if err != nil {
				t.Fatal(err)
			}
			if len(text) > 150_000 {
				t.Errorf("%d bytes", len(text))
			}
			var slice Slice
			if err := json.Unmarshal(text, &slice); err != nil {
				t.Fatal(err)
			}
			n := sliceLevels().Nodes(sliceLevels().Count - 1)
			if len(slice.Alphas) != n || len(slice.Betas) != n || len(slice.Z) != n*n || slice.Level != slice.Levels-1 || slice.Images != sliceImages {
				t.Errorf("%d × %d points, %d losses, level %d of %d, %d images", len(slice.Alphas), len(slice.Betas), len(slice.Z), slice.Level, slice.Levels, slice.Images)
			}
			if slice.Delta == nil || slice.Magnification == nil || slice.Lift == nil || slice.Loss == nil || s.Title == "" {
				t.Errorf("δ %v, magnification %v, lift %v, loss %v, title %q", slice.Delta, slice.Magnification, slice.Lift, slice.Loss, s.Title)
			}
			// The center of a trained network lies far below its surroundings.
			if center, corner := slice.Z[len(slice.Z)/2], slice.Z[0]; !(center < corner/2) {
				t.Errorf("the loss is %g at the center and %g in a corner", center, corner)
			}
		})
	}
	_, err := shippedJSON("../README")
	var f *fault
	if !errors.As(err, &f) || f.status() != http.StatusNotFound {
		t.Errorf("an unknown id: %v", err)
	}
}

package engine

import "fmt"

// CheckBatch reports, as an error that wraps ErrShape, what keeps len(x) = values and the labels y from being a batch
// for spec.
func CheckBatch(spec Spec, values int, y []int) error {
	if len(y) == 0 {
		return fmt.Errorf("%w: expected a batch of at least one image, found no labels", ErrShape)
	}
	if size := spec.Input.Len(); values != len(y)*size {
		return fmt.Errorf("%w: expected %d values for %d images of %v, found %d", ErrShape, len(y)*size, len(y), spec.Input, values)
	}
	for i, label := range y {
		if label < 0 || label >= spec.Classes {
			return fmt.Errorf("%w: expected labels from 0 to %d, found %d at image %d of the batch", ErrShape, spec.Classes-1, label, i)
		}
	}
	return nil
}

// CheckGrad is CheckBatch, and also compares the length of the gradient, unless it is 0 for none, with the number of parameters.
func CheckGrad(spec Spec, values int, y []int, gradient, parameters int) error {
	if gradient != parameters && gradient != 0 {
		return fmt.Errorf("%w: expected a gradient of %d values, one a parameter, found %d", ErrShape, parameters, gradient)
	}
	return CheckBatch(spec, values, y)
}

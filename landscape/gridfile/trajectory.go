package gridfile

// Trajectory is a path in a plane: the checkpoints of a run, projected.
type Trajectory struct {
	X, Y              []float64 // of equal length
	ExplainedVariance []float64 // by the principal axes, in [0, 1]; nil where the file does not say
	Notes             []Note
}

// Directions are axes of a plane in parameter space, as the tensors of a network.
type Directions struct {
	X, Y              []Tensor  // Y is nil where there is one direction
	ExplainedVariance []float64 // by the principal axes, in [0, 1]; nil where the file does not say
	Notes             []Note
}

// Tensor is an array, the last dimension of Shape varying fastest.
type Tensor struct {
	Shape  []int
	Values []float64
}

package measure

// Subject is what Run measures.
type Subject struct {
	Gradients Gradients
	Loss      Loss
	Params    []float32 // θ, len Gradients.Dim(); only read
	TrainSize int       // n: images are named 0 … n−1
}

// Subject is the network as it is.
func (n *Network) Subject() Subject {
	return Subject{Gradients: n, Loss: n.Loss, Params: n.Params(), TrainSize: n.Len()}
}

// Progress says how far Run is. Done and Total count images passed through the network, forward and backward; Total is an estimate that
// holds to a few percent.
type Progress struct {
	Group Kind
	Done  int
	Total int
}

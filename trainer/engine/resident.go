package engine

// View is an image of a batch: which kept image it is, and how it is varied. Its pixel (row, column) shows the kept image's pixel
// (⌊Y/2¹⁶⌋, ⌊X/2¹⁶⌋) with X = X0 + column·XColumn + row·XRow and Y likewise, where that lies inside of the image and of the window of the image's size whose
// upper left corner is (Top, Left); all else is byte 0. No X or Y of the image leaves int32.
type View struct {
	Image, Left, Top  int32
	X0, XColumn, XRow int32
	Y0, YColumn, YRow int32
}

// Kept is images that a ResidentModel keeps.
type Kept struct {
	Images []byte    // image after image, NCHW, of the shape of the network's input; read by Keep alone
	Labels []uint8   // one each
	Values []float32 // [channel][byte]: what the network sees of a byte
	Views  int       // the most views of one call of Updates, the largest update's at least
}

// Update is one update of SGD. Its samples are lists of pieces: so many images pass through the network at once, each piece normalized by itself where
// there is batch norm; the gradient of a sample is the mean over its images.
type Update struct {
	Batch         [][]View // the sample whose gradient moves the parameters; nil: First and Second together
	First, Second [][]View // two samples whose gradients are compared; nil: none are
	Share         float64  // of First's gradient in the update's where Batch is nil, the rest is Second's; 1: Second has no part in it

	LearningRate, WeightDecay, Momentum float32 // η, λ, μ
	Nesterov                            bool
}

// MaxUpdates is the most updates of one call of Updates.
const MaxUpdates = 64

// UpdateResult is what an update found before it moved the parameters.
type UpdateResult struct {
	Metrics
	GradNorm2 float64 // squared length of the gradient; only where two samples are compared
	Distance2 float64 // squared distance of their gradients
}

// ResidentModel is what a Model may be besides: one that keeps images, parameters and momentum where it computes, and makes updates there, so that an
// update moves a few dozen bytes an image. What it keeps is a copy of its own: between Send and Fetch, Params and State are behind it, and whoever calls Grad,
// FrozenGrad or Eval then must Send again before the next update.
type ResidentModel interface {
	Model
	// Keep takes images to where the model computes, and makes room for momentum if wanted. It returns how many bytes it took there.
	Keep(kept Kept, momentum bool) (bytes int64, err error)
	// Send takes Params, State and momentum (len(Params), nil without) there, Fetch brings them back.
	Send(velocity []float32) error
	Fetch(velocity []float32) error
	// Updates makes at most MaxUpdates updates one after the other, each as torch.optim.SGD would, and moves the running statistics of batch norm by those of
	// the last piece that passed through the network. Then it returns what they found. How many are made at once changes no number.
	Updates(updates []Update) ([]UpdateResult, error)
	// Undo takes back the last call of Updates and the one update before it, whose loss was the newest that was known when the call began; that one only if there
	// was one since Send. Nothing but Fetch and Send may follow.
	Undo() error
	// EvalKept is Eval of the kept images from … to−1, unvaried, at what Send or Updates left.
	EvalKept(from, to int) (Metrics, error)
}

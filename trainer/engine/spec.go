package engine

import "fmt"

// LayerKind names what a layer does.
type LayerKind string

// The layers that a Spec may hold.
const (
	Conv          LayerKind = "conv"    // 2-D convolution: Channels filters of Kernel×Kernel, Stride, zero Padding
	MaxPool       LayerKind = "maxpool" // Kernel×Kernel maximum, Stride; no padding; a rest at the border is left out
	ReLU          LayerKind = "relu"
	BatchNorm     LayerKind = "batchnorm" // γ·(x − mean)/√(variance + BatchNormEpsilon) + β per channel, over images and pixels
	Add           LayerKind = "add"       // sum of two outputs of one shape
	GlobalAvgPool LayerKind = "gap"       // mean over all pixels: [C,H,W] to [C]
	Flatten       LayerKind = "flatten"   // [C,H,W] to [C·H·W]
	Linear        LayerKind = "linear"    // Units outputs
)

// BatchNormEpsilon keeps batch norm from dividing by zero; BatchNormMomentum is the part of the running statistics that
// one batch replaces. Both are PyTorch's defaults.
const (
	BatchNormEpsilon  = 1e-5
	BatchNormMomentum = 0.1
)

// InputName is what Layer.From and Layer.With call the images.
const InputName = "input"

// Layer is one step of a network. Fields that its Kind does not mention must be zero. It reads the output of the layer before
// it, unless From names another one; layers that are named must be so before they are read.
type Layer struct {
	Kind     LayerKind `json:"kind"`
	Name     string    `json:"name,omitempty"` // of its tensors, and for From and With; may be empty
	From     string    `json:"from,omitempty"` // name of the layer that it reads
	With     string    `json:"with,omitempty"` // add: name of the layer that gives the other summand
	Channels int       `json:"channels,omitempty"`
	Kernel   int       `json:"kernel,omitempty"`
	Stride   int       `json:"stride,omitempty"`
	Padding  int       `json:"padding,omitempty"`
	Units    int       `json:"units,omitempty"`
	NoBias   bool      `json:"noBias,omitempty"` // conv, linear: without bias
}

// Spec is a network as data: the same for every engine, written into every checkpoint. The last layer gives the logits
// (Classes of them); softmax cross-entropy is the loss of every Spec.
type Spec struct {
	Name    string  `json:"name"`
	Input   Shape   `json:"input"`
	Classes int     `json:"classes"`
	Layers  []Layer `json:"layers"`
}

// Shape is channels, height, width. A flat vector of n numbers is {n, 1, 1}.
type Shape struct {
	C int `json:"c"`
	H int `json:"h"`
	W int `json:"w"`
}

// Len is C·H·W.
func (s Shape) Len() int { return s.C * s.H * s.W }

func (s Shape) String() string { return fmt.Sprintf("%d×%d×%d", s.C, s.H, s.W) }

// TensorInfo says where one parameter tensor lies in the flat vector. Shape is [out, in, kh, kw] for a convolution, [out, in] for a
// linear layer, [out] for a bias and for both of batch norm; so the first index counts filters (output neurons) and one
// filter is a contiguous run.
type TensorInfo struct {
	Name   string `json:"name"` // "conv1.weight", "conv1.bias", …, with the index of a layer that has no name
	Shape  []int  `json:"shape"`
	Offset int    `json:"offset"`
	Len    int    `json:"len"`
}

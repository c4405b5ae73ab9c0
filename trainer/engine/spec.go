package engine

import "fmt"

// LayerKind names what a layer does.
type LayerKind string

// The layers that a Spec may hold.
const (
	Conv    LayerKind = "conv"    // 2-D convolution with bias: Channels filters of Kernel×Kernel, Stride, zero Padding
	MaxPool LayerKind = "maxpool" // Kernel×Kernel maximum, Stride; no padding; a rest at the border is left out
	ReLU    LayerKind = "relu"
	Flatten LayerKind = "flatten" // [C,H,W] to [C·H·W]
	Linear  LayerKind = "linear"  // Units outputs with bias
)

// Layer is one step of a network. Only the fields that its Kind mentions are used.
type Layer struct {
	Kind     LayerKind `json:"kind"`
	Channels int       `json:"channels,omitempty"`
	Kernel   int       `json:"kernel,omitempty"`
	Stride   int       `json:"stride,omitempty"`
	Padding  int       `json:"padding,omitempty"`
	Units    int       `json:"units,omitempty"`
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
// linear layer, [out] for a bias; so the first index counts filters (output neurons) and one filter is a contiguous run.
type TensorInfo struct {
	Name   string `json:"name"` // "0.weight", "0.bias", …: the index is that of the layer
	Shape  []int  `json:"shape"`
	Offset int    `json:"offset"`
	Len    int    `json:"len"`
}

package engine

import (
	"fmt"
	"slices"
	"strings"
)

// Models names the networks that SpecFor knows, simplest first.
func Models() []string {
	return []string{"softmax", "mlp", "convnet", "resnet8", "resnet20", "resnet18", "wrn-28-10"}
}

// SpecFor gives the network called model for images of the given shape:
//
//	softmax   linear to the classes: softmax regression, a convex problem
//	mlp       128 hidden ReLU units
//	convnet   two 3×3 convolutions of 8 and 16 channels, each halved by a 2×2 maximum and cut by ReLU (in this order,
//	          which gives what the other order gives with a quarter of the ReLUs), then linear to the classes
//	resnet8   the residual networks of He et al. 2016 for CIFAR, 16, 32 and 64 channels, one block a stage (three for
//	resnet20  resnet20), with 1×1 convolutions where the shape changes
//	resnet18  the CIFAR variant of ResNet18: 3×3 stem, no maximum, 64 to 512 channels, two blocks a stage
//	wrn-28-10 the wide residual network of Zagoruyko and Komodakis 2016: depth 28, width 10, pre-activation
//
// Residual networks end in a mean over all pixels, and so take images of any size; none of their convolutions has a bias.
//
// An unknown name gives an error that wraps ErrUnsupported; a shape too small for the network one that wraps ErrShape.
func SpecFor(model string, input Shape, classes int) (Spec, error) {
	spec := Spec{Name: model, Input: input, Classes: classes}
	switch model {
	case "softmax":
		spec.Layers = []Layer{{Kind: Flatten}, {Kind: Linear, Units: classes}}
	case "mlp":
		spec.Layers = []Layer{{Kind: Flatten}, {Kind: Linear, Units: 128}, {Kind: ReLU}, {Kind: Linear, Units: classes}}
	case "convnet":
		spec.Layers = []Layer{
			{Kind: Conv, Channels: 8, Kernel: 3, Stride: 1, Padding: 1}, {Kind: MaxPool, Kernel: 2, Stride: 2}, {Kind: ReLU},
			{Kind: Conv, Channels: 16, Kernel: 3, Stride: 1, Padding: 1}, {Kind: MaxPool, Kernel: 2, Stride: 2}, {Kind: ReLU},
			{Kind: Flatten}, {Kind: Linear, Units: classes},
		}
	case "resnet8":
		spec.Layers = resnet([]int{16, 32, 64}, 1, classes)
	case "resnet20":
		spec.Layers = resnet([]int{16, 32, 64}, 3, classes)
	case "resnet18":
		spec.Layers = resnet([]int{64, 128, 256, 512}, 2, classes)
	case "wrn-28-10":
		spec.Layers = wideResnet(10, 4, classes)
	default:
		return Spec{}, fmt.Errorf("%w: choosing a model: expected %s, found %s; name one of these", ErrUnsupported, strings.Join(Models(), ", "), clip(model))
	}
	if err := spec.Validate(); err != nil {
		return Spec{}, fmt.Errorf("model %s for input %v and %d classes: %w", model, input, classes, err)
	}
	spec.Layers = slices.Clip(spec.Layers)
	return spec, nil
}

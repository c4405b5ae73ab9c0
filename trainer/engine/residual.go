package engine

import "fmt"

// resnet lists the layers of a residual network for small images: a 3×3 convolution, then stages of the given widths with
// blocks blocks each, the first of every stage but the first with stride 2, then the mean over all pixels and a linear layer. A block is
//
//	relu(bn2(conv2(relu(bn1(conv1(x))))) + shortcut(x)),
//
// with a 1×1 convolution and batch norm as the shortcut where the shape changes, and x itself elsewhere. Tensors are named as in PyTorch's ResNets.
func resnet(widths []int, blocks, classes int) []Layer {
	layers := []Layer{conv("conv1", widths[0], 3, 1), norm("bn1"), {Kind: ReLU, Name: "relu"}}
	x, channels := "relu", widths[0]
	for s, width := range widths {
		for b := range blocks {
			name, stride := fmt.Sprintf("layer%d.%d.", s+1, b), 1
			if s > 0 && b == 0 {
				stride = 2
			}
			first := conv(name+"conv1", width, 3, stride)
			first.From = x
			layers = append(layers, first, norm(name+"bn1"), Layer{Kind: ReLU}, conv(name+"conv2", width, 3, 1), norm(name+"bn2"))
			shortcut := x
			if stride != 1 || channels != width {
				project := conv(name+"shortcut.0", width, 1, stride)
				project.From = x
				layers = append(layers, project, norm(name+"shortcut.1"))
				shortcut = name + "shortcut.1"
			}
			layers = append(layers, Layer{Kind: Add, From: name + "bn2", With: shortcut}, Layer{Kind: ReLU, Name: name + "relu"})
			x, channels = name+"relu", width
		}
	}
	return append(layers, Layer{Kind: GlobalAvgPool}, Layer{Kind: Linear, Name: "fc", Units: classes})
}

// wideResnet lists the layers of a wide residual network of depth 6·blocks+4: three stages of 16, 32 and 64 times width
// channels. A block is
//
//	conv2(relu(bn2(conv1(relu(bn1(x)))))) + shortcut,
//
// where the shortcut is x, or a 1×1 convolution of relu(bn1(x)) where the number of channels changes.
func wideResnet(width, blocks, classes int) []Layer {
	layers := []Layer{conv("conv1", 16, 3, 1)}
	x, channels := "conv1", 16
	for s, base := range []int{16, 32, 64} {
		wide := base * width
		for b := range blocks {
			name, stride := fmt.Sprintf("block%d.%d.", s+1, b), 1
			if s > 0 && b == 0 {
				stride = 2
			}
			first := norm(name + "bn1")
			first.From = x
			layers = append(layers, first, Layer{Kind: ReLU, Name: name + "relu1"},
				conv(name+"conv1", wide, 3, stride), norm(name+"bn2"), Layer{Kind: ReLU}, conv(name+"conv2", wide, 3, 1))
			shortcut := x
			if channels != wide {
				project := conv(name+"shortcut", wide, 1, stride)
				project.From, shortcut = name+"relu1", name+"shortcut"
				layers = append(layers, project)
			}
			layers = append(layers, Layer{Kind: Add, Name: name + "sum", From: name + "conv2", With: shortcut})
			x, channels = name+"sum", wide
		}
	}
	return append(layers, norm("bn"), Layer{Kind: ReLU}, Layer{Kind: GlobalAvgPool}, Layer{Kind: Linear, Name: "fc", Units: classes})
}

// conv is a convolution without bias that keeps the size of the image, but for its stride.
func conv(name string, channels, kernel, stride int) Layer {
	return Layer{Kind: Conv, Name: name, Channels: channels, Kernel: kernel, Stride: stride, Padding: kernel / 2, NoBias: true}
}

func norm(name string) Layer { return Layer{Kind: BatchNorm, Name: name} }

package engine

import "fmt"

// stray names a field that is set although the layer's kind has none; "" if there is none. Left alone it would be a
// setting that its author believes in and nobody reads, like the padding of a maximum.
func (l Layer) stray() string {
	rest := l
	switch l.Kind {
	case Conv:
		rest.Channels, rest.Kernel, rest.Stride, rest.Padding, rest.NoBias = 0, 0, 0, 0, false
	case MaxPool:
		rest.Kernel, rest.Stride = 0, 0
	case Linear:
		rest.Units, rest.NoBias = 0, false
	case ReLU, BatchNorm, Add, GlobalAvgPool, Flatten:
	default:
		return "" // the kind itself is the matter
	}
	switch {
	case rest.Channels != 0:
		return fmt.Sprintf("channels %d", rest.Channels)
	case rest.Kernel != 0:
		return fmt.Sprintf("kernel %d", rest.Kernel)
	case rest.Stride != 0:
		return fmt.Sprintf("stride %d", rest.Stride)
	case rest.Padding != 0:
		return fmt.Sprintf("padding %d", rest.Padding)
	case rest.Units != 0:
		return fmt.Sprintf("units %d", rest.Units)
	case rest.NoBias:
		return "noBias"
	}
	return ""
}

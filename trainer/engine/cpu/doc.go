// Package cpu is the training engine that needs nothing but Go: forward and exact backward passes of the networks of
// package engine on the processor, in float32, with assembly for AVX-512 and AVX2 and plain Go for every other processor; and in float64, in
// plain Go, as the yardstick of every other engine.
//
// # Layout
//
// Images come and parameters lie in the order of PyTorch, NCHW and [out][in][height][width]. Inside, a value of the network is channel-last: the
// channels of a pixel lie side by side, padded to whole vectors, between borders of zeros (planes). So one instruction works on many
// channels of one pixel, whatever the size of the image, the kernel or the stride; PyTorch's fastest layout on processors is the same.
//
// # Convolution
//
// A convolution is a matrix product of the windows with the weights that never unfolds the windows: a tile of some pixels times
// some vectors of channels stays in registers while the kernel walks along the rows of the windows where they lie,
//
//	out[p][o] = bias[o] + Σ over rows r of the window, places k of the row: in[start(p) + r·row + k] · weight[r, k][o],
//
// broadcasting the inputs and loading the weights, which were brought into that order beforehand (conv, tile). A linear layer is a
// convolution of kernel 1 on images of one pixel. The gradient of the input is again such a product, of the output's gradient with the
// transposed weights, one for each phase of the stride (convBack). The gradient of the weights is a sum of outer products
// of the output's gradient at a pixel with the window of that pixel (weightSums, outer).
//
// Batch norm takes its statistics while the output of the convolution before it is in the cache, and applies itself together
// with the sum of a residual block and the ReLU; in evaluation it is part of the weights (norm).
//
// # The same numbers on any number of cores
//
// A pass is a list of steps, and a step falls into units that write disjoint memory (program). No sum crosses units unless its parts are put
// together afterwards in their order, and the units depend on the batch and the network alone. So a result depends on the processor's
// path of assembly, which engine.Engine.Path names, and on nothing else.
package cpu

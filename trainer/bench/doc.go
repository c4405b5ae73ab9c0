// Package bench measures how fast an engine computes a network, and whether the machine let it: a figure without the availability of
// the cores beside it means nothing on a machine that others use too.
//
// # Conventions
//
// A training step is what package trainer does once a mini-batch: the gradient, θ ← θ − ηg, and the running statistics of batch
// normalization. A forward step is one Model.Eval. Images are drawn once, so that neither data sets nor loaders are measured. A step is timed
// as a whole, the median and the least of all steps are given, and rates follow from the median.
//
// Arithmetic is counted as the network needs it, however the engine goes about it: a convolution or a linear layer costs two operations
// (multiply, add) an output and weight, and everything else counts as nothing. Forward is the sum over the layers; the way back is the same sum twice, once for
// the gradient of the weights and once for that of the layer's input, the second without the layers whose input does not depend on
// any parameter, since nobody needs its gradient. So training is three times forward less the first layer: 2 instead of 3 for
// softmax regression, 2.98 for a ResNet-18.
//
// The peak of the machine is what the engine measures on one core with nothing but fused multiply-adds in registers (interface Peaker), times
// the number of workers.
package bench

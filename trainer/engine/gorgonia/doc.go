// Package gorgonia is the training engine on top of gorgonia.org/gorgonia: the network as a symbolic graph, its gradient
// by symbolic differentiation, run by Gorgonia's tape machine. It shares no arithmetic with package cpu, and so is the
// witness of its gradients; it is several times slower.
//
// Only operations whose tape-machine gradients were found exact against central differences are used: matrix product,
// broadcast sum, rectifier, reshape, 2-D convolution and maximum, log-softmax, product and mean over everything.
// Gorgonia's average pooling, dropout, means over several axes and its other machine are not exact, and not used. At a
// ReLU input of exactly zero its derivative is 1 where package cpu's is 0; both are subgradients.
//
// A graph is made for one batch size. Batches are cut into pieces of at most 64 images, which bounds the memory of a
// step whatever the batch; the graphs of the last few sizes are kept.
//
// A panic while a graph is built or loaded becomes an error. The tape machine runs its instructions in a goroutine of
// its own, where a panic cannot be caught: training belongs in a worker process, and runs there.
package gorgonia

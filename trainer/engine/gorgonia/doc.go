// Package gorgonia is the training engine on top of gorgonia.org/gorgonia: the network as a symbolic graph, its gradient
// by symbolic differentiation, run by Gorgonia's tape machine. It shares no arithmetic with package cpu, and so is the
// witness of its gradients, for every network that engine.Spec can say; it is several times slower.
//
// Only operations whose tape-machine gradients were found exact against central differences are used: matrix product,
// sums and products, also broadcast ones, rectifier, reshape, 2-D convolution and maximum, batch norm in training, mean along one axis,
// log-softmax and mean over everything. Gorgonia's average pooling (local and global), dropout, means over several axes, batch norm outside training (its
// machine resets the running statistics) and its other machine are not exact, and not used: a mean over pixels is a reshape and a mean along one axis, and batch norm with running
// statistics is a subtraction, a product and a sum. At a ReLU input of exactly zero Gorgonia's derivative is 1 where package cpu's is 0; both
// are subgradients.
//
// A graph is made for one batch size; the graphs of the last few sizes are kept. Batches are cut into pieces of at most 64 images, which bounds the memory of a
// step whatever the batch, except in training with batch norm, whose statistics are those of the whole batch: there memory grows with
// it (about 2 GB for resnet8 and 128 images of 3×32×32).
//
// A panic while a graph is built or loaded becomes an error. The tape machine runs its instructions in a goroutine of
// its own, where a panic cannot be caught: training belongs in a worker process, and runs there.
package gorgonia

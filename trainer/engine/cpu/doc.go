// Package cpu is the training engine that needs nothing but Go: forward and exact backward passes of the networks of
// package engine on the processor, in float32, and in float64 as the yardstick of every other engine.
//
// # Convolution without unfolding
//
// A convolution of kernel k, stride s and zero padding p is a sum of shifted planes. Let the images of one channel lie
// one behind the other in rows of W+p values, each image followed by p rows of zeros, all of it preceded by p rows and p
// values of zeros; so the zeros at the end of a row are also those at the start of the next. The output (i, h, w) of
// image i belongs to the place q = i·(H+p)(W+p) + s·h·(W+p) + s·w, and with the shift o = r·(W+p) + c of the tap (r, c)
//
//	out[f][q]        = bias[f] + Σ over channel, tap of weight[f, channel, tap] · in[channel][q+o]
//	dWeight[f, c, t] = Σ over q of dOut[f][q] · in[c][q+o]
//	dIn[c][q+o]      = Σ over f, tap of weight[f, c, tap] · dOut[f][q]
//
// where dOut is zero at every q that is no output. So all the work is in two operations on long runs of memory, y += a·x
// and Σ x·y, for which gonum has vector code, and stride and padding need no cases of their own. What is computed at
// places that are no output is thrown away: (1+p/H)(1+p/W) of the work, s² times that for a stride s.
//
// # The same numbers on any number of cores
//
// A batch is cut into chunks of 16 images. Workers compute chunks side by side, each in its own memory, and pass a
// token round that lets them add their gradients to the result in the order of the chunks. So the order of every sum is
// fixed by the batch alone.
package cpu

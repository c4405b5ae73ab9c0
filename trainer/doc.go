// Package trainer trains networks by stochastic gradient descent and measures what the paper's formula needs.
//
// One update of the parameters θ uses a mini-batch S of b of the n training images,
//
//	θ ← θ − η ∇f_S(θ),   ∇f_S = (1/b) Σ_{i∈S} ∇f_i,
//
// and the noise ω = ∇f_S − ∇f makes it act, in conditional mean over one step, like gradient descent on the smoothed loss
//
//	f̂_δ(θ) = E_u f(θ − δu),   δ = ηC/√b,   C² = (1/n) Σ_i ‖∇f_i − ∇f‖²
//
// (arXiv 2311.08745). C is a length in parameter space, the root of a trace, not a value per coordinate; it is measured
// while the run goes on (noise.go). The schedules move η and b, and so δ (schedule.go).
//
// Batches are drawn without replacement: each epoch is one seeded permutation of the training images, cut into batches of b,
// the last one smaller. So E‖ω‖² = C²/b · (n−b)/(n−1): measure.FinitePopulation gives the factor.
//
// Beyond the paper's setting an update may have momentum, Nesterov's momentum and weight decay (sgd.go), images may be varied at random
// (package augment), and a network may have batch normalization. Its batches are then normalized as a whole and never cut, its
// running statistics move by a tenth towards those of each batch, and C is measured from the halves of a batch, each
// normalized by itself. With momentum δ = ηC/√b is still the noise that enters one step; what it adds up to is for package
// measure to say, from C and the norms of the gradients in the events.
//
// Same Config, same data and same engine Path give the same numbers, bit for bit, however often the run was stopped and
// resumed, whenever checkpoints were written, and on however many processors. Nothing in this package reads a clock except to
// date events and to space checkpoints, and every draw comes from a PCG stream of its own, a function of Config.Seed and of its
// place in the run (stream.go, package loader), so a checkpoint holds no state of a generator.
//
// The package knows no HTTP, no store and no landscape: Train gets a function that stores checkpoints and one that takes
// events.
package trainer

// Package descent runs optimizers on the objectives of package landscape: gradient descent on f and on the smoothed f̂_δ, stochastic
// gradient descent with noise of a chosen law, with momentum, and explicit and implicit graduated optimization.
//
// # One recursion
//
// Every Method is the recursion
//
//	v ← βv + g,          x ← x − ηv       (β = 0: no momentum; heavy ball as in PyTorch's SGD)
//	v ← βv + (1−β)g,     x ← x − ηv       (normalized heavy ball)
//
// with one of four directions g, and learning rate η, batch size b and degree of smoothing δ constant within a Stage:
//
//	Exact     g = ∇f(x)                         gradient descent
//	Smoothed  g = ∇f̂_δ(x)                       gradient descent on f̂_δ(x) = E f(x − δu); implicit graduated optimization as it is analyzed
//	Sampled   g = mean of N fresh ∇f(x − δuᵢ)   explicit graduated optimization as the authors run it
//	Noisy     g = ∇f(x) + ω, ω = C·b^−q·u       stochastic gradient descent; implicit graduated optimization as it is run
//
// q = 1/2 for laws with a variance and (α−1)/α for α-stable ones (landscape.Degree). The law of u and what C means are those of
// the Kernel: under the vector convention E‖u‖² = 1, so that C is the length of the noise of one sample, a d-vector; under the coordinate
// convention C is its standard deviation per coordinate. A law that is not centered makes the noise biased, as it says.
//
// # Implicit graduated optimization
//
// δ = ηC/√b falls when η falls or b grows. Schedule.Plan gives the stages: the four of the paper (constant, lr-decay, batch-growth and
// hybrid, each of which but the first multiplies δ by 1/√2 a stage) and polynomial decay δ_m = δ₁(1 − m/M)^p for m = 0 … M−1, shared
// between η and b. The theorems of arXiv 2311.08745 speak of Smoothed over such stages; SGD is Noisy over the same stages, and follows it
// in the mean of one step and no further (OneStep): the iterate of SGD wanders about its mean with a spread that on a curvature h is
// 1/√(ηh(2−ηh)) times that of one step.
//
// # Explicit graduated optimization
//
// Explicit holds the constants of the authors' code (igo-aaai25): 51 levels from 1 to 0.01, 20 steps of 100 samples each, a learning
// rate proportional to the level. Its kernel has standard deviation δ per axis, √d times wider than the paper's: on Rastrigin in 50
// dimensions one solves every run and the other none, so the convention stands in the Kernel and not in a comment. The authors
// differentiate by central differences of step 10⁻⁸, which costs half of the digits; here the gradient is analytic where it is known
// (Method.DifferenceStep asks for differences).
//
// # Chance
//
// A run is a function of its method, start and seed: the same on every machine that computes the same floating-point results, and
// whatever the number of workers. Starts, noise and common random numbers come from three streams of their own.
//
// # References
//
// Polyak 1964 (heavy ball); Hazan, Levy, Shalev-Shwartz 2016 (graduated optimization); Kleinberg, Li, Yuan 2018 (the one-step
// identity); Sato, Iiduka, arXiv 2311.08745 (implicit graduated optimization), 2412.11501 (explicit), 2402.02325 (momentum); Wilson 1927 (the interval).
package descent

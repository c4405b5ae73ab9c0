// Package measure says how a network at given parameters θ looks to stochastic gradient descent: how far the gradients of
// single images spread, how much the noise of mini-batches smooths the loss, how that noise is distributed, and how sharp and how curved the
// loss is around θ.
//
// Throughout, f = (1/n) Σ f_i is the mean loss over n training images (or over the m that were chosen; expectations are
// then over those), g_i = ∇f_i(θ), ḡ = ∇f(θ) = (1/n) Σ g_i, and H = ∇²f(θ). A mini-batch S of b images drawn without replacement has
// gradient g_S and noise ω = g_S − ḡ.
//
//	spread      C² = (1/n) Σ ‖g_i − ḡ‖² = tr Σ: a squared length in parameter space, the trace of the covariance Σ of one
//	            image's gradient. E‖ω‖² = (C²/b)·(n−b)/(n−1).
//	smoothing   δ = ηC/√b (arXiv 2311.08745): to first order SGD is gradient descent on E f(θ − δu), E‖u‖² = 1.
//	sharpness   the rise of f within reach of θ (Andriushchenko et al. 2023; Keskar et al. 2017).
//	curvature   eigenvalues, trace and spectral density of H (Yao et al. 2020, PyHessian).
//	noise scale B_simple = tr Σ/‖ḡ‖², B_noise = tr(HΣ)/(ḡᵀHḡ) (McCandlish et al. 2018).
//
// Everything is taken in evaluation mode: batch normalization uses its running statistics, so that f is a fixed function of θ
// and a mini-batch gradient has ḡ as its mean. (In training mode a batch changes the function itself.)
//
// Hessians are met through products H v alone, by differences of gradients. For networks with ReLU these need float64 (PreciseHessianOf): a difference step that
// float32 can resolve crosses kinks of the gradient, and their jumps are not curvature.
//
// The functions are plain: they act on Gradients and Loss, draw from the *rand.Rand that they get, keep nothing, and stop
// between two gradients when their context ends. OnModel makes Gradients and a Loss of an engine.Model and images; Run makes a
// Report of what a Request asks for.
package measure

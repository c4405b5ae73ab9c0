// Package landscape is the mathematics of Smoothscape: functions of any number of variables that carry their own truth,
// the kernels that smooth them, the smoothed functions in closed form and on grids, and their minima. Packages below it
// build on these: formula (functions that a user types), scale (minima through δ), fullspace (Monte Carlo in all
// dimensions), nice (σ-nice functions), descent (optimizers), slice (planes through parameters), gridfile (files) and
// figure.
//
// Four pictures are four functions. Slice smoothing is Smoother.Smooth under a Kernel of Dim 2, projected the same under a
// Kernel of all d dimensions, full space and measured are package fullspace with a kernel and with recorded noise.
//
// # What is computed
//
// Stochastic gradient descent with learning rate η, batch size b and gradient spread C acts, in the mean of one step,
// as gradient descent on the smoothed function (Kleinberg, Li and Yuan 2018; Sato and Iiduka, arXiv 2311.08745)
//
//	f̂_δ(x) = E_u f(x − δu),    δ = ηC/√b  (Degree),
//
// where the law of u is the Kernel. How u is normalized is a matter of the first order, so a kernel always names its
// Convention. Smoothing multiplies a plane wave by the characteristic function of the law (Kernel.Transfer, and
// Kernel.Characteristic for the laws that are not symmetric), which is what defines a kernel here: a kernel sampled on the grid is
// wrong by 8·10⁻⁴ of the range below 0.7 cells and a hard-edged disc by 3.5·10⁻³.
//
// A picture of two variables (Field) or one (Line) is smoothed by the marginal of the kernel on its axes. With Kernel.Dim
// equal to the number of axes that is *slice smoothing*, an analogue; with the d of the function that was sliced it is
// *projected*. Neither is a slice of f̂ itself, from which the noise outside of the picture is not missing. An Empirical
// kernel holds recorded noise instead of a law, as the picture sees it: projected, too.
//
// Laws with a mean shift: f̂(x) = E f(x − δu) has its minimum at +δ·E u where f is quadratic, and elsewhere where ripples
// change their phase. On x² − 10cos2πx + 10 at δ = 0.5 the exponential law of the authors' demonstration moves the minimum from 0 to
// 1.2056 and Rayleigh's to 0.4768 (Smoothed.Shift: 0.75 and 0.627). Under Cauchy, Levy and Pareto, as under every α < 2, this
// function has no f̂ at all: see Kernel.Exists.
//
// # Rules that the browser shares
//
// The TypeScript port follows the same rules, and testdata/golden.json, made by neither, holds both to them.
//
//   - N inner nodes a side on the closed domain [lo, hi]²; step h = (hi−lo)/(N−1); node i lies at lo + (hi−lo)·i/(N−1).
//   - Halo H = 5·DeltaMax, or 6·DeltaMax where Growth > 2 (Objective.Halo); cells = ⌈H/h⌉, but at least 4; M = N + 2·cells.
//     A closed form computes its halo from f, a slice evaluates it.
//   - Transform length P: the smallest 2^k, 3·2^k or 5·2^k (k ≥ 1) that is ≥ M. The field starts at left = (P−M)>>1;
//     position p of the padded line takes node mirror(p − left) of the field, where mirror has the whole-sample
//     symmetric period 2(M−1): 0 1 … M−1 M−2 … 1 0 1 ….
//   - Wavenumber of frequency j per axis: 2πj/(P·h) for j ≤ 3P/8; from there to P/2 it levels off: with t = (j − 3P/8)/(P/8)
//     it is 2π(3P/8 + P/8·(t − t³ + t⁴/2))/(P·h), as function wavenumbers explains. Frequencies j and P−j share it. The
//     transfer function takes the length of the pair of wavenumbers.
//   - δ = 0 returns f itself.
//   - A kernel that is not symmetric, which the browser does not offer: the imaginary part of its transfer function fades from
//     3P/8 on (function fade), for the frequency P/2 is its own negative.
//   - A Gaussian of standard deviation σ that is narrow against the halo is applied axis by axis, in Go alone, and only
//     ⌈7.5σ/h⌉ + 4 cells of halo take part (100 below two cells, never more than there are); M and P follow from them.
//   - Minima: see the method Smoothed.Minima and the function Minima.
//
// # Accuracy
//
// Against quadrature in float64, for the Gaussian kernel in both conventions, every δ up to DeltaMax and grids of 129,
// 201 and 257 nodes, the error is at most 10⁻⁷ of the range of f over the domain for the smooth functions (measured:
// 8·10⁻⁸, at DeltaMax in the corners, where the mirror is five standard deviations away). Two functions of the catalogue
// are not smooth, and a grid cannot be better there than its step: Schwefel has |x|^1.5 at its axes and errs by up to
// 3·10⁻⁵ of the range, beside them and at half a cell; Ackley has a cusp at its minimum and errs there by 2.5·10⁻³ at a
// quarter of a cell, 1.4·10⁻⁴ at two cells and 2·10⁻⁵ at six.
//
// The results are linear in f, so a NaN anywhere would spread everywhere: NewSmoother refuses it.
//
// # References
//
// Hazan, Levy, Shalev-Shwartz 2016 (graduated optimization); Kleinberg, Li, Yuan 2018 (SGD as smoothing); Li et al. 2018
// (filter normalization); Sato, Iiduka 2023–2026, arXiv 2311.08745 (degree of smoothing), and their demonstration smoothing.py
// in the repository naoki-sato3/new-sigma-nice (asymmetric and heavy laws); Kanter 1975 and Chambers, Mallows, Stuck 1976
// (stable samples).
package landscape

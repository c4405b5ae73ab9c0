// Package nice checks whether a function is σ-nice, new σ-nice or σ_m-nice: whether graduated optimization has a right to
// find its global minimum. It takes a family of smoothed functions δ → f̂_δ of one or two variables, and says which
// definition it evaluated, the numbers of each stage, and where the first condition fails.
//
// # The definitions
//
// x*_δ is a global minimizer of f̂_δ on the domain, N(x; r) the closed ball of radius r about x; λ_min is the least
// eigenvalue.
//
//   - SigmaNice (Hazan, Levy and Shalev-Shwartz, On Graduated Optimization for Stochastic Non-Convex Problems, ICML
//     2016). For every δ > 0, with f smoothed by the uniform ball of radius δ: (i) for every x*_δ there is an x*_{δ/2}
//     with ‖x*_δ − x*_{δ/2}‖ ≤ δ/2; (ii) f̂_δ is σ-strongly convex on N(x*_δ; 3δ). Their algorithm runs through δ =
//     diam/2, diam/4, diam/8, …: see Halving.
//   - NewSigmaNice (Sato and Iiduka, arXiv 2311.08745, versions 1 to 4). For a decreasing schedule δ_1 > δ_2 > … and
//     radius factors d_m > 1: (i) ‖x*_m − x*_{m+1}‖ ≤ δ_m − δ_{m+1}; (ii) f̂_{δ_m} is σ-strongly convex on N(x*_m;
//     d_m·δ_m). This wording is reported and is not confirmed against the paper's text; a report of it says so.
//   - SigmaMNice (the same, version 6): as NewSigmaNice, but each stage has a σ_m of its own. Reported and not confirmed
//     likewise. On a finite schedule a function that is one is the other, with σ the least of the σ_m; what differs is
//     the number that a stage may use.
//
// Where several global minimizers share the least value, (i) is read as in the first definition (for every one there is
// one) and (ii) must hold about each. Neighborhoods are not cut off at the border of the domain, for f̂_δ is defined
// beyond it; minimizers are searched within it.
//
// # Two questions
//
// Check evaluates a definition on a schedule, Scan for every δ of an interval. The answers differ, and neither is wrong:
// the dent x²/2 − 0.3·exp(−(x−1)²/0.02) under Gaussian smoothing passes SigmaNice's conditions on δ = 1, ½, ¼, … with σ =
// 0.31, but at δ = 0.192 the modulus on N(x*; 3δ) is −0.232. Scan of NewSigmaNice asks whether every schedule within the
// interval would do: that is (ii) for every δ, and that the path δ → x*_δ is Lipschitz with constant 1.
//
// Besides the definition, a stage reports the inclusion x*_m ∈ N(x*_{m+1}; d_{m+1}·δ_{m+1}), by which stage m+1 starts
// where its function is strongly convex. An algorithm needs it; the definitions do not contain it, so it does not count
// for the verdict (it follows from (i) where γ_m = δ_{m+1}/δ_m ≥ 1/(1+d_{m+1})).
//
// # Method and its limits
//
// Minimizers: f̂_δ is evaluated on a lattice over the domain (Options.Nodes a side; 1025 in one variable, 129 in two by
// default). From every node that is no higher than its neighbors, except those that cannot reach the lowest value by
// their own gradient and Hessian, a Newton iteration runs within the domain, with a compass search where it fails. Points
// within 10⁻⁹ of the range of f̂_δ of the least value are global minimizers. A minimum narrower than two cells may be
// missed.
//
// Modulus: λ_min(∇²f̂_δ) is evaluated on a lattice over the ball and on its border, and the local minima found there are
// refined (golden section; compass search inside the disc) to 10⁻⁶ of a cell. What is returned is a value of λ_min at a
// point that is returned with it, so an upper bound of the true modulus; it is the minimum if λ_min has no dip narrower
// than two cells (Stage.Step). Hence "fails" is proven by one point, up to the accuracy of f̂_δ, and "holds" by the
// lattice. Where a Hessian is not finite, at a kink, second differences over one cell take its place.
//
// Scan evaluates n values of δ, evenly spaced in log δ, refines the lowest modulus by golden section, and finds both ends
// of each interval where a condition fails by bisection, to 10⁻⁶ of δ. A failure between two neighboring values may be
// missed.
package nice

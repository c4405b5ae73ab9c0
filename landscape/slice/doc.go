// Package slice looks at a function of many variables, such as the loss of a network, on a plane through its
// parameters:
//
//	(α, β) ↦ L(θ + α·d₁ + β·d₂).
//
// # Directions
//
// Random ones are Gaussian vectors scaled to the parameters block by block (Recipe, Draw); others run between places
// (Through, Between), along the principal components of a trajectory (PathPlane), or along vectors that the caller has,
// such as a gradient or eigenvectors of the Hessian, made orthogonal to each other by Orthogonalize. A Metric says how lengths in
// parameter space and in plot units belong together, and Project how far a place is from the plane: what a picture of the plane does
// not show.
//
// # Sampling
//
// Sample evaluates nested grids in full, coarse to fine. SampleRefined evaluates only the nodes that the rest cannot tell.
// MonteCarloLift measures what smoothing does at the center in all dimensions at once. All of them ask a Surface, which OnPlane makes of a function of the
// parameters; another one may form these where it computes, many places at once.
//
// # References
//
// Li, Xu, Taylor, Studer, Goldstein 2018, Visualizing the Loss Landscape of Neural Nets (filter normalization, planes of
// trajectories); Goodfellow, Vinyals, Saxe 2015 (interpolation); Donoho 1992, Harten 1996 (interpolating wavelets).
package slice

// Package slice looks at a function of many variables, such as the loss of a network, on a plane through its parameters:
//
//	(α, β) ↦ L(θ + α·d₁ + β·d₂).
//
// It makes the directions, samples the plane, and measures what smoothing does in all dimensions at once.
//
// # References
//
// Li, Xu, Taylor, Studer, Goldstein 2018, Visualizing the Loss Landscape of Neural Nets (filter normalization).
package slice

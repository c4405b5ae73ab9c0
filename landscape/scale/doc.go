// Package scale follows the minima of a smoothed function through the degree of smoothing.
package scale

// Package crosscheck finds out whether an engine computes what it should on the machine where it is about to train: a driver may be wrong
// where our tests never ran. It trains a tiny network that has every kind of layer for two steps, and compares all that the engine
// gives with the float64 instance of package cpu, which is held to central differences. A model that forms parameters itself (engine.AffineModel) is held to places
// of a plane besides.
package crosscheck

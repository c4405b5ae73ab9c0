// Package webgpu trains networks on graphics processors: an engine.Engine over WebGPU compute, which drives Vulkan, Metal and Direct3D 12
// without cgo.
//
// A specification and a number of images are compiled once into a plan (plan.go): memory, kernels and dispatches as plain data, which no device is needed for.
// A device (device.go) runs it. The kernels are the WGSL files of the folder kernels, each a step of a layer: forward, the gradient of
// its input, the gradient of its parameters. All arithmetic is float32; sums over many values are cut into parts whose order does not depend on the
// device, and nothing is summed by atomic operations, so that the same device gives the same numbers bit for bit.
//
// Memory is planned before anything is allocated (memory.go): an activation's place is used again as soon as nobody will read it, and a network that
// the device's limits forbid is refused with the figures.
//
// In the calls of engine.Model parameters, images and gradients travel between host and device. Whoever trains keeps them there instead (engine.ResidentModel,
// resident.go): images as bytes, varied and normalized where they are used; gradients, momentum and running statistics; an update then moves 36 bytes an
// image in and 8 out, some updates at a time. A plane through the parameters stays there likewise (engine.AffineModel, affine.go), and the losses of a
// block of its places come back at once.
package webgpu

package web

// descentMethod is an optimizer as its row shows it. The IDs are those of a link.
type descentMethod struct{ ID, Letter, Name, Title string }

func descentMethods() []descentMethod {
	return []descentMethod{
		{"gd", "G", "GD on f", "Gradient descent on f itself"},
		{"smoothed", "H", "GD, smoothed", "Gradient descent on the smoothed f̂: the path lies on the surface that is shown"},
		{"sgd", "S", "SGD", "Stochastic gradient descent on f with the η, b and C of the sliders"},
		{"explicit", "E", "Explicit", "Explicit graduated optimization: gradient descent on f̂ while δ falls, with sampled gradients (arXiv 2412.11501)"},
		{"implicit", "I", "Implicit", "Implicit graduated optimization: SGD while η falls and b grows, so that δ falls (arXiv 2311.08745)"},
	}
}

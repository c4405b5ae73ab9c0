package main

import "smoothscape/web"

// scene is a lesson: one true sentence, one thing to do, and the view on which both can be seen.
type scene struct {
	Title, Claim, Task string
	Query              string // of the view
	Control            string // the slider that the task is about, which a presenter keeps in sight: eta, b, c or alpha
	Notes              string // for who presents
}

// scenes are the lessons in their order; the key "scene" of a link counts them from 1. Their numbers are checked in the browser.
func scenes() []scene {
	return []scene{
		{
			Title: "A large batch keeps the sharp minimum", Query: "f=dent&eta=0.05&b=4096&split=0&cut=x&yaw=-0.7", Control: "b",
			Claim: "With a batch of 4096, δ is only 0.022: the noise is too small to smooth the sharp minimum away, and both minima stay.",
			Task:  "Drag b down to 64: the sharp minimum on the right is gone.",
			Notes: "It dies at δ = 0.113 (vector convention), near b = 150. Ask first what will happen.",
		},
		{
			Title: "The square root of b", Query: "eta=0.1&b=16&c=28&split=0", Control: "b",
			Claim: "δ falls with √b, not with b: four times the batch halves it.",
			Task:  "Type b = 64: δ falls from 0.7 to 0.35, and all 121 minima are back.",
			Notes: "Twice the batch divides δ by 1.41 only.",
		},
		{
			Title: "Two ways to halve δ", Query: "eta=0.05&b=16&c=28&split=0", Control: "eta",
			Claim: "Half the learning rate and four times the batch give the same δ = 0.35, and so the same f̂.",
			Task:  "Type η = 0.1, then b = 64: the picture comes back to the last digit. Only η/b differs.",
			Notes: "η/b is the temperature of other papers: 0.0031 against 0.0016.",
		},
		{
			Title: "Decay or growth", Query: "eta=0.025&b=16&c=28&split=0", Control: "eta",
			Claim: "A learning rate that decays and a batch that grows take δ down the same path, but η/b ends four times lower with the batch.",
			Task:  "Here η has fallen to a quarter. Put it back to 0.1 and take b to 256 instead: the same δ = 0.175, η/b = 0.0004 instead of 0.0016.",
			Notes: "In training the two also differ in how many updates an epoch has.",
		},
		{
			Title: "A disc makes new minima", Query: "kernel=uniform&eta=0.1&b=16&c=24&split=0", Control: "c",
			Claim: "Uniform noise is not a plain blur: beyond some width it turns minima into maxima and makes new minima beside them.",
			Task:  "Take C from 24 to 26: the one minimum becomes sixteen.",
			Notes: "The factor of the waves, 2J₁(z)/z, changes its sign at z = 3.83, δ = 0.61. The Gaussian's never does.",
		},
		{
			Title: "Heavy tails", Query: "f=ackley&kernel=stable&alpha=1.2&eta=0.01&b=16&c=28&split=0", Control: "b",
			Claim: "Where rare gradients are huge, a larger batch helps less: at α = 1.2 it takes 64 times the batch to halve δ.",
			Task:  "Type b = 1024: δ is halved. Then α = 1.99: the same batch divides it by almost eight.",
			Notes: "δ = ηC·b^(−(α−1)/α). Rastrigin cannot be shown: it grows as |x|², and its mean under such noise is infinite.",
		},
		{
			Title: "A slice is not the whole", Query: "f=slice:fashion-convnet&eta=0.05&b=32&c=10&split=0", Control: "b",
			Claim: "Smoothing the picture of a network in its plane is an analogue: the noise of SGD spreads over all parameters, and little of it lies in this plane.",
			Task:  "Press 1 for the true width, ×1: the picture hardly changes. What smoothing does to this network is mostly a lift.",
			Notes: "The lift is measured in all dimensions at once; it stands under the function.",
		},
		{
			Title: "Smoothing moves the minimum", Query: "f=styblinski-tang&eta=0.25&b=16&c=28.8&split=0", Control: "eta",
			Claim: "At a fixed δ = 1.8 the lowest point of f̂ is (−1.9, −1.9), not the minimum of f at (−2.9, −2.9): noise must fall for SGD to arrive.",
			Task:  "Drag η to the left: the lowest minimum wanders to its true place.",
			Notes: "This is why graduated optimization decreases δ step by step.",
		},
		{
			Title: "Smoothing breaks a tie", Query: "f=himmelblau&eta=0.1&b=16&c=32&split=0", Control: "c",
			Claim: "Four minima of f are equally deep. Of f̂ one is lowest, near (3, 2): the one whose surroundings rise least.",
			Task:  "Drag C to the left: it stays the lowest down to the smallest δ. Only at δ = 0 are all four equal.",
			Notes: "To second order f̂ adds δ²/4 times the trace of the Hessian: flat beats sharp.",
		},
	}
}

// sceneViews are the lessons as the page shows them.
func sceneViews() []web.SceneView {
	var views []web.SceneView
	for _, s := range scenes() {
		views = append(views, web.SceneView{Title: s.Title, Claim: s.Claim, Task: s.Task, Query: "?" + s.Query, Control: s.Control, Notes: s.Notes})
	}
	return views
}

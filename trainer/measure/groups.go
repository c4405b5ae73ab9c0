package measure

import (
	"fmt"
	"math"
)

// Units. Lengths are Euclidean, in parameter space; a gradient is nats by length.
const (
	inLength    = "length"
	inPerLength = "nats/length"
	inNats      = "nats"
	inCurvature = "nats/length²"
	inImages    = "images"
	inStep      = "learning rate"
)

// Where the definitions come from.
const (
	paper        = "arXiv 2311.08745"
	momentum     = "arXiv 2402.02325"
	mcCandlish   = "McCandlish et al. 2018"
	andriushchen = "Andriushchenko et al. 2023"
	pyHessian    = "Yao et al. 2020 (PyHessian)"
	simsekli     = "Mohammadi et al. 2015; Simsekli et al. 2019"
	hill         = "Hill 1975"
)

func (j *job) spread() error {
	sampled, err := j.perSample()
	if err != nil {
		return err
	}
	r, g := j.report, Spread
	m := sampled.Images
	how := fmt.Sprintf(", from single gradients of %d images; jackknife error", m)
	r.add(Quantity{Group: g, Name: "gradStdDev", Title: "Spread of the gradients, per sample", Symbol: "C", Unit: inPerLength, Source: paper,
		Definition: "C² = (1/n) Σ ‖∇f_i − ∇f‖²" + how}, sampled.C.Value, sampled.C.StdErr)
	r.add(Quantity{Group: g, Name: "gradVariance", Title: "Trace of the gradient covariance, per sample", Symbol: "C² = tr Σ", Unit: "nats²/length²", Source: paper,
		Definition: "(1/n) Σ ‖∇f_i − ∇f‖²" + how}, sampled.C2.Value, sampled.C2.StdErr)
	squared := Quantity{Group: g, Name: "gradLength", Title: "Length of the full gradient, per sample", Symbol: "‖∇f‖", Unit: inPerLength, Source: mcCandlish,
		Definition: "√(‖ḡ_m‖² − S²(1/m − 1/n)), S² = Σ‖g_i − ḡ_m‖²/(m−1)" + how}
	j.addRoot(squared, sampled.SquaredGradient)
	r.add(Quantity{Group: g, Name: "longestGradient", Title: "Longest gradient of one image", Symbol: "max ‖∇f_i‖", Unit: inPerLength,
		Definition: fmt.Sprintf("greatest length among %d images", m)}, sampled.Longest, math.NaN())
	r.add(Quantity{Group: g, Name: "sampleLoss", Title: "Mean loss of the sampled images", Symbol: "f", Unit: inNats,
		Definition: fmt.Sprintf("mean cross-entropy of %d training images, evaluation mode", m)}, sampled.Loss, math.NaN())
	longest := 0.0
	for _, v := range sampled.Distances {
		longest = max(longest, v)
	}
	if longest > 0 {
		r.histogram(Series{Group: g, Name: "gradDistances", Title: "Distance of single gradients from their mean", XTitle: "‖∇f_i − ∇f‖ (nats/length)", YTitle: "density",
			Definition: fmt.Sprintf("%d images; C is the root mean square", m)}, NewBars(sampled.Distances, 0, longest))
	}

	all := FirstImages(j.trainSize)
	small, large := j.batchSizes()
	two, err := TwoBatch(j.ctx, j.gradients, j.params, all, Draws{small, j.request.Pairs}, Draws{large, j.request.Pairs}, j.stream("two-batch"), nil)
	if err != nil {
		return err
	}
	how = fmt.Sprintf(" from the mean squared gradients of %d batches of %d and of %d images", j.request.Pairs, small, large)
	j.addRoot(Quantity{Group: g, Name: "gradStdDevTwoBatch", Title: "Spread of the gradients, two batch sizes", Symbol: "C", Unit: inPerLength, Source: mcCandlish,
		Definition: "C² = (n−1)/n · (|g₁|² − |g₂|²)/(1/B₁ − 1/B₂)" + how}, two.C2)
	j.addRoot(Quantity{Group: g, Name: "gradLengthTwoBatch", Title: "Length of the full gradient, two batch sizes", Symbol: "‖∇f‖", Unit: inPerLength, Source: mcCandlish,
		Definition: "‖∇f‖² = (B₂|g₂|² − B₁|g₁|²)/(B₂ − B₁) + S²/n" + how}, two.SquaredGradient)
	half, err := HalfBatch(j.ctx, j.gradients, j.params, all, Draws{large, j.request.Pairs}, j.stream("half-batch"), nil)
	if err != nil {
		return err
	}
	r.add(Quantity{Group: g, Name: "gradStdDevHalfBatch", Title: "Spread of the gradients, half batches", Symbol: "C", Unit: inPerLength, Source: mcCandlish,
		Definition: fmt.Sprintf("C² = (n−1)/n · ‖g₁ − g₂‖²/(1/b₁ + 1/b₂), mean over the halves of %d batches of %d images", j.request.Pairs, large)}, half.C.Value, half.C.StdErr)
	return nil
}

// addRoot adds the root of an unbiased estimate of a square, which may lie below 0.
func (j *job) addRoot(q Quantity, square Estimate) {
	root := square.root()
	if !(square.Value > 0) {
		q.Note = fmt.Sprintf("The unbiased estimate of the square is %.3g ± %.2g: not told from 0 by so few draws.", square.Value, square.StdErr)
		root = Estimate{math.NaN(), math.NaN()}
	}
	j.report.add(q, root.Value, root.StdErr)
}

func (j *job) smoothing() error {
	sampled, err := j.perSample()
	if err != nil {
		return err
	}
	r, g, q := j.report, Smoothing, j.request
	eta, b, beta, p, c := q.LearningRate, q.BatchSize, q.Momentum, q.MomentOrder, sampled.C
	relative := c.StdErr / c.Value
	at := fmt.Sprintf(" at η = %.4g, b = %d", eta, b)
	delta := NoiseLevel(eta, c.Value, b)
	r.add(Quantity{Group: g, Name: "noiseLevel", Title: "Degree of smoothing", Symbol: "δ", Unit: inLength, Source: paper,
		Definition: "δ = ηC/√b" + at}, delta, delta*relative)
	perCoordinate := delta / math.Sqrt(float64(len(j.params)))
	r.add(Quantity{Group: g, Name: "noiseLevelPerCoordinate", Title: "Degree of smoothing of one coordinate", Symbol: "δ/√d", Unit: inLength,
		Definition: "standard deviation of a coordinate, if δ is spread evenly over all d"}, perCoordinate, perCoordinate*relative)
	size := norm32(j.params)
	r.add(Quantity{Group: g, Name: "parameterLength", Title: "Length of the parameters", Symbol: "‖θ‖", Unit: inLength, Definition: "√Σθ_i²"}, size, math.NaN())
	r.add(Quantity{Group: g, Name: "noiseLevelRelative", Title: "Degree of smoothing by the length of the parameters", Symbol: "δ/‖θ‖",
		Definition: "δ in units of ‖θ‖: what counts where the loss does not depend on the scale of the weights"}, delta/size, delta/size*relative)
	shift := delta * math.Sqrt(FinitePopulation(j.trainSize, b))
	r.add(Quantity{Group: g, Name: "displacement", Title: "Noise of one update", Symbol: "η√E‖ω‖²", Unit: inLength,
		Definition: "δ·√((n−b)/(n−1)): root mean square length, for batches without replacement" + at}, shift, shift*relative)
	slope := math.Sqrt(max(sampled.SquaredGradient.Value, 0))
	if beta > 0 {
		bound := fmt.Sprintf(", β = %g, K = ‖∇f‖ = %.4g as measured here", beta, slope)
		note := "K should bound ‖∇f‖ along the whole run; at a single θ it makes δ a lower bound of the formula."
		r.add(Quantity{Group: g, Name: "noiseLevelSHB", Title: "Degree of smoothing with momentum (heavy ball)", Symbol: "δ", Unit: inLength, Source: momentum, Note: note,
			Definition: "δ = η√(C²/b + β̂(C²/b + K²)), β̂ = β(β²−β+1)/(1−β)²" + at + bound}, NoiseLevelSHB(eta, c.Value, slope, beta, b), math.NaN())
		r.add(Quantity{Group: g, Name: "noiseLevelNSHB", Title: "Degree of smoothing with momentum (normalized heavy ball)", Symbol: "δ", Unit: inLength, Source: momentum, Note: note,
			Definition: "δ = η√(C²/b + 4β²(C²/b + K²))" + at + bound}, NoiseLevelNSHB(eta, c.Value, slope, beta, b), math.NaN())
	}
	moment, err := MomentSpread(sampled.Distances, p)
	if err != nil {
		return err
	}
	r.add(Quantity{Group: g, Name: "momentSpread", Title: fmt.Sprintf("Spread of the gradients of order %g", p), Symbol: "C_p", Unit: inPerLength, Source: "von Bahr & Esseen 1965",
		Definition: fmt.Sprintf("C_p = (mean ‖∇f_i − ∇f‖^p)^(1/p), p = %g", p)}, moment.Value, moment.StdErr)
	heavy := NoiseLevelHeavy(eta, moment.Value, p, b)
	r.add(Quantity{Group: g, Name: "noiseLevelHeavy", Title: "Degree of smoothing, heavy tails", Symbol: "δ_p", Unit: inLength, Source: "von Bahr & Esseen 1965",
		Definition: fmt.Sprintf("δ_p = 2^((2−p)/p)·η·C_p·b^(−(p−1)/p), p = %g", p) + at}, heavy, heavy*moment.StdErr/moment.Value)
	r.add(Quantity{Group: g, Name: "temperature", Title: "Langevin temperature", Symbol: "T", Unit: inNats, Source: "Smith & Le 2018",
		Definition: "T = ηC²/(2b)" + at}, Temperature(eta, c.Value, b), 2*Temperature(eta, c.Value, b)*relative)
	r.add(Quantity{Group: g, Name: "updateNoiseScale", Title: "Noise scale of Smith & Le", Symbol: "g", Unit: inStep, Source: "Smith & Le 2018",
		Definition: "g = η(n/b − 1)/(1−β)" + at}, UpdateNoiseScale(eta, beta, j.trainSize, b), math.NaN())
	if float64(b) > 0.05*float64(j.trainSize) {
		r.warn(fmt.Sprintf("A batch of %d is more than 5 %% of the %d training images: drawn without replacement its noise is smaller than δ by %.3f.", b, j.trainSize, math.Sqrt(FinitePopulation(j.trainSize, b))))
	}
	return nil
}

func (j *job) scale() error {
	sampled, err := j.perSample()
	if err != nil {
		return err
	}
	r, g := j.report, Scale
	simple := Quantity{Group: g, Name: "simpleNoiseScale", Title: "Gradient noise scale", Symbol: "B_simple", Unit: inImages, Source: mcCandlish,
		Definition: fmt.Sprintf("tr Σ/‖∇f‖², from single gradients of %d images; jackknife error", sampled.Images)}
	value := sampled.SimpleScale
	if s := sampled.SquaredGradient; !(s.Value > 0) {
		simple.Note = fmt.Sprintf("‖∇f‖² was not told from 0 (%.3g ± %.2g): measure on more samples.", s.Value, s.StdErr)
		value = Estimate{math.NaN(), math.NaN()}
	}
	r.add(simple, value.Value, value.StdErr)
	h, err := j.curvature()
	if err != nil {
		return err
	}
	curved, err := CurvedNoiseScale(j.ctx, j.gradients, h, j.params, j.images, j.request.CurvedImages, j.stream("scale"), nil)
	if err != nil {
		return err
	}
	over := fmt.Sprintf(" over %d images", len(j.images))
	note := ""
	if !(curved.CurvedLength > 0) {
		note = "The loss does not curve upwards along its gradient here, so this scale and the learning rate mean nothing."
	}
	r.add(Quantity{Group: g, Name: "curvedNoise", Title: "Noise met by curvature", Symbol: "tr(HΣ)", Unit: "nats³/length⁴", Source: mcCandlish,
		Definition: fmt.Sprintf("mean (∇f_i − ∇f)ᵀH(∇f_i − ∇f) of %d images; H and ∇f", j.request.CurvedImages) + over}, curved.CurvedNoise.Value, curved.CurvedNoise.StdErr)
	r.add(Quantity{Group: g, Name: "curvedNoiseScale", Title: "Gradient noise scale with curvature", Symbol: "B_noise", Unit: inImages, Source: mcCandlish, Note: note,
		Definition: "tr(HΣ)/(∇fᵀH∇f); the error is that of the numerator"}, curved.NoiseScale.Value, curved.NoiseScale.StdErr)
	r.add(Quantity{Group: g, Name: "largestStep", Title: "Best learning rate without noise", Symbol: "η_max", Unit: inStep, Source: mcCandlish, Note: note,
		Definition: "‖∇f‖²/(∇fᵀH∇f)" + over + "; with noise η_opt(b) = η_max/(1 + B_noise/b)"}, curved.LargestStep, math.NaN())
	return nil
}

func (j *job) sharpness() error {
	r, g, q := j.report, Sharpness, j.request
	batches := SharpnessBatches(j.images)
	over := fmt.Sprintf(", mean over %d batches of %d images", len(batches), len(batches[0]))
	for _, adaptive := range [2]bool{false, true} {
		reach, suffix, title, box, noise := Reach{q.Radius, false}, "", "", "|ε_i| ≤ ρ", "ε_i ~ N(0, ρ²)"
		if adaptive {
			reach, suffix, title, box, noise = Reach{q.AdaptiveRadius, true}, "Adaptive", ", adaptive", "|ε_i| ≤ ρ|w_i|", "ε_i ~ N(0, ρ²w_i²)"
		}
		worst, err := WorstSharpness(j.ctx, j.gradients, j.params, batches, reach, q.Iterations, nil)
		if err != nil {
			return err
		}
		r.add(Quantity{Group: g, Name: "worstSharpness" + suffix, Title: "Worst-case sharpness" + title, Symbol: "S_max", Unit: inNats, Source: andriushchen,
			Definition: fmt.Sprintf("greatest rise of the loss for %s, ρ = %g, found in %d ascent steps (a lower bound)", box, reach.Radius, q.Iterations) + over}, worst.Value, worst.StdErr)
		average, err := AverageSharpness(j.ctx, j.loss, j.params, batches, reach, q.Perturbations, j.stream("sharpness"+suffix), nil)
		if err != nil {
			return err
		}
		r.add(Quantity{Group: g, Name: "averageSharpness" + suffix, Title: "Average sharpness" + title, Symbol: "S_avg", Unit: inNats, Source: andriushchen,
			Definition: fmt.Sprintf("mean rise of the loss for %s, ρ = %g, %d antithetic pairs", noise, reach.Radius, q.Perturbations) + over}, average.Value, average.StdErr)
		if !adaptive {
			r.add(Quantity{Group: g, Name: "sharpnessLoss", Title: "Loss of the batches of sharpness", Symbol: "L", Unit: inNats,
				Definition: "mean cross-entropy, evaluation mode" + over}, worst.Loss, math.NaN())
		}
	}
	return nil
}

func (j *job) keskar() error {
	rise, err := KeskarSharpness(j.ctx, j.gradients, j.params, j.images, j.request.KeskarEpsilon, nil)
	if err != nil {
		return err
	}
	j.report.add(Quantity{Group: Keskar, Name: "keskarSharpness", Title: "Sharpness after Keskar", Symbol: "φ", Unit: "%", Source: "Keskar et al. 2017",
		Definition: fmt.Sprintf("φ = 100·(max f(x+y) − f(x))/(1 + f(x)), |y_i| ≤ ε(|x_i|+1), ε = %g, over %d images; %d steps of a spectral projected gradient (a lower bound)",
			j.request.KeskarEpsilon, len(j.images), rise.Iterations)}, rise.Phi, math.NaN())
	j.report.add(Quantity{Group: Keskar, Name: "keskarLoss", Title: "Loss at the centre of Keskar's box", Symbol: "f(x)", Unit: inNats,
		Definition: fmt.Sprintf("mean cross-entropy of %d images, evaluation mode", len(j.images))}, rise.Loss, math.NaN())
	return nil
}

func (j *job) noise() error {
	r, g, q := j.report, Noise, j.request
	sample, err := DrawNoise(j.ctx, j.gradients, j.params, j.images, NoiseDraws{Batches: q.NoiseBatches, Size: q.BatchSize, Coordinates: q.Coordinates}, j.stream("noise"), nil)
	if err != nil {
		return err
	}
	tails := sample.Tails()
	r.warn(tails.Warning)
	of := fmt.Sprintf("; %d batches of %d from %d images at frozen parameters", q.NoiseBatches, sample.Size, sample.Population)
	squares := make([]float64, len(sample.Lengths))
	for t, v := range sample.Lengths {
		squares[t] = v * v
	}
	size := meanOf(squares).root()
	r.add(Quantity{Group: g, Name: "noiseLength", Title: "Length of the mini-batch noise", Symbol: "√E‖ω‖²", Unit: inPerLength, Source: paper,
		Definition: "ω = mini-batch gradient − full gradient" + of}, size.Value, size.StdErr)
	implied := Estimate{math.NaN(), math.NaN()}
	if sample.Size < sample.Population {
		implied = sample.C2(false).root()
	}
	r.add(Quantity{Group: g, Name: "gradStdDevNoise", Title: "Spread of the gradients, from the noise", Symbol: "C", Unit: inPerLength, Source: paper,
		Definition: "C² = b·E‖ω‖²·(n−1)/(n−b)" + of}, implied.Value, implied.StdErr)
	r.add(Quantity{Group: g, Name: "silentShare", Title: "Coordinates without gradient", Definition: "share of the d coordinates whose gradient is 0 in every batch"},
		float64(sample.Silent)/float64(len(j.params)), math.NaN())
	r.add(Quantity{Group: g, Name: "pooledExcess", Title: "Excess kurtosis, pooled", Definition: "E ω_i⁴/(E ω_i²)² − 3 over all coordinates and batches; 0 for one Gaussian" + of},
		sample.Pooled.Excess, math.NaN())
	r.add(Quantity{Group: g, Name: "pooledTailIndex", Title: "Tail index, pooled", Symbol: "α̂", Source: simsekli, Note: TailWarning,
		Definition: fmt.Sprintf("1/α̂ = (mean log|sum of K₁| − mean log|ω_i|)/log K₁, K₁ = %d, over %d coordinates", tails.PooledBlock, tails.Heard) + of}, tails.PooledStable, math.NaN())
	r.add(Quantity{Group: g, Name: "pooledHillIndex", Title: "Hill index, pooled", Symbol: "α̂", Source: hill, Note: TailWarning,
		Definition: "reciprocal of the mean log-excess of the largest √N values: the exponent of a power-law tail, large for light tails" + of}, tails.PooledHill.Value, tails.PooledHill.StdErr)
	each := func(name, title, symbol, source, definition string, s Summary) {
		r.add(Quantity{Group: g, Name: name, Title: title + ", per coordinate", Symbol: symbol, Source: source,
			Definition: definition + fmt.Sprintf(", median of %d coordinates", tails.Heard) + of, Note: fmt.Sprintf("Half of the coordinates lie between %.3g and %.3g.", s.Low, s.High)}, s.Median, math.NaN())
	}
	each("coordinateTailIndex", "Tail index", "α̂", simsekli, fmt.Sprintf("as the pooled one, across batches for one coordinate, K₁ = %d; near 2 for light tails", tails.Block), tails.Stable)
	each("coordinateHillIndex", "Hill index", "α̂", hill, fmt.Sprintf("across batches for one coordinate, from the largest %d", tails.HillCount), tails.Hill)
	each("coordinateExcess", "Excess kurtosis", "", "", "across batches for one coordinate; about −6/P for Gaussian noise", tails.Excess)
	r.histogram(Series{Group: g, Name: "pooledNoise", Title: "Mini-batch noise, pooled", XTitle: "ω_i by the standard deviation of all", YTitle: "density",
		Definition: "all kept coordinates and batches in one common unit; not a test of tails" + of}, tails.PooledBars)
	r.histogram(Series{Group: g, Name: "standardizedNoise", Title: "Mini-batch noise, each coordinate in its own unit", XTitle: "ω_i by its own standard deviation", YTitle: "density",
		Definition: "each coordinate divided by its standard deviation across batches" + of}, tails.StandardizedBars)
	return nil
}

func (j *job) hessian() error {
	r, g, q := j.report, Hessian, j.request
	h, err := j.curvature()
	if err != nil {
		return err
	}
	found, err := Lanczos(j.ctx, h, RandomStart(h.Dim(), j.stream("lanczos")), q.LanczosSteps, nil)
	if err != nil {
		return err
	}
	top := found.Top(q.Eigenvalues, false)
	check, err := h.Error(j.ctx, found.Vector(len(found.Values)-1))
	if err != nil {
		return err
	}
	trace, err := Trace(j.ctx, h, q.TraceVectors, j.stream("trace"), nil)
	if err != nil {
		return err
	}
	of := fmt.Sprintf("; %d Lanczos steps, Hessian over %d images by %s", len(found.Values), len(j.images), j.differences(h))
	bound := "; the error is the residual ‖Hv − λv‖ with that of the differences"
	pair := func(name, title, symbol string, p Eigenpair) {
		quantity := Quantity{Group: g, Name: name, Title: title, Symbol: symbol, Unit: inCurvature, Source: pyHessian, Definition: "Ritz value of H" + of + bound}
		if p.Residual > 0.1*math.Abs(p.Value) {
			quantity.Note = "Not converged: more Lanczos steps would move it."
		}
		r.add(quantity, p.Value, p.Residual+check.Rayleigh)
	}
	ranks := [...]string{"Largest", "Second", "Third"}
	var x, y []float64
	for i, p := range top {
		title := fmt.Sprintf("%d-th eigenvalue", i+1)
		if i < len(ranks) {
			title = ranks[i] + " eigenvalue"
		}
		name := "topEigenvalue"
		if i > 0 {
			name = fmt.Sprintf("eigenvalue%d", i+1)
		}
		pair(name, title+" of the Hessian", fmt.Sprintf("λ_%d", i+1), p)
		x, y = append(x, float64(i+1)), append(y, p.Value)
	}
	pair("bottomEigenvalue", "Smallest eigenvalue of the Hessian", "λ_min", found.Bottom(false))
	r.add(Quantity{Group: g, Name: "hessianTrace", Title: "Trace of the Hessian", Symbol: "tr H", Unit: inCurvature, Source: "Hutchinson 1989",
		Definition: fmt.Sprintf("mean of vᵀHv over %d vectors of ±1", q.TraceVectors) + of}, trace.Value, trace.StdErr)
	r.add(Quantity{Group: g, Name: "stableStep", Title: "Largest stable learning rate of gradient descent", Symbol: "2/λ_1", Unit: inStep, Source: pyHessian,
		Definition: "gradient descent on a quadratic diverges beyond 2/λ_1"}, 2/top[0].Value, math.NaN())
	r.add(Quantity{Group: g, Name: "hessianStepError", Title: "Error of Hessian-vector products", Definition: "‖H_h v − H_{h/2} v‖/‖H_h v‖ for the vector of λ_1: products with the difference step and with half of it"},
		check.Relative, math.NaN())
	if check.Relative > 0.1 {
		r.warn(fmt.Sprintf("Hessian-vector products change by %.0f %% when the difference step is halved: units switch within the step, or the gradient is at its rounding.", 100*check.Relative))
	}
	r.Series = append(r.Series, Series{Group: g, Name: "eigenvalues", Title: "Largest eigenvalues of the Hessian", Kind: Points, XTitle: "rank", YTitle: "λ (nats/length²)", X: numbers(x), Y: numbers(y), Definition: "Ritz values of H" + of})
	return nil
}

// differences says how Hessian-vector products were made.
func (j *job) differences(h *Curvature) string {
	precision := "single"
	if j.request.Double {
		precision = "double"
	}
	return fmt.Sprintf("differences of %s-precision gradients of length %.3g", precision, h.Step())
}

func (j *job) density() error {
	r, g, q := j.report, Density, j.request
	h, err := j.curvature()
	if err != nil {
		return err
	}
	s, err := SpectralDensity(j.ctx, h, q.DensityRuns, q.LanczosSteps, j.stream("density"), nil)
	if err != nil {
		return err
	}
	of := fmt.Sprintf("; %d Lanczos runs of %d steps, Hessian over %d images by %s", q.DensityRuns, q.LanczosSteps, len(j.images), j.differences(h))
	r.add(Quantity{Group: g, Name: "densityTrace", Title: "Trace of the Hessian, from the density", Symbol: "tr H", Unit: inCurvature, Source: pyHessian,
		Definition: "d·∫ t φ(t) dt" + of}, s.Trace.Value, s.Trace.StdErr)
	r.add(Quantity{Group: g, Name: "densityLow", Title: "Lower end of the density", Unit: inCurvature, Definition: "smallest Ritz value" + of}, s.Low, math.NaN())
	r.add(Quantity{Group: g, Name: "densityHigh", Title: "Upper end of the density", Unit: inCurvature, Definition: "largest Ritz value" + of}, s.High, math.NaN())
	r.Series = append(r.Series, Series{Group: g, Name: "spectralDensity", Title: "Spectral density of the Hessian", Kind: Curve, XTitle: "eigenvalue t (nats/length²)", YTitle: "φ(t)",
		X: numbers(s.X), Y: numbers(s.Y), Definition: fmt.Sprintf("share of the eigenvalues near t, each broadened to a Gaussian of %.3g", s.Sigma) + of})
	return nil
}

// histogram appends a Series drawn as bars.
func (r *Report) histogram(s Series, b Bars) {
	s.Kind, s.X, s.Y = Histogram, numbers(b.Edges), numbers(b.Density)
	r.Series = append(r.Series, s)
}

package measure

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Kind names one group of measurements.
type Kind string

// The groups that Run knows.
const (
	Spread    Kind = "spread"    // C by per-sample gradients, by two batches and by half batches; ‖∇f‖
	Smoothing Kind = "smoothing" // δ without and with momentum, heavy-tailed δ_p, temperature
	Noise     Kind = "noise"     // distribution of the mini-batch noise: moments, tail indices, histograms
	Sharpness Kind = "sharpness" // worst-case and average rise of the loss, plain and adaptive
	Keskar    Kind = "keskar"    // φ of Keskar et al. 2017
	Hessian   Kind = "hessian"   // extreme eigenvalues and trace
	Density   Kind = "density"   // spectral density of the Hessian
	Scale     Kind = "scale"     // gradient noise scale: B_simple, B_noise
)

// Kinds lists the groups in the order in which Run works on them, cheapest first.
func Kinds() []Kind {
	return []Kind{Spread, Smoothing, Scale, Sharpness, Keskar, Noise, Hessian, Density}
}

// Title is what a group is called on a page.
func (k Kind) Title() string {
	switch k {
	case Spread:
		return "Spread of the gradients C"
	case Smoothing:
		return "Degree of smoothing δ"
	case Noise:
		return "Distribution of the gradient noise"
	case Sharpness:
		return "Sharpness"
	case Keskar:
		return "Sharpness after Keskar"
	case Hessian:
		return "Eigenvalues and trace of the Hessian"
	case Density:
		return "Spectral density of the Hessian"
	case Scale:
		return "Gradient noise scale"
	}
	return string(k)
}

// Request says what Run measures, and how. Start from DefaultRequest; every field has the same name in JSON and in a form.
type Request struct {
	What   []Kind `json:"what"`   // groups of Kinds(), without repetition
	Images int    `json:"images"` // m, training images used, drawn by Seed without replacement; 0 is all. Spread and smoothing draw from all
	Seed   uint64 `json:"seed"`

	// The update whose δ is asked (groups smoothing and noise).
	LearningRate float64 `json:"learningRate"` // η > 0
	BatchSize    int     `json:"batchSize"`    // b ≥ 1
	Momentum     float64 `json:"momentum"`     // β, 0 ≤ β < 1
	MomentOrder  float64 `json:"momentOrder"`  // p of δ_p, 1 < p ≤ 2

	Samples      int `json:"samples"`      // per-sample gradients for C and B_simple, 2 …; more than there are is all
	Pairs        int `json:"pairs"`        // pairs of batches for each of the two-batch and half-batch estimates of C, 2 …
	NoiseBatches int `json:"noiseBatches"` // P, mini-batches of BatchSize for the distribution of the noise, 16 …
	Coordinates  int `json:"coordinates"`  // M, coordinates whose noise is kept, 1 …

	Radius         float64 `json:"radius"`         // ρ of plain sharpness, > 0
	AdaptiveRadius float64 `json:"adaptiveRadius"` // ρ of adaptive sharpness, > 0: relative to |w|
	Iterations     int     `json:"iterations"`     // ascent steps a batch of the worst case, 1 …
	Perturbations  int     `json:"perturbations"`  // antithetic pairs a batch of the average, 2 …
	KeskarEpsilon  float64 `json:"keskarEpsilon"`  // half-width of Keskar's box, > 0

	// Double computes Hessian-vector products (groups hessian, density, scale) from float64 gradients: ten times slower or more, and right for networks
	// with ReLU, where single precision is rough.
	Double       bool `json:"double"`
	Eigenvalues  int  `json:"eigenvalues"`  // largest eigenvalues reported, 1 … LanczosSteps
	LanczosSteps int  `json:"lanczosSteps"` // Hessian-vector products a Lanczos run, 2 …
	TraceVectors int  `json:"traceVectors"` // random vectors of Hutchinson's trace, 2 …
	DensityRuns  int  `json:"densityRuns"`  // random starts of the spectral density, 1 …
	CurvedImages int  `json:"curvedImages"` // images whose gradients meet the Hessian in B_noise, 2 …; one Hessian-vector product each
}

// DefaultRequest asks for C, δ and the sharpness of the paper's settings (1,024 images in batches of 128, ρ = 0.0002, 20 steps;
// arXiv 2311.08745, section 3.3) at η = 0.1 and b = 128.
func DefaultRequest() Request {
	return Request{
		What: []Kind{Spread, Smoothing, Sharpness}, Images: 1024, Seed: 1,
		LearningRate: 0.1, BatchSize: 128, MomentOrder: 1.5,
		Samples: 256, Pairs: 64, NoiseBatches: 100, Coordinates: 500,
		Radius: 0.0002, AdaptiveRadius: 0.001, Iterations: 20, Perturbations: 10, KeskarEpsilon: 1e-3,
		Double: true, Eigenvalues: 5, LanczosSteps: 30, TraceVectors: 10, DensityRuns: 3, CurvedImages: 16,
	}
}

// FieldError says what is wrong with one field of a Request. Field is the name in JSON and in the form.
type FieldError struct {
	Field    string
	Doing    string
	Expected string
	Found    string
	Advice   string // what to do: a clause without a full stop
}

func (e *FieldError) Error() string {
	return fmt.Sprintf("%s: %s: expected %s, found %s; %s", e.Field, e.Doing, e.Expected, e.Found, e.Advice)
}

// Upper bounds of a request: what a mistyped number may cost at most.
const (
	maxCount   = 1_000_000
	maxLanczos = 500
)

// Validate checks the request for a training set of n images and gives one *FieldError a field, joined. Fields of groups that
// are not asked for are not looked at.
func (r Request) Validate(n int) error {
	var errs []error
	bad := func(field, doing, expected string, found any, advice string) {
		errs = append(errs, &FieldError{Field: field, Doing: doing, Expected: expected, Found: fmt.Sprint(found), Advice: advice})
	}
	count := func(field, doing string, found, least, most int, advice string) {
		if found < least || found > most {
			bad(field, doing, fmt.Sprintf("%d to %d", least, most), found, advice)
		}
	}
	positive := func(field, doing string, found float64, advice string) {
		if !(found > 0 && found <= math.MaxFloat32) {
			bad(field, doing, "a finite number above 0", found, advice)
		}
	}

	names := make([]string, 0, len(Kinds()))
	for _, k := range Kinds() {
		names = append(names, string(k))
	}
	switch {
	case len(r.What) == 0:
		bad("what", "choosing what to measure", "at least one of "+strings.Join(names, ", "), "nothing", "name one")
	default:
		seen := map[Kind]bool{}
		for _, k := range r.What {
			if !slices.Contains(Kinds(), k) {
				bad("what", "choosing what to measure", "some of "+strings.Join(names, ", "), quote(string(k)), "name some of these")
				break
			}
			if seen[k] {
				bad("what", "choosing what to measure", "each name once", quote(string(k))+" twice", "name it once")
				break
			}
			seen[k] = true
		}
	}
	images := r.Population(n)
	switch {
	case n < 2:
		bad("images", "choosing the images", "a training set of at least 2 images", n, "measure on more images")
		return errors.Join(errs...)
	case r.Images < 0 || r.Images == 1 || r.Images > n:
		bad("images", "choosing the images", fmt.Sprintf("0 (all) or 2 to %d", n), r.Images, "choose a number within the training set")
		return errors.Join(errs...)
	}

	if r.asks(Spread, Smoothing, Scale) {
		count("samples", "choosing the per-sample gradients", r.Samples, 2, maxCount, "take a few hundred")
	}
	if r.asks(Spread) {
		count("pairs", "choosing the pairs of batches", r.Pairs, 2, maxCount, "take 64 or so")
	}
	if r.asks(Smoothing) {
		positive("learningRate", "setting the update whose δ is asked", r.LearningRate, "take that of the run")
		if !(r.Momentum >= 0 && r.Momentum < 1) {
			bad("momentum", "setting the update whose δ is asked", "at least 0 and below 1", r.Momentum, "take that of the run, 0 without momentum")
		}
		if !(r.MomentOrder > 1 && r.MomentOrder <= 2) {
			bad("momentOrder", "choosing the moment of δ_p", "above 1 and at most 2", r.MomentOrder, "take 2 for light tails, less for heavier ones")
		}
	}
	if r.asks(Spread, Smoothing, Noise) {
		most := n
		if r.asks(Noise) {
			most = images
		}
		count("batchSize", "choosing the mini-batch", r.BatchSize, 1, most, "take that of the run, and no more than the images it is drawn from")
	}
	if r.asks(Noise) {
		count("noiseBatches", "choosing how many mini-batches to draw", r.NoiseBatches, 16, maxCount, "take 100 or so: a tail index of few draws says nothing")
		count("coordinates", "choosing how many coordinates to keep", r.Coordinates, 1, maxCount, "take 500 or so")
		if r.NoiseBatches > 0 && r.Coordinates > maxKept/r.NoiseBatches {
			bad("coordinates", "choosing how many coordinates to keep", fmt.Sprintf("at most %d with %d batches", maxKept/r.NoiseBatches, r.NoiseBatches), r.Coordinates, "keep fewer coordinates or draw fewer batches")
		}
	}
	if r.asks(Sharpness) {
		positive("radius", "setting the radius of plain sharpness", r.Radius, "the paper takes 0.0002")
		positive("adaptiveRadius", "setting the radius of adaptive sharpness", r.AdaptiveRadius, "0.001 to 0.008 is usual")
		count("iterations", "choosing the ascent steps", r.Iterations, 1, maxCount, "the paper takes 20")
		count("perturbations", "choosing the random perturbations", r.Perturbations, 2, maxCount, "take 10 or so")
	}
	if r.asks(Keskar) {
		positive("keskarEpsilon", "setting Keskar's box", r.KeskarEpsilon, "0.001 or 0.0005 is usual")
	}
	if r.asks(Hessian, Density) {
		count("lanczosSteps", "choosing the Lanczos steps", r.LanczosSteps, 2, maxLanczos, "take 30 or so")
	}
	if r.asks(Hessian) {
		count("eigenvalues", "choosing how many eigenvalues to report", r.Eigenvalues, 1, max(r.LanczosSteps, 1), "ask for no more than the Lanczos steps, and well below them")
		count("traceVectors", "choosing the vectors of the trace", r.TraceVectors, 2, maxCount, "take 10 or so")
	}
	if r.asks(Density) {
		count("densityRuns", "choosing the starts of the density", r.DensityRuns, 1, maxCount, "take 3 or so")
	}
	if r.asks(Scale) {
		count("curvedImages", "choosing the images of B_noise", r.CurvedImages, 2, images, "take 16 or so, and no more than the images measured on")
	}
	return errors.Join(errs...)
}

// Population is how many of n training images the request measures on.
func (r Request) Population(n int) int {
	if r.Images == 0 {
		return n
	}
	return min(r.Images, n)
}

// asks says whether one of the groups is asked for.
func (r Request) asks(kinds ...Kind) bool {
	for _, k := range kinds {
		if slices.Contains(r.What, k) {
			return true
		}
	}
	return false
}

// quote makes a word that a user typed short and printable.
func quote(s string) string {
	if len(s) > 40 {
		return fmt.Sprintf("%.40q… (%d bytes)", s, len(s))
	}
	return fmt.Sprintf("%q", s)
}

package main

import "smoothscape/trainer"

// recordingPlan says how a recorded run is made; `smoothscape record ID` does it.
type recordingPlan struct {
	ID, Name string
	Config   trainer.Config
	Slices   int // pictures over the run
	Updates  int // of its log, evenly chosen
}

// recordingPlans lists the recorded runs in the order in which they are offered.
func recordingPlans() []recordingPlan {
	cfg := trainer.Default("mlp")
	cfg.Engine = "cpu"
	cfg.LearningRate, cfg.BatchSize, cfg.Epochs, cfg.StageEpochs = 0.2, 16, 16, 2
	decay, constant := cfg, cfg
	decay.Schedule, constant.Schedule = trainer.LRDecay, trainer.Constant
	return []recordingPlan{
		{ID: "recorded-lr-decay", Name: "η decays, δ falls 18-fold", Config: decay, Slices: 25, Updates: 1200},
		{ID: "recorded-constant", Name: "η stays, δ falls as C does", Config: constant, Slices: 13, Updates: 800},
	}
}

// The geometry of a recorded slice. Its plane goes through the ends of three trainings that differ in their seed alone: this run's in the
// center, the two others at (−0.5, 0.9) and (0.5, 0.9), nearly. Three minima, far enough apart that δ can tell them or not.
//
// A page opens an ordinary run with the magnification at which its first δ is a tenth of the view's half-width. Of a network's slice that
// moves no loss by more than a fiftieth of the range, whatever its plane: nothing is seen to melt. A recording is there to show it, and so its first
// δ is one half, where the three minima are one. The page says m, and beside it the lift of f at m = 1.
const (
	recordedSide  = 1.0 // between the ends of the two other trainings, in the units of the plane
	recordedFirst = 0.5 // what the page's magnification makes of the run's first δ
	recordedHalo  = 1.8 // beyond the view: five standard deviations of a kernel of δ = 0.51
	recordedMarks = 48  // checkpoints of the trajectory
	recordedNodes = 9   // a side of the coarsest grid; the finest has 65
	lossDigits    = 5   // of a loss of a recorded slice
	wayDigits     = 5   // of a coordinate of a recorded trajectory
	eventDigits   = 5   // of a measured number of the log
)

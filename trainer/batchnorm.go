package trainer

import "smoothscape/trainer/engine"

const batchNormMomentum float32 = 0.1

func stateTensors(engine.Spec) []engine.TensorInfo { return nil }
func stateCount(engine.Spec) int                   { return 0 }
func initialState(engine.Spec) []float32           { return nil }
func hasBatchNorm(engine.Spec) bool                { return false }
func stateOf(engine.Model) []float32               { return nil }
func batchStats(engine.Model) []float32            { return nil }

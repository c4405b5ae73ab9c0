package descent

import (
	"math"
	"testing"

	"smoothscape/landscape"
)

// The recorded vectors are those of the run: with them every step can be taken again.
func TestRecordedNoiseIsThatOfTheRun(t *testing.T) {
	o, _ := landscape.ObjectiveByID("rastrigin", 6)
	k := landscape.Kernel{Law: landscape.Uniform, Convention: landscape.Vector, Dim: 6}
	m := Method{Objective: o, Gradient: Noisy, Kernel: k, GradStdDev: 40, Stages: []Stage{
		{LearningRate: 0.01, BatchSize: 4, NoiseLevel: 0.2, Steps: 20}, {LearningRate: 0.005, BatchSize: 4, NoiseLevel: 0.1, Steps: 20},
	}}
	start := []float64{1, -2, 0.5, 3, -1, 2}
	run, err := Run(t.Context(), m, start, 9, 41)
	if err != nil || len(run.Points) != 41 {
		t.Fatal(len(run.Points), err)
	}
	noise, err := RecordNoise(m, 9, 40)
	if err != nil {
		t.Fatal(err)
	}
	grad := make([]float64, 6)
	for i, omega := range noise {
		eta := m.Stages[i/20].LearningRate
		o.Grad(run.Points[i].X, grad)
		for j, g := range grad {
			if want, got := run.Points[i+1].X[j], run.Points[i].X[j]-eta*(g+omega[j]); math.Abs(got-want) > 1e-12 {
				t.Fatalf("step %d, coordinate %d: %g with the recorded noise, %g in the run", i, j, got, want)
			}
		}
	}
	if first, err := RecordNoise(m, 9, 3); err != nil || len(first) != 3 || first[2][5] != noise[2][5] {
		t.Errorf("three vectors are not the first three: %v, %v", first, err)
	}
	for name, wrong := range map[string]func() ([][]float64, error){
		"more than steps": func() ([][]float64, error) { return RecordNoise(m, 9, 41) },
		"none":            func() ([][]float64, error) { return RecordNoise(m, 9, 0) },
		"not SGD":         func() ([][]float64, error) { return RecordNoise(Descent(o, 0.01, 50), 9, 10) },
	} {
		if _, err := wrong(); err == nil {
			t.Errorf("%s: no fault", name)
		}
	}
}

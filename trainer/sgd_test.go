package trainer

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// bits draws n float32 of all sizes, and the guests that any loop must let pass.
func bits(n int, rng *rand.Rand) []float32 {
	values := make([]float32, n)
	for i := range values {
		values[i] = float32(rng.NormFloat64() * math.Exp(4*rng.NormFloat64()))
	}
	for i, guest := range []float32{0, float32(math.Copysign(0, -1)), 1e-42, math.MaxFloat32, float32(math.Inf(1))} {
		if i < n {
			values[rng.IntN(n)] = guest
		}
	}
	return values
}

// Whatever adds a·x to y on this machine, it gives the bits of two rounded operations, at every length around its unrolling.
func TestAxpyRoundsProductAndSum(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for n := range 70 {
		a, x, y := float32(rng.NormFloat64()), bits(n, rng), bits(n+1, rng)
		want := make([]uint32, n)
		for i := range want {
			product := a * x[i]
			want[i] = math.Float32bits(y[i] + product)
		}
		beyond := y[n]
		axpy(a, x, y[:n])
		for i := range want {
			if math.Float32bits(y[i]) != want[i] && !(y[i] != y[i] && math.IsNaN(float64(math.Float32frombits(want[i])))) {
				t.Fatalf("length %d, value %d: got %g, want %g", n, i, y[i], math.Float32frombits(want[i]))
			}
		}
		if y[n] != beyond {
			t.Fatalf("length %d: wrote behind the end", n)
		}
	}
}

// Three updates of one parameter, worked out by hand from the documentation of torch.optim.SGD: θ = 1, η = ½, gradients 2, −4
// and 1, μ = ½, λ = ¼. All numbers are exact in binary.
func TestUpdatesAreThoseOfTorch(t *testing.T) {
	for _, test := range []struct {
		name string
		cfg  Config
		want [3]float32
	}{
		{"plain", Config{}, [3]float32{0, 2, 1.5}},
		// d = 2.25; −4 − 1/32 = −4.03125; 1 + ¼·1.890625 = 1.47265625
		{"weight decay", Config{WeightDecay: 0.25}, [3]float32{-0.125, 1.890625, 1.154296875}},
		// v = 2; −3; −½
		{"momentum", Config{Momentum: 0.5}, [3]float32{0, 1.5, 1.75}},
		// v = 2; −3; −½ and steps of 2 + 1; −4 − 1.5; 1 − ¼
		{"Nesterov", Config{Momentum: 0.5, Nesterov: true}, [3]float32{-0.5, 2.25, 1.875}},
		// d = 2.25; −4.03125; 1.33203125, v = 2.25; −2.90625; −0.12109375
		{"momentum and weight decay", Config{Momentum: 0.5, WeightDecay: 0.25}, [3]float32{-0.125, 1.328125, 1.388671875}},
		// d = 2.25; −4.171875; 1.5400390625, v = 2.25; −3.046875; 0.0166015625, steps of 3.375; −5.6953125; 1.54833984375
		{"Nesterov and weight decay", Config{Momentum: 0.5, Nesterov: true, WeightDecay: 0.25}, [3]float32{-0.6875, 2.16015625, 1.385986328125}},
	} {
		o, params, velocity := newSGD(test.cfg), []float32{1}, []float32{0}
		for i, g := range []float32{2, -4, 1} {
			o.step(i, 0.5, params, velocity, []float32{g})
			if params[0] != test.want[i] {
				t.Errorf("%s, update %d: got %v, want %v", test.name, i+1, params[0], test.want[i])
			}
		}
	}
}

// The same against the recursion in float64, over many parameters and updates.
func TestUpdatesFollowTheRecursion(test *testing.T) {
	const d, updates = sgdBlock + 257, 100
	for _, cfg := range []Config{{}, {WeightDecay: 0.01}, {Momentum: 0.9}, {Momentum: 0.9, WeightDecay: 0.01}, {Momentum: 0.9, Nesterov: true, WeightDecay: 0.01}} {
		rng := rand.New(rand.NewPCG(2, 3))
		o := newSGD(cfg)
		params, velocity, grad := make([]float32, d), make([]float32, d), make([]float32, d)
		theta, v := make([]float64, d), make([]float64, d)
		for i := range params {
			params[i] = float32(rng.NormFloat64())
			theta[i] = float64(params[i])
		}
		for t := range updates {
			for i := range grad {
				grad[i] = float32(rng.NormFloat64())
				g := float64(grad[i]) + cfg.WeightDecay*theta[i]
				v[i] = cfg.Momentum*v[i] + g
				move := v[i]
				if cfg.Nesterov {
					move = g + cfg.Momentum*v[i]
				}
				theta[i] -= 0.05 * move
			}
			o.step(t, 0.05, params, velocity, grad)
		}
		for i := range params {
			// v is of size 1/√(1−μ²) < 3 and is forgotten after 1/(1−μ) = 10 updates, so it is off by some 10·3·2⁻²⁴ and by a sixth of a
			// float32's spacing for μ itself; 100 updates of 0.05 add up 5 of those: 1e-5. θ of size 5 adds 100 roundings of 2⁻²³: 2e-5.
			if math.Abs(float64(params[i])-theta[i]) > 3e-5 {
				test.Fatalf("μ = %g, λ = %g: parameter %d: got %v, want %v", cfg.Momentum, cfg.WeightDecay, i, params[i], theta[i])
			}
		}
	}
}

// A unit that died: its momentum ends as 0, not among the numbers that processors are slow with.
func TestForgottenMomentumIsZero(t *testing.T) {
	o, params, velocity := newSGD(Config{Momentum: 0.9}), []float32{1, 1}, []float32{1e-20, -1}
	for i := range 1000 {
		o.step(i, 0.1, params, velocity, []float32{0, 1})
		if v := velocity[0]; v != 0 && v < 0x1p-126 {
			t.Fatalf("update %d: momentum %g", i, v)
		}
	}
	if velocity[0] != 0 || velocity[1] < 9 {
		t.Errorf("got %v", velocity)
	}
}

func TestUpdatesAllocateNothing(t *testing.T) {
	params, velocity, grad := make([]float32, 1000), make([]float32, 1000), make([]float32, 1000)
	for _, cfg := range []Config{{}, {WeightDecay: 1}, {Momentum: 0.9}, {Momentum: 0.9, Nesterov: true}} {
		o := newSGD(cfg)
		if n := testing.AllocsPerRun(10, func() { o.step(0, 0.1, params, velocity, grad) }); n != 0 {
			t.Errorf("μ = %g, λ = %g: %v allocations", cfg.Momentum, cfg.WeightDecay, n)
		}
	}
}

// The update alone, for the parameters of the MLP (they stay in the cache) and of a ResNet18 (they do not), and a copy of the
// gradient, which an update spoils.
func BenchmarkUpdate(b *testing.B) {
	for _, d := range []int{101_770, 11_220_132} {
		params, velocity, grad, fresh := make([]float32, d), make([]float32, d), make([]float32, d), make([]float32, d)
		for i := range grad {
			params[i], fresh[i] = 1, 1e-3*float32(i%7-3)
		}
		for _, cfg := range []Config{{}, {WeightDecay: 5e-4}, {Momentum: 0.9, WeightDecay: 5e-4}, {Momentum: 0.9, Nesterov: true, WeightDecay: 5e-4}} {
			o := newSGD(cfg)
			b.Run(fmt.Sprintf("d=%d/μ=%g/λ=%g/nesterov=%v", d, cfg.Momentum, cfg.WeightDecay, cfg.Nesterov), func(b *testing.B) {
				b.SetBytes(int64(4 * d))
				for b.Loop() {
					copy(grad, fresh)
					o.step(1, 0.01, params, velocity, grad)
				}
			})
		}
	}
}

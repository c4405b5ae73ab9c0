package trainer

// sgd is stochastic gradient descent as torch.optim.SGD has it with dampening 0: with d = g + λθ,
//
//	v ← μv + d        (v starts at 0, so the first one is d)
//	θ ← θ − η·v       or θ ← θ − η·(d + μv) with Nesterov's momentum
//
// The zero value is the paper's: θ ← θ − ηg. Every product is rounded to float32 before it is added, so that no machine fuses
// the two and all of them give the same bits.
type sgd struct {
	momentum float32 // μ
	nesterov bool
	decay    float32 // λ
}

func newSGD(cfg Config) sgd {
	return sgd{momentum: float32(cfg.Momentum), nesterov: cfg.Nesterov, decay: float32(cfg.WeightDecay)}
}

// sgdBlock is how many parameters pass through all the operations of an update before the next ones: those of a block stay in
// the cache.
const sgdBlock = 4096

// step makes one update of params by the gradient grad, both of length d. velocity is v, of length d too, or empty without
// momentum. It writes to params and velocity, uses grad as work space, and allocates nothing.
func (o sgd) step(eta float64, params, velocity, grad []float32) {
	rate := float32(eta)
	for start := 0; start < len(params); start += sgdBlock {
		end := min(start+sgdBlock, len(params))
		theta, d := params[start:end], grad[start:end]
		if o.decay != 0 {
			axpy(o.decay, theta, d)
		}
		if o.momentum == 0 {
			axpy(-rate, d, theta)
			continue
		}
		v := velocity[start:end]
		for i := range v {
			v[i] *= o.momentum
		}
		axpy(1, d, v)
		if o.nesterov {
			axpy(o.momentum, v, d)
			v = d
		}
		axpy(-rate, v, theta)
	}
}

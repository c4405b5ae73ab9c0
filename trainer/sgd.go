package trainer

// sgd is stochastic gradient descent as torch.optim.SGD has it with dampening 0: with d = g + λθ,
//
//	v ← μv + d        (v starts at 0, so the first one is d)
//	θ ← θ − η·v       or θ ← θ − η·(d + μv) with Nesterov's momentum
//
// The paper's is the one with μ = λ = 0: θ ← θ − ηg. Every product is rounded to float32 before it is added, so that no machine fuses
// the two and all of them give the same bits.
type sgd struct {
	momentum float32 // μ
	nesterov bool
	decay    float32   // λ
	work     []float32 // sgdBlock values for Nesterov's momentum
}

func newSGD(cfg Config) sgd {
	return sgd{momentum: float32(cfg.Momentum), nesterov: cfg.Nesterov, decay: float32(cfg.WeightDecay), work: make([]float32, sgdBlock)}
}

// sgdBlock is how many parameters pass through all the operations of an update before the next ones: those of a block stay in
// the cache.
const sgdBlock = 2048

// step makes update number t (0-based) of params by the gradient grad, both of length d. velocity is v, of length d too, or empty
// without momentum. It writes to params and velocity, uses grad as work space, and allocates nothing.
func (o sgd) step(t int, eta float64, params, velocity, grad []float32) {
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
		v, before := velocity[start:end], o.work[:end-start]
		if o.nesterov {
			copy(before, d)
		}
		axpy(o.momentum, v, d)
		copy(v, d)
		if o.nesterov {
			axpy(o.momentum, v, before)
			d = before
		}
		axpy(-rate, d, theta)
	}
	if t%flushEvery == 0 {
		flush(velocity)
	}
}

// The momentum of a parameter whose gradient stays 0 (that of a dead unit) would sink to the subnormal numbers and stay there, since 0.9
// times the smallest of them is rounded to itself; each operation on one takes a processor some hundred cycles. So every flushEvery
// updates what is smaller than velocityFloor becomes 0: too small to move any parameter, and with μ ≤ 0.9 still far from
// subnormal 16 updates later.
const (
	flushEvery    = 16
	velocityFloor = 0x1p-100
)

func flush(velocity []float32) {
	for i, v := range velocity {
		if -velocityFloor < v && v < velocityFloor {
			velocity[i] = 0
		}
	}
}

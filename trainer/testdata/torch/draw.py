"""Numbers for goldens that Go makes too, so that none of them need be stored.

Draw i of a seed is SplitMix64 (Steele, Lea and Flood 2014): z = mix(seed + (i+1)·0x9E3779B97F4A7C15). Its upper 20 bits give a value in
[−1, 1) that is a multiple of 2⁻¹⁹, so that it, half of it, and one more than half of it are the same number in float32 and float64. The
same in Go: smoothscape/trainer/engine/golden, draw_test.go.
"""

import numpy as np

GOLDEN = np.uint64(0x9E3779B97F4A7C15)


class Draw:
    """A stream of numbers; each call goes on where the last one ended."""

    def __init__(self, seed):
        self.seed, self.drawn = np.uint64(seed), 0

    def bits(self, n):
        with np.errstate(over="ignore"):
            z = self.seed + np.arange(self.drawn + 1, self.drawn + n + 1, dtype=np.uint64) * GOLDEN
            z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        self.drawn += n
        return z ^ (z >> np.uint64(31))

    def values(self, n):
        """n values in [−1, 1)."""
        return (self.bits(n) >> np.uint64(44)).astype(np.float64) / 2**19 - 1

    def labels(self, n, classes):
        return ((self.bits(n) >> np.uint64(32)) % np.uint64(classes)).astype(np.int64)

    def tensor(self, name, shape):
        """A parameter or a running statistic. Weights lie in ±2⁻ᵏ, the next power of two below He's √(6/fan-in), so that activations
        neither die nor grow; γ and variances in [0.5, 1.5); biases, β and means in [−0.5, 0.5)."""
        u = self.values(int(np.prod(shape)))
        if len(shape) > 1:
            fan, k = int(np.prod(shape[1:])), 0
            while fan > 6 * 4**k:
                k += 1
            u = u / 2**k
        elif name.endswith((".weight", ".running_var")):
            u = 1 + u / 2
        else:
            u = u / 2
        return u.reshape(shape)

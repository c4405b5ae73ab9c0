"""Smooths a grid with scipy.ndimage.gaussian_filter each time it is asked to, and says how long that took.

BenchmarkSciPy starts it: compare.py GRID NODES HALO SIGMA RESULT. GRID holds (NODES + 2·HALO)² numbers, float64,
row by row; SIGMA is in cells. Every line on standard input is answered by the seconds of one run, with SciPy's own
cut at four standard deviations, mirrored beyond the halo; at the end the inner NODES² numbers are written to RESULT.
"""

import sys
import time

import numpy as np
from scipy import ndimage

path, nodes, halo, sigma, result = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]), sys.argv[5]
grid = np.fromfile(path, dtype=np.float64).reshape(nodes + 2 * halo, nodes + 2 * halo)
for _ in sys.stdin:
    start = time.perf_counter()
    smoothed = ndimage.gaussian_filter(grid, sigma, mode="mirror", truncate=4.0)[halo:-halo, halo:-halo].copy()
    print(time.perf_counter() - start, flush=True)
smoothed.tofile(result)

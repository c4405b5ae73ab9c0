// The closed forms of landscape/functions.go, in float64. Everything else about them (name, formula, domain, range of δ,
// growth) comes with the page, from Go.

export type Objective = (x: number, y: number) => number;

const { PI, abs, cos, exp, expm1, sin, sqrt } = Math;

// The maximum of x·sin√x on [0, 500].
const schwefelHeight = 418.98288727243374;

export const functions: Readonly<Record<string, Objective>> = {
  "rastrigin": (x, y) => 20 + x * x + y * y - 10 * (cos(2 * PI * x) + cos(2 * PI * y)),
  "ackley": (x, y) => -20 * expm1(-0.2 * sqrt((x * x + y * y) / 2)) + (Math.E - exp((cos(2 * PI * x) + cos(2 * PI * y)) / 2)),
  "drop-wave": (x, y) => {
    const s = x * x + y * y;
    return 1 - (1 + cos(12 * sqrt(s))) / (s / 2 + 2);
  },
  "himmelblau": (x, y) => {
    const a = x * x + y - 11, b = x + y * y - 7;
    return a * a + b * b;
  },
  "styblinski-tang": (x, y) => (x * (5 + x * (x * x - 16)) + y * (5 + y * (y * y - 16))) / 2,
  "griewank": (x, y) => 1 + (x * x + y * y) / 4000 - cos(x) * cos(y / Math.SQRT2),
  "schwefel": (x, y) => 2 * schwefelHeight - x * sin(sqrt(abs(x))) - y * sin(sqrt(abs(y))),
  "dent": (x, y) => {
    const u = x - 1;
    return (x * x + y * y) / 2 - 0.3 * exp(-(u * u + y * y) / 0.02);
  },
};

package measure

// maxKept bounds the noise values that are kept at once (float64 each).
const maxKept = 10_000_000

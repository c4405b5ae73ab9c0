package landscape

import "math"

//go:generate go run ./palettegen -o ../static/src/palette.gen.ts

// Palette names a colour map. Both are made for it that equal steps of the value are equal steps of lightness, for every eye
// and in print without colors.
type Palette string

// The palettes.
const (
	Viridis Palette = "viridis" // N. Smith, S. van der Walt, 2015 (CC0)
	Cividis Palette = "cividis" // J. Nuñez, C. Anderton, R. Renslow, doi:10.1371/journal.pone.0199239, 2018
)

// Palettes lists them; the first is the default.
func Palettes() []Palette { return []Palette{Viridis, Cividis} }

// RGB is a color in sRGB, 8 bits a channel.
type RGB [3]uint8

// Colors are the 256 colors of a palette from the lowest value to the highest; ok is false for an unknown name.
// They pass through published ones (the knots), between which each channel is a monotone cubic: at most one
// step of 255 off the published tables.
func (p Palette) Colors() (colors [256]RGB, ok bool) {
	curves, ok := p.curves()
	if !ok {
		return colors, false
	}
	for i := range colors {
		for channel, curve := range curves {
			colors[i][channel] = uint8(math.Round(255 * min(1, max(0, curve.at(float64(i))))))
		}
	}
	return colors, true
}

// curves are the three channels as functions of the entry.
func (p Palette) curves() (curves [3]monotone, ok bool) {
	var knots []colorKnot
	switch p {
	case Viridis:
		knots = viridisKnots()
	case Cividis:
		knots = cividisKnots()
	default:
		return curves, false
	}
	for channel := range curves {
		x, y := make([]float64, len(knots)), make([]float64, len(knots))
		for i, k := range knots {
			x[i], y[i] = k.at, k.rgb[channel]
		}
		curves[channel] = newMonotone(x, y)
	}
	return curves, true
}

// colorKnot is a published color: entry at (0 … 255), channels in [0, 1].
type colorKnot struct {
	at  float64
	rgb [3]float64
}

func viridisKnots() []colorKnot {
	return []colorKnot{
		{0, [3]float64{.267004, .004874, .329415}}, {7, [3]float64{.276022, .044167, .370164}},
		{15, [3]float64{.281924, .089666, .412415}}, {21, [3]float64{.283229, .120777, .440584}},
		{30, [3]float64{.280255, .165693, .476498}}, {45, [3]float64{.263663, .237631, .518762}},
		{60, [3]float64{.237441, .305202, .541921}}, {75, [3]float64{.208623, .367752, .552675}},
		{90, [3]float64{.182256, .426184, .557120}}, {102, [3]float64{.163625, .471133, .558148}},
		{120, [3]float64{.137770, .537492, .554906}}, {130, [3]float64{.125394, .574318, .549086}},
		{140, [3]float64{.119423, .611141, .538982}}, {150, [3]float64{.128087, .647749, .523491}},
		{165, [3]float64{.180653, .701402, .488189}}, {180, [3]float64{.274149, .751988, .436601}},
		{195, [3]float64{.395174, .797475, .367757}}, {210, [3]float64{.535621, .835785, .281908}},
		{225, [3]float64{.688944, .865448, .182725}}, {233, [3]float64{.772852, .877868, .131109}},
		{240, [3]float64{.845561, .887322, .099702}}, {244, [3]float64{.886271, .892374, .095374}},
		{249, [3]float64{.935904, .898570, .108131}}, {255, [3]float64{.993248, .906157, .143936}},
	}
}

// The knots stand close where the published map bends: it leaves the border of the sRGB gamut at entry 22.
func cividisKnots() []colorKnot {
	return []colorKnot{
		{0, [3]float64{0, .135112, .304751}}, {6, [3]float64{0, .152673, .343704}},
		{15, [3]float64{0, .176082, .407577}}, {18, [3]float64{0, .184550, .428802}},
		{19, [3]float64{0, .186915, .435532}}, {20, [3]float64{0, .188769, .439563}},
		{22, [3]float64{0, .193366, .441561}}, {23, [3]float64{.003602, .195911, .441564}},
		{26, [3]float64{.046205, .203903, .440196}}, {30, [3]float64{.087465, .214879, .437342}},
		{34, [3]float64{.117612, .225935, .434308}}, {45, [3]float64{.180503, .256180, .427299}},
		{51, [3]float64{.208926, .272546, .424809}}, {63, [3]float64{.259740, .305120, .422810}},
		{68, [3]float64{.279411, .318677, .423031}}, {85, [3]float64{.342246, .364939, .428559}},
		{102, [3]float64{.401418, .411790, .440708}}, {119, [3]float64{.458366, .459552, .460457}},
		{124, [3]float64{.474812, .473832, .467681}}, {128, [3]float64{.488697, .485318, .471008}},
		{136, [3]float64{.517920, .508454, .472707}}, {153, [3]float64{.582087, .558670, .468118}},
		{170, [3]float64{.648222, .610553, .454801}}, {187, [3]float64{.716177, .664384, .432386}},
		{204, [3]float64{.785965, .720438, .399613}}, {221, [3]float64{.857809, .778969, .353259}},
		{230, [3]float64{.896818, .811030, .320982}}, {238, [3]float64{.932180, .840159, .285880}},
		{247, [3]float64{.973114, .873550, .234677}}, {255, [3]float64{.995737, .909344, .217772}},
	}
}

// monotone is a piecewise cubic Hermite curve whose slopes keep it monotone between two knots (F. Fritsch and
// J. Butland, 1984: a weighted harmonic mean of the neighboring secants, 0 at an extremum).
type monotone struct{ x, y, slope []float64 }

func newMonotone(x, y []float64) monotone {
	n := len(x)
	m := monotone{x, y, make([]float64, n)}
	secant := func(i int) float64 { return (y[i+1] - y[i]) / (x[i+1] - x[i]) }
	for i := 1; i < n-1; i++ {
		a, b := secant(i-1), secant(i)
		if a*b > 0 {
			h0, h1 := x[i]-x[i-1], x[i+1]-x[i]
			// The shorter interval's secant weighs more: it is nearer to the slope at the knot.
			w0, w1 := 2*h1+h0, h1+2*h0
			m.slope[i] = (w0 + w1) / (w0/a + w1/b)
		}
	}
	m.slope[0], m.slope[n-1] = secant(0), secant(n-2)
	return m
}

func (m monotone) at(x float64) float64 {
	i := 0
	for i < len(m.x)-2 && x > m.x[i+1] {
		i++
	}
	h := m.x[i+1] - m.x[i]
	t := (x - m.x[i]) / h
	return m.y[i]*(1+2*t)*(1-t)*(1-t) + m.slope[i]*h*t*(1-t)*(1-t) + m.y[i+1]*t*t*(3-2*t) + m.slope[i+1]*h*t*t*(t-1)
}

package landscape

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
)

// BenchmarkSciPy runs beside scipy.ndimage.gaussian_filter, turn by turn on one core, in float64: Rastrigin's grid with a halo of
// five standard deviations, from the samples to the smoothed inner grid ("first") and, for a smoother that has smoothed before,
// one more picture ("again"). The figures are the least of all turns; the errors are the greatest against the closed form, in
// 10⁻⁹ of the range. It is skipped, with the reason, where there is no Python with SciPy.
//
//	go test ./landscape -run '^$' -bench SciPy -benchtime 20x
func BenchmarkSciPy(b *testing.B) {
	python := ""
	for _, candidate := range []string{"python3", "/usr/bin/python3"} {
		if exec.Command(candidate, "-c", "import scipy.ndimage").Run() == nil {
			python = candidate
			break
		}
	}
	if python == "" {
		b.Skip("SKIPPED: found no python3 with scipy.ndimage; on Debian, apt install python3-scipy")
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for _, n := range []int{257, 1025} {
		for _, sigma := range []float64{4, 12} {
			b.Run(fmt.Sprintf("%d/%gcells", n, sigma), func(b *testing.B) { besideSciPy(b, python, n, sigma) })
		}
	}
}

func besideSciPy(b *testing.B, python string, n int, sigma float64) {
	halo := int(5 * sigma)
	field := fieldOf(b, Square(-5, 5), n, halo, func(x, y float64) float64 { return rastriginLine(x) + rastriginLine(y) })
	k, delta := coordinateGaussian, sigma*field.Step()
	rival := startSciPy(b, python, field, sigma)
	again := newSmoother(b, field)
	own := smooth(b, again, k, delta)
	least := [3]float64{math.Inf(1), math.Inf(1), math.Inf(1)}
	for b.Loop() {
		start := time.Now()
		smooth(b, newSmoother(b, field), k, delta)
		first := time.Since(start).Seconds()
		start = time.Now()
		smooth(b, again, k, delta)
		for i, v := range []float64{first, time.Since(start).Seconds(), rival.run(b)} {
			least[i] = min(least[i], v)
		}
	}
	theirs := rival.finish(b)
	lo, hi, _ := field.Inner().Range()
	var worst, theirWorst float64
	factor := math.Exp(-2 * math.Pi * math.Pi * delta * delta)
	axis := func(x float64) float64 { return x*x + delta*delta + 10 - 10*factor*math.Cos(2*math.Pi*x) }
	for row, y := range own.Y {
		for col, x := range own.X {
			want := axis(x) + axis(y)
			worst = max(worst, math.Abs(own.Z[row*n+col]-want)/(hi-lo))
			theirWorst = max(theirWorst, math.Abs(theirs[row*n+col]-want)/(hi-lo))
		}
	}
	b.ReportMetric(0, "ns/op") // of no use here: a turn is all three
	b.ReportMetric(least[0]*1e3, "first-ms")
	b.ReportMetric(least[1]*1e3, "again-ms")
	b.ReportMetric(least[2]*1e3, "scipy-ms")
	b.ReportMetric(least[2]/least[0], "scipy/first")
	b.ReportMetric(least[2]/least[1], "scipy/again")
	b.ReportMetric(worst*1e9, "error-e-9")
	b.ReportMetric(theirWorst*1e9, "scipy-error-e-9")
}

// scipy is a running compare.py.
type scipy struct {
	command *exec.Cmd
	ask     io.WriteCloser
	answers *bufio.Scanner
	result  string
	count   int
}

func startSciPy(b *testing.B, python string, f Field, sigma float64) *scipy {
	b.Helper()
	grid, result := filepath.Join(b.TempDir(), "grid"), filepath.Join(b.TempDir(), "result")
	raw, err := binary.Append(nil, binary.LittleEndian, f.Z)
	if err == nil {
		err = os.WriteFile(grid, raw, 0o600)
	}
	if err != nil {
		b.Fatal(err)
	}
	c := exec.Command(python, filepath.Join("testdata", "scipy", "compare.py"), grid, strconv.Itoa(f.N), strconv.Itoa(f.Cells), fmt.Sprint(sigma), result)
	c.Stderr = os.Stderr
	c.Env = append(os.Environ(), "OMP_NUM_THREADS=1", "OPENBLAS_NUM_THREADS=1")
	ask, err := c.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := c.Start(); err != nil {
		b.Fatal(err)
	}
	return &scipy{command: c, ask: ask, answers: bufio.NewScanner(out), result: result, count: f.N * f.N}
}

// run returns the seconds of one run.
func (s *scipy) run(b *testing.B) float64 {
	b.Helper()
	if _, err := io.WriteString(s.ask, "\n"); err != nil {
		b.Fatal(err)
	}
	if !s.answers.Scan() {
		b.Fatalf("compare.py stopped: %v", s.answers.Err())
	}
	v, err := strconv.ParseFloat(strings.TrimSpace(s.answers.Text()), 64)
	if err != nil {
		b.Fatal(err)
	}
	return v
}

func (s *scipy) finish(b *testing.B) []float64 {
	b.Helper()
	if err := s.ask.Close(); err != nil {
		b.Fatal(err)
	}
	if err := s.command.Wait(); err != nil {
		b.Fatal(err)
	}
	raw, err := os.ReadFile(s.result)
	if err != nil {
		b.Fatal(err)
	}
	z := make([]float64, s.count)
	if _, err := binary.Decode(raw, binary.LittleEndian, z); err != nil {
		b.Fatal(err)
	}
	return z
}

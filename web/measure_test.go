package web_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"smoothscape/static/browsertest"
)

// sampleMeasurement is a measurement as the server tells it; report may be empty.
func sampleMeasurement(number, status, report string) string {
	text := fmt.Sprintf(`{"run":"7","number":%s,"created":1790000000000,"request":{"what":["spread","noise","density"],"images":512},"status":%q,"reason":"","step":880`, number, status)
	if report != "" {
		text += `,"report":` + report
	}
	return text + "}"
}

// sampleReport holds a number of each sort and a series of each kind.
func sampleReport() string {
	list := func(n int, at func(i int) float64) string {
		values := make([]string, n)
		for i := range values {
			values[i] = fmt.Sprintf("%.6g", at(i))
		}
		return "[" + strings.Join(values, ",") + "]"
	}
	border := func(i int) float64 { return -6 + 12*float64(i)/61 }
	bar := func(i int) float64 { x := (border(i) + border(i+1)) / 2; return 0.55 * math.Exp(-0.9*math.Abs(x)) }
	eigenvalue := func(i int) float64 { return -2.5 + 65*float64(i)/400 }
	density := func(i int) float64 {
		t, peak := eigenvalue(i), func(at, height float64) float64 { d := (eigenvalue(i) - at) / 0.6; return height * math.Exp(-d*d/2) }
		return 0.62*math.Exp(-t*t/0.8) + peak(24, 0.001) + peak(26.4, 0.0012) + peak(56, 0.0006) + peak(62.2, 0.0006) + 1e-9
	}
	return `{"parameters":21840,"trainSize":8000,"images":512,"quantities":[` +
		`{"group":"spread","name":"gradStdDev","title":"Spread of the gradients, per sample","symbol":"C","unit":"nats/length","value":18.237,"stdErr":0.661,"definition":"C² = (1/n) Σ ‖∇f_i − ∇f‖², from single gradients of 256 images; jackknife error","source":"arXiv 2311.08745"},` +
		`{"group":"spread","name":"longestGradient","title":"Longest gradient of one image","symbol":"max ‖∇f_i‖","unit":"nats/length","value":48.5085,"definition":"greatest length among 256 images"},` +
		`{"group":"noise","name":"pooledTailIndex","title":"Tail index, pooled","symbol":"α̂","value":1.4679,"definition":"Mohammadi's estimator over all coordinates at once","source":"Simsekli et al. 2019","note":"A pooled histogram cannot decide whether gradient noise is heavy-tailed."},` +
		`{"group":"noise","name":"silentShare","title":"Coordinates without noise","value":"NaN","definition":"share of the coordinates that never move"},` +
		`{"group":"density","name":"densityTrace","title":"Trace of the Hessian","symbol":"tr H","unit":"nats/length²","value":372.32,"stdErr":36.75,"definition":"first moment of the spectral density","source":"Yao et al. 2020 (PyHessian)"}],` +
		`"series":[{"group":"noise","name":"standardizedNoise","title":"Mini-batch noise, each coordinate in its own unit","kind":"histogram","xTitle":"ω_i by its own standard deviation","yTitle":"density","x":` + list(62, border) + `,"y":` + list(61, bar) + `,"definition":"100 batches of 128"},` +
		`{"group":"hessian","name":"eigenvalues","title":"Largest eigenvalues of the Hessian","kind":"points","xTitle":"rank","yTitle":"λ (nats/length²)","x":[1,2,3,4,5],"y":[62.2,56.2,26.4,24.9,23.2],"definition":"Ritz values"},` +
		`{"group":"density","name":"spectralDensity","title":"Spectral density of the Hessian","kind":"curve","xTitle":"eigenvalue t (nats/length²)","yTitle":"φ(t)","x":` + list(401, eigenvalue) + `,"y":` + list(401, density) + `,"definition":"share of the eigenvalues near t"}],` +
		`"warnings":["Noise, sharpness, curvature and B_noise are those of the mean loss over 512 of the 8000 training images; their errors do not hold the choice of images."]}`
}

func TestMeasuringFromThePage(t *testing.T) {
	for _, size := range []struct {
		name          string
		width, height int64
		theme         string
	}{{"desktop-light", 1440, 900, "light"}, {"desktop-dark", 1440, 900, "dark"}, {"phone-dark", 390, 844, "dark"}, {"phone-light", 390, 844, "light"}} {
		t.Run(size.name, func(t *testing.T) {
			f := startFixture(t)
			f.append(history(100)...)
			b := browsertest.Start(t, size.width, size.height)
			b.Allow = []string{"400"}
			b.Open(f.url+"/runs/7", size.theme)
			b.Wait(20*time.Second, updates(100))
			b.Wait(20*time.Second, shown("measure-empty", "Nothing has been measured yet"))

			b.Type("measure-images", "few")
			b.Click("measure-start")
			b.Wait(20*time.Second, shown("measure-problem", "expected a whole number, found “few”"))
			f.mu.Lock()
			f.refuse = "9000"
			f.mu.Unlock()
			b.Type("measure-images", "9000")
			b.Click("measure-start")
			b.Wait(20*time.Second, shown("measure-problem", "Choosing the images: expected 0 (all) or 2 to 8000, found 9000."))

			b.Type("measure-images", "512")
			b.Click("measure-noise")
			b.Click("measure-density")
			b.Click("measure-start")
			b.Wait(20*time.Second, shown("measure-progress", "Waiting"))
			f.mu.Lock()
			asked := f.asked[len(f.asked)-1]
			f.measured = []string{sampleMeasurement("2", "waiting", ""), sampleMeasurement("1", "done", "")}
			f.mu.Unlock()
			if asked != `{"what":["spread","smoothing","sharpness","noise","density"],"double":false,"images":512,"seed":1}` {
				t.Errorf("the page asked for %s", asked)
			}
			running := func(done int) string {
				return strings.TrimSuffix(sampleMeasurement("2", "running", ""), "}") + fmt.Sprintf(`,"progress":{"group":"density","done":%d,"total":10000}}`, done)
			}
			f.setMeasurement(running(1000))
			b.Wait(20*time.Second, shown("measure-progress", "Spectral density of the Hessian: 10 %"))
			time.Sleep(time.Second)
			f.setMeasurement(running(3000))
			b.Wait(20*time.Second, shown("measure-progress", "left at"))
			b.Shot("measure-running-" + size.name)

			f.mu.Lock()
			f.measured[0] = sampleMeasurement("2", "done", "")
			f.mu.Unlock()
			f.setMeasurement(sampleMeasurement("2", "done", sampleReport()))
			b.Wait(20*time.Second, shown("measure-table", "18.24 ± 0.66"))
			for _, want := range []string{"nats/length", "C² = (1/n) Σ", "arXiv 2311.08745", "NaN", "cannot decide"} {
				if got := b.Text("measure-table"); !strings.Contains(got, want) {
					t.Errorf("the table does not say %q", want)
				}
			}
			if got := b.Text("measure-warnings"); !strings.Contains(got, "512 of the 8000") {
				t.Errorf("the warning reads %q", got)
			}
			if got := b.Text("measure-about"); !strings.Contains(got, "At update 880, on 512 of 8\u202f000 training images, d = 21\u202f840") {
				t.Errorf("the heading reads %q", got)
			}
			labels := browsertest.Evaluate[string](b, "[...document.querySelectorAll('.miniplot')].map((e) => e.getAttribute('aria-label')).join(' ')")
			if strings.Count(labels, "largest") != 3 || !strings.Contains(labels, "from −2.5 to 62.5") {
				t.Errorf("the pictures are described as %q", labels)
			}
			linear := browsertest.Evaluate[string](b, "document.querySelector('.miniplot-curve .miniplot-line').getAttribute('d')")
			b.Click("measure-log")
			b.Wait(20*time.Second, "document.querySelector('.miniplot-curve .miniplot-line').getAttribute('d') !== "+fmt.Sprintf("%q", linear))
			if bad := browsertest.Evaluate[int](b, "[...document.querySelectorAll('.miniplot [d]')].filter((e) => /NaN|Infinity/.test(e.getAttribute('d'))).length"); bad > 0 {
				t.Errorf("%d paths of the pictures are no numbers", bad)
			}
			if over := browsertest.Evaluate[int](b, "document.documentElement.scrollWidth - innerWidth"); over > 0 {
				t.Errorf("the page is %d px too wide", over)
			}
			browsertest.Evaluate[bool](b, "(document.querySelector('#measure').scrollIntoView(), true)")
			b.Shot("measure-done-" + size.name)
			b.Wait(20*time.Second, "document.querySelector('#measure-number').options.length === 2")
			browsertest.Evaluate[bool](b, "((e) => { e.value = '1'; e.dispatchEvent(new Event('change')); return true })(document.querySelector('#measure-number'))")
			b.Wait(20*time.Second, "document.querySelector('#measure-data').getAttribute('href') === '/api/runs/7/measurements/1'")
		})
	}
}

func TestAMeasurementIsStoppedFromThePage(t *testing.T) {
	f := startFixture(t)
	f.append(history(10)...)
	b := browsertest.Start(t, 1440, 900)
	b.Open(f.url+"/runs/7", "light")
	b.Wait(20*time.Second, updates(10))
	b.Click("measure-start")
	b.Wait(20*time.Second, "!document.querySelector('#measure-stop').hidden")
	b.Click("measure-stop")
	b.Wait(20*time.Second, shown("measure-reason", "Measurement 2 was not finished: it was stopped."))
	b.Wait(20*time.Second, "document.querySelector('#measure-stop').hidden && !document.querySelector('[data-testid=measure-start]').disabled")
	f.setMeasurement(strings.Replace(sampleMeasurement("3", "failed", ""), `"reason":""`, `"reason":"The worker died: signal: killed."`, 1))
	b.Wait(20*time.Second, shown("measure-reason", "Measurement 3 was not finished: The worker died: signal: killed."))
}

package web_test

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"smoothscape/static/browsertest"
)

// spaceRequest is a browser that waits for pictures in full space.
type spaceRequest struct {
	query string
	lines chan string // to send; closing it ends the answer
	gone  <-chan struct{}
}

// space hands a request for full space to the test.
func (f *fixture) space(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	spaces := f.spaces
	f.mu.Unlock()
	if spaces == nil {
		w.WriteHeader(http.StatusConflict)
		_, _ = io.WriteString(w, `{"error":{"doing":"sampling in full space around update 150","expected":"the parameters of that update","found":"that only its slice is kept","advice":"Go to the newest slice."}}`)
		return
	}
	asked := &spaceRequest{r.URL.RawQuery, make(chan string), r.Context().Done()}
	spaces <- asked
	control := http.NewResponseController(w)
	for {
		select {
		case line, ok := <-asked.lines:
			if !ok {
				return
			}
			_, _ = io.WriteString(w, line+"\n")
			_ = control.Flush()
		case <-r.Context().Done():
			return
		}
	}
}

// await is the next request; it must be for this step and δ.
func (f *fixture) await(step int, delta string) *spaceRequest {
	f.t.Helper()
	select {
	case asked := <-f.spaces:
		if want := fmt.Sprintf("step=%d&delta=%s&kernel=gaussian", step, delta); asked.query != want {
			f.t.Fatalf("the page asks for %s, want %s", asked.query, want)
		}
		return asked
	case <-time.After(20 * time.Second):
		f.t.Fatal("the page does not ask for full space")
	}
	return nil
}

// spaceHead and spaceFrame are pictures of the sample slice, lifted.
func spaceHead(delta float64) string {
	nodes, base := []string{}, []string{}
	for i := range 7 {
		nodes = append(nodes, strconv.FormatFloat(-1.5+0.5*float64(i), 'g', -1, 64))
	}
	for range 49 {
		base = append(base, "1")
	}
	return fmt.Sprintf(`{"type":"head","subject":"x","dim":9098,"delta":%g,"nodes":[%s],"base":[%s],"baseOf":"raw","exact":[],"recorded":"64 noise vectors"}`, delta, strings.Join(nodes, ","), strings.Join(base, ","))
}

func spaceFrame(picture string, draws int, z string, share float64, done bool) string {
	values := strings.TrimSuffix(strings.Repeat(z+",", 49), ",")
	errors := strings.TrimSuffix(strings.Repeat("0.01,", 49), ",")
	return fmt.Sprintf(`{"type":"frame","picture":%q,"samples":%d,"antithetic":true,"z":[%s],"stdErr":[%s],"relErr":%g,"done":%v,"reached":%v,"refused":""}`, picture, draws, values, errors, share, done, done)
}

// Full space streams into the page, says how good it is, and never stands under another δ or update than its own.
func TestFullSpaceOnARunsPage(t *testing.T) {
	f := startFixture(t)
	f.spaces = make(chan *spaceRequest, 8)
	f.append(history(200)...)
	f.kept = map[int]string{100: keptSlice(100), 150: keptSlice(150)}
	f.setSlice(sampleSlice(49, 3, 150))
	b := browsertest.Start(t, 1440, 900)
	b.Allow = []string{"409"}
	b.Open(f.url+"/runs/7?delta=0.1&m=10&picture=full", "dark")
	asked := f.await(150, "1.000")
	b.Wait(20*time.Second, shown("slice-label", "slice smoothing (illustrative); full space is being computed"))
	b.Wait(15*time.Second, shown("slice-space", "Full space: being computed. Until it is there, slice smoothing is shown."))
	const top = `Math.max(...[...document.querySelectorAll("#slice-view .color-bar text")].map((e) => Number(e.textContent)).filter(Number.isFinite))`
	b.Wait(20*time.Second, top+" > 1")
	raw := browsertest.Evaluate[float64](b, top)
	asked.lines <- spaceHead(1)
	asked.lines <- spaceFrame("full", 4, "4", 0.082, false)
	b.Wait(15*time.Second, shown("slice-label", "full space: the loss itself smoothed in all dimensions"))
	b.Wait(15*time.Second, shown("slice-caption", "δ = 0.100, drawn ×10: 0.0543 (Gaussian, vector convention, all dimensions) · Monte Carlo, 4 draws, ± 8.2 % of the range …, 5 × 5 points · update 150"))
	b.Wait(15*time.Second, fmt.Sprintf("%s > %g", top, raw+2)) // the picture lies 3 higher than the loss
	asked.lines <- spaceFrame("full", 16, "4", 0.009, true)
	b.Wait(15*time.Second, shown("slice-space", "Full space: Monte Carlo, 16 draws, ± 0.9 % of the range, 5 × 5 points. In 9\u202f098 dimensions"))
	b.Wait(20*time.Second, shown("slice-space", "Full space lies 3 ("))
	b.Wait(15*time.Second, "document.querySelector('#slice-spoken').textContent.startsWith('Full space: ')")
	if got := browsertest.Evaluate[string](b, "['slice-figure', 'slice-data'].map((id) => document.getElementById(id)).map((a) => a.textContent + ' ' + a.getAttribute('href')).join(' | ')"); got !=
		"Figure of the slice picture (PNG) /runs/7/figure.png?m=10&kernel=gaussian&convention=vector&delta=0.1 | Data (JSON) /api/runs/7/fullspace?step=150&delta=1.000&kernel=gaussian" {
		t.Errorf("the links are %s", got)
	}
	b.Shot("run-full-dark")

	// The other comes after it, by key.
	press(b, "4")
	b.Wait(15*time.Second, "location.search.includes('picture=measured') && document.querySelector('[data-testid=picture-measured]').checked")
	b.Wait(15*time.Second, shown("slice-space", "Measured: comes after full space, 16 draws of it so far, ± 0.9 % of the range."))
	asked.lines <- spaceFrame("measured", 9, "6", 0.05, false)
	b.Wait(15*time.Second, shown("slice-label", "measured: the loss smoothed by recorded noise of mini-batches"))
	b.Wait(20*time.Second, shown("slice-space", "Measured lies 2 ("))
	b.Wait(15*time.Second, shown("slice-space", "All of this is drawn with noise ×8.93 that of the run.")) // 0.1·10 of 0.112

	// Another δ: in the same moment the label is that of what is drawn, and who computed the old one is let go.
	label := browsertest.Evaluate[string](b, "((i) => { i.value = '0.2'; i.dispatchEvent(new Event('change')); return document.querySelector('#slice-label').textContent })(document.querySelector('#delta-typed'))")
	if label != "slice smoothing (illustrative); measured is being computed" {
		t.Errorf("under another δ stands %q", label)
	}
	<-asked.gone
	asked = f.await(150, "2.000")
	asked.lines <- spaceHead(2)
	asked.lines <- `{"type":"frame","picture":"measured","samples":0,"z":null,"stdErr":null,"relErr":null,"done":true,"refused":"The run's noise at update 150 is not known."}`
	b.Wait(15*time.Second, shown("slice-space", "No measured here, slice smoothing is shown instead. The run's noise at update 150 is not known."))
	b.Wait(15*time.Second, shown("slice-label", "measured is not to be had here"))
	b.Wait(15*time.Second, fmt.Sprintf("%s < %g", top, raw+0.5))

	// Back in time, and a step without parameters.
	press(b, "ArrowLeft")
	asked = f.await(100, "2.000")
	close(asked.lines)
	f.mu.Lock()
	f.spaces = nil
	f.mu.Unlock()
	press(b, "ArrowRight")
	b.Wait(20*time.Second, shown("slice-space", "expected the parameters of that update, found that only its slice is kept. Go to the newest slice."))
	press(b, "r")
	b.Wait(15*time.Second, "document.querySelector('#slice-space').hidden && "+shown("slice-label", "raw"))
	press(b, "r")
	press(b, "4")
	b.Wait(15*time.Second, "document.querySelector('#slice-space').hidden && document.querySelector('input[name=picture][value=slice]').checked && !location.search.includes('picture')")
}

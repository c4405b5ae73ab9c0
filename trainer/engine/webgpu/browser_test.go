package webgpu

import (
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/chromedp/chromedp"

	"smoothscape/static/browsertest"
)

// browser is a device within headless Chromium: WebGPU as Dawn, Tint and SwiftShader make it, no line of which is shared with the device that the
// engine uses. What is asked of it waits until something is read, and goes to testdata/device.js as one piece.
type browser struct {
	chromium *browsertest.Browser
	handles  int
	work     []request
	answer   []byte // what the page posted last
}

// request is one call of the device for the page, which says what its fields mean.
type request struct {
	Do     string     `json:"do"`
	ID     int        `json:"id,omitempty"`
	Name   string     `json:"name,omitempty"`
	Text   string     `json:"text,omitempty"`
	Writes []bool     `json:"writes,omitempty"`
	Kernel int        `json:"kernel,omitempty"`
	Spans  []pageSpan `json:"spans,omitempty"`
	X      int        `json:"x,omitempty"`
	Y      int        `json:"y,omitempty"`
	Work   []int      `json:"work,omitempty"`
	Data   []byte     `json:"data,omitempty"`
	Offset int64      `json:"offset"`
	Bytes  int64      `json:"bytes,omitempty"`
}

type pageSpan struct {
	Of     int   `json:"of"`
	Offset int64 `json:"offset"`
	Bytes  int64 `json:"bytes"`
}

// handle is a thing of the page.
type handle struct {
	id int
	in *browser
}

func (h handle) release() { h.in.ask(request{Do: "release", ID: h.id}) }

// chromium opens an engine in a browser. It skips the test where there is no Chromium.
func chromium(t *testing.T) *Engine {
	t.Helper()
	d := &browser{}
	serve := http.NewServeMux()
	serve.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, `<!doctype html><link rel="icon" href="data:,"><script src="device.js"></script>`)
	})
	serve.Handle("GET /device.js", http.FileServer(http.Dir("testdata")))
	serve.HandleFunc("GET /work", func(w http.ResponseWriter, _ *http.Request) {
		if err := json.NewEncoder(w).Encode(d.work); err != nil {
			t.Error(err)
		}
	})
	serve.HandleFunc("POST /read", func(_ http.ResponseWriter, r *http.Request) {
		var err error
		if d.answer, err = io.ReadAll(r.Body); err != nil {
			t.Error(err)
		}
	})
	d.chromium = browsertest.Start(t, 300, 200, chromedp.Flag("enable-unsafe-webgpu", true), chromedp.Flag("use-webgpu-adapter", "swiftshader"),
		chromedp.Flag("enable-features", "Vulkan"), chromedp.Flag("use-vulkan", "swiftshader"))
	server := httptest.NewServer(serve)
	t.Cleanup(server.Close)
	d.chromium.Open(server.URL, "light")
	adapter := Adapter{Name: "Chromium", Backend: "WebGPU", Kind: Other, Limits: least}
	return &Engine{adapter: adapter, device: d, kernels: map[string]kernel{}}
}

func (d *browser) ask(r request) handle {
	if r.ID == 0 {
		d.handles++
		r.ID = d.handles
	}
	d.work = append(d.work, r)
	return handle{r.ID, d}
}

func (d *browser) allocate(bytes int64) (memory, error) {
	return d.ask(request{Do: "allocate", Bytes: bytes}), nil
}

func (d *browser) compile(name, text string, writes []bool) (kernel, error) {
	return d.ask(request{Do: "compile", Name: name, Text: text, Writes: writes}), nil
}

func (d *browser) prepare(k kernel, sizes span, arrays []span, x, y int) (dispatch, error) {
	spans := []pageSpan{}
	for _, s := range append([]span{sizes}, arrays...) {
		spans = append(spans, pageSpan{s.of.(handle).id, s.offset, s.bytes})
	}
	return d.ask(request{Do: "prepare", Kernel: k.(handle).id, Spans: spans, X: x, Y: y}), nil
}

func (d *browser) write(m memory, data []byte) error {
	d.ask(request{Do: "write", ID: m.(handle).id, Data: append([]byte(nil), data...)})
	return nil
}

func (d *browser) run(work []dispatch) error {
	ids := make([]int, len(work))
	for i, w := range work {
		ids[i] = w.(handle).id
	}
	d.ask(request{Do: "run", Work: ids})
	return nil
}

func (d *browser) read(from span, to []byte) error {
	d.ask(request{Do: "read", ID: from.of.(handle).id, Offset: from.offset, Bytes: int64(len(to))})
	said := browsertest.Evaluate[string](d.chromium, "perform()")
	d.work = d.work[:0]
	if said != "" {
		return errors.New("in the browser: " + said)
	}
	copy(to, d.answer)
	return nil
}

func (d *browser) release() {}

// What holds on this machine's drivers holds in a browser, which compiles tiled kernels in seconds, too: every kernel alone is right, and so are
// gradients by tiled kernels, which here make every product, far smaller than a tile though those of TestGradientsAgreeWithTheCPU be. Shapes
// of tiles are timed and remembered.
func TestInABrowser(t *testing.T) {
	e := chromium(t)
	compileAll(t, e)
	t.Run("kernels", func(t *testing.T) { kernelsAlone(t, e) })
	e.adapter.Limits.tiled = 1
	t.Run("tiled gradients", func(t *testing.T) { gradientsAgree(t, e, "resnet18", "wrn-28-10") })
	t.Run("shapes", func(t *testing.T) { shapesTimed(t, e) })
}

// compileAll lets the browser compile all kernels, some side by side, but not so many that it gives no sign for long.
func compileAll(t *testing.T, e *Engine) {
	t.Helper()
	scratch, err := e.device.allocate(4)
	if err != nil {
		t.Fatal(err)
	}
	defer scratch.release()
	for some := range slices.Chunk(slices.Sorted(maps.Keys(kernelTexts(t))), 6) {
		for _, name := range some {
			if _, err := e.kernel(name); err != nil {
				t.Fatal(err)
			}
		}
		if err := e.device.read(span{scratch, 0, 4}, make([]byte, 4)); err != nil {
			t.Fatal(err)
		}
	}
}

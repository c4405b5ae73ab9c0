package web_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/a-h/templ"
	"github.com/evanw/esbuild/pkg/api"
	"github.com/gorilla/websocket"

	"smoothscape/web"
)

// fixture is a server with one run, "7", that speaks the protocol of server/protocol.go and does to its viewers what networks do.
type fixture struct {
	t        *testing.T
	url      string
	listener net.Listener
	server   *http.Server
	assets   map[string][]byte

	mu        sync.Mutex
	events    []string // bodies
	run       map[string]any
	slice     string
	kept      map[int]string // older slices, by update
	gone      bool           // there is no run any more
	refused   int            // websockets that were turned down for it
	viewers   map[*viewer]bool
	froms     []string      // of each connection
	chunk     int           // events a frame
	cutAt     func(int) int // frames after which the n-th connection is cut; nil: never
	moves     []string
	refuse    string // answer to the next move: a sentence with 409
	form      web.RunForm
	rows      []web.RunRow
	posted    []string
	previewed []url.Values
	measured  []string           // the list of measurements
	asked     []string           // bodies of requests to measure
	spaces    chan *spaceRequest // that wait for their lines; nil: there is no full space here
}

type viewer struct {
	conn *websocket.Conn
	next int
	wake chan struct{}
	send chan string
}

func startFixture(t *testing.T) *fixture {
	t.Helper()
	f := &fixture{t: t, viewers: map[*viewer]bool{}, chunk: 2000, form: sampleForm(), assets: bundle(t)}
	f.run = map[string]any{
		"id": "7", "name": "convnet, hybrid", "status": "running", "reason": "", "created": 1_790_000_000_000,
		"config":  map[string]any{"dataset": "fashion-mnist-8k", "model": "convnet", "engine": "cpu", "schedule": "hybrid", "learningRate": 0.1, "batchSize": 64, "epochs": 10, "stageEpochs": 2, "seed": 1},
		"started": nil, "step": 0, "totalSteps": 1250, "epoch": 0, "testAccuracy": nil, "accepts": []string{"pause", "stop"},
	}
	f.listen("127.0.0.1:0")
	t.Cleanup(f.stop)
	return f
}

func (f *fixture) listen(addr string) {
	f.t.Helper()
	var err error
	if f.listener, err = net.Listen("tcp", addr); err != nil {
		f.t.Fatal(err)
	}
	f.url = "http://" + f.listener.Addr().String()
	f.server = &http.Server{Handler: f.routes(), ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = f.server.Serve(f.listener) }()
}

// stop ends the server and all its connections, as kill −9 would.
func (f *fixture) stop() {
	_ = f.server.Close()
	f.cut()
}

// restart comes back at the same address.
func (f *fixture) restart() { f.listen(strings.TrimPrefix(f.url, "http://")) }

// cut ends all websockets without a word.
func (f *fixture) cut() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for v := range f.viewers {
		_ = v.conn.NetConn().Close()
	}
}

func (f *fixture) append(bodies ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.events = append(f.events, bodies...)
	for v := range f.viewers {
		select {
		case v.wake <- struct{}{}:
		default:
		}
	}
}

// set changes the run as viewers see it and tells them.
func (f *fixture) set(values map[string]any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for k, v := range values {
		f.run[k] = v
	}
	f.tell(`{"type":"run","run":` + marshal(f.run) + `}`)
}

func (f *fixture) setSlice(body string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.slice = body
	f.tell(`{"type":"slice","slice":` + body + `}`)
}

func (f *fixture) tell(frame string) {
	for v := range f.viewers {
		v.send <- frame
	}
}

func (f *fixture) refusals() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.refused
}

func marshal(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func (f *fixture) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /runs", func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		view := web.RunsView{Form: f.form, FormOpen: true, Runs: f.rows}
		f.mu.Unlock()
		f.page(w, http.StatusOK, "runs", web.Runs(view))
	})
	mux.HandleFunc("POST /runs", func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		f.mu.Lock()
		f.posted = append(f.posted, r.PostForm.Encode())
		form := f.form
		f.mu.Unlock()
		form.LearningRate.Value, form.Name.Value, form.Model.Value = r.PostForm.Get("learningRate"), r.PostForm.Get("name"), r.PostForm.Get("model")
		if eta, err := strconv.ParseFloat(form.LearningRate.Value, 64); err != nil || !(eta > 0) {
			form.LearningRate.Problem = "The learning rate must be a number above 0, found “" + form.LearningRate.Value + "”."
			f.page(w, http.StatusBadRequest, "runs", web.Runs(web.RunsView{Form: form, FormOpen: true}))
			return
		}
		http.Redirect(w, r, "/runs/7", http.StatusSeeOther)
	})
	mux.HandleFunc("GET /api/runs", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, `{"runs":[],"all":false,"version":"1"}`) // nothing changes
	})
	mux.HandleFunc("POST /api/preview", f.preview)
	mux.HandleFunc("GET /api/models", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, `{"dataset":"fashion-mnist-8k","models":[{"name":"softmax","parameters":7850,"flops":15680,"text":"{\"name\":\"softmax\",\n \"layers\":[\n  {\"kind\":\"flatten\"}]}"},{"name":"huge","parameters":0,"text":"","problem":"the images are too small"}]}`)
	})
	mux.HandleFunc("GET /runs/7", func(w http.ResponseWriter, r *http.Request) {
		f.page(w, http.StatusOK, "run", web.Run(sampleRun()))
	})
	mux.HandleFunc("GET /runs/99", func(w http.ResponseWriter, r *http.Request) {
		f.page(w, http.StatusNotFound, "runs", web.Error(web.ErrorView{
			Status: 404, Title: "There is no run 99", Sentences: []string{"Looking for run 99: expected the id of a run of this data folder, found none with it."},
			Advice: "Choose one from the list of runs.", Href: "/runs", LinkText: "List of runs",
		}))
	})
	mux.HandleFunc("POST /runs/7/{move}", func(w http.ResponseWriter, r *http.Request) {
		move := r.PathValue("move")
		f.mu.Lock()
		f.moves = append(f.moves, move)
		refuse := f.refuse
		f.refuse = ""
		f.mu.Unlock()
		if refuse != "" {
			f.page(w, http.StatusConflict, "runs", web.Error(web.ErrorView{Status: 409, Title: "The run cannot be paused", Sentences: []string{refuse}}))
			return
		}
		switch move {
		case "pause":
			f.set(map[string]any{"status": "paused", "accepts": []string{"resume", "stop"}})
		case "resume":
			f.set(map[string]any{"status": "running", "accepts": []string{"pause", "stop"}})
		}
		http.Redirect(w, r, "/runs/7", http.StatusSeeOther)
	})
	mux.HandleFunc("GET /api/runs/7/measurements", func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		defer f.mu.Unlock()
		_, _ = fmt.Fprintf(w, `{"measurements":[%s]}`, strings.Join(f.measured, ","))
	})
	mux.HandleFunc("GET /api/runs/7/measurements/{number}", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, sampleMeasurement(r.PathValue("number"), "done", sampleReport()))
	})
	mux.HandleFunc("POST /api/runs/7/measurements", f.measure)
	mux.HandleFunc("POST /api/runs/7/measurements/{number}/stop", func(w http.ResponseWriter, r *http.Request) {
		stopped := sampleMeasurement(r.PathValue("number"), "stopped", "")
		f.setMeasurement(stopped)
		_, _ = io.WriteString(w, stopped)
	})
	mux.HandleFunc("GET /api/runs/7", func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.gone {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		_, _ = io.WriteString(w, marshal(f.run))
	})
	mux.HandleFunc("GET /api/runs/7/slices", func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		defer f.mu.Unlock()
		lines := []string{}
		for _, step := range slices.Sorted(maps.Keys(f.kept)) {
			lines = append(lines, fmt.Sprintf(`{"step":%d,"level":3,"levels":4,"delta":%g,"time":0}`, step, sampleDelta(step)))
		}
		_, _ = fmt.Fprintf(w, `{"slices":[%s]}`, strings.Join(lines, ","))
	})
	mux.HandleFunc("GET /api/runs/7/slice", func(w http.ResponseWriter, r *http.Request) {
		step, _ := strconv.Atoi(r.URL.Query().Get("step"))
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.kept[step] == "" {
			w.WriteHeader(http.StatusNotFound)
		}
		_, _ = io.WriteString(w, f.kept[step])
	})
	mux.HandleFunc("GET /api/runs/7/trajectory", func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprintf(w, `{"step":%s,"points":[{"step":0,"alpha":0.9,"beta":-0.6,"distance":3.2,"radius":3.35},{"step":100,"alpha":0.4,"beta":-0.2,"distance":1.1,"radius":1.2},{"step":200,"alpha":0,"beta":0,"distance":0,"radius":0}]}`, r.URL.Query().Get("step"))
	})
	mux.HandleFunc("GET /api/runs/7/fullspace", f.space)
	mux.HandleFunc("GET /runs/7/figure.png", func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write([]byte(r.URL.RawQuery)) })
	mux.HandleFunc("GET /ws/runs/7", f.socket)
	mux.HandleFunc("GET /static/{file}", func(w http.ResponseWriter, r *http.Request) {
		body, ok := f.assets[r.PathValue("file")]
		if !ok {
			http.NotFound(w, r)
			return
		}
		if strings.HasSuffix(r.URL.Path, ".css") {
			w.Header().Set("Content-Type", "text/css")
		} else {
			w.Header().Set("Content-Type", "text/javascript")
		}
		_, _ = w.Write(body)
	})
	mux.HandleFunc("GET /favicon.ico", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusNoContent) })
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
		mux.ServeHTTP(w, r)
	})
}

// preview says of each posted form the same schedule of ten epochs, hybrid in stages of two, or refuses the learning rate.
func (f *fixture) preview(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	f.mu.Lock()
	f.previewed = append(f.previewed, r.PostForm)
	f.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	eta, err := strconv.ParseFloat(r.PostForm.Get("learningRate"), 64)
	if err != nil || !(eta > 0) {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"errors":[{"field":"learningRate","doing":"reading the learning rate η","expected":"a number above 0","found":"\"NaN\"","advice":"Type a number."}]}`)
		return
	}
	_, _ = fmt.Fprintf(w, `{"trainSize":8000,"totalSteps":754,"parameters":9098,"flops":1,"epochs":[0,1,2,3,4,5,6,7,8,9],"learningRate":[%[1]g,%[1]g,%[2]g,%[2]g,%[3]g,%[3]g,%[4]g,%[4]g,%[5]g,%[5]g],"batchSize":[64,64,96,96,144,144,216,216,324,324],`+
		`"noiseLevel":[1,1,0.707,0.707,0.5,0.5,0.354,0.354,0.25,0.25]}`, eta, 0.866*eta, 0.75*eta, 0.6495*eta, 0.5625*eta)
}

// measure takes what the page asks for; "refuse" is answered to the next one.
func (f *fixture) measure(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	f.mu.Lock()
	f.asked = append(f.asked, string(body))
	refuse := f.refuse
	f.refuse = ""
	f.mu.Unlock()
	if refuse != "" {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = fmt.Fprintf(w, `{"errors":[{"doing":"choosing the images","expected":"0 (all) or 2 to 8000","found":%q,"advice":"Choose a number within the training set."}]}`, refuse)
		return
	}
	w.WriteHeader(http.StatusAccepted)
	_, _ = io.WriteString(w, sampleMeasurement("2", "waiting", ""))
}

// setMeasurement is what the server says of the run's newest measurement.
func (f *fixture) setMeasurement(body string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.tell(`{"type":"measurement","measurement":` + body + `}`)
}

// page renders a component whole before it is sent.
func (f *fixture) page(w http.ResponseWriter, status int, script string, content templ.Component) {
	var body bytes.Buffer
	if err := shell(script, content).Render(context.Background(), &body); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(body.Bytes())
}

// socket does what the server's does: a hello, the newest slice, the log from `from` in chunks, and what changes.
func (f *fixture) socket(w http.ResponseWriter, r *http.Request) {
	from, _ := strconv.Atoi(r.URL.Query().Get("from"))
	f.mu.Lock()
	refused := f.gone
	if refused {
		f.refused++
	}
	f.mu.Unlock()
	if refused {
		http.NotFound(w, r)
		return
	}
	upgrader := websocket.Upgrader{}
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	v := &viewer{conn: conn, next: from, wake: make(chan struct{}, 1), send: make(chan string, 64)}
	f.mu.Lock()
	number := len(f.froms)
	f.froms = append(f.froms, r.URL.Query().Get("from"))
	f.viewers[v] = true
	frames := -1
	if f.cutAt != nil {
		frames = f.cutAt(number)
	}
	if v.next > len(f.events) {
		v.next = 0
	}
	hello := fmt.Sprintf(`{"type":"hello","run":%s,"next":%d,"length":%d}`, marshal(f.run), v.next, len(f.events))
	slice := f.slice
	f.mu.Unlock()
	defer func() {
		f.mu.Lock()
		delete(f.viewers, v)
		f.mu.Unlock()
		_ = conn.NetConn().Close()
	}()
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		for {
			if _, _, err := conn.ReadMessage(); err != nil {
				return
			}
		}
	}()
	write := func(text string) bool {
		if frames == 0 {
			return false
		}
		frames--
		return conn.WriteMessage(websocket.TextMessage, []byte(text)) == nil
	}
	if !write(hello) || slice != "" && !write(`{"type":"slice","slice":`+slice+`}`) {
		return
	}
	for {
		for {
			f.mu.Lock()
			end := min(v.next+f.chunk, len(f.events))
			part := f.events[v.next:end]
			f.mu.Unlock()
			if len(part) == 0 {
				break
			}
			if !write(fmt.Sprintf(`{"type":"events","from":%d,"next":%d,"events":[%s]}`, v.next, end, strings.Join(part, ","))) {
				return
			}
			v.next = end
		}
		select {
		case <-v.wake:
		case text := <-v.send:
			if !write(text) {
				return
			}
		case <-gone:
			return
		}
	}
}

var bundled struct {
	sync.Once
	files map[string][]byte
	err   error
}

// bundle makes the pages' scripts from their sources.
func bundle(t *testing.T) map[string][]byte {
	t.Helper()
	bundled.Do(func() {
		result := api.Build(api.BuildOptions{
			EntryPoints: []string{"../static/src/run.ts", "../static/src/runs.ts", "../static/src/worker.ts", "../static/src/theme.ts", "../static/src/app.css", "../static/src/run/runs.css"},
			EntryNames:  "[name]", Bundle: true, Format: api.FormatESModule, Target: api.ES2022, Outdir: "/", Write: false,
		})
		for _, e := range result.Errors {
			bundled.err = fmt.Errorf("bundling: %s", e.Text)
		}
		bundled.files = map[string][]byte{}
		for _, file := range result.OutputFiles {
			bundled.files[file.Path[strings.LastIndexByte(file.Path, '/')+1:]] = file.Contents
		}
	})
	if bundled.err != nil {
		t.Fatal(bundled.err)
	}
	return bundled.files
}

// shell puts the content of a page into the layout that the program's pages have.
func shell(script string, content templ.Component) templ.Component {
	page := web.Page{
		Title: "Test", Section: "runs", Assets: web.Assets{Style: "/static/app.css", Theme: "/static/theme.js", Worker: "/static/worker.js"},
		Scripts: []string{"/static/" + script + ".js"}, Styles: []string{"/static/runs.css"},
	}
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		return web.Layout(page).Render(templ.WithChildren(ctx, content), w)
	})
}

package main

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"

	"github.com/go-chi/chi/v5"

	"smoothscape/landscape"
	"smoothscape/landscape/figure"
)

// figuresAtOnce bounds how many figures are drawn at the same time; each takes a core for a moment and some 20 MB.
const figuresAtOnce = 2

// figure answers GET /figure.png.
func (s *server) figure(w http.ResponseWriter, r *http.Request) error {
	state, err := parseView(r.URL.RawQuery)
	if err != nil {
		return err
	}
	slice, err := sliceOfView(state)
	if err != nil {
		return err
	}
	return s.drawFigure(w, r, func() (figure.Spec, error) { return figureOfView(state, slice) }, state.Function)
}

// runFigure answers GET /runs/{id}/figure.png: the run's newest slice at the run's newest δ, or a kept one at the δ of its update, or either
// at a δ of the reader's own.
func (s *server) runFigure(w http.ResponseWriter, r *http.Request) error {
	id := chi.URLParam(r, "id")
	run, err := s.runs.Run(r.Context(), id)
	if err != nil {
		return err
	}
	step, gone, err := stepParameter(r)
	if err != nil {
		return err
	}
	view := sliceView{
		subject: run.Name, nodes: defaultView().Nodes, palette: landscape.Viridis, delta: math.NaN(), eta: math.NaN(), b: math.NaN(), c: math.NaN(),
		kernel: landscape.Kernel{Law: landscape.Gaussian, Convention: landscape.Vector, Alpha: 1.5, Dim: 2},
	}
	if run.Started != nil {
		view.parameters = run.Started.Parameters
	}
	if gone {
		view.slice, err = s.runs.keptSlice(r.Context(), id, step)
	} else {
		view.slice, err = s.runs.Slice(r.Context(), id)
	}
	if err != nil {
		return err
	}
	if gone && view.slice.Delta != nil {
		view.delta = *view.slice.Delta
	} else if !gone {
		if err := s.noiseOfNow(r.Context(), id, &view); err != nil {
			return err
		}
	}
	if err := view.readQuery(r); err != nil {
		return err
	}
	return s.drawFigure(w, r, func() (figure.Spec, error) { return figureOfSlice(view) }, "run-"+id)
}

// noiseOfNow takes η, b, C and δ from a run's newest update.
func (s *server) noiseOfNow(ctx context.Context, id string, view *sliceView) error {
	update, err := s.runs.newestUpdate(ctx, id)
	if err != nil || update == nil {
		return err
	}
	view.eta, view.b = update.LearningRate, float64(update.BatchSize)
	if update.GradStdDev != nil && update.NoiseLevel != nil {
		view.c, view.delta = float64(*update.GradStdDev), float64(*update.NoiseLevel)
	}
	return nil
}

// readQuery takes the keys of a run's figure: m, delta, kernel, convention, picture, raw, close, log and palette.
func (v *sliceView) readQuery(r *http.Request) error {
	q := r.URL.Query()
	refuse := func(key, expected string) error {
		return &fault{Field: key, Doing: "reading " + key + " of the figure's link", Expected: expected, Found: quoted(q.Get(key)), Advice: "Copy the link again from the page of the run."}
	}
	if text := q.Get("m"); text != "" {
		m, err := strconv.ParseFloat(text, 64)
		if err != nil || !(m > 0 && m <= 1e9) {
			return refuse("m", "a magnification above 0")
		}
		v.magnification = m
	}
	if text := q.Get("delta"); text != "" {
		delta, err := strconv.ParseFloat(text, 64)
		if err != nil || !(delta > 0 && delta <= 1e9) {
			return refuse("delta", "a degree of smoothing above 0")
		}
		v.delta, v.eta, v.b, v.c = delta, math.NaN(), math.NaN(), math.NaN() // the reader's own: it is not made of the run's
	}
	if q.Has("kernel") {
		if v.kernel.Law = landscape.Law(q.Get("kernel")); v.kernel.Law != landscape.Gaussian && v.kernel.Law != landscape.Uniform {
			return refuse("kernel", `"gaussian" or "uniform"`)
		}
	}
	if q.Has("convention") {
		if v.kernel.Convention = landscape.Convention(q.Get("convention")); v.kernel.Convention != landscape.Vector && v.kernel.Convention != landscape.Coordinate {
			return refuse("convention", `"vector" or "coordinate"`)
		}
	}
	switch q.Get("picture") {
	case "", "slice":
	case "projected":
		v.projected = true
	default:
		return refuse("picture", `"slice" or "projected"`)
	}
	for key, on := range map[string]*bool{"raw": &v.raw, "close": &v.close, "log": &v.log} {
		switch q.Get(key) {
		case "", "0":
		case "1":
			*on = true
		default:
			return refuse(key, "0 or 1")
		}
	}
	if q.Has("palette") {
		if v.palette = landscape.Palette(q.Get("palette")); !slices.Contains(landscape.Palettes(), v.palette) {
			return refuse("palette", `"viridis" or "cividis"`)
		}
	}
	return nil
}

// drawFigure draws when its turn comes and sends the PNG.
func (s *server) drawFigure(w http.ResponseWriter, r *http.Request, make func() (figure.Spec, error), name string) error {
	select {
	case s.figures <- struct{}{}:
		defer func() { <-s.figures }()
	case <-r.Context().Done():
		return context.Cause(r.Context())
	}
	png, err := drawPNG(make)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "image/png")
	w.Header().Set("Content-Length", strconv.Itoa(len(png)))
	w.Header().Set("Content-Disposition", fmt.Sprintf("inline; filename=%q", "smoothscape-"+fileName(name)+".png"))
	_, _ = w.Write(png) // an error of the connection is the client's loss
	return nil
}

func drawPNG(make func() (figure.Spec, error)) ([]byte, error) {
	spec, err := make()
	if err != nil {
		return nil, err
	}
	var png bytes.Buffer
	if err := figure.PNG(&png, spec); err != nil {
		return nil, err
	}
	return png.Bytes(), nil
}

// fileName keeps letters, digits and dashes.
func fileName(text string) string {
	out := []rune(text)
	for i, c := range out {
		if !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-') {
			out[i] = '-'
		}
	}
	return string(out)
}

package static_test

import (
	"encoding/json"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"smoothscape/landscape"
	"smoothscape/static"
	"smoothscape/web"
)

// policy is the content security policy of the program: nothing inline.
const policy = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"

// startFixture serves the Explore page as the program does, with one made-up slice, at the returned address.
func startFixture(t testing.TB) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", policy)
		page := web.Page{Section: "explore", Scripts: []string{static.URL("explore.js")}, Assets: web.Assets{
			Icon: static.URL("icon.svg"), Style: static.URL("app.css"), Theme: static.URL("theme.js"), Worker: static.URL("worker.js")}}
		if err := web.ExplorePage(page, exploreView()).Render(r.Context(), w); err != nil {
			t.Error(err)
		}
	})
	mux.HandleFunc("GET /static/{file}", func(w http.ResponseWriter, r *http.Request) {
		asset, ok := static.Open(r.PathValue("file"))
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", asset.ContentType)
		w.Header().Set("Content-Security-Policy", policy)
		_, _ = w.Write(asset.Content)
	})
	mux.HandleFunc("GET /api/slices/fashion-convnet", func(w http.ResponseWriter, _ *http.Request) { _ = json.NewEncoder(w).Encode(madeUpSlice()) })
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

func exploreView() web.ExploreView {
	view := web.ExploreView{Slices: []web.SliceOption{{ID: "fashion-convnet", Name: "Fashion-MNIST convnet", Href: "/api/slices/fashion-convnet"}}}
	for _, o := range landscape.Explored() {
		view.Functions = append(view.Functions, web.FunctionView{ID: o.ID, Name: o.Name, MathML: o.MathML, Low: o.Square().XMin, High: o.Square().XMax,
			Halo: o.Halo(), DeltaMax: o.DeltaMax, Growth: o.Growth, Most: 2})
	}
	return view
}

// madeUpSlice looks like the loss of a network around a minimum, with ripples; one corner is not finite.
func madeUpSlice() map[string]any {
	const n, half, halo = 49, 1.0, 0.75
	axis, z := make([]float64, n), make([]any, 0, n*n)
	for i := range axis {
		axis[i] = (half + halo) * float64(2*i-(n-1)) / (n - 1)
	}
	for _, y := range axis {
		for _, x := range axis {
			z = append(z, 0.3+1.2*(x*x+0.6*y*y+0.3*x*y)+0.06*math.Cos(9*x)*math.Cos(8*y+1)+0.02*math.Sin(14*x+5*y))
		}
	}
	z[0] = nil
	return map[string]any{
		"run": "shipped", "step": 2500, "delta": 0.1, "alphas": axis, "betas": axis, "z": z, "level": 3, "levels": 4, "viewHalfWidth": half, "halo": halo,
		"norms": []float64{20, 19}, "cosine": 0.01, "images": 512, "loss": 0.36, "magnification": 20,
		"lift": map[string]any{"mean": 0.0021, "stdErr": 0.0002, "pairs": 64, "delta": 0.1}, "label": "a made-up slice",
	}
}

func TestFixturePageHasNoInlineStyleOrScript(t *testing.T) {
	response, err := http.Get(startFixture(t) + "/")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	var body strings.Builder
	if err := response.Write(&body); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{" style=", "<style", " onclick=", "javascript:"} {
		if strings.Contains(body.String(), bad) {
			t.Errorf("the page holds %q, which the content security policy refuses", bad)
		}
	}
}

package main

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"

	"smoothscape/landscape"
	"smoothscape/static"
	"smoothscape/trainer"
	"smoothscape/web"
)

// page is the frame of a page with these scripts and, besides the common one, these style sheets.
func page(title, section string, scripts, styles []string) web.Page {
	p := web.Page{Title: title, Section: section, Assets: web.Assets{
		Icon: static.URL("icon.svg"), Style: static.URL("app.css"), Theme: static.URL("theme.js"), Worker: static.URL("worker.js"),
	}}
	for _, name := range scripts {
		p.Scripts = append(p.Scripts, static.URL(name))
		p.Chunks = append(p.Chunks, static.Imports(name)...)
	}
	for _, name := range styles {
		p.Styles = append(p.Styles, static.URL(name))
	}
	return p
}

// render sends a page. It is rendered whole first, so that a failure is a clean error.
func render(w http.ResponseWriter, r *http.Request, status int, content templ.Component) error {
	var body bytes.Buffer
	if err := content.Render(r.Context(), &body); err != nil {
		return fmt.Errorf("rendering %s: %w", r.URL.Path, err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = body.WriteTo(w) // an error of the connection is the client's loss
	return nil
}

// explorePage answers GET /.
func (s *server) explorePage(w http.ResponseWriter, r *http.Request) error {
	if shown, err := refuseLink(w, r); shown || err != nil {
		return err
	}
	return render(w, r, http.StatusOK, web.ExplorePage(page("", "explore", []string{"explore.js"}, nil), exploreView()))
}

// embedPage answers GET /embed: the picture of a link with one control, for a frame of another page.
func (s *server) embedPage(w http.ResponseWriter, r *http.Request) error {
	if shown, err := refuseLink(w, r); shown || err != nil {
		return err
	}
	frame := page("A figure", "", []string{"explore.js"}, nil)
	frame.Alone = true
	return render(w, r, http.StatusOK, web.EmbedPage(frame, exploreView()))
}

// refuseLink shows what is wrong with a link that cannot be read and what to do, before any script runs. shown: there was something.
func refuseLink(w http.ResponseWriter, r *http.Request) (shown bool, err error) {
	state, err := parseView(r.URL.RawQuery)
	if err == nil {
		_, err = sliceOfView(state)
	}
	known := faults(err)
	if len(known) == 0 {
		return false, err
	}
	view := errorView(known)
	view.Title, view.Href, view.LinkText = "This link cannot be shown as it is", "/?"+state.query(), "Open what could be read of it"
	return true, render(w, r, known[0].status(), web.ErrorPage(page(view.Title, "explore", nil, []string{"runs.css"}), view))
}

// runsPage answers GET /runs.
func (s *server) runsPage(w http.ResponseWriter, r *http.Request) error {
	return s.renderRuns(w, r, http.StatusOK, formOf(trainer.Default("convnet")), nil)
}

// rowsAtOnce is how many runs the page /runs shows before its script asks for the others.
const rowsAtOnce = 60

func pinnedFirst(a, b RunView) int {
	switch {
	case a.Pinned == b.Pinned:
		return 0
	case a.Pinned:
		return -1
	}
	return 1
}

func isOwn(run RunView) bool { return run.Status != StatusRecorded }

// renderRuns shows the list beside the form, with the faults of a refused attempt.
func (s *server) renderRuns(w http.ResponseWriter, r *http.Request, status int, values typedForm, refused []*fault) error {
	sets, err := s.runs.Datasets(r.Context())
	if err != nil {
		return err
	}
	runs, err := s.runs.List(r.Context())
	if err != nil {
		return err
	}
	view := web.RunsView{Form: runForm(values, sets, s.runs.devices.choices(), refused), FormOpen: len(refused) > 0 || r.URL.Query().Get("new") == "1" || !slices.ContainsFunc(runs, isOwn)}
	slices.SortStableFunc(runs, pinnedFirst)
	for i, run := range runs {
		if i == rowsAtOnce {
			view.More = fmt.Sprintf("… and %s more.", grouped(len(runs)-i))
			break
		}
		view.Runs = append(view.Runs, runRow(run))
	}
	return render(w, r, status, web.RunsPage(page("Runs", "runs", []string{"runs.js"}, []string{"runs.css"}), view))
}

// createRun answers POST /runs: the new run's page, or the form again with what was typed and a sentence for each bad field.
func (s *server) createRun(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	values := typedIn(r.PostForm)
	cfg, err := values.config()
	if err == nil {
		var run RunView
		if run, err = s.runs.Create(r.Context(), values["name"], cfg); err == nil {
			http.Redirect(w, r, "/runs/"+run.ID, http.StatusSeeOther)
			return nil
		}
	}
	refused := faults(err)
	if len(refused) == 0 {
		return err
	}
	return s.renderRuns(w, r, refused[0].status(), values, refused)
}

// runPage answers GET /runs/{id}.
func (s *server) runPage(w http.ResponseWriter, r *http.Request) error {
	run, err := s.runs.Run(r.Context(), chi.URLParam(r, "id"))
	if err != nil {
		return err
	}
	update, err := s.runs.newestUpdate(r.Context(), run.ID)
	if err != nil {
		return err
	}
	view := runPageView(run, update, s.runs.usualRequest(r.Context(), run))
	if view.Speed, err = s.runs.speedPanel(r.Context(), run); err != nil {
		return err
	}
	return render(w, r, http.StatusOK, web.RunPage(page(run.Name, "runs", []string{"run.js"}, []string{"runs.css"}), view))
}

// moveRun answers POST /runs/{id}/{move}, and goes back to the run.
func (s *server) moveRun(w http.ResponseWriter, r *http.Request) error {
	run, err := s.runs.Do(r.Context(), chi.URLParam(r, "id"), Move(chi.URLParam(r, "move")))
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/runs/"+run.ID, http.StatusSeeOther)
	return nil
}

// asset answers GET /static/{file}: names carry a hash of the content, so they may be kept forever.
func (s *server) asset(w http.ResponseWriter, r *http.Request) error {
	asset, ok := static.Open(chi.URLParam(r, "file"))
	if !ok {
		return noSuchPage(w, r)
	}
	w.Header().Set("Content-Type", asset.ContentType)
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	w.Header().Set("Vary", "Accept-Encoding")
	body := asset.Content
	if asset.Gzip != nil && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		w.Header().Set("Content-Encoding", "gzip")
		body = asset.Gzip
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body) // an error of the connection is the client's loss
	return nil
}

// objectives answers GET /api/objectives: those of ?dim= variables, 2 if it is left out.
func (s *server) objectives(w http.ResponseWriter, r *http.Request) error {
	dim, text := 2, r.URL.Query().Get("dim")
	if text != "" {
		var err error
		if dim, err = strconv.Atoi(text); err != nil || dim < 2 || dim > mostVariables {
			return &fault{Field: "dim", Doing: "reading dim", Expected: fmt.Sprintf("a whole number from 2 to %d", mostVariables), Found: quoted(text), Advice: "Leave it out for two variables."}
		}
	}
	type objective struct {
		web.FunctionView
		Formula string `json:"formula"` // presentation MathML of the right-hand side of f(x) =
	}
	all := []objective{}
	for _, view := range exploreView().Functions {
		if o, ok := landscape.ObjectiveByID(view.ID, dim); ok {
			all = append(all, objective{view, o.MathML})
		}
	}
	writeJSON(w, http.StatusOK, map[string]any{"objectives": all})
	return nil
}

// errorPage shows faults to a person.
func errorPage(w http.ResponseWriter, r *http.Request, status int, known []*fault) error {
	view := errorView(known)
	return render(w, r, status, web.ErrorPage(page(view.Title, "", nil, []string{"runs.css"}), view))
}

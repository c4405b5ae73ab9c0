package main

import (
	"fmt"
	"net/http"
	"strings"
	"text/tabwriter"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
)

// handler answers a request or says why it cannot; the caller turns the error into a page or a JSON object (see errors.go). A handler
// that returns an error has written nothing.
type handler func(w http.ResponseWriter, r *http.Request) error

// route is one line of the program's HTTP interface.
type route struct {
	Method  string
	Path    string // chi pattern
	Status  string // what it answers: "200", or "200, 400"
	Summary string
	handle  handler
}

// routes is the whole HTTP interface. `smoothscape serve --help` prints this list, and a test asks each line of it.
func (s *server) routes() []route {
	return []route{
		{"GET", "/", "200, 400", "Explore: a surface, smoothed by what η, b and C make of it", s.explorePage},
		{"GET", embedPath, "200, 400", "the picture of a link with one control, for a frame of another page; see --embed-in", s.embedPage},
		{"GET", "/figure.png", "200, 400", "the view of a link as a PNG of 300 dpi; the query is that of /", s.figure},
		{"GET", "/runs", "200", "the runs, and the form for a new one", s.runsPage},
		{"POST", "/runs", "303, 400", "starts a run from the form", s.createRun},
		{"GET", "/runs/{id}", "200, 404", "one run, live", s.runPage},
		{"POST", "/runs/{id}/{move}", "303, 404, 409", "move is pause, resume or stop", s.moveRun},
		{"POST", "/runs/{id}/measurements", "303, 400, 404, 409", "measures the run's newest checkpoint: what= (several) images= seed=", s.measureRun},
		{"POST", "/runs/{id}/measurements/{number}/stop", "303, 404, 409", "stops a measurement", s.stopMeasurement},
		{"POST", "/runs/{id}/benchmarks", "303, 400, 404, 409", "attaches the file of smoothscape train --bench --json to a run, from a form", s.attach},
		{"POST", "/runs/{id}/benchmarks/{number}/remove", "303, 404", "takes it off again", s.detach},
		{"GET", "/runs/{id}/figure.png", "200, 400, 404, 409", "the run's newest slice, or that of ?step=; m= delta= kernel= convention= picture= raw= close= log= palette=", s.runFigure},
		{"GET", "/api/objectives", "200, 400", "the closed forms of ?dim= variables, with domain, δ range and formula", s.objectives},
		{"GET", "/compare", "200, 400, 404", "runs side by side: ?run=ID&run=ID… or ?study=ID; without either, the form for a study and the list of studies", s.comparePage},
		{"POST", "/compare", "303, 400", "trains the paper's four schedules from the form: model= learningRate= … seeds=; what is left out is usual", s.startStudy},
		{"GET", "/api/tree", "200, 400", "the family tree of the minima of a view: which dies at which δ; the query is that of /", s.tree},
		{"GET", "/api/descent", "200, 400", "paths of the optimizers of a view on a closed form: paths= x0= y0= seed=; the query is that of /", s.descent},
		{"GET", "/api/descent/ensemble", "200, 400, 429", "where a hundred runs of each end, from seeded starts; the query is that of /", s.descentEnsemble},
		{"GET", "/api/plane", "200, 400, 404", "f of a view on the plane of its first two variables, with its halo: a float64 and float32 differences from it", s.plane},
		{"GET", "/api/fullspace", "200, 400, 503", "what smoothing in all dimensions makes of a view, as lines of JSON that become better; the query is that of /", s.fullspace},
		{"GET", "/api/slices/{id}", "200, 404", "a slice that ships with the program", s.shippedSlice},
		{"GET", "/api/models", "200, 400", "the built-in networks as data, for the images of ?dataset=NAME", s.runs.apiModels},
		{"POST", "/api/preview", "200, 400", "what a configuration would do, epoch by epoch; the body is that of /runs or of /api/runs", s.runs.apiPreview},
		{"GET", "/api/runs", "200", "all runs, newest first, or what has changed ?since=VERSION of an earlier answer", s.runs.apiRuns},
		{"POST", "/api/runs", "201, 400", `starts a run: {"name":…,"config":{…}}`, s.runs.apiCreate},
		{"GET", "/api/runs/{id}", "200, 404", "one run", s.runs.apiRun},
		{"PATCH", "/api/runs/{id}", "200, 400, 404, 409", `changes what is named: {"name":…,"pinned":…,"tags":[…],"color":…,"notes":…}`, s.runs.apiChange},
		{"DELETE", "/api/runs/{id}", "200, 404, 409", "hides a run that does not train and does not ship with the program; after a week it is removed", s.runs.apiDelete},
		{"POST", "/api/runs/{id}/restore", "200, 404", "brings a deleted run back", s.runs.apiRestore},
		{"POST", "/api/runs/export", "200, 400, 404", "the runs of runs=ID,ID… in that order, or all, as a file: format=csv or json", s.runs.apiExport},
		{"POST", "/api/runs/{id}/{move}", "200, 404, 409", "move is pause, resume or stop", s.runs.apiMove},
		{"GET", "/api/runs/{id}/events", "200, 404", "its log from ?from=OFFSET, at most ?limit= events", s.runs.apiEvents},
		{"GET", "/api/runs/{id}/curves", "200, 400, 404", "its curves between ?from=STEP and ?to=STEP: about ?points= of each, every spike and every NaN among them", s.runs.apiCurves},
		{"GET", "/api/runs/{id}/slice", "200, 400, 404", "its newest slice, or that of ?step=N; 404 before the first", s.runs.apiSlice},
		{"GET", "/api/runs/{id}/slices", "200, 404", "the slices that it keeps, oldest first, without their grids; ranges=1: with their least and greatest loss", s.runs.apiSlices},
		{"GET", "/api/runs/{id}/fullspace", "200, 400, 404, 409, 503", "what smoothing in all dimensions makes of its slice of ?step=N, as lines of JSON that become better: delta= kernel=", s.runFullspace},
		{"GET", "/api/runs/{id}/trajectory", "200, 400, 404", "its way in the plane of the slice of ?step=N, or of the newest", s.runs.apiTrajectory},
		{"GET", "/api/runs/{id}/measurements", "200, 404", "what was measured of it, newest first, without the reports", s.runs.apiMeasurements},
		{"POST", "/api/runs/{id}/measurements", "202, 400, 404, 409", `measures its newest checkpoint: {"what":["spread","hessian"],"images":512}`, s.runs.apiMeasure},
		{"GET", "/api/runs/{id}/measurements/{number}", "200, 404", "one measurement with its report", s.runs.apiMeasurement},
		{"POST", "/api/runs/{id}/measurements/{number}/stop", "200, 404, 409", "stops a measurement", s.runs.apiStopMeasurement},
		{"GET", "/api/runs/{id}/benchmarks", "200, 404", "the benchmarks that are attached to it, newest first", s.runs.apiBenchmarks},
		{"POST", "/api/runs/{id}/benchmarks", "201, 400, 404, 409", "attaches what smoothscape train --bench --json printed, here or on another machine", s.runs.apiAttach},
		{"DELETE", "/api/runs/{id}/benchmarks/{number}", "204, 404", "takes a benchmark off", s.runs.apiDetach},
		{"POST", "/api/studies", "201, 400", `trains a configuration by several schedules and seeds: {"name":…,"config":{…},"schedules":[…],"seeds":[1,2,3]}`, s.runs.apiCreateStudy},
		{"GET", "/api/studies/{id}", "200, 404", "a study and its runs", s.runs.apiStudy},
		{"GET", "/api/compare", "200, 304, 400, 404", "curves and results of ?run=ID&run=ID… or of ?study=ID, at most ?points= of each curve; ?shown=1 adds the words and tables of the page", s.runs.apiCompare},
		{"GET", "/api/compare/table", "200, 400, 404", "the table of results of the same query: ?format=csv, json or tex", s.runs.apiCompareTable},
		{"GET", "/ws/runs/{id}", "101, 404", "a websocket with its log from ?from=OFFSET on, and what is new", s.runs.socket},
		{"POST", "/api/talks", "201, 503", "begins a talk: a view that others follow; answers its id and the presenter's key", s.beginTalk},
		{"GET", "/api/talks/{id}", "200, 404", "who is there", s.talkCrowd},
		{"GET", "/ws/talks/{id}", "101, 404", "a websocket to follow a talk or, with its key, to present", s.talkSocket},
		{"GET", "/static/{file}", "200, 404", "scripts and styles", s.asset},
		{"GET", "/healthz", "200", "the program answers", s.health},
		{"GET", "/login", "200, 303", "the form for the token; goes on to / where none is needed", s.loginPage},
		{"POST", "/login", "303, 403", "checks the token and sets the cookie", s.login},
	}
}

// handler puts the routes behind the guard.
func (s *server) handler() http.Handler {
	mux := chi.NewMux()
	mux.Use(middleware.GetHead)
	for _, r := range s.routes() {
		mux.Method(r.Method, r.Path, s.answer(r.handle))
	}
	mux.NotFound(s.answer(noSuchPage))
	mux.MethodNotAllowed(s.answer(noSuchMethod))
	return s.guard.protect(mux, s.fail)
}

// routeTable is the list of routes for people.
func routeTable() string {
	var text strings.Builder
	table := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	for _, r := range (&server{}).routes() { // nothing is called: only the texts are read
		fmt.Fprintf(table, "  %s\t%s\t%s\t%s\n", r.Method, r.Path, r.Status, r.Summary)
	}
	_ = table.Flush() // a strings.Builder accepts everything
	return text.String()
}

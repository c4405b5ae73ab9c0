package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"smoothscape/trainer"
	"smoothscape/web"
)

// usualStudy is the configuration of a study that says nothing else: small enough that twelve runs take minutes on two cores, with batches small
// enough that at a constant η and b the noise of the gradients keeps the network from the accuracy that it reaches when δ falls.
func usualStudy() trainer.Config {
	cfg := trainer.Default("convnet")
	cfg.Schedule, cfg.LearningRate, cfg.BatchSize, cfg.Epochs, cfg.StageEpochs = trainer.Constant, 0.1, 8, 20, 4
	return cfg
}

// studiesListed is how many studies the page names.
const studiesListed = 20

// comparePage answers GET /compare.
func (s *server) comparePage(w http.ResponseWriter, r *http.Request) error {
	query := r.URL.Query()
	view := web.CompareView{Title: "Comparison"}
	if query.Get("study") != "" || len(query["run"]) > 0 {
		asked, err := readComparison(query)
		if err != nil {
			return err
		}
		if asked.Study != "" {
			study, err := s.runs.Study(r.Context(), asked.Study)
			if err != nil {
				return err
			}
			view.Title = study.Name
		}
		chosen := url.Values{}
		if asked.Study != "" {
			chosen.Set("study", asked.Study)
		}
		if len(asked.Runs) > 0 {
			chosen["run"] = asked.Runs
		}
		view.API, view.Table = "/api/compare?shown=1&"+chosen.Encode(), "/api/compare/table?"+chosen.Encode()+"&format="
	}
	return s.renderCompare(w, r, http.StatusOK, view, typedStudy(url.Values{}), nil)
}

// renderCompare shows the page with the form of a study, and the faults of a refused attempt.
func (s *server) renderCompare(w http.ResponseWriter, r *http.Request, status int, view web.CompareView, values typedForm, refused []*fault) error {
	sets, err := s.runs.Datasets(r.Context())
	if err != nil {
		return err
	}
	if view.Studies, err = s.runs.studyRows(r.Context()); err != nil {
		return err
	}
	form := runForm(values, sets, s.runs.devices.choices(), refused)
	view.Form = web.StudyForm{
		Name: form.Name, Dataset: form.Dataset, Model: form.Model, LearningRate: form.LearningRate, BatchSize: form.BatchSize, Epochs: form.Epochs, StageEpochs: form.StageEpochs,
		Seeds: web.TextField{Value: values["seeds"]}, Open: len(refused) > 0,
	}
	shown := map[string]bool{"name": true, "dataset": true, "model": true, "learningRate": true, "batchSize": true, "epochs": true, "stageEpochs": true}
	for _, f := range refused {
		switch {
		case f.Field == "seeds":
			view.Form.Seeds.Problem = fmt.Sprintf("Expected %s, found %s. %s", f.Expected, f.Found, f.Advice)
		case !shown[f.Field]:
			view.Form.Problem = f.Error()
		}
	}
	return render(w, r, status, web.ComparePage(page(view.Title, "compare", []string{"compare.js"}, []string{"runs.css", "compare.css"}), view))
}

// studyRows are the newest studies.
func (rs *Runs) studyRows(ctx context.Context) ([]web.StudyRow, error) {
	studies, err := rs.store.Studies(ctx, studiesListed)
	if err != nil {
		return nil, err
	}
	var rows []web.StudyRow
	for _, study := range studies {
		rows = append(rows, web.StudyRow{Name: study.Name, Href: "/compare?study=" + study.ID, Created: shortMoment(study.Created, time.Now())})
	}
	return rows, nil
}

// typedStudy takes the fields of the form; those that were not posted are the usual ones.
func typedStudy(posted url.Values) typedForm {
	cfg := usualStudy()
	if model := posted.Get("model"); model != "" {
		cfg.Model = model
	}
	values := formOf(cfg)
	values["seeds"] = strconv.Itoa(len(usualSeeds()))
	for _, key := range []string{"name", "dataset", "learningRate", "batchSize", "epochs", "stageEpochs", "seeds"} {
		if posted.Has(key) {
			values[key] = posted.Get(key)
		}
	}
	return values
}

// seedsOf reads the number of seeds: they are 1, 2, 3, …
func seedsOf(text string) ([]uint64, error) {
	n, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil || n < 1 || n > maxStudySeeds {
		return nil, &fault{
			Field: "seeds", Doing: "reading the number of seeds", Expected: fmt.Sprintf("a whole number from 1 to %d", maxStudySeeds), Found: quoted(text), Advice: "Three show a spread.",
		}
	}
	seeds := make([]uint64, n)
	for i := range seeds {
		seeds[i] = uint64(i + 1)
	}
	return seeds, nil
}

// startStudy answers POST /compare: the page of the new study, or the form again with a sentence for each bad field.
func (s *server) startStudy(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	values := typedStudy(r.PostForm)
	cfg, wrong := values.config()
	seeds, err := seedsOf(values["seeds"])
	if err = errors.Join(wrong, err); err == nil {
		var study StudyView
		if study, err = s.runs.CreateStudy(r.Context(), newStudy{Name: values["name"], Config: cfg, Seeds: seeds}); err == nil {
			http.Redirect(w, r, "/compare?study="+study.ID, http.StatusSeeOther)
			return nil
		}
	}
	refused := faults(err)
	if len(refused) == 0 {
		return err
	}
	return s.renderCompare(w, r, refused[0].status(), web.CompareView{Title: "Compare"}, values, refused)
}

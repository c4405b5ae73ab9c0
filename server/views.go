package main

import (
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"
	"unicode"
	"unicode/utf8"

	"smoothscape/landscape"
	"smoothscape/trainer"
	"smoothscape/trainer/measure"
	"smoothscape/web"
)

// This file turns what the domain knows into what screens show; it is the one place that knows both.

// exploreView is the screen /.
func exploreView() web.ExploreView {
	var view web.ExploreView
	for _, o := range landscape.Explored() {
		most := 2
		if _, ok := landscape.ObjectiveByID(o.ID, mostVariables); ok {
			most = mostVariables
		}
		view.Functions = append(view.Functions, web.FunctionView{
			ID: o.ID, Name: o.Name, MathML: o.MathML, Low: o.Square().XMin, High: o.Square().XMax, Halo: o.Halo(), DeltaMax: o.DeltaMax, Growth: o.Growth, Most: most,
		})
	}
	for _, s := range shippedSlices() {
		view.Slices = append(view.Slices, web.SliceOption{ID: s.ID, Name: s.Title, Href: "/api/slices/" + s.ID})
	}
	view.Scenes = sceneViews()
	for _, part := range hideable {
		view.Parts = append(view.Parts, web.PartView{ID: part.id, Name: part.name})
	}
	return view
}

// errorView is the page of faults: the first is the title.
func errorView(known []*fault) web.ErrorView {
	first := known[0]
	view := web.ErrorView{Status: first.status(), Title: capital(first.Doing) + " failed", Href: "/", LinkText: "Go to the start page"}
	switch first.status() {
	case http.StatusNotFound:
		view.Title = "There is nothing here"
	case http.StatusConflict:
		view.Title = "Not now"
	case http.StatusForbidden, http.StatusUnauthorized:
		view.Title = "Not allowed"
	case http.StatusInternalServerError:
		view.Title = "Something went wrong here"
	case http.StatusBadRequest:
		if len(known) > 1 {
			view.Title = "Some of this was not understood"
		}
	}
	for _, f := range known {
		text := fmt.Sprintf("%s: expected %s, found %s.", capital(f.Doing), f.Expected, f.Found)
		if f.Advice != "" && len(known) > 1 {
			text += " " + f.Advice
		}
		view.Sentences = append(view.Sentences, text)
	}
	if len(known) == 1 {
		view.Advice = first.Advice
	}
	return view
}

// runRow is one line of the list.
func runRow(run RunView) web.RunRow {
	row := web.RunRow{
		ID: run.ID, Name: run.Name, Href: "/runs/" + run.ID, Status: web.Status{Word: string(run.Status), Reason: run.Reason}, Dataset: run.Config.Dataset, Model: run.Config.Model,
		Schedule: run.Config.Schedule, LearningRate: short(run.Config.LearningRate), BatchSize: grouped(run.Config.BatchSize), Created: shortMoment(run.Created, time.Now()),
		Pinned: run.Pinned, Tags: run.Tags, Color: run.Color, Remark: web.FirstLine(run.Notes, 160),
	}
	if run.TestAccuracy != nil {
		row.TestAccuracy = fmt.Sprintf("%.1f %%", 100**run.TestAccuracy)
	}
	if run.LearningRate != nil && run.BatchSize != nil {
		row.LearningRate, row.BatchSize = short(*run.LearningRate), grouped(*run.BatchSize)
	}
	if run.NoiseLevel != nil {
		row.NoiseLevel = short(*run.NoiseLevel)
	}
	switch {
	case run.TotalSteps == 0:
	case run.Step == run.TotalSteps:
		row.Progress = grouped(run.Step)
	default:
		row.Progress = grouped(run.Step) + " / " + grouped(run.TotalSteps)
	}
	return row
}

// runPageView is the screen /runs/{id}; usual is what is measured of the run when nothing else is asked for.
func runPageView(run RunView, update *trainer.Update, usual measure.Request) web.RunView {
	path := "/runs/" + run.ID
	view := web.RunView{
		ID: run.ID, Name: run.Name, Status: web.Status{Word: string(run.Status), Reason: run.Reason}, Created: moment(run.Created), Numbers: runNumbers(run, update),
		Progress: web.Progress{Step: run.Step, Total: run.TotalSteps, Text: fmt.Sprintf("%s updates", grouped(run.Step))},
		Paths:    web.RunPaths{Socket: "/ws/runs/" + run.ID, Slice: "/api/runs/" + run.ID + "/slice", Figure: path + "/figure.png"},
	}
	if run.Status != StatusRecorded {
		view.Paths.Space = "/api/runs/" + run.ID + "/fullspace"
	}
	if run.TotalSteps > 0 {
		view.Progress.Text = fmt.Sprintf("%s of %s updates, epoch %d of %d", grouped(run.Step), grouped(run.TotalSteps), min(run.Epoch+1, run.Config.Epochs), run.Config.Epochs)
	}
	view.Measure = measurePanel(run.ID, usual)
	if isOwn(run) {
		view.Marks = web.RunMarks{Tags: run.Tags, Color: run.Color, Notes: run.Notes, Edit: "/runs?edit=" + run.ID}
	}
	for _, move := range []Move{MovePause, MoveResume, MoveStop} {
		action := web.RunAction{Name: string(move), Label: capital(string(move)), Href: path + "/" + string(move)}
		for _, accepted := range run.Accepts {
			action.Accepted = action.Accepted || accepted == move
		}
		view.Actions = append(view.Actions, action)
	}
	view.Facts = configFacts(run.Config)
	if s := run.Started; s != nil {
		view.Facts = append(view.Facts, web.Fact{Word: "Parameters d", Value: grouped(s.Parameters)}, web.Fact{Word: "Training images n", Value: grouped(s.TrainSize)}, web.Fact{Word: "Arithmetic", Value: s.Path})
		if s.Device != nil {
			view.Facts = append(view.Facts, web.Fact{Word: "Device", Value: s.Device.String()})
		}
	}
	return view
}

// measurePanel is the form that asks for a measurement.
func measurePanel(id string, usual measure.Request) web.MeasurePanel {
	panel := web.MeasurePanel{
		Action: "/runs/" + id + "/measurements", List: "/api/runs/" + id + "/measurements", Images: strconv.Itoa(usual.Images),
		Seed: strconv.FormatUint(usual.Seed, 10), Double: usual.Double,
	}
	for _, c := range measureChoices() {
		panel.Choices = append(panel.Choices, web.MeasureChoice{Value: string(c.Kind), Label: c.Title, On: c.Usual})
	}
	return panel
}

// configFacts are the settings of a run in words: what its schedule and its model do not use is left out.
func configFacts(c trainer.Config) []web.Fact {
	uses := fieldsOfSchedule(c.Schedule)
	facts := []web.Fact{
		{Word: "Data set", Value: c.Dataset}, {Word: "Model", Value: c.Model}, {Word: "Schedule", Value: c.Schedule}, {Word: "Engine", Value: c.Engine},
		{Word: "Learning rate η₁", Value: plain(c.LearningRate)}, {Word: "Batch size b₁", Value: grouped(c.BatchSize)}, {Word: "Epochs", Value: grouped(c.Epochs)},
	}
	add := func(shown bool, word, value string) {
		if shown {
			facts = append(facts, web.Fact{Word: word, Value: value})
		}
	}
	momentum := plain(c.Momentum)
	if c.Nesterov {
		momentum += ", Nesterov's"
	}
	add(uses["stageEpochs"], "Epochs a stage", grouped(c.Stage()))
	add(uses["power"], "Power p", plain(c.Power))
	add(uses["factor"], "Factor on δ", plain(c.Factor))
	add(uses["carrier"], "δ carried by", map[string]string{"": "η", trainer.CarryRate: "η", trainer.CarryBatch: "b", trainer.CarryBoth: "η and b"}[c.Carrier])
	add(c.Momentum != 0, "Momentum μ", momentum)
	add(c.WeightDecay != 0, "Weight decay λ", plain(c.WeightDecay))
	add(c.Augment != "" && c.Augment != trainer.NoAugmentation, "Augmentation", c.Augment)
	add(c.WarmupEpochs > 0, "Warm-up epochs", grouped(c.WarmupEpochs))
	add(c.LateBatch, "b changes", "one epoch after η")
	add(true, "Seed", strconv.FormatUint(c.Seed, 10))
	if c.Spec != nil {
		add(true, "Network", fmt.Sprintf("%s, %d layers", c.Spec.Name, len(c.Spec.Layers)))
	}
	return facts
}

// runNumbers are the large figures of a run; update is its newest, or nil.
func runNumbers(run RunView, update *trainer.Update) web.RunNumbers {
	numbers := web.RunNumbers{LearningRate: plain(run.Config.LearningRate), BatchSize: grouped(run.Config.BatchSize)}
	numbers.Ratio = plain(run.Config.LearningRate / math.Sqrt(float64(run.Config.BatchSize)))
	if run.TestAccuracy != nil {
		numbers.TestAccuracy = fmt.Sprintf("%.1f %%", 100**run.TestAccuracy)
	}
	if update == nil {
		return numbers
	}
	numbers.TrainLoss = plain(float64(update.TrainLoss))
	numbers.LearningRate, numbers.BatchSize = plain(update.LearningRate), grouped(update.BatchSize)
	numbers.Ratio = plain(update.LearningRate / math.Sqrt(float64(update.BatchSize)))
	if update.NoiseLevel != nil {
		numbers.NoiseLevel = plain(float64(*update.NoiseLevel))
	}
	if update.GradStdDev != nil {
		numbers.GradStdDev = plain(float64(*update.GradStdDev))
		if update.GradStdDevErr != nil {
			numbers.GradStdDev += " ± " + plain(float64(*update.GradStdDevErr))
		}
	}
	return numbers
}

// moment is a time of the log for people and machines.
func moment(ms int64) web.Moment {
	t := time.UnixMilli(ms)
	return web.Moment{ISO: t.UTC().Format(time.RFC3339), Text: t.Format("2 Jan 2006, 15:04")}
}

// shortMoment leaves out the year where it is this one.
func shortMoment(ms int64, now time.Time) web.Moment {
	m := moment(ms)
	if t := time.UnixMilli(ms); t.Year() == now.Year() {
		m.Text = t.Format("2 Jan, 15:04")
	}
	return m
}

// capital writes the first letter of a text large.
func capital(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	if size == 0 {
		return text
	}
	return string(unicode.ToUpper(first)) + text[size:]
}

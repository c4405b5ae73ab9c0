package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"smoothscape/trainer"
	"smoothscape/trainer/dataset"
	"smoothscape/trainer/device"
	"smoothscape/trainer/engine"
	"smoothscape/web"
)

// typedForm is what stands in the fields of the form for a new run, by name. A box holds "true" or nothing.
type typedForm map[string]string

// formOf writes a configuration into the form.
func formOf(cfg trainer.Config) typedForm {
	if cfg.Dataset == "" {
		cfg.Dataset = dataset.EmbeddedName
	}
	number := func(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
	box := map[bool]string{true: "true"}
	return typedForm{
		"name": "", "dataset": cfg.Dataset, "model": cfg.Model, "spec": specText(cfg.Spec), "engine": cfg.Engine,
		"schedule": cfg.Schedule, "learningRate": number(cfg.LearningRate), "batchSize": strconv.Itoa(cfg.BatchSize),
		"epochs": strconv.Itoa(cfg.Epochs), "stageEpochs": strconv.Itoa(cfg.StageEpochs), "power": number(cfg.Power), "factor": number(cfg.Factor),
		"carrier": cfg.Carrier, "momentum": number(cfg.Momentum), "nesterov": box[cfg.Nesterov], "weightDecay": number(cfg.WeightDecay),
		"augment": cfg.Augment, "warmupEpochs": strconv.Itoa(cfg.WarmupEpochs), "lateBatch": box[cfg.LateBatch], "seed": strconv.FormatUint(cfg.Seed, 10),
	}
}

// typedIn takes the fields of the form out of what a browser posted, and nothing else.
func typedIn(posted url.Values) typedForm {
	values := typedForm{}
	for key := range formOf(trainer.Config{}) {
		values[key] = posted.Get(key)
	}
	return values
}

// config reads the form. The faults are of what is no number or no network at all; ranges are the trainer's matter. A field that the
// chosen model or schedule does not use may hold anything.
func (f typedForm) config() (trainer.Config, error) {
	cfg := trainer.Default(f["model"])
	cfg.Dataset, cfg.Engine, cfg.Schedule, cfg.Augment = f["dataset"], f["engine"], f["schedule"], f["augment"]
	var errs []error
	refuse := func(key, expected, advice string) {
		errs = append(errs, &fault{Field: key, Doing: "reading the form", Expected: expected, Found: quoted(f[key]), Advice: advice})
	}
	whole := func(key string, into *int) {
		n, err := strconv.Atoi(strings.TrimSpace(f[key]))
		if *into = n; err != nil {
			refuse(key, "a whole number", "Type a number.")
		}
	}
	number := func(key, expected string, into *float64) {
		v, err := strconv.ParseFloat(strings.TrimSpace(f[key]), 64)
		if *into = v; err != nil {
			refuse(key, expected, "Type a number.")
		}
	}
	number("learningRate", "a number above 0", &cfg.LearningRate)
	whole("batchSize", &cfg.BatchSize)
	whole("epochs", &cfg.Epochs)
	cfg.StageEpochs = 0
	if strings.TrimSpace(f["stageEpochs"]) != "" { // left empty it is a fifth of the epochs
		whole("stageEpochs", &cfg.StageEpochs)
	}
	uses := fieldsOfSchedule(cfg.Schedule)
	if uses["power"] {
		number("power", "a number above 0", &cfg.Power)
	}
	if uses["factor"] {
		number("factor", "a number above 0 and at most 1", &cfg.Factor)
	}
	if uses["carrier"] {
		cfg.Carrier = f["carrier"]
	}
	// These are folded away, so an old link or a script may leave them out: then they are at their defaults.
	for key, into := range map[string]*float64{"momentum": &cfg.Momentum, "weightDecay": &cfg.WeightDecay} {
		if strings.TrimSpace(f[key]) != "" {
			number(key, "a number from 0 on", into)
		}
	}
	if strings.TrimSpace(f["warmupEpochs"]) != "" {
		whole("warmupEpochs", &cfg.WarmupEpochs)
	}
	cfg.Nesterov, cfg.LateBatch = f["nesterov"] != "", f["lateBatch"] != ""
	var err error
	if cfg.Seed, err = strconv.ParseUint(strings.TrimSpace(f["seed"]), 10, 64); err != nil {
		refuse("seed", "a whole number from 0 on", "Type a number.")
	}
	if cfg.Model == trainer.CustomModel {
		if cfg.Spec, err = readSpec(strings.NewReader(f["spec"])); err != nil {
			errs = append(errs, err)
		}
	}
	return cfg, errors.Join(errs...)
}

// fieldsOfSchedule says which fields a schedule uses besides η, b and the epochs. The page's style sheet shows the same ones.
func fieldsOfSchedule(schedule string) map[string]bool {
	switch schedule {
	case trainer.LRDecay, trainer.BatchGrowth, trainer.Hybrid:
		return map[string]bool{"stageEpochs": true}
	case trainer.Step:
		return map[string]bool{"stageEpochs": true, "factor": true, "carrier": true}
	case trainer.Exponential:
		return map[string]bool{"factor": true, "carrier": true}
	case trainer.Polynomial:
		return map[string]bool{"power": true, "carrier": true}
	case trainer.Cosine:
		return map[string]bool{"carrier": true}
	}
	return map[string]bool{}
}

// specText writes a network as people like to edit it: one line a layer, without the size of the images, which the data set says.
func specText(spec *engine.Spec) string {
	if spec == nil {
		return ""
	}
	var text bytes.Buffer
	name, err := json.Marshal(spec.Name)
	if err != nil {
		return ""
	}
	fmt.Fprintf(&text, "{\"name\":%s,\n \"layers\":[", name)
	for i, layer := range spec.Layers {
		line, err := json.Marshal(layer)
		if err != nil {
			return ""
		}
		if i > 0 {
			text.WriteString(",")
		}
		text.WriteString("\n  ")
		text.Write(line)
	}
	text.WriteString("]}")
	return text.String()
}

// scheduleChoices are the schedules in words.
func scheduleChoices() []web.Choice {
	const paper, path = "In stages, as in the paper", "Along a path of δ"
	return []web.Choice{
		{Value: trainer.Constant, Label: "constant η and b", Group: paper}, {Value: trainer.LRDecay, Label: "decay: η/√2 each stage", Group: paper},
		{Value: trainer.BatchGrowth, Label: "growth: 2b each stage", Group: paper}, {Value: trainer.Hybrid, Label: "hybrid: η·√3/2 and 1.5b each stage", Group: paper},
		{Value: trainer.Polynomial, Label: "polynomial, power p", Group: path}, {Value: trainer.Cosine, Label: "cosine", Group: path},
		{Value: trainer.Exponential, Label: "exponential, a factor each epoch", Group: path}, {Value: trainer.Step, Label: "steps, a factor each stage", Group: path},
	}
}

// runForm is the form for a new run, with what was typed and what was refused; devices are the engines on devices.
func runForm(values typedForm, sets []DatasetView, devices []web.Choice, refused []*fault) web.RunForm {
	problem := func(field string) string {
		var texts []string
		for _, f := range refused {
			if f.Field == field {
				texts = append(texts, fmt.Sprintf("Expected %s, found %s. %s", f.Expected, f.Found, f.Advice))
			}
		}
		return strings.Join(texts, " ")
	}
	text := func(field string) web.TextField { return web.TextField{Value: values[field], Problem: problem(field)} }
	check := func(field string) web.CheckField {
		return web.CheckField{On: values[field] != "", Problem: problem(field)}
	}
	choice := func(field string, choices []web.Choice) web.ChoiceField {
		return web.ChoiceField{Value: values[field], Problem: problem(field), Choices: choices}
	}
	form := web.RunForm{
		Action: "/runs", Name: text("name"), LearningRate: text("learningRate"), BatchSize: text("batchSize"), Epochs: text("epochs"), StageEpochs: text("stageEpochs"), Seed: text("seed"),
		Spec: text("spec"), Power: text("power"), Factor: text("factor"), Momentum: text("momentum"), Nesterov: check("nesterov"), WeightDecay: text("weightDecay"),
		WarmupEpochs: text("warmupEpochs"), LateBatch: check("lateBatch"),
		Schedule: choice("schedule", scheduleChoices()),
		Carrier: choice("carrier", []web.Choice{
			{Value: trainer.CarryRate, Label: "η alone"}, {Value: trainer.CarryBatch, Label: "b alone"}, {Value: trainer.CarryBoth, Label: "η and b"},
		}),
		Augment: choice("augment", []web.Choice{
			{Value: trainer.NoAugmentation, Label: "none"}, {Value: trainer.FlipCrop, Label: "crop and mirror"},
			{Value: trainer.PaperAugmentation, Label: "crop, mirror, rotate (the paper's)"},
		}),
		Hints: web.FormHints{Presets: []web.Preset{}, Preview: "/api/preview", Models: "/api/models"},
	}
	var models, engines, data []web.Choice
	for _, name := range trainer.Models() {
		models = append(models, web.Choice{Value: name, Label: modelLabel(name)})
		cfg := formOf(trainer.Default(name))
		form.Hints.Presets = append(form.Hints.Presets, web.Preset{
			Model: name, LearningRate: cfg["learningRate"], BatchSize: cfg["batchSize"], Epochs: cfg["epochs"], StageEpochs: cfg["stageEpochs"],
		})
	}
	for _, name := range trainer.EngineNames() {
		if name != device.EngineName {
			engines = append(engines, web.Choice{Value: name, Label: engineLabel(name)})
		}
	}
	engines = append(engines, devices...)
	isTyped := func(c web.Choice) bool { return c.Value == values["engine"] }
	if which, ok := device.Named(values["engine"]); ok && !slices.ContainsFunc(engines, isTyped) { // of a link, or of a run that is made again
		engines = append(engines, web.Choice{Value: values["engine"], Label: "the device " + which})
	}
	for _, set := range sets {
		label := fmt.Sprintf("%s (%s training images, %d classes)", set.Name, grouped(set.TrainSize), set.Classes)
		if set.Problem != "" {
			label = set.Name + " (cannot be read)"
		}
		data = append(data, web.Choice{Value: set.Name, Label: label})
	}
	form.Model, form.Engine, form.Dataset = choice("model", models), choice("engine", engines), choice("dataset", data)
	usual := formOf(trainer.Default(values["model"]))
	for _, field := range []string{"momentum", "nesterov", "weightDecay", "augment", "warmupEpochs", "lateBatch", "engine"} {
		form.Advanced = form.Advanced || values[field] != usual[field]
	}
	for _, f := range refused {
		if _, ok := values[f.Field]; !ok {
			form.Problem = f.Error()
		}
	}
	return form
}

// engineLabel is an engine in the list.
func engineLabel(name string) string {
	switch name {
	case "auto":
		return "auto: a GPU that computes rightly, or else the processors"
	case "cpu":
		return "cpu: the processors"
	case "gorgonia":
		return "gorgonia: an independent one, slow"
	}
	return name
}

// modelLabel is a model in the list: what is large says so.
func modelLabel(name string) string {
	switch name {
	case "resnet18":
		return "resnet18 (11 million parameters)"
	case "wrn-28-10":
		return "wrn-28-10 (37 million parameters)"
	case trainer.CustomModel:
		return "custom: your own, as JSON"
	}
	return name
}

// readConfig reads a configuration as JSON. Fields that are left out are those of the model's preset; unknown ones are refused.
func readConfig(text []byte) (trainer.Config, error) {
	if len(text) == 0 {
		text = []byte("{}")
	}
	var first struct {
		Model *string         `json:"model"`
		Spec  json.RawMessage `json:"spec"`
	}
	if err := json.Unmarshal(text, &first); err != nil {
		return trainer.Config{}, badJSON(err)
	}
	model := "softmax"
	switch {
	case first.Model != nil:
		model = *first.Model
	case len(first.Spec) > 0:
		model = trainer.CustomModel
	}
	cfg := trainer.Default(model)
	err := readJSON(bytes.NewReader(text), &cfg)
	if len(first.Spec) == 0 || bytes.Equal(first.Spec, []byte("null")) {
		return cfg, err
	}
	spec, wrong := readSpec(bytes.NewReader(first.Spec)) // says what is wrong in a network better than the decoder of everything
	if wrong != nil {
		return cfg, wrong
	}
	cfg.Spec = spec
	return cfg, err
}

// configFields are the names of the fields of a configuration in JSON.
func configFields() []string {
	var names []string
	for i := range reflect.TypeFor[trainer.Config]().NumField() {
		name, _, _ := strings.Cut(reflect.TypeFor[trainer.Config]().Field(i).Tag.Get("json"), ",")
		names = append(names, name)
	}
	return names
}

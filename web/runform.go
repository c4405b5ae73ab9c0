package web

// RunForm is the form for a new run. After a refused attempt it keeps what was typed, with a sentence in the Problem of
// each field that was refused. Field names are those of trainer.Config in JSON, and "name".
type RunForm struct {
	Action  string // where it is posted, normally "/runs"
	Problem string // a sentence about the form as a whole, or empty
	Name    TextField
	Dataset ChoiceField
	Model   ChoiceField
	Spec    TextField // the network of the model "custom", as JSON

	Schedule     ChoiceField
	LearningRate TextField
	BatchSize    TextField
	Epochs       TextField
	StageEpochs  TextField
	Power        TextField
	Factor       TextField
	Carrier      ChoiceField

	Momentum     TextField
	Nesterov     CheckField
	WeightDecay  TextField
	Augment      ChoiceField
	WarmupEpochs TextField
	LateBatch    CheckField
	Engine       ChoiceField
	Advanced     bool // something of this last group is not at its default: it is shown at once

	Seed  TextField
	Hints FormHints
}

// HasProblems reports whether any field, or the form as a whole, was refused.
func (f RunForm) HasProblems() bool {
	for _, p := range []string{
		f.Problem, f.Name.Problem, f.Dataset.Problem, f.Model.Problem, f.Spec.Problem, f.Schedule.Problem,
		f.LearningRate.Problem, f.BatchSize.Problem, f.Epochs.Problem, f.StageEpochs.Problem, f.Power.Problem, f.Factor.Problem,
		f.Carrier.Problem, f.Seed.Problem,
	} {
		if p != "" {
			return true
		}
	}
	return f.advancedProblems()
}

// advancedProblems reports whether a field that is folded away was refused.
func (f RunForm) advancedProblems() bool {
	for _, p := range []string{
		f.Momentum.Problem, f.Nesterov.Problem, f.WeightDecay.Problem, f.Augment.Problem, f.WarmupEpochs.Problem, f.LateBatch.Problem,
		f.Engine.Problem,
	} {
		if p != "" {
			return true
		}
	}
	return false
}

// TextField is one typed value, as typed.
type TextField struct {
	Value   string
	Problem string // what was expected and what was found, or empty
}

// CheckField is one box that is ticked or not.
type CheckField struct {
	On      bool
	Problem string
}

// ChoiceField is one value of a list.
type ChoiceField struct {
	Value   string
	Problem string
	Choices []Choice
}

// Choice is one entry of a list. Entries of one Group stand together under its name.
type Choice struct {
	Value, Label string
	Group        string // empty: in no group
}

// choiceGroup is a run of entries with one Group.
type choiceGroup struct {
	Name    string
	Choices []Choice
}

// groups cuts the list where its Group changes.
func (f ChoiceField) groups() []choiceGroup {
	var all []choiceGroup
	for _, c := range f.Choices {
		if len(all) == 0 || all[len(all)-1].Name != c.Group {
			all = append(all, choiceGroup{Name: c.Group})
		}
		last := &all[len(all)-1]
		last.Choices = append(last.Choices, c)
	}
	return all
}

func (f ChoiceField) offersValue() bool {
	for _, c := range f.Choices {
		if c.Value == f.Value {
			return true
		}
	}
	return f.Value == ""
}

// FormHints is what the page's script knows to help while typing: it fills in a model's presets when the model is chosen,
// and asks the server what the typed values mean. It is written into the page as a JSON data block.
type FormHints struct {
	Presets []Preset `json:"presets"`
	Preview string   `json:"preview"` // where the script posts the form for a preview, "/api/preview"
	Models  string   `json:"models"`  // where it gets the networks as data, "/api/models"
}

// Preset holds the default values of one model, as they would be typed.
type Preset struct {
	Model        string `json:"model"`
	LearningRate string `json:"learningRate"`
	BatchSize    string `json:"batchSize"`
	Epochs       string `json:"epochs"`
	StageEpochs  string `json:"stageEpochs"`
}

func orRuns(action string) string {
	if action == "" {
		return "/runs"
	}
	return action
}

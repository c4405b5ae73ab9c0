package web

// RunsView is the screen /runs: the form for a new run beside the list of all runs, newest first.
type RunsView struct {
	Form RunForm
	Runs []RunRow
}

// RunRow is one line of the list. Texts are ready to show; an empty one is drawn as a dash.
type RunRow struct {
	ID, Name     string
	Href         string // the run's page
	Status       Status
	Progress     string // "120 / 1 250"
	Dataset      string
	Model        string
	Schedule     string
	LearningRate string // η in force, or η₁ before the first step
	BatchSize    string // b in force, or b₁
	NoiseLevel   string // δ, empty while C is not known
	TestAccuracy string // "84.1 %"
	Created      Moment
}

// Status is where a run stands. Word is one of queued, running, pausing, paused, stopping, stopped, done, diverged,
// interrupted, failed; it is shown as it is and chooses the color.
type Status struct {
	Word   string
	Reason string // one sentence for diverged, failed and interrupted, else empty
}

// Moment is a point in time, for people and for machines.
type Moment struct {
	ISO  string // RFC 3339, for <time datetime>
	Text string // "22 Nov 2026, 14:03"
}

// RunForm is the form for a new run. After a refused attempt it keeps what was typed, with a sentence in the Problem of
// each field that was refused. Field names are those of trainer.Config in JSON, and "name".
type RunForm struct {
	Action       string // where it is posted, normally "/runs"
	Problem      string // a sentence about the form as a whole, or empty
	Name         TextField
	Dataset      ChoiceField
	Model        ChoiceField
	Schedule     ChoiceField
	Engine       ChoiceField
	LearningRate TextField
	BatchSize    TextField
	Epochs       TextField
	StageEpochs  TextField
	Seed         TextField
	Hints        FormHints
}

// HasProblems reports whether any field, or the form as a whole, was refused.
func (f RunForm) HasProblems() bool {
	for _, p := range []string{
		f.Problem, f.Name.Problem, f.Dataset.Problem, f.Model.Problem, f.Schedule.Problem, f.Engine.Problem,
		f.LearningRate.Problem, f.BatchSize.Problem, f.Epochs.Problem, f.StageEpochs.Problem, f.Seed.Problem,
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

// ChoiceField is one value of a list.
type ChoiceField struct {
	Value   string
	Problem string
	Choices []Choice
}

// Choice is one entry of a list.
type Choice struct {
	Value, Label string
}

// FormHints is what the page's script knows to help while typing: it fills in a model's presets when the model is chosen
// and says how many updates the typed values mean. It is written into the page as a JSON data block.
type FormHints struct {
	Presets  []Preset      `json:"presets"`
	Datasets []DatasetHint `json:"datasets"`
}

// Preset holds the default values of one model, as they would be typed.
type Preset struct {
	Model        string `json:"model"`
	LearningRate string `json:"learningRate"`
	BatchSize    string `json:"batchSize"`
	Epochs       string `json:"epochs"`
	StageEpochs  string `json:"stageEpochs"`
}

// DatasetHint says how large a data set is.
type DatasetHint struct {
	Name      string `json:"name"`
	TrainSize int    `json:"trainSize"` // n, training images
}

// RunView is the screen /runs/{id} as it stands when the page is asked for. The page's script takes over from there:
// every number below the heading is filled again from the websocket.
type RunView struct {
	ID, Name string
	Status   Status
	Created  Moment
	Facts    []Fact // the configuration, in the order shown: data set, model, schedule, engine, …
	Actions  []RunAction
	Progress Progress
	Numbers  RunNumbers
	Paths    RunPaths
}

// Fact is a word and its value.
type Fact struct {
	Word, Value string
}

// RunAction is one button. All of them are in the page; those that the status does not accept are hidden.
type RunAction struct {
	Name     string // "pause", "resume", "stop"
	Label    string // "Pause"
	Href     string // where it is posted
	Accepted bool
}

// Progress is how far the run is.
type Progress struct {
	Step, Total int    // updates done and in all; Total 0 while it is not known
	Text        string // "120 of 1 250 updates, epoch 1 of 10"
}

// RunNumbers are the large figures of the page, ready to show; an empty one is drawn as a dash.
type RunNumbers struct {
	TrainLoss, TestAccuracy string
	LearningRate, BatchSize string
	NoiseLevel              string // δ, empty while C is not known
	GradStdDev              string // C ± spread, empty while not known
	Ratio                   string // η/√b
}

// RunPaths are where the page's script finds the run.
type RunPaths struct {
	Socket string // "/ws/runs/7"
	Slice  string // "/api/runs/7/slice"
	Figure string // "/runs/7/figure.png", without a query
}

// ErrorView is the page of a request that could not be answered.
type ErrorView struct {
	Status    int      // HTTP status code
	Title     string   // "There is no run 99"
	Sentences []string // what was being done, what was expected, what was found
	Advice    string   // what to do, or empty
	Href      string   // a way on, or empty
	LinkText  string
}

func orDash(text string) string {
	if text == "" {
		return "–"
	}
	return text
}

func orRuns(action string) string {
	if action == "" {
		return "/runs"
	}
	return action
}

func (f ChoiceField) offersValue() bool {
	for _, c := range f.Choices {
		if c.Value == f.Value {
			return true
		}
	}
	return f.Value == ""
}

// hasHelp: these fields have a sentence of help beside them.
func hasHelp(name string) bool { return name == "stageEpochs" || name == "name" }

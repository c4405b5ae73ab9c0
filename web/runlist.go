package web

import (
	"net/url"
	"strings"
	"unicode/utf8"
)

// RunsView is the screen /runs: the list of runs, and the form for a new one.
type RunsView struct {
	Form     RunForm
	FormOpen bool // the form is asked for, was refused, or there is nothing else
	Runs     []RunRow
	More     string // how many runs follow that only the script shows, in words; empty: none
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
	Pinned       bool
	Tags         []string
	Color        string // one of runInks, or empty
	Remark       string // the first line of the notes
}

// runInks are the colors of runs; --run-NAME in tokens.css. Their first letters differ.
var runInks = []string{"amber", "blue", "cyan", "green", "orange", "pink", "red", "violet"}

// letterOf is what stands in a run's color, for who does not see it.
func letterOf(color string) string {
	if color == "" {
		return ""
	}
	return strings.ToUpper(color[:1])
}

// runGroup is a choice of statuses; static/src/runlist/order.ts says which.
type runGroup struct{ Value, Label string }

var runGroups = []runGroup{{"all", "All"}, {"active", "Active"}, {"done", "Done"}, {"stopped", "Stopped"}, {"failed", "Failed"}}

// runColumn is a column by which the list is sorted; static/src/runlist/state.ts knows the same values.
type runColumn struct {
	Value, Label, Title string
	Number              bool
}

var runColumns = []runColumn{
	{"name", "Run", "Name", false}, {"status", "Status", "Status", false}, {"step", "Updates", "Updates", true}, {"delta", "δ", "Degree of smoothing δ", true},
	{"accuracy", "Accuracy", "Test accuracy", true}, {"eta", "η", "Learning rate η", true}, {"b", "b", "Batch size b", true}, {"schedule", "Schedule", "Schedule", false},
	{"model", "Model, data", "Model and data set", false}, {"created", "Created", "Created", false},
}

// initial is the value of aria-sort before the script takes over.
func (c runColumn) initial() string {
	if c.Value == "created" {
		return "descending"
	}
	return "none"
}

// formToggle is where the button leads that shows the form, or hides it.
func (v RunsView) formToggle() string {
	if v.FormOpen {
		return "/runs"
	}
	return "/runs?new=1#new-run-title"
}

func yesNo(v bool) string {
	if v {
		return "true"
	}
	return "false"
}

func queryOf(text string) string { return url.QueryEscape(text) }

// FirstLine is the beginning of a text that fits on one line.
func FirstLine(text string, most int) string {
	line, rest, _ := strings.Cut(strings.TrimSpace(text), "\n")
	if utf8.RuneCountInString(line) > most {
		return string([]rune(line)[:most]) + "…"
	}
	if strings.TrimSpace(rest) != "" {
		return line + " …"
	}
	return line
}

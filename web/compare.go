package web

// CompareView is the screen /compare. What is shown of the runs is fetched by the page's script.
type CompareView struct {
	Title   string
	API     string // where the script gets the comparison, with its query; empty: nothing was chosen
	Table   string // where the table of results is, with its query and up to "format="
	Form    StudyForm
	Studies []StudyRow // the newest first
}

// StudyRow is one line of the list of studies.
type StudyRow struct {
	Name    string
	Href    string
	Created Moment
}

// StudyForm is the form for a new study. After a refused attempt it keeps what was typed, with a sentence in each field that was refused.
type StudyForm struct {
	Problem      string // a sentence about the form as a whole, or empty
	Name         TextField
	Dataset      ChoiceField
	Model        ChoiceField
	LearningRate TextField
	BatchSize    TextField
	Epochs       TextField
	StageEpochs  TextField
	Seeds        TextField
	Open         bool // the settings are shown at once
}

// compareChart is one of the figures of /compare.
type compareChart struct{ name, title string }

// compareCharts are the figures of the page, in order; static/src/compare/charts.ts knows them by name.
func compareCharts() []compareChart {
	return []compareChart{
		{"testAccuracy", "Test accuracy"}, {"trainLoss", "Training loss"}, {"testLoss", "Test loss"}, {"noiseLevel", "Degree of smoothing δ = ηC/√b"},
		{"temperature", "η/b"}, {"gradStdDev", "Gradient spread C"}, {"learningRate", "Learning rate η"}, {"batchSize", "Batch size b"},
	}
}

// GroupName says which line of the charts a group of runs has, and what it is.
type GroupName struct {
	Letter string
	Ink    int    // the color --ink-N: 1 … 6, or 7 … 14 that of its runs
	Dash   string // stroke-dasharray of its line; empty: solid
	Label  string
}

// ResultTable is a table of /compare: a line for each group of runs, or for each run.
type ResultTable struct {
	First   [2]string // the columns before the metrics
	Metrics []ResultMetric
	Groups  []GroupResult
	Runs    []RunResult
}

// ResultMetric is a column of a table of results.
type ResultMetric struct{ ID, Title, Unit, Definition string }

// GroupResult is the line of a group.
type GroupResult struct {
	Name  GroupName
	Runs  string // how many, and how many are done
	Cells []ResultCell
}

// RunResult is the line of a run.
type RunResult struct {
	ID, Letter, Name string
	Status           Status
	Notes            []string
	Cells            []ResultCell
}

// ResultCell is one number; Title says its spread, or is empty.
type ResultCell struct{ Text, Title string }

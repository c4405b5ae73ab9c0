package web

// Status is where a run stands. Word is one of queued, running, pausing, paused, stopping, stopped, done, diverged,
// interrupted, failed, recorded; it is shown as it is and chooses the color.
type Status struct {
	Word   string
	Reason string // one sentence for diverged, failed and interrupted, else empty
}

// Moment is a point in time, for people and for machines.
type Moment struct {
	ISO  string // RFC 3339, for <time datetime>
	Text string // "22 Nov 2026, 14:03"
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
	Measure  MeasurePanel
	Speed    SpeedPanel
	Marks    RunMarks
}

// Recorded says whether the run ships with the program: it never changes, and has no parameters that could be measured.
func (v RunView) Recorded() bool { return v.Status.Word == "recorded" }

// FirstDelta says how large the magnification that the page opens with draws the run's first δ.
func (v RunView) FirstDelta() string {
	if v.Recorded() {
		return "half of the view's half-width; at a tenth, as of other runs, nothing would be seen to melt"
	}
	return "a tenth of the view's half-width"
}

// MeasurePanel is the form that asks for a measurement of a run's network.
type MeasurePanel struct {
	Action  string // where it is posted: "/runs/7/measurements"
	List    string // what was measured, for the page's script: "/api/runs/7/measurements"
	Choices []MeasureChoice
	Images  string // as typed
	Seed    string
	Double  bool
}

// MeasureChoice is a group of measurements.
type MeasureChoice struct {
	Value, Label string
	On           bool
}

// SpeedPanel is how fast the run's network is on this machine or another, as far as somebody measured it.
type SpeedPanel struct {
	Action  string // where a benchmark is posted: "/runs/7/benchmarks"
	List    string // "/api/runs/7/benchmarks"
	Command string // what measures the run's network
	Rows    []SpeedRow
}

// SpeedRow is one benchmark, ready to show; an empty number is drawn as a dash.
type SpeedRow struct {
	Attached                                       Moment
	Network, Where                                 string // "resnet8, 128 images a training step", "Radeon (discrete GPU, Vulkan)"
	Milliseconds, Images, GFlops, Peak, CPU, Torch string // ms a step, images/s, GFLOP/s, share of the device's peak, images/s of the CPU engine and of PyTorch there
	Remove                                         string // where its removal is posted
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
	Space  string // "/api/runs/7/fullspace", without a query; "" where there are no parameters to sample around
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

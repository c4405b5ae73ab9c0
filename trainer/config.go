package trainer

// Config is everything that decides the numbers of a run, besides the data and the engine's Path: same Config, same numbers.
type Config struct {
	Dataset  string `json:"dataset"` // name of a data set, as package dataset and the data folder know it
	Model    string `json:"model"`   // "softmax", "mlp", "convnet"
	Engine   string `json:"engine"`  // "auto", "cpu", "gorgonia"
	Schedule string `json:"schedule"`

	LearningRate float64 `json:"learningRate"` // η₁ > 0
	BatchSize    int     `json:"batchSize"`    // b₁, 1 … training images
	Epochs       int     `json:"epochs"`       // ≥ 1
	StageEpochs  int     `json:"stageEpochs"`  // epochs between two changes of the schedule, ≥ 1; 0 means a fifth of Epochs, rounded up
	Seed         uint64  `json:"seed"`
}

package curve

import (
	"encoding/json"
	"fmt"
	"math"

	"smoothscape/trainer"
)

// State is what the events of a log so far mean for the next one, and the newest values. static/src/run/log.ts keeps the same.
type State struct {
	Next            int64           `json:"next"` // events taken
	Step            int             `json:"step"` // of the newest event
	TrainSize       int             `json:"trainSize"`
	Epoch           int             `json:"epoch"`
	Images          int             `json:"images"`    // trained on in this epoch
	Samples         int             `json:"samples"`   // trained on at all
	Begun           int64           `json:"begun"`     // Unix milliseconds of the first event
	Elapsed         int64           `json:"elapsed"`   // milliseconds from there to the newest event; never less than before, whatever clocks do
	Update          *trainer.Update `json:"update"`    // the newest
	Scheduled       *trainer.Update `json:"scheduled"` // the newest whose batch has the size that the schedule says
	GradNorm        *trainer.Number `json:"gradNorm"`  // the newest that was measured
	FirstNoiseLevel *trainer.Number `json:"firstNoiseLevel"`
	Epochs          int             `json:"epochs"` // that have ended
	Began           int64           `json:"began"`  // Unix milliseconds of the start of the newest job; 0 where the state of an older version does not know
	Worked          int64           `json:"worked"` // milliseconds of the jobs before it
	Seen            int64           `json:"seen"`   // Unix milliseconds of its newest event
}

// EpochRow is a row of a run's table of epochs.
type EpochRow struct {
	Step         int                  `json:"step"`
	Result       *trainer.EpochResult `json:"result"`
	LearningRate *trainer.Number      `json:"learningRate"` // of the newest scheduled update; null before the first
	BatchSize    *int                 `json:"batchSize"`
	NoiseLevel   *trainer.Number      `json:"noiseLevel"`
	GradStdDev   *trainer.Number      `json:"gradStdDev"`
}

// Read makes the piece of level 0 of some events in a row, as they stand in the log. before is the State before the first of them, nil for
// the begin of a log.
func Read(before json.RawMessage, bodies [][]byte) (*Piece, error) {
	var s State
	if before != nil {
		if err := json.Unmarshal(before, &s); err != nil {
			return nil, fmt.Errorf("reading the state before an event: %w", err)
		}
	}
	p := &Piece{}
	for _, body := range bodies {
		var e trainer.Event
		if err := json.Unmarshal(body, &e); err != nil {
			return nil, fmt.Errorf("reading event %d: %w", s.Next, err)
		}
		if err := s.take(&e, p); err != nil {
			return nil, fmt.Errorf("reading event %d: %w", s.Next, err)
		}
	}
	p.TrainSize = s.TrainSize
	var err error
	p.After, err = json.Marshal(s)
	return p, err
}

func (s *State) take(e *trainer.Event, p *Piece) error {
	if s.Next == 0 {
		s.Begun = e.Time
	}
	s.Next++
	s.Step = max(s.Step, e.Step)
	s.Elapsed = max(s.Elapsed, e.Time-s.Begun)
	if e.Started != nil {
		switch {
		case s.Began > 0:
			s.Worked, s.Began = s.Worked+s.Seen-s.Began, e.Time
		case s.TrainSize == 0:
			s.Began = e.Time
		}
		s.TrainSize, s.Seen = e.Started.TrainSize, e.Time
	}
	s.Seen = max(s.Seen, e.Time)
	if e.Update != nil {
		s.takeUpdate(e.Step, e.Update, p)
	}
	if e.Epoch != nil {
		return s.takeEpoch(e.Step, e.Epoch, p)
	}
	return nil
}

func (s *State) takeUpdate(step int, u *trainer.Update, p *Piece) {
	if u.Epoch != s.Epoch {
		s.Epoch, s.Images = u.Epoch, 0
	}
	s.Images += u.BatchSize
	s.Samples += u.BatchSize
	s.Update = u
	s.place(step, p)
	c := &p.Columns
	c[TrainLoss].push(step, float64(u.TrainLoss))
	if u.GradNorm != nil && finite(float64(*u.GradNorm)) {
		s.GradNorm = u.GradNorm
	}
	// The rest of an epoch makes a smaller batch, for one update. Its own δ says nothing about the schedule and would draw a comb.
	before := s.Scheduled
	if before != nil && before.Epoch == u.Epoch && u.BatchSize < before.BatchSize && s.Images >= s.TrainSize {
		return
	}
	s.Scheduled = u
	if before == nil || before.LearningRate != u.LearningRate {
		c[LearningRate].push(step, u.LearningRate)
	}
	if before == nil || before.BatchSize != u.BatchSize {
		c[BatchSize].push(step, float64(u.BatchSize))
	}
	if before == nil || ratio(before) != ratio(u) {
		c[Ratio].push(step, ratio(u))
	}
	if u.NoiseLevel != nil {
		c[NoiseLevel].push(step, float64(*u.NoiseLevel))
		if s.FirstNoiseLevel == nil && finite(float64(*u.NoiseLevel)) {
			s.FirstNoiseLevel = u.NoiseLevel
		}
	}
	if u.GradStdDev != nil {
		spread := math.NaN()
		if u.GradStdDevErr != nil {
			spread = float64(*u.GradStdDevErr)
		}
		c[GradStdDev].push(step, float64(*u.GradStdDev))
		c[GradStdDev].Spread = append(c[GradStdDev].Spread, spread)
	}
}

func ratio(u *trainer.Update) float64 { return u.LearningRate / math.Sqrt(float64(u.BatchSize)) }

func (s *State) takeEpoch(step int, result *trainer.EpochResult, p *Piece) error {
	p.Columns[TestLoss].push(step, float64(result.TestLoss))
	p.Columns[TestAccuracy].push(step, result.TestAccuracy)
	s.Epochs++
	row := EpochRow{Step: step, Result: result}
	if then := s.Scheduled; then != nil {
		eta := trainer.Number(then.LearningRate)
		row.LearningRate, row.BatchSize, row.NoiseLevel, row.GradStdDev = &eta, &then.BatchSize, then.NoiseLevel, then.GradStdDev
	}
	text, err := json.Marshal(row)
	p.Epochs = append(p.Epochs, text)
	p.Epochs = p.Epochs[max(0, len(p.Epochs)-epochsKept):]
	return err
}

// place notes where an update lies. Places never fall, whatever a log says.
func (s *State) place(step int, p *Piece) {
	at := &p.Places
	at.Step = append(at.Step, step)
	at.Epoch = append(at.Epoch, s.Epoch)
	at.Images = append(at.Images, s.Images)
	at.Samples = append(at.Samples, s.Samples)
	at.Time = append(at.Time, int(s.Elapsed))
}

package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"smoothscape/server/store"
	"smoothscape/trainer"
)

// A study trains one configuration by several schedules of η and b, each from the same seeds. What a run draws by chance is a function of
// its seed and of a place in the run alone (package trainer): so the runs of one seed begin with the same parameters, bit for bit, and pass
// through the images of an epoch in the same order, which each schedule cuts into batches of its own size. Up to the end of the first
// stage the four schedules of the paper are the same run.

// Limits of a study.
const (
	maxStudyRuns  = 40
	maxStudySeeds = 10
)

// usualSeeds are the seeds of a study that names none.
func usualSeeds() []uint64 { return []uint64{1, 2, 3} }

// paperSchedules are the four schedules of arXiv 2311.08745, the baseline first.
func paperSchedules() []string {
	return []string{trainer.Constant, trainer.LRDecay, trainer.BatchGrowth, trainer.Hybrid}
}

// StudyView is a study as the JSON API sees it.
type StudyView struct {
	ID      string         `json:"id"`
	Name    string         `json:"name"`
	Created int64          `json:"created"` // Unix milliseconds
	Config  trainer.Config `json:"config"`  // what the runs share; its own schedule and seed are those of the first
	Runs    []StudyRun     `json:"runs"`
}

// StudyRun is one run of a study.
type StudyRun struct {
	Run      string `json:"run"`
	Schedule string `json:"schedule"`
	Seed     string `json:"seed"`
	Status   Status `json:"status"` // empty if the run is gone
}

// newStudy is what somebody asks for.
type newStudy struct {
	Name      string
	Config    trainer.Config // its own schedule and seed do not count
	Schedules []string       // empty: the paper's four
	Seeds     []uint64       // empty: usualSeeds
}

// CreateStudy records a study and puts its runs into the queue, all or nothing: seed after seed, so that the schedules can be compared
// early. Bad fields are *fault values, joined.
func (rs *Runs) CreateStudy(ctx context.Context, asked newStudy) (StudyView, error) {
	if len(asked.Schedules) == 0 {
		asked.Schedules = paperSchedules()
	}
	if len(asked.Seeds) == 0 {
		asked.Seeds = usualSeeds()
	}
	asked.Name = strings.Join(strings.Fields(asked.Name), " ")
	if err := rs.checkStudy(ctx, asked); err != nil {
		return StudyView{}, err
	}
	if asked.Name == "" {
		asked.Name = fmt.Sprintf("%s: %s", asked.Config.Model, counted(len(asked.Schedules), "schedule"))
	}
	study, runs, err := planStudy(asked, time.Now())
	if err != nil {
		return StudyView{}, err
	}
	rs.mu.Lock()
	defer rs.mu.Unlock()
	if rs.closed {
		return StudyView{}, errClosing
	}
	if err := rs.store.CreateStudy(study, runs); err != nil {
		return StudyView{}, err
	}
	rs.startQueued()
	return rs.Study(ctx, study.ID)
}

// checkStudy refuses what cannot be trained, and what is too much.
func (rs *Runs) checkStudy(ctx context.Context, asked newStudy) error {
	var errs []error
	refuse := func(field, doing, expected, found, advice string) {
		errs = append(errs, &fault{Field: field, Doing: doing, Expected: expected, Found: found, Advice: advice})
	}
	if n := len([]rune(asked.Name)); n > maxRunName {
		refuse("name", "reading the name", fmt.Sprintf("at most %d characters", maxRunName), fmt.Sprint(n), "Shorten it.")
	}
	if n := len(asked.Seeds); n > maxStudySeeds {
		refuse("seeds", "choosing the seeds", fmt.Sprintf("at most %d", maxStudySeeds), fmt.Sprint(n), "Begin with three.")
	} else if twice, ok := repeated(asked.Seeds); ok {
		refuse("seeds", "choosing the seeds", "each once", fmt.Sprint(twice)+" twice", "Another seed is another sample; the same one would be the same run.")
	}
	known := true
	for _, name := range asked.Schedules {
		if !slices.Contains(trainer.Schedules(), name) {
			known = false
			refuse("schedules", "choosing the schedules", "some of "+strings.Join(trainer.Schedules(), ", "), quoted(name), "Choose some of these.")
			break
		}
	}
	if twice, ok := repeated(asked.Schedules); ok && known {
		refuse("schedules", "choosing the schedules", "each once", quoted(twice)+" twice", "Name it once.")
	}
	if n := len(asked.Schedules) * len(asked.Seeds); n > maxStudyRuns {
		refuse("seeds", "counting the runs of the study", fmt.Sprintf("at most %d", maxStudyRuns), fmt.Sprint(n), "Take fewer seeds or fewer schedules.")
	}
	if !known {
		return errors.Join(errs...)
	}
	said := map[string]bool{} // the same fault of each schedule is said once
	for _, name := range asked.Schedules {
		cfg := asked.Config
		cfg.Schedule = name
		_, _, err := rs.plan(ctx, cfg)
		some := faults(err)
		if err != nil && len(some) == 0 {
			return err
		}
		for _, f := range some {
			if !said[f.Error()] {
				said[f.Error()] = true
				errs = append(errs, f)
			}
		}
	}
	return errors.Join(errs...)
}

// repeated finds a value that occurs twice.
func repeated[T comparable](values []T) (twice T, ok bool) {
	seen := map[T]bool{}
	for _, v := range values {
		if seen[v] {
			return v, true
		}
		seen[v] = true
	}
	return twice, false
}

// planStudy writes down the rows of a study.
func planStudy(asked newStudy, now time.Time) (store.Study, []store.Run, error) {
	study := store.Study{ID: newID(), Name: asked.Name, Created: now.UnixMilli()}
	var runs []store.Run
	for _, seed := range asked.Seeds {
		for _, schedule := range asked.Schedules {
			cfg := asked.Config
			cfg.Schedule, cfg.Seed = schedule, seed
			config, err := json.Marshal(cfg)
			if err != nil {
				return store.Study{}, nil, fmt.Errorf("writing the configuration of a study: %w", err)
			}
			if study.Config == nil {
				study.Config = config
			}
			run := store.Run{
				ID: newID(), Name: runOfStudy(asked.Name, schedule, seed), Created: now.UnixMilli(), Config: config, Status: string(StatusQueued),
				Queued: now.UnixNano() + int64(len(runs)), // in this order
			}
			runs = append(runs, run)
			study.Members = append(study.Members, store.Member{Run: run.ID, Schedule: schedule, Seed: strconv.FormatUint(seed, 10)})
		}
	}
	return study, runs, nil
}

// newID is a name of ten letters and digits that nobody guesses.
func newID() string { return strings.ToLower(rand.Text()[:10]) }

// runOfStudy is the name of a run: the study's, shortened if need be, and what the run is in it.
func runOfStudy(study, schedule string, seed uint64) string {
	what := fmt.Sprintf("%s, seed %d", schedule, seed)
	if room := maxRunName - len([]rune(what)) - 2; len([]rune(study)) > room {
		study = string([]rune(study)[:room-1]) + "…"
	}
	return study + ": " + what
}

// Study is one study; a *fault with status 404 if there is none of this name.
func (rs *Runs) Study(ctx context.Context, id string) (StudyView, error) {
	row, err := rs.store.Study(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return StudyView{}, &fault{
			Status: http.StatusNotFound, Field: "study", Doing: "looking for a study", Expected: "the name of a study in this data folder", Found: quoted(id),
			Advice: "Choose one from the list at /compare.",
		}
	}
	if err != nil {
		return StudyView{}, err
	}
	view := StudyView{ID: row.ID, Name: row.Name, Created: row.Created, Runs: []StudyRun{}}
	_ = json.Unmarshal(row.Config, &view.Config) // what another version wrote is left out
	for _, m := range row.Members {
		member := StudyRun{Run: m.Run, Schedule: m.Schedule, Seed: m.Seed}
		run, err := rs.store.Run(ctx, m.Run)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return StudyView{}, err
		}
		if err == nil {
			member.Status = Status(run.Status)
		}
		view.Runs = append(view.Runs, member)
	}
	return view, nil
}

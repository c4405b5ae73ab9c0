package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"smoothscape/trainer"
	"smoothscape/trainer/dataset"
	"smoothscape/trainer/engine"
)

// trainOptions are the flags of train.
type trainOptions struct {
	config trainer.Config // Dataset is what --dataset says, a name or a folder
	out    string
	resume string
	force  bool
	asJSON bool
	given  func(flag string) bool // whether a flag was given
}

func newTrainCommand(tty *terminal) *cobra.Command {
	o, measure := &trainOptions{}, &benchOptions{}
	cmd := &cobra.Command{
		Use:   "train",
		Short: "Train a network in this terminal, without a server",
		Long: `Train a network: the same training as a run of the dashboard, with the same numbers, in this terminal.
What is not given comes from the preset of the model.

The newest checkpoint is in the file of --out, from which --resume goes on and ` + "`smoothscape slice`" + ` makes
a picture. It is written every few seconds and after each epoch. Ctrl-C writes it and ends the program.

Progress goes to standard error. Standard output gets the result, or with --json all events as they happen,
one JSON object a line. The exit code is 0 if all epochs were trained, 1 if not, 2 if a flag is wrong.`,
		Example: `  smoothscape train                                     the convnet's preset, on the embedded images
  smoothscape train --model mlp --epochs 3 --seed 7 --out mlp.ckpt
  smoothscape train --resume mlp.ckpt                   go on after Ctrl-C
  smoothscape train --model softmax --json | jq -c 'select(.kind=="epoch")'
  smoothscape train --bench --model resnet8 --workers 1`,
		Args: noSuchCommand,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.given = cmd.Flags().Changed
			if wanted, err := measure.wanted(cmd.Flags()); err != nil || wanted {
				if err != nil {
					return err
				}
				return measure.run(cmd.Context(), tty, cmd.Flags(), o.config.Model, o.config.Engine, o.asJSON)
			}
			return o.run(cmd.Context(), tty, dataFolder(cmd))
		},
	}
	preset := trainer.Default("convnet")
	f := cmd.Flags()
	f.StringVar(&o.config.Model, "model", preset.Model, "network: "+strings.Join(engine.Models(), ", "))
	f.StringVar(&o.config.Dataset, "dataset", dataset.EmbeddedName, "images: a name that 'smoothscape data list' shows, or a folder")
	f.StringVar(&o.config.Engine, "engine", preset.Engine, "who computes: "+strings.Join(trainer.EngineNames(), ", "))
	f.StringVar(&o.config.Schedule, "schedule", preset.Schedule, "of η and b: "+strings.Join(trainer.Schedules(), ", "))
	f.Float64Var(&o.config.LearningRate, "learning-rate", 0, "learning rate η at the start (default: the model's preset)")
	f.IntVar(&o.config.BatchSize, "batch-size", 0, "batch size b at the start (default: the model's preset)")
	f.IntVar(&o.config.Epochs, "epochs", 0, "passes over the images (default: the model's preset)")
	f.IntVar(&o.config.StageEpochs, "stage-epochs", 0, "epochs between two changes of the schedule, 0 for a fifth of all (default: the model's preset)")
	f.Uint64Var(&o.config.Seed, "seed", preset.Seed, "of everything random: same seed, same numbers")
	f.StringVar(&o.out, "out", "", "file of the checkpoint (default: MODEL-seedN.ckpt in this folder, or the file of --resume)")
	f.StringVar(&o.resume, "resume", "", "go on from this checkpoint, with its settings")
	f.BoolVar(&o.force, "force", false, "overwrite the file of --out")
	f.BoolVar(&o.asJSON, "json", false, "print all events as lines of JSON")
	measure.register(f)
	return cmd
}

// run trains until the run or ctx ends.
func (o *trainOptions) run(ctx context.Context, tty *terminal, data string) error {
	job, file, err := o.prepare(ctx, data)
	if err != nil {
		return err
	}
	view := &trainView{tty: tty, asJSON: o.asJSON, file: file}
	outcome, err := trainer.Train(ctx, job, file.save, view.take)
	view.bar.end()
	switch {
	case err != nil:
		return errors.Join(resumeFault(err), view.left())
	case outcome == trainer.OutcomeDone:
		return view.result()
	case outcome == trainer.OutcomeStopped:
		fmt.Fprintf(tty.err, "Stopped at update %d of %d; everything up to there is in %s.\nTo go on: smoothscape train --resume %s\n",
			view.step, view.total, file.name, shellWord(file.name))
		return errAlreadyTold
	}
	return errors.Join(fmt.Errorf("the training diverged. %s", view.reason), view.left())
}

// prepare puts the job together. Wrong flags are *fault, as many as there are.
func (o *trainOptions) prepare(ctx context.Context, data string) (trainer.Job, *checkpointFile, error) {
	var start *trainer.Checkpoint
	var err error
	cfg := o.fresh()
	if o.resume != "" {
		if start, err = loadCheckpoint(o.resume); err != nil {
			return trainer.Job{}, nil, err
		}
		if cfg, err = o.resumed(start.Config); err != nil {
			return trainer.Job{}, nil, err
		}
	}
	file, err := o.outFile(cfg)
	if err = errors.Join(configFaults(cfg.Validate(0)), err); err != nil {
		return trainer.Job{}, nil, err
	}
	set, name, err := findDataset(ctx, data, cfg.Dataset)
	if err != nil {
		return trainer.Job{}, nil, err
	}
	if cfg.Dataset = name; start != nil {
		cfg.Dataset = start.Config.Dataset // the trainer compares the images themselves
	}
	if err := configFaults(cfg.Validate(set.Train.Len())); err != nil {
		return trainer.Job{}, nil, err
	}
	computes, err := trainer.EngineByName(cfg.Engine)
	if err != nil {
		return trainer.Job{}, nil, configFaults(err)
	}
	return trainer.Job{Config: cfg, Set: set, Engine: computes, Resume: start, CheckpointEvery: checkpointEvery, CheckpointShare: checkpointShare}, file, nil
}

// fresh is the configuration of a new run: the preset of the model, changed by what was given.
func (o *trainOptions) fresh() trainer.Config {
	cfg := trainer.Default(o.config.Model)
	o.overlay(&cfg)
	return cfg
}

// overlay writes what was given into cfg.
func (o *trainOptions) overlay(cfg *trainer.Config) {
	for flag, set := range map[string]func(){
		"model":         func() { cfg.Model = o.config.Model },
		"dataset":       func() { cfg.Dataset = o.config.Dataset },
		"engine":        func() { cfg.Engine = o.config.Engine },
		"schedule":      func() { cfg.Schedule = o.config.Schedule },
		"learning-rate": func() { cfg.LearningRate = o.config.LearningRate },
		"batch-size":    func() { cfg.BatchSize = o.config.BatchSize },
		"epochs":        func() { cfg.Epochs = o.config.Epochs },
		"stage-epochs":  func() { cfg.StageEpochs = o.config.StageEpochs },
		"seed":          func() { cfg.Seed = o.config.Seed },
	} {
		if o.given(flag) {
			set()
		}
	}
}

// resumed is the configuration of a checkpoint, whose numbers nobody may change; the engine and the place of the images may.
func (o *trainOptions) resumed(cfg trainer.Config) (trainer.Config, error) {
	wanted := cfg
	o.overlay(&wanted)
	cfg.Dataset, cfg.Engine = wanted.Dataset, wanted.Engine
	if !wanted.Equal(cfg) {
		return cfg, &fault{
			Doing: "reading the flags beside --resume", Expected: "those of the checkpoint: " + describeConfig(cfg), Found: describeConfig(wanted),
			Advice: "Leave them out, or train anew without --resume.",
		}
	}
	return cfg, nil
}

func describeConfig(cfg trainer.Config) string {
	return fmt.Sprintf("--model %s --schedule %s --learning-rate %g --batch-size %d --epochs %d --stage-epochs %d --seed %d",
		cfg.Model, cfg.Schedule, cfg.LearningRate, cfg.BatchSize, cfg.Epochs, cfg.StageEpochs, cfg.Seed)
}

// outFile chooses the file of the checkpoint, and refuses to overwrite anything but the one that the run goes on from.
func (o *trainOptions) outFile(cfg trainer.Config) (*checkpointFile, error) {
	name := o.out
	switch {
	case o.given("out"):
	case o.resume != "":
		name = o.resume
	default:
		name = fmt.Sprintf("%s-seed%d.ckpt", cfg.Model, cfg.Seed)
	}
	if name == "" {
		return nil, &fault{Field: "out", Doing: "reading --out", Expected: "the name of a file", Found: "nothing", Advice: "Leave --out away for the default."}
	}
	if err := checkWritable("out", name); err != nil {
		return nil, err
	}
	if old, err := os.Stat(name); err == nil && !o.force {
		from, err := os.Stat(o.resume)
		if err != nil || !os.SameFile(old, from) {
			return nil, &fault{
				Field: "out", Doing: "choosing the file of the checkpoint", Expected: "a name that is free", Found: "the file " + quoted(name),
				Advice: "Go on from it with --resume " + shellWord(name) + ", choose another with --out, or overwrite it with --force.",
			}
		}
	}
	return &checkpointFile{name: name}, nil
}

// resumeFault makes a fault of a checkpoint that does not fit; other errors pass.
func resumeFault(err error) error {
	if !errors.Is(err, trainer.ErrResume) {
		return err
	}
	return &fault{
		Field: "resume", Doing: "going on from a checkpoint", Expected: "one of this run and these images", Found: err.Error(),
		Advice: "If the images are in a folder, name it with --dataset.",
	}
}

// shellWord is a file name as a shell takes it.
func shellWord(name string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./,:=+@%"
	if name != "" && strings.Trim(name, plain) == "" {
		return name
	}
	return "'" + strings.ReplaceAll(name, "'", `'\''`) + "'"
}

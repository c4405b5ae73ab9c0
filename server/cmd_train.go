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
)

// trainOptions are the flags of train.
type trainOptions struct {
	config trainer.Config // Dataset is what --dataset says, a name or a folder
	spec   string         // file of the network of model "custom"
	batch  int            // --batch, another word for --batch-size
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
a picture. It is written every few seconds (of a large network less often) and after each epoch. Ctrl-C
writes it and ends the program.

Schedules: constant, lr-decay, batch-growth and hybrid are the paper's, in stages of --stage-epochs; polynomial,
cosine, exponential and step are paths of δ, which --carrier puts on η, on b or on both. Momentum and weight
decay are 0 unless they are given, as in the paper.

Progress goes to standard error. Standard output gets the result, or with --json all events as they happen,
one JSON object a line. The exit code is 0 if all epochs were trained, 1 if not, 2 if a flag is wrong.`,
		Example: `  smoothscape train                                     the convnet's preset, on the embedded images
  smoothscape train --model mlp --epochs 3 --seed 7 --out mlp.ckpt
  smoothscape train --resume mlp.ckpt                   go on after Ctrl-C
  smoothscape train --model resnet20 --dataset cifar-100 --augment paper --momentum 0.9 --weight-decay 5e-4
  smoothscape train --model mlp --schedule polynomial --power 0.5 --carrier both
  smoothscape train --spec my-network.json --epochs 5   a network of your own
  smoothscape train --engine webgpu --model resnet8     on a graphics device; "smoothscape devices" lists them
  smoothscape train --model softmax --json | jq -c 'select(.kind=="epoch")'
  smoothscape train --bench --model resnet8 --workers 1`,
		Args: noSuchCommand,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.given = cmd.Flags().Changed
			o.batch = measure.batch
			if wanted, err := measure.wanted(cmd.Flags()); err != nil || wanted {
				if err != nil {
					return err
				}
				return measure.run(cmd.Context(), tty, o)
			}
			return o.run(cmd.Context(), tty, dataFolder(cmd))
		},
	}
	preset := trainer.Default("convnet")
	f := cmd.Flags()
	c := &o.config
	f.StringVar(&c.Model, "model", preset.Model, "network: "+strings.Join(trainer.Models(), ", "))
	f.StringVar(&o.spec, "spec", "", "file of your own network, as JSON; the model is then custom")
	f.StringVar(&c.Dataset, "dataset", dataset.EmbeddedName, "images: a name that 'smoothscape data list' shows, or a folder")
	f.StringVar(&c.Augment, "augment", preset.Augment, "how training images are varied: "+strings.Join(trainer.Augmentations(), ", "))
	f.StringVar(&c.Engine, "engine", preset.Engine, "who computes: "+engineWords())
	f.StringVar(&c.Schedule, "schedule", preset.Schedule, "of η and b: "+strings.Join(trainer.Schedules(), ", "))
	f.Float64Var(&c.LearningRate, "learning-rate", 0, "learning rate η at the start (default: the model's preset)")
	f.IntVar(&c.BatchSize, "batch-size", 0, "batch size b at the start (default: the model's preset)")
	f.IntVar(&c.Epochs, "epochs", 0, "passes over the images (default: the model's preset)")
	f.IntVar(&c.StageEpochs, "stage-epochs", 0, "epochs between two changes of the schedule, 0 for a fifth of all (default: the model's preset)")
	f.Float64Var(&c.Power, "power", preset.Power, "p of the schedule polynomial")
	f.Float64Var(&c.Factor, "factor", preset.Factor, "on δ, of each stage (step) or epoch (exponential)")
	f.StringVar(&c.Carrier, "carrier", preset.Carrier, "who carries a path of δ: "+strings.Join(trainer.Carriers(), ", "))
	f.IntVar(&c.WarmupEpochs, "warmup-epochs", 0, "epochs over which η rises linearly at the start")
	f.BoolVar(&c.LateBatch, "late-batch", false, "change b one epoch after η, as the authors' script does")
	f.Float64Var(&c.Momentum, "momentum", 0, "momentum μ, 0 to below 1")
	f.BoolVar(&c.Nesterov, "nesterov", false, "Nesterov's momentum")
	f.Float64Var(&c.WeightDecay, "weight-decay", 0, "weight decay λ: λθ is added to the gradient")
	f.Uint64Var(&c.Seed, "seed", preset.Seed, "of everything random: same seed, same numbers")
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
	opened, err := job.Open(ctx, devices{}, exitHung(tty.err))
	switch {
	case ctx.Err() != nil: // while a device was checked
		fmt.Fprintln(tty.err, "Stopped; nothing was trained.")
		return errors.Join(errAlreadyTold, opened.Close())
	case err != nil:
		return configFaults(err)
	}
	view := &trainView{tty: tty, asJSON: o.asJSON, file: file}
	outcome, err := trainer.Train(ctx, job, file.save, view.take)
	err = errors.Join(err, opened.Close())
	view.bar.end()
	switch {
	case err != nil:
		return errors.Join(resumeFault(err), view.left())
	case outcome == trainer.OutcomeDone:
		return view.result()
	case outcome == trainer.OutcomeStopped:
		fmt.Fprintf(tty.err, "Stopped at update %s of %s; everything up to there is in %s.\nTo go on: smoothscape train --resume %s\n",
			grouped(view.step), grouped(view.total), file.name, shellWord(file.name))
		return errAlreadyTold
	}
	return errors.Join(fmt.Errorf("the training diverged. %s", view.reason), view.left())
}

// prepare puts the job together, but for its engine. Wrong flags are *fault, as many as there are.
func (o *trainOptions) prepare(ctx context.Context, data string) (trainer.Job, *checkpointFile, error) {
	var start *trainer.Checkpoint
	var err error
	if err := o.readSpec(); err != nil {
		return trainer.Job{}, nil, err
	}
	if o.given("batch") && o.given("batch-size") {
		return trainer.Job{}, nil, &fault{Field: "batch", Doing: "reading --batch beside --batch-size", Expected: "one of them", Found: "both", Advice: "They mean the same."}
	}
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
	if _, err := cfg.Network(set.Shape, set.Classes); err != nil {
		return trainer.Job{}, nil, networkFault(cfg, err)
	}
	return trainer.Job{Config: cfg, Set: set, Resume: start, CheckpointEvery: checkpointEvery, CheckpointShare: checkpointShare}, file, nil
}

// fresh is the configuration of a new run: the preset of the model, changed by what was given.
func (o *trainOptions) fresh() trainer.Config {
	cfg := trainer.Default(o.config.Model)
	o.overlay(&cfg)
	return cfg
}

// readSpec reads the network of --spec, which makes the model a custom one.
func (o *trainOptions) readSpec() (err error) {
	if o.spec == "" {
		return nil
	}
	if o.given("model") && o.config.Model != trainer.CustomModel {
		return &fault{
			Field: "spec", Doing: "reading --spec beside --model " + o.config.Model, Expected: "one network", Found: "two", Advice: "Leave one of them out.",
		}
	}
	o.config.Model = trainer.CustomModel
	o.config.Spec, err = specFile(o.spec)
	return err
}

// overlay writes what was given into cfg.
func (o *trainOptions) overlay(cfg *trainer.Config) {
	given := o.config
	for flag, set := range map[string]func(){
		"model":         func() { cfg.Model = given.Model },
		"spec":          func() { cfg.Model, cfg.Spec = given.Model, given.Spec },
		"dataset":       func() { cfg.Dataset = given.Dataset },
		"augment":       func() { cfg.Augment = given.Augment },
		"engine":        func() { cfg.Engine = given.Engine },
		"schedule":      func() { cfg.Schedule = given.Schedule },
		"learning-rate": func() { cfg.LearningRate = given.LearningRate },
		"batch-size":    func() { cfg.BatchSize = given.BatchSize },
		"batch":         func() { cfg.BatchSize = o.batch },
		"epochs":        func() { cfg.Epochs = given.Epochs },
		"stage-epochs":  func() { cfg.StageEpochs = given.StageEpochs },
		"power":         func() { cfg.Power = given.Power },
		"factor":        func() { cfg.Factor = given.Factor },
		"carrier":       func() { cfg.Carrier = given.Carrier },
		"warmup-epochs": func() { cfg.WarmupEpochs = given.WarmupEpochs },
		"late-batch":    func() { cfg.LateBatch = given.LateBatch },
		"momentum":      func() { cfg.Momentum = given.Momentum },
		"nesterov":      func() { cfg.Nesterov = given.Nesterov },
		"weight-decay":  func() { cfg.WeightDecay = given.WeightDecay },
		"seed":          func() { cfg.Seed = given.Seed },
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

// describeConfig writes a configuration as the flags that give it, those of its schedule and those that are not at their defaults.
func describeConfig(cfg trainer.Config) string {
	text := fmt.Sprintf("--model %s --schedule %s --learning-rate %g --batch-size %d --epochs %d", cfg.Model, cfg.Schedule, cfg.LearningRate, cfg.BatchSize, cfg.Epochs)
	uses := fieldsOfSchedule(cfg.Schedule)
	for _, f := range []struct {
		shown bool
		flag  string
		value any
	}{
		{uses["stageEpochs"], "stage-epochs", cfg.StageEpochs}, {uses["power"], "power", cfg.Power}, {uses["factor"], "factor", cfg.Factor},
		{uses["carrier"], "carrier", cfg.Carrier}, {cfg.WarmupEpochs != 0, "warmup-epochs", cfg.WarmupEpochs}, {cfg.LateBatch, "late-batch", true},
		{cfg.Momentum != 0, "momentum", cfg.Momentum}, {cfg.Nesterov, "nesterov", true}, {cfg.WeightDecay != 0, "weight-decay", cfg.WeightDecay},
		{cfg.Augment != "" && cfg.Augment != trainer.NoAugmentation, "augment", cfg.Augment}, {true, "seed", cfg.Seed},
	} {
		if f.shown {
			text += fmt.Sprintf(" --%s=%v", f.flag, f.value)
		}
	}
	return text
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

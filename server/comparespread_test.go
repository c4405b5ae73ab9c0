package main

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math"
	"math/rand/v2"
	"sort"
	"strings"
	"testing"

	"smoothscape/trainer"
)

// near says whether two numbers are the same up to rounding; NaN is near NaN.
func near(a, b float64) bool {
	return math.IsNaN(a) && math.IsNaN(b) || math.Abs(a-b) <= 1e-9*(1+math.Abs(b))
}

// madeUpLog is a run of some epochs on n images by a schedule, with now and then a loss that is not finite, and C unknown at first; it
// stops after stop updates.
func madeUpLog(cfg trainer.Config, n, stop int, rng *rand.Rand) []trainer.Event {
	schedule, err := trainer.ScheduleFor(cfg)
	if err != nil {
		panic(err)
	}
	total := trainer.TotalSteps(cfg, n)
	log := []trainer.Event{{Kind: trainer.KindStarted, Time: 1000, Started: &trainer.Started{TrainSize: n, TotalSteps: total}}}
	step := 0
	for epoch := range cfg.Epochs {
		eta, b := schedule(epoch)
		for left := n; left > 0; left -= min(b, n) {
			if step == stop {
				return log
			}
			step++
			u := &trainer.Update{Epoch: epoch, LearningRate: eta, BatchSize: min(b, left), TrainLoss: trainer.Number(rng.ExpFloat64())}
			if rng.IntN(40) == 0 {
				u.TrainLoss = trainer.Number([]float64{math.NaN(), math.Inf(1)}[rng.IntN(2)])
			}
			if step > 3 {
				c := trainer.Number(1 + rng.Float64())
				delta := trainer.Number(eta * float64(c) / math.Sqrt(float64(u.BatchSize)))
				u.GradStdDev, u.NoiseLevel = &c, &delta
			}
			log = append(log, trainer.Event{Kind: trainer.KindUpdate, Step: step, Time: int64(1000 + 10*step), Update: u})
		}
		log = append(log, trainer.Event{Kind: trainer.KindEpoch, Step: step, Epoch: &trainer.EpochResult{Epoch: epoch, TestLoss: trainer.Number(rng.Float64()), TestAccuracy: rng.Float64()}})
	}
	return log
}

// What a digest keeps of a log, and what a group makes of several, against sums over every event: at each point the mean of the losses since
// the point before, the schedule's newest numbers, and their mean, standard deviation and range over the runs that came so far.
func TestCurvesAgainstEveryEvent(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for round := range 60 {
		cfg := testConfig()
		cfg.Schedule = paperSchedules()[rng.IntN(4)]
		cfg.BatchSize, cfg.Epochs, cfg.StageEpochs = 2+rng.IntN(20), 1+rng.IntN(9), 1+rng.IntN(3)
		n := cfg.BatchSize + rng.IntN(400)
		total := trainer.TotalSteps(cfg, n)
		points := 10 + rng.IntN(80)
		var logs [][]trainer.Event
		var runs []*compared
		for i := range 1 + rng.IntN(4) {
			cfg.Seed = uint64(i)
			stop, status := total, StatusDone
			if rng.IntN(3) == 0 {
				stop, status = rng.IntN(total+1), StatusRunning
			}
			d := &digest{now: unknownSchedule()}
			d.schedule, _ = trainer.ScheduleFor(cfg)
			log := madeUpLog(cfg, n, stop, rng)
			for _, e := range log {
				d.take(e)
			}
			r := &compared{run: RunView{ID: fmt.Sprint(i), Status: status, Config: cfg}}
			r.look(d, points)
			logs, runs = append(logs, log), append(runs, r)
			if v, ok := r.values["samples"]; ok && int(v) != samplesUpTo(log, stop) {
				t.Errorf("round %d: %v samples, want %d", round, v, samplesUpTo(log, stop))
			}
		}
		view := groupsOf(runs)[0].view()
		c := view.Updates
		if total == 0 || len(c.Step) == 0 && view.Done > 0 {
			t.Fatalf("round %d: %d updates on %d images, %+v", round, total, n, cfg)
		}
		if len(c.Step) > 2*points {
			t.Errorf("round %d: %d points, asked for %d", round, len(c.Step), points)
		}
		if !sort.IntsAreSorted(c.Step) || view.Done == len(runs) && c.Step[len(c.Step)-1] != total {
			t.Fatalf("round %d: points at %v of %d", round, c.Step, total)
		}
		before := 0
		for i, step := range c.Step {
			var losses, deltas, temperatures []float64
			for _, log := range logs {
				if stepsOf(log) < step {
					continue
				}
				loss, now := witness(log, cfg, n, before, step)
				losses, deltas, temperatures = append(losses, loss), append(deltas, now.delta), append(temperatures, now.eta/now.b)
			}
			for name, values := range map[string][]float64{"trainLoss": losses, "noiseLevel": deltas, "temperature": temperatures} {
				checkBand(t, fmt.Sprintf("round %d, %s, %s at %d of %d", round, cfg.Schedule, name, step, total), c.Bands[name], i, values)
			}
			if c.N[i] != len(losses) || c.Samples[i] != samplesUpTo(logs[0], step) && stepsOf(logs[0]) >= step {
				t.Errorf("round %d, step %d: n = %d, %d samples", round, step, c.N[i], c.Samples[i])
			}
			before = step
		}
	}
}

func stepsOf(log []trainer.Event) (step int) {
	for _, e := range log {
		step = max(step, e.Step)
	}
	return step
}

func samplesUpTo(log []trainer.Event, step int) (samples int) {
	for _, e := range log {
		if e.Update != nil && e.Step <= step {
			samples += e.Update.BatchSize
		}
	}
	return samples
}

// witness goes through a whole log for the updates after before, up to step.
func witness(log []trainer.Event, cfg trainer.Config, n, before, step int) (loss float64, now scheduled) {
	schedule, _ := trainer.ScheduleFor(cfg)
	sum, count := 0.0, 0.0
	now = unknownSchedule()
	for _, e := range log {
		if e.Update == nil || e.Step > step {
			continue
		}
		if _, b := schedule(e.Update.Epoch); e.Update.BatchSize == min(b, n) {
			now = scheduled{e.Update.LearningRate, float64(e.Update.BatchSize), math.NaN(), math.NaN()}
			if e.Update.NoiseLevel != nil {
				now.delta, now.c = float64(*e.Update.NoiseLevel), float64(*e.Update.GradStdDev)
			}
		}
		if v := float64(e.Update.TrainLoss); e.Step > before && !math.IsNaN(v) && !math.IsInf(v, 0) {
			sum += v
			count++
		}
	}
	return sum / count, now
}

// checkBand holds point i of a band to the values of the runs.
func checkBand(t *testing.T, what string, b band, i int, values []float64) {
	t.Helper()
	var known []float64
	for _, v := range values {
		if !math.IsNaN(v) {
			known = append(known, v)
		}
	}
	n, sum := float64(len(known)), 0.0
	for _, v := range known {
		sum += v
	}
	mean, squares := sum/n, 0.0
	for _, v := range known {
		squares += (v - mean) * (v - mean)
	}
	if !near(b.Mean[i], mean) {
		t.Fatalf("%s: mean %v, want %v of %v", what, b.Mean[i], mean, known)
	}
	if len(known) < 2 {
		if b.SD != nil && !math.IsNaN(b.SD[i]) {
			t.Errorf("%s: a spread of %v", what, known)
		}
		return
	}
	sort.Float64s(known)
	if sd := math.Sqrt(squares / (n - 1)); !near(b.SD[i], sd) || !near(b.Min[i], known[0]) || !near(b.Max[i], known[len(known)-1]) {
		t.Errorf("%s: ± %v in [%v, %v], want ± %v of %v", what, b.SD[i], b.Min[i], b.Max[i], sd, known)
	}
}

// done is a group of runs that are done, with these test accuracies for the seeds 1, 2, 3 …
func doneGroup(schedule string, accuracies ...float64) []*compared {
	var runs []*compared
	for i, v := range accuracies {
		cfg := testConfig()
		cfg.Schedule, cfg.Seed = schedule, uint64(i+1)
		runs = append(runs, &compared{run: RunView{ID: fmt.Sprint(schedule, i), Status: StatusDone, Config: cfg}, values: map[string]float64{"testAccuracy": v}})
	}
	return runs
}

// Differences are stated where they exceed the spread, and nowhere else.
func TestFindings(t *testing.T) {
	slow(t)
	for _, c := range []struct {
		name        string
		constant    []float64
		hybrid      []float64
		says, keeps string
	}{
		{"far above", []float64{0.84, 0.85, 0.83}, []float64{0.871, 0.87, 0.872}, "Test accuracy, last, against constant: hybrid 3.1 ± 1.1 points higher, seed by seed over 3.", "no difference"},
		{"within", []float64{0.84, 0.85, 0.83}, []float64{0.85, 0.84, 0.84}, "hybrid: no difference beyond the spread seed by seed over 3.", "higher"},
		{"one seed disagrees", []float64{0.8, 0.8, 0.8, 0.8}, []float64{0.9, 0.91, 0.9, 0.79}, "no difference beyond", "higher"},
		{"below", []float64{0.9, 0.91}, []float64{0.8, 0.82}, "hybrid 9.50 ± 0.71 points lower, seed by seed over 2.", "no difference"},
		{"equal", []float64{0.9, 0.9}, []float64{0.9, 0.9}, "no difference beyond", "±"},
		{"one seed", []float64{0.8}, []float64{0.9}, "", "accuracy"},
	} {
		groups := groupsOf(append(doneGroup(trainer.Constant, c.constant...), doneGroup(trainer.Hybrid, c.hybrid...)...))
		got := strings.Join(findings(groups, groups[0]), "\n")
		if !strings.Contains(got, c.says) || strings.Contains(got, c.keeps) && c.keeps != "" {
			t.Errorf("%s: %q", c.name, got)
		}
	}
	// How often chance alone passes: what the page says is no less than what happens.
	rng := rand.New(rand.NewPCG(3, 4))
	for _, n := range []int{2, 3, 5} {
		stated := 0
		const rounds = 4000
		for range rounds {
			a, b := make([]float64, n), make([]float64, n)
			for i := range n {
				a[i], b[i] = rng.NormFloat64(), rng.NormFloat64()
			}
			groups := groupsOf(append(doneGroup(trainer.Constant, a...), doneGroup(trainer.Hybrid, b...)...))
			if d, ok := differ(groups[1], groups[0], "testAccuracy"); ok && d.stated {
				stated++
			}
		}
		if often, said := float64(stated)/rounds, 1/float64(oneIn(n)); often > 1.25*said || often < 0.6*said {
			t.Errorf("%d seeds: chance passes in %.3f of the comparisons, the page says %.3f", n, often, said)
		}
	}
}

func TestGroupsAreNamedByWhatTheyDifferIn(t *testing.T) {
	runs := doneGroup(trainer.Constant, 1, 2)
	other := doneGroup(trainer.Constant, 1)[0]
	other.run.Config.LearningRate, other.run.Config.Seed = 0.5, 4
	groups := groupsOf(append(runs, other))
	if len(groups) != 2 || groups[0].label != "constant, η 0.01" || groups[1].label != "constant, η 0.5" || groups[1].letter != "B" || len(groups[0].runs) != 2 {
		t.Errorf("%q and %q", groups[0].label, groups[1].label)
	}
	if a, b, c := letterOf(25), letterOf(26), letterOf(53); a != "Z" || b != "AA" || c != "BB" {
		t.Errorf("%s %s %s", a, b, c)
	}
}

// The tables hold what was typed as text, and every number.
func TestTablesOfResults(t *testing.T) {
	runs := append(doneGroup(trainer.Constant, 0.84, 0.86), doneGroup(trainer.Hybrid, 0.9)...)
	view := ComparisonView{Metrics: metrics()}
	for _, g := range groupsOf(runs) {
		view.Groups = append(view.Groups, g.view())
		for _, r := range g.runs {
			view.Runs = append(view.Runs, ComparedRun{ID: r.run.ID, Name: "=cmd|'/c calc'!A0", Group: g.letter, Seed: "1", Status: StatusDone, Values: r.values})
		}
	}
	for label, want := range map[string]struct{ cell, tex, html string }{
		`50% of $x_1$ & \input{/etc/passwd}`:   {`50% of $x_1$ & \input{/etc/passwd}`, `50\% of \$x\_1\$ \& \textbackslash{}input\{/etc/passwd\} & 1 & $90$`, "x_1$ &amp; "},
		" =1+1 ^^5cinput~#\f\x00\u2029\n\\par": {"' =1+1 ^^5cinput~#\f\x00\u2029\n\\par", ` =1+1 \textasciicircum{}\textasciicircum{}5cinput\textasciitilde{}\#    \textbackslash{}par & 1`, "=1+1"},
		`＠<img src=x onerror="alert(1)">`:      {`'＠<img src=x onerror="alert(1)">`, `＠<img src=x`, "＠&lt;img src=x onerror=&#34;alert(1)&#34;&gt;"},
	} {
		view.Groups[1].Label = label
		view.Runs[2].Name = label
		text, err := tableCSV(view)
		if err != nil || !strings.Contains(string(text), "'=cmd|") || !strings.Contains(string(text), ",0.84,") {
			t.Errorf("%v: %s", err, text)
		}
		lines, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
		if err != nil || len(lines) != 4 || lines[3][1] != want.cell || lines[3][4] != want.cell {
			t.Errorf("%q, %v", lines, err)
		}
		tex, err := tableTeX(view)
		for _, part := range []string{"Test accuracy, last (\\%)", `constant & 2 & $85.0 \pm 1.4$`, want.tex} {
			if err != nil || !strings.Contains(string(tex), part) {
				t.Errorf("%v: no %s in %s", err, part, tex)
			}
		}
		shown := view.shown(t.Context())
		if html := shown.Names[1] + shown.Results + shown.Each; strings.Contains(html, "<img") || strings.Count(html, want.html) < 3 {
			t.Errorf("%s is not thrice in %s", want.html, html)
		}
	}
	if text, err := tableJSON(view); err != nil || !strings.Contains(string(text), `"testAccuracy"`) {
		t.Errorf("%v: %s", err, text)
	}
}

package main

import (
	"fmt"
	"math"
	"strings"
)

// A difference between two groups is stated where it is more than the spread over seeds: where both trained the same seeds, if the mean of the
// differences seed by seed is larger than their standard deviation and all of them have one sign; else, if the difference of the means is
// larger than the root of the sum of the squared standard deviations. That is no test of a hypothesis, and chanceSentence says how often it would be met by chance.

// difference is how a group differs from the one that it is held against.
type difference struct {
	n      int // seeds, or the fewer runs of the two
	paired bool
	mean   float64
	sd     float64
	stated bool
}

// differ compares a metric of two groups over their runs that are done; ok is false with fewer than two on either side.
func differ(g, base *group, metric string) (d difference, ok bool) {
	mine, theirs := g.bySeed(metric), base.bySeed(metric)
	var pairs []float64
	for seed, v := range mine {
		if w, ok := theirs[seed]; ok {
			pairs = append(pairs, v-w)
		}
	}
	if s, ok := spreadOf(pairs); ok && s.N >= 2 {
		return difference{n: s.N, paired: true, mean: s.Mean, sd: *s.SD, stated: math.Abs(s.Mean) > *s.SD && s.Min*s.Max > 0}, true
	}
	a, _ := spreadOf(values(mine))
	b, _ := spreadOf(values(theirs))
	if a.N < 2 || b.N < 2 {
		return difference{}, false
	}
	d = difference{n: min(a.N, b.N), mean: a.Mean - b.Mean, sd: math.Hypot(*a.SD, *b.SD)}
	d.stated = math.Abs(d.mean) > d.sd
	return d, true
}

// bySeed is a metric of the runs that are done.
func (g *group) bySeed(metric string) map[uint64]float64 {
	all := map[uint64]float64{}
	for _, r := range g.done() {
		if v, ok := r.values[metric]; ok {
			all[r.run.Config.Seed] = v
		}
	}
	return all
}

func values(of map[uint64]float64) []float64 {
	all := make([]float64, 0, len(of))
	for _, v := range of {
		all = append(all, v)
	}
	return all
}

// foundMetrics are those about which findings speaks.
func foundMetrics() []metric {
	var some []metric
	for _, m := range metrics() {
		switch m.ID {
		case "testAccuracy", "testLoss", "worstSharpness", "worstSharpnessAdaptive":
			some = append(some, m)
		}
	}
	return some
}

// findings says in sentences how the other groups differ from base.
func findings(groups []*group, base *group) []string {
	sentences := []string{}
	most := 0
	for _, m := range foundMetrics() {
		var stated, silent []string
		n, paired := 0, true
		for _, g := range groups {
			d, ok := differ(g, base, m.ID)
			if g == base || !ok {
				continue
			}
			n, paired = max(n, d.n), paired && d.paired
			if d.stated {
				stated = append(stated, g.label+" "+amount(m, d))
			} else {
				silent = append(silent, g.label)
			}
		}
		if n == 0 {
			continue
		}
		most = max(most, n)
		sentence := m.Title + ", against " + base.label + ": "
		how := fmt.Sprintf("over %d seeds", n)
		if paired {
			how = "seed by seed over " + fmt.Sprint(n)
		}
		if len(stated) > 0 {
			sentence += strings.Join(stated, ", ") + ", " + how
		}
		if len(silent) > 0 {
			if len(stated) > 0 {
				sentence += "; "
			}
			sentence += listed(silent) + ": no difference beyond the spread"
			if len(stated) == 0 {
				sentence += " " + how
			}
		}
		sentences = append(sentences, sentence+".")
	}
	if most > 0 {
		sentences = append(sentences, chanceSentence(most))
	}
	return append(sentences, workSentences(groups, base)...)
}

// amount is a stated difference in words.
func amount(m metric, d difference) string {
	way := "higher"
	if d.mean < 0 {
		way = "lower"
	}
	unit := ""
	switch m.Unit {
	case "%":
		unit = " points"
	case "":
	default:
		unit = " " + m.Unit
	}
	return plusMinus(m.Scale*math.Abs(d.mean), m.Scale*d.sd) + unit + " " + way
}

// listed joins words with commas and "and".
func listed(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// oneIn is, for n differences that are normal with mean 0, about in how many comparisons one passes the rule of differ: computed by drawing
// three million of them for each n.
func oneIn(n int) int {
	known := []int{2: 3, 3: 5, 4: 9, 5: 18, 6: 36, 7: 71, 8: 141, 9: 279, 10: 546}
	if n < len(known) {
		return known[n]
	}
	return known[len(known)-1]
}

func chanceSentence(n int) string {
	return fmt.Sprintf("A difference is stated where its mean over the seeds is larger than its standard deviation and every seed agrees in sign. Chance alone does so in about one comparison of %d with %d seeds: more seeds say more.", oneIn(n), n)
}

// workSentences says what is no matter of chance: how many updates the groups make for as many images.
func workSentences(groups []*group, base *group) []string {
	mine, ok := base.same("updates")
	images, has := base.same("samples")
	if !ok || !has {
		return nil
	}
	var parts []string
	for _, g := range groups {
		theirs, ok := g.same("updates")
		seen, has := g.same("samples")
		if g == base || !ok || !has || seen != images || theirs == mine {
			continue
		}
		word := fmt.Sprintf("%.2g times fewer", mine/theirs)
		if theirs > mine {
			word = fmt.Sprintf("%.2g times more", theirs/mine)
		}
		parts = append(parts, fmt.Sprintf("%s %s (%s)", g.label, grouped(int(theirs)), word))
	}
	if len(parts) == 0 {
		return nil
	}
	return []string{fmt.Sprintf("For the same %s images %s makes %s updates, %s: at equal epochs the groups have not made equally many.", grouped(int(images)), base.label, grouped(int(mine)), listed(parts))}
}

// same is a metric that all runs of the group that are done agree in.
func (g *group) same(metric string) (float64, bool) {
	s, ok := spreadOf(values(g.bySeed(metric)))
	return s.Mean, ok && s.Min == s.Max
}

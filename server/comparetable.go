package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"smoothscape/landscape/gridfile"
)

// tableCSV has a line for each run, with every number as it is known; the columns of a group's mean and spread can be made of them.
func tableCSV(view ComparisonView) ([]byte, error) {
	var text bytes.Buffer
	w := csv.NewWriter(&text)
	head := []string{"group", "schedule", "seed", "run", "name", "status"}
	for _, m := range view.Metrics {
		head = append(head, m.ID)
	}
	lines := [][]string{head}
	labels := labelsOf(view)
	for _, r := range view.Runs {
		line := []string{r.Group, gridfile.SheetText(labels[r.Group]), r.Seed, gridfile.SheetText(r.ID), gridfile.SheetText(r.Name), string(r.Status)}
		for _, m := range view.Metrics {
			v, ok := r.Values[m.ID]
			if !ok {
				line = append(line, "")
				continue
			}
			line = append(line, strconv.FormatFloat(v, 'g', -1, 64))
		}
		lines = append(lines, line)
	}
	if err := w.WriteAll(lines); err != nil {
		return nil, err
	}
	return text.Bytes(), nil
}

func labelsOf(view ComparisonView) map[string]string {
	labels := map[string]string{}
	for _, g := range view.Groups {
		labels[g.Letter] = g.Label
	}
	return labels
}

// tableJSON is the runs, and for each group the spread of every metric.
func tableJSON(view ComparisonView) ([]byte, error) {
	type line struct {
		Letter   string            `json:"letter"`
		Label    string            `json:"label"`
		Runs     []string          `json:"runs"`
		Done     int               `json:"done"`
		Diverged int               `json:"diverged"`
		SoFar    bool              `json:"soFar"`
		Summary  map[string]spread `json:"summary"`
	}
	groups := []line{}
	for _, g := range view.Groups {
		groups = append(groups, line{g.Letter, g.Label, g.Runs, g.Done, g.Diverged, g.SoFar, g.Summary})
	}
	return json.MarshalIndent(map[string]any{
		"study": view.Study, "metrics": view.Metrics, "groups": groups, "runs": view.Runs, "missing": view.Missing, "against": view.Against, "findings": view.Findings,
	}, "", " ")
}

// tableTeX is the table of means as a tabular: a line for each group, mean ± standard deviation, n in a column of its own.
func tableTeX(view ComparisonView) ([]byte, error) {
	var text bytes.Buffer
	var shown []metric
	for _, m := range view.Metrics {
		for _, g := range view.Groups {
			if _, ok := g.Summary[m.ID]; ok {
				shown = append(shown, m)
				break
			}
		}
	}
	fmt.Fprintf(&text, "%% mean ± standard deviation over n runs that differ in their seed alone\n\\begin{tabular}{l%s}\n\\hline\nschedule & $n$", strings.Repeat("r", 1+len(shown)))
	for _, m := range shown {
		head := m.Title
		if m.Unit != "" {
			head += " (" + m.Unit + ")"
		}
		fmt.Fprintf(&text, " & %s", escapeTeX(head))
	}
	text.WriteString(" \\\\\n\\hline\n")
	for _, g := range view.Groups {
		n := 0
		var cells strings.Builder
		for _, m := range shown {
			s, ok := g.Summary[m.ID]
			n = max(n, s.N)
			cells.WriteString(" & ")
			if !ok {
				cells.WriteString("--")
				continue
			}
			cells.WriteString(texNumber(s, m.Scale))
		}
		label := g.Label
		if g.SoFar {
			label += " (so far)"
		}
		fmt.Fprintf(&text, "%s & %d%s \\\\\n", escapeTeX(label), n, cells.String())
	}
	text.WriteString("\\hline\n\\end{tabular}\n")
	return text.Bytes(), nil
}

// texNumber is a mean with its spread in mathematics; a spread of 0 is left out.
func texNumber(s spread, scale float64) string {
	number := plain(scale * s.Mean)
	if s.SD != nil && *s.SD > 0 {
		number = plusMinus(scale*s.Mean, scale**s.SD)
	}
	number = powerOfTen.ReplaceAllStringFunc(number, func(power string) string {
		return `\cdot 10^{` + lowered.Replace(strings.TrimPrefix(power, "·10")) + `}`
	})
	return "$" + strings.NewReplacer("±", `\pm`, "−", "-", thousandsSpace, `\,`, "∞", `\infty`, "NaN", `\mathrm{NaN}`).Replace(number) + "$"
}

var (
	powerOfTen = regexp.MustCompile("·10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+")
	lowered    = strings.NewReplacer("⁻", "-", "⁰", "0", "¹", "1", "²", "2", "³", "3", "⁴", "4", "⁵", "5", "⁶", "6", "⁷", "7", "⁸", "8", "⁹", "9")
)

// escapeTeX writes what somebody typed so that it is text and nothing else.
func escapeTeX(text string) string {
	return strings.NewReplacer(
		`\`, `\textbackslash{}`, "{", `\{`, "}", `\}`, "$", `\$`, "&", `\&`, "#", `\#`, "_", `\_`, "%", `\%`, "~", `\textasciitilde{}`, "^", `\textasciicircum{}`,
		"δ", `$\delta$`, "η", `$\eta$`, "…", `\ldots{}`,
	).Replace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp) { // a form feed is \par to TeX, a NUL an error
			return ' '
		}
		return r
	}, text))
}

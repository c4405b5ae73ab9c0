package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strings"
	"unicode/utf8"

	"smoothscape/trainer"
	"smoothscape/trainer/measure"
)

// reportFile is a report as `smoothscape measure --json` writes it.
type reportFile struct {
	Model  string          `json:"model"`
	Step   int             `json:"step"`
	Engine string          `json:"engine"` // who computed the checkpoint
	Path   string          `json:"path"`
	Report *measure.Report `json:"report"`
}

// writeReportJSON writes a report for machines.
func writeReportJSON(w io.Writer, c *trainer.Checkpoint, report *measure.Report) error {
	text, err := json.Marshal(reportFile{Model: c.Config.Model, Step: c.Step, Engine: c.Engine, Path: c.Path, Report: report})
	if err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	_, err = w.Write(append(text, '\n'))
	return err
}

// writeReport writes a report for people: a table for each group of numbers, each number with its unit and its definition.
func writeReport(w io.Writer, c *trainer.Checkpoint, report *measure.Report) error {
	var text strings.Builder
	fmt.Fprintf(&text, "%s at update %d: d = %d, measured on %d of %d training images, seed %d\n",
		c.Config.Model, c.Step, report.Parameters, report.Images, report.TrainSize, report.Request.Seed)
	wide := [2]int{}
	for _, q := range report.Quantities {
		wide[0] = max(wide[0], utf8.RuneCountInString(q.Symbol))
		wide[1] = max(wide[1], utf8.RuneCountInString(valueText(q)))
	}
	group := measure.Kind("")
	for _, q := range report.Quantities {
		if q.Group != group {
			group = q.Group
			fmt.Fprintf(&text, "\n%s\n", group.Title())
		}
		fmt.Fprintf(&text, "  %s  %s  %s\n", padded(q.Symbol, wide[0]), padded(valueText(q), wide[1]), q.Title)
		indent := strings.Repeat(" ", 6)
		about := q.Definition
		if q.Source != "" {
			about += " (" + q.Source + ")"
		}
		fmt.Fprintf(&text, "%s%s\n", indent, about)
		if q.Note != "" {
			fmt.Fprintf(&text, "%s%s\n", indent, q.Note)
		}
	}
	for i, warning := range report.Warnings {
		if i == 0 {
			text.WriteString("\n")
		}
		fmt.Fprintf(&text, "! %s\n", warning)
	}
	if len(report.Series) > 0 {
		fmt.Fprintf(&text, "\n%d series for pictures: --json has them.\n", len(report.Series))
	}
	_, err := io.WriteString(w, text.String())
	return err
}

// valueText is a number with its error and its unit.
func valueText(q measure.Quantity) string {
	value := float64(q.Value)
	text := plain(value)
	if q.StdErr != nil && !math.IsNaN(float64(*q.StdErr)) {
		text = plusMinus(value, float64(*q.StdErr))
	}
	if q.Unit != "" {
		text += " " + q.Unit
	}
	return text
}

// padded fills a text with spaces to a number of characters.
func padded(text string, width int) string {
	return text + strings.Repeat(" ", max(0, width-utf8.RuneCountInString(text)))
}

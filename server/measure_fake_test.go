package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"smoothscape/server/store"
	"smoothscape/trainer/measure"
)

// fakeMeasure plays a worker that measures at once: C is the step of the checkpoint. Each news is told back as progress, in thousandths.
func fakeMeasure(task *measureTask, how string, delay time.Duration, input *bufio.Reader) {
	out := lineWriter{os.Stdout}
	content, err := (store.Blobs{Folder: task.Blobs}).Get(task.Checkpoints[0], 1000)
	if err != nil {
		_ = out.write(measureLine{Error: err.Error()})
		return
	}
	step := 0
	_, _ = fmt.Sscanf(string(content), "step %d", &step)
	_ = out.write(measureLine{Step: &step})
	_ = out.write(measureLine{Progress: &MeasureProgress{Group: measure.Spread, Done: int(1000 * task.Share), Total: 1000}})
	switch how {
	case "hang":
		for {
			line, err := input.ReadBytes('\n')
			if err != nil {
				return
			}
			var news workerNews
			if json.Unmarshal(line, &news) == nil {
				_ = out.write(measureLine{Progress: &MeasureProgress{Group: measure.Spread, Done: int(1000 * news.Share), Total: 1000}})
			}
		}
	case "die":
		fmt.Fprintln(os.Stderr, "panic: the Hessian bit")
		os.Exit(2)
	case "refuse":
		_ = out.write(measureLine{Error: "the images changed"})
		return
	case "talk":
		fmt.Println(`{"weather":"fine"}`)
		time.Sleep(time.Minute)
	}
	time.Sleep(delay)
	var request measure.Request
	_ = json.Unmarshal(task.Request, &request)
	spread := measure.Number(0.5)
	_ = out.write(measureLine{Report: &measure.Report{
		Request: request, Parameters: 7850, TrainSize: 8000, Images: request.Images,
		Quantities: []measure.Quantity{{Group: measure.Spread, Name: "gradStdDev", Title: "Spread of the gradients", Symbol: "C", Unit: "1/length", Value: measure.Number(step), StdErr: &spread, Definition: "C² = E‖g_i − ḡ‖²", Source: "arXiv 2311.08745"}},
		Series:     []measure.Series{{Group: measure.Noise, Name: "noise", Title: "Noise", Kind: measure.Histogram, XTitle: "ω", YTitle: "density", X: []measure.Number{-1, 0, 1}, Y: []measure.Number{0.5, 0.5}}},
		Warnings:   []string{"Only a fake."},
	}})
}

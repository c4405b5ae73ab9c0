package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// benchmarkJSON is what train --bench --json prints, shortened, with a field of a later version.
const benchmarkJSON = `{"engine":"webgpu","path":"webgpu/Vulkan/Radeon/1","model":"resnet8","mode":"train","batch":128,"medianMs":12.5,"imagesPerSecond":10240,"gflops":812,"peakShare":0.41,
	"device":{"name":"Radeon <b>","backend":"Vulkan","kind":"discrete GPU"},"cpu":{"imagesPerSecond":400},"later":[1]}`

// benchmarkForm is the form of the page with that file.
const benchmarkForm = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"bench.json\"\r\nContent-Type: application/json\r\n\r\n" + benchmarkJSON + "\r\n--x--\r\n"

func asFile(r *http.Request) { r.Header.Set("Content-Type", "multipart/form-data; boundary=x") }

// A benchmark that was attached stands on the run's page, and comes back whole; removed it is gone.
func TestBenchmarkIsAttachedToARun(t *testing.T) {
	s := newTestServer(t, &guard{}, "steps=3")
	id := doneRun(t, s.runs)
	page := func() string { return s.send(t, "GET", "/runs/"+id, "", nil).body }
	if body := page(); !strings.Contains(body, "train --bench --json --engine cpu --model softmax --input 1x28x28 --classes 10") || strings.Contains(body, "speed-table") {
		t.Error("the page of a run without benchmarks does not say how to make one, or has a table of none")
	}
	if got := s.send(t, "POST", "/runs/"+id+"/benchmarks", benchmarkForm, asFile); got.status != 303 {
		t.Fatalf("status %d: %s", got.status, got.body)
	}
	body := page()
	for _, want := range []string{"Radeon &lt;b&gt; (discrete GPU, Vulkan)", "resnet8, 128 images a training step", ">12.5<", ">812<", ">41 %<", ">400<", ">–<"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	var list struct{ Benchmarks []BenchmarkView }
	if err := json.Unmarshal([]byte(s.send(t, "GET", "/api/runs/"+id+"/benchmarks", "", nil).body), &list); err != nil || len(list.Benchmarks) != 1 || !strings.Contains(string(list.Benchmarks[0].Benchmark), `"later":[1]`) {
		t.Errorf("the list is %+v, %v", list, err)
	}
	s.send(t, "POST", "/runs/"+id+"/benchmarks/1/remove", "", nil)
	if strings.Contains(page(), "speed-table") {
		t.Error("removed, it is still there")
	}
}

// What no benchmark printed is refused with what is wrong, and nothing is kept.
func TestBenchmarkRefused(t *testing.T) {
	s := newTestServer(t, &guard{}, "steps=3")
	id := doneRun(t, s.runs)
	for name, c := range map[string]struct{ body, want string }{
		"nothing":                     {"", "one JSON object"},
		"no object":                   {"[]", "one JSON object"},
		"two objects":                 {benchmarkJSON + benchmarkJSON, "one JSON object"},
		"no model":                    {strings.Replace(benchmarkJSON, `"resnet8"`, `""`, 1), `"field":"model"`},
		"a name of two lines":         {strings.Replace(benchmarkJSON, "Radeon <b>", `a\nb`, 1), `"field":"device.name"`},
		"no batch":                    {strings.Replace(benchmarkJSON, "128", "0", 1), `"field":"batch"`},
		"time backwards":              {strings.Replace(benchmarkJSON, "12.5", "-12.5", 1), `"field":"medianMs"`},
		"not finite":                  {strings.Replace(benchmarkJSON, "10240", "1e999", 1), "cannot unmarshal"},
		"another mode":                {strings.Replace(benchmarkJSON, `"train"`, `"dance"`, 1), `"field":"mode"`},
		"a CPU that computes nothing": {strings.Replace(benchmarkJSON, "400", "0", 1), `"field":"cpu.imagesPerSecond"`},
		"too long":                    {benchmarkJSON + strings.Repeat(" ", maxBenchmarkBytes), "at most 64 kB"},
	} {
		got := s.send(t, "POST", "/api/runs/"+id+"/benchmarks", c.body, nil)
		if got.status != 400 || !strings.Contains(got.body, c.want) {
			t.Errorf("%s: status %d, %.300s; want 400 with %s", name, got.status, got.body, c.want)
		}
	}
	if all, err := s.runs.Benchmarks(t.Context(), id); err != nil || len(all) != 0 {
		t.Errorf("kept %v, %v", all, err)
	}
}

// What a device printed by the command line is what the server takes.
func FuzzBenchmark(f *testing.F) {
	f.Add([]byte(benchmarkJSON))
	f.Add([]byte(`{"model":"a","path":"b","mode":"train","batch":1,"medianMs":1,"imagesPerSecond":1}`))
	f.Fuzz(func(t *testing.T, given []byte) {
		if checkBenchmark(given) != nil {
			return
		}
		var r benchReport
		if err := json.Unmarshal(given, &r); err != nil {
			t.Fatal(err)
		}
		r.row(0, "") // must not panic
	})
}

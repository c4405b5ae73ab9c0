package web_test

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/evanw/esbuild/pkg/api"

	"smoothscape/static/browsertest"
)

// runScript runs TypeScript that ends with `export default` in Chromium; imports are relative to static/src.
func runScript[T any](t *testing.T, script string) T {
	t.Helper()
	b := browsertest.Start(t, 800, 600)
	result := api.Build(api.BuildOptions{
		Stdin:  &api.StdinOptions{Contents: script, ResolveDir: "../static/src", Loader: api.LoaderTS},
		Bundle: true, Format: api.FormatIIFE, GlobalName: "checked", Target: api.ES2022, Write: false,
	})
	for _, e := range result.Errors {
		t.Fatalf("bundling: %s", e.Text)
	}
	return browsertest.Evaluate[T](b, string(result.OutputFiles[0].Contents)+"\nchecked.default")
}

// A million points in memory for 131 072: the spikes, the ends and the order survive, thinned for any zoom; the nearer one looks, the more
// is drawn, to the last point that is kept.
func TestSeriesKeepsEverySpike(t *testing.T) {
	type outcome struct {
		Length, NotFinite, Marks, Drawn int
		Ordered                         bool
		Spikes                          []float64
		Milliseconds                    float64
		Shares                          []float64 // of the kept points in view that are drawn, for ever narrower views
	}
	got := runScript[outcome](t, `
		import { Series } from "./chart/series";
		import { thin } from "./chart/thin";
		const s = new Series(1 << 17), n = 1_000_000;
		for (let i = 1; i <= n; i++) s.push({ step: i, epoch: i / 1000, samples: 64 * i, time: i / 100 }, i === 123_457 ? 99 : i === 654_321 ? -99 : i % 250_000 === 7 ? NaN : Math.sin(i / 5000));
		let ordered = true;
		for (let i = 1; i < s.length; i++) ordered = ordered && s.step(i) > s.step(i - 1);
		const start = performance.now();
		const line = thin(s, { by: "step", from: 0, to: n }, 700);
		const milliseconds = performance.now() - start;
		for (let i = 1; i < line.x.length; i++) ordered = ordered && line.x[i]! > line.x[i - 1]!;
		const spikes = line.x.filter((_, i) => Math.abs(line.y[i] ?? 0) > 50);
		const shares = [n, n / 10, n / 100, n / 1000].map((width) => {
			const from = 654_321 - width / 2, to = from + width, drawn = thin(s, { by: "step", from, to }, 700);
			return drawn.y.includes(-99) ? drawn.x.filter((x) => x >= from && x <= to).length / (s.firstFrom(to + 0.5, "step") - s.firstFrom(from, "step")) : -1;
		});
		export default { Shares: shares, Length: s.length, NotFinite: s.notFinite, Marks: s.marks.length, Drawn: line.x.length, Ordered: ordered, Spikes: spikes, Milliseconds: milliseconds };
	`)
	if got.Length > 1<<17 || got.Drawn > 5*702 || !got.Ordered {
		t.Errorf("%d points kept, %d drawn, ordered: %v", got.Length, got.Drawn, got.Ordered)
	}
	if got.NotFinite != 4 || got.Marks != 4 {
		t.Errorf("%d values counted as not finite, %d marked, want 4", got.NotFinite, got.Marks)
	}
	if !slices.IsSorted(got.Shares) || got.Shares[0] < 0 || got.Shares[0] > 0.1 || got.Shares[3] != 1 {
		t.Errorf("of the kept points in ever narrower views these shares are drawn: %v; want more and more, then all, with the spike", got.Shares)
	}
	if fmt.Sprint(got.Spikes) != "[123457 654321]" {
		t.Errorf("the spikes are drawn at %v, want at their true places [123457 654321]", got.Spikes)
	}
	t.Logf("%d of 1 000 000 points kept, %d drawn, thinned in %.1f ms", got.Length, got.Drawn, got.Milliseconds)
}

func TestFramesAreDecoded(t *testing.T) {
	frames := []string{
		`{"type":"hello","run":{"id":"7","status":"running"},"next":3,"length":9}`,
		`{"type":"events","from":3,"next":4,"events":[{"kind":"update","time":1,"step":1,"update":{"epoch":0,"learningRate":0.1,"batchSize":64,"trainLoss":"-Infinity","gradStdDev":"NaN","noiseLevel":2}}]}`,
		`{"type":"slice","slice":{"alphas":[0,1],"betas":[0,1],"z":[1,null,3,4]}}`,
		`{"type":"events","from":3,"next":5,"events":[]}`, `{"type":"hello","next":-1}`, `{"type":"news"}`, `[]`, `not JSON`,
		`{"type":"slice","slice":{"alphas":[0,1],"betas":[0,1],"z":[1]}}`,
	}
	list, err := json.Marshal(frames)
	if err != nil {
		t.Fatal(err)
	}
	got := runScript[[]string](t, `
		import { decodeFrame, ProtocolError } from "./protocol";
		export default (`+string(list)+` as string[]).map((text) => {
			try {
				const f = decodeFrame(text);
				if (f.type === "hello") return `+"`hello ${f.next} ${f.length} ${f.run.accepts.length}`"+`;
				if (f.type === "events") return `+"`loss ${f.events[0]!.update!.trainLoss} C ${f.events[0]!.update!.gradStdDev} δ ${f.events[0]!.update!.noiseLevel}`"+`;
				if (f.type === "slice") return "z " + f.slice.z.join(" ");
				return f.type;
			} catch (e) { return e instanceof ProtocolError ? "refused" : String(e); }
		});
	`)
	want := "hello 3 9 0|loss -Infinity C NaN δ 2|z 1 NaN 3 4|refused|refused|refused|refused|refused|refused"
	if strings.Join(got, "|") != want {
		t.Errorf("decoded\n%s, want\n%s", strings.Join(got, "|"), want)
	}
}

// The server's own frames, written by its test, are understood here.
func TestServerFramesAreUnderstood(t *testing.T) {
	text, err := os.ReadFile("../server/testdata/frames.json")
	if err != nil {
		t.Skipf("skipped: %v", err)
	}
	var frames []json.RawMessage
	if err := json.Unmarshal(text, &frames); err != nil {
		t.Fatalf("frames.json: expected a list of frames: %v", err)
	}
	got := runScript[[]string](t, `
		import { decodeFrame } from "./protocol";
		export default (`+strings.TrimSpace(string(text))+` as unknown[]).map((frame) => { try { return decodeFrame(JSON.stringify(frame)).type; } catch (e) { return String(e); } });
	`)
	for i, word := range got {
		var frame struct {
			Type string `json:"type"`
		}
		if err := json.Unmarshal(frames[i], &frame); err != nil || word != frame.Type {
			t.Errorf("frame %d, of type %q, was read as %s", i, frame.Type, word)
		}
	}
}

package static_test

import (
	"os"
	"strings"
	"testing"

	"smoothscape/static/browsertest"
)

// What is written without a page: a table that leaves it has each name as landscape/gridfile writes it, and no cell of a name breaks a line.
func TestTexts(t *testing.T) {
	hostile, err := os.ReadFile("../landscape/gridfile/testdata/sheettext.json")
	if err != nil {
		t.Fatal(err)
	}
	b := browsertest.Start(t, 400, 300)
	if bad := runScript[[]string](t, b, `
		import { csv } from "./chart/sheet";
		const bad: string[] = [];
		const cases: [string, string][] = `+string(hostile)+`;
		for (const [typed, written] of cases) {
			const text = csv({ run: "", chart: "", title: "", by: "step", from: 0, to: 1, smoothing: 0, thinned: false, x: [1], columns: [{ title: typed, values: [-2] }] });
			const cell = /[",\r\n]/.test(written) ? '"' + written.replaceAll('"', '""') + '"' : written;
			if (!text.endsWith("," + cell + "\r\n1,-2\r\n")) bad.push(JSON.stringify([typed, text]));
		}
		export default bad;`); len(bad) > 0 {
		t.Errorf("not guarded:\n%s", strings.Join(bad, "\n"))
	}
}

package static_test

import (
	"os"
	"strings"
	"testing"

	"smoothscape/static/browsertest"
)

// What pages write: a table that leaves them has each name as landscape/gridfile writes it, and no cell of a name breaks a line; numbers
// are those of Go.
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
	numbers, err := os.ReadFile("../server/testdata/numbers.json")
	if err != nil {
		t.Fatal(err)
	}
	if bad := runScript[[]string](t, b, `
		import { count, digits, fixed, percent, steady, tick, typed, withError } from "./numbers";
		import { axisFormat, valueFormat } from "./chart/abscissas";
		const cases = `+string(numbers)+`, bad: string[] = [];
		const check = (got: unknown, want: unknown): void => { if (got !== want) bad.push(got + " is not " + want); };
		for (const [v, figures, want] of cases.digits) check(digits(Number(v), figures as number), want);
		for (const [v, want] of cases.whole) check(count(v as number), want);
		for (const [v, error, want] of cases.errors) check(withError(v as number, error as number), want);
		for (const [got, want] of [
			[digits(0.5), "0.5"], [steady(0.5), "0.500"], [steady(-1e-5), "−1.00·10⁻⁵"], [steady(999.9), "1 000"], [digits(12345), "12 345"], [fixed(1234.5678, 2), "1 234.57"], [fixed(-0.001, 2), "0.00"], [fixed(1e300, 1).slice(0, 5), "1 000"],
			[percent(0.12345), "12.3 %"], [percent(NaN), "NaN %"], [tick(12000), "12 000"], [tick(1e5), "10⁵"], [tick(-2e5), "−2·10⁵"], [tick(0.0005), "5·10⁻⁴"], [tick(0), "0"], [tick(0.25), "0.25"],
			[axisFormat("step", 100000), "100 000"], [axisFormat("samples", 1250000), "1 250 000"], [axisFormat("epoch", 12.5), "12.5"], [axisFormat("step", 0), "0"], [axisFormat("step", 20), "20"], [valueFormat("step", 1234, true), "update 1 234"], [valueFormat("epoch", 0.25, true), "epoch 0.25"],
		]) check(got, want!.replace(/(\d) (?=\d)/g, "$1\u202f"));
		for (const v of [1200, -123456, 0.03, 1.5e-7, -2e9]) check(typed(digits(v, 6)), v);
		for (const [text, v] of [["1 200", 1200], ["1\u20092", 12], ["0,1", 0.1], ["1e-3", 0.001], ["2·10⁻³", 0.002], ["", null], ["x", null], ["Infinity", null]]) check(typed(text as string), v);
		export default bad;`); len(bad) > 0 {
		t.Errorf("numbers:\n%s", strings.Join(bad, "\n"))
	}
}

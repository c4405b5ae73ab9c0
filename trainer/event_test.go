package trainer

import (
	"encoding/json"
	"math"
	"testing"
)

func TestNumbersSurviveJSON(t *testing.T) {
	for text, want := range map[string]float64{`0.1`: 0.1, `"NaN"`: math.NaN(), `"Infinity"`: math.Inf(1), `"-Infinity"`: math.Inf(-1), `5e-324`: 5e-324} {
		got, err := json.Marshal(Number(want))
		if err != nil || string(got) != text {
			t.Errorf("%v: got %s, %v", want, got, err)
		}
		var back Number
		if err := json.Unmarshal([]byte(text), &back); err != nil || math.Float64bits(float64(back)) != math.Float64bits(want) && !math.IsNaN(want) || math.IsNaN(want) != math.IsNaN(float64(back)) {
			t.Errorf("%s: got %v, %v", text, back, err)
		}
	}
	var x Number
	if err := json.Unmarshal([]byte(`"one"`), &x); err == nil {
		t.Errorf("a word became %v", x)
	}
}

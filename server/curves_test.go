package main

import (
	"compress/gzip"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"smoothscape/server/curve"
	"smoothscape/server/store"
	"smoothscape/trainer"
)

// longLoss is the loss of an update of a long run: noise, with a spike of one update here and there and now and then a value that is not finite.
func longLoss(step int) float64 {
	switch {
	case step%7919 == 7000:
		return math.NaN()
	case step%30011 == 12345:
		return math.Inf(1)
	case step%9973 == 5000:
		return 40 + float64(step%13)
	}
	x := uint32(step) * 2654435761
	return float64(float32(2.5/(1+float64(step)/20000) + float64(x>>16)/65536))
}

// appendLong puts updates into a run's log as a worker would report them, after those that are there.
func appendLong(t testing.TB, s *store.Store, id string, from, to int) {
	t.Helper()
	const epoch, b, n = 400, 128, 51200
	const begun = int64(1_700_000_000_000)
	var events []store.Event
	flush := func() {
		_, err := s.Append(id, events, func(r *store.Run) {
			r.Step, r.TotalSteps, r.Epoch, r.Started = to-1, 0, (to-1)/epoch, []byte(`{"engine":"fake","trainSize":51200}`)
		})
		if err != nil {
			t.Fatal(err)
		}
		events = events[:0]
	}
	if from == 1 {
		events = append(events, store.Event{Kind: "started", Body: fmt.Appendf(nil, `{"kind":"started","time":%d,"step":0,"started":{"engine":"fake","trainSize":%d,"totalSteps":%d}}`, begun, n, to-1)})
	}
	for step := from; step < to; step++ {
		loss, _ := json.Marshal(trainer.Number(longLoss(step)))
		e, time, eta := (step-1)/epoch, begun+int64(step)*10, 0.1/float64(1+(step-1)/(100*epoch))
		c := 8 + float64(step/50%7)
		events = append(events, store.Event{Kind: "update", Step: step, Body: fmt.Appendf(nil,
			`{"kind":"update","time":%d,"step":%d,"update":{"epoch":%d,"learningRate":%v,"batchSize":%d,"trainLoss":%s,"gradStdDev":%v,"gradStdDevErr":0.5,"noiseLevel":%v}}`,
			time, step, e, eta, b, loss, c, eta*c/math.Sqrt(b))})
		if step%epoch == 0 {
			events = append(events, store.Event{Kind: "epoch", Step: step, Body: fmt.Appendf(nil,
				`{"kind":"epoch","time":%d,"step":%d,"epoch":{"epoch":%d,"trainLoss":1,"trainAccuracy":0.5,"testLoss":%v,"testAccuracy":%v}}`,
				time, step, e, 2/float64(1+e), 1-1/float64(2+e))})
		}
		if len(events) >= 2000 {
			flush()
		}
	}
	flush()
}

// longRun is a finished run of so many updates.
func longRun(t testing.TB, rs *Runs, id string, updates int) {
	t.Helper()
	row := testRow(id)
	row.Status = string(StatusDone)
	if err := rs.store.CreateRun(row); err != nil {
		t.Fatal(err)
	}
	appendLong(t, rs.store, id, 1, updates+1)
	rs.curves.want(id)
}

// awaitCurves waits until all full chunks of a run have their pieces.
func awaitCurves(t testing.TB, rs *Runs, id string) {
	t.Helper()
	for deadline := time.Now().Add(120 * time.Second); ; time.Sleep(2 * time.Millisecond) {
		run, err := rs.store.Run(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		built, err := rs.store.CurveCount(t.Context(), id, 0)
		if err != nil {
			t.Fatal(err)
		}
		if built == int(run.Length/curve.ChunkEvents) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d chunks of %d events", built, run.Length)
		}
	}
}

// curvesAnswer is what a program reads of /api/runs/{id}/curves.
type curvesAnswer struct {
	Next   int64 `json:"next"`
	Places struct {
		Step    []int     `json:"step"`
		Epoch   []float64 `json:"epoch"`
		Samples []int     `json:"samples"`
		Time    []float64 `json:"time"`
	} `json:"places"`
	Curves map[string]struct {
		Received, NotFinite int
		Step                []int
		Value, Spread       []trainer.Number
		Mean, Weight        []float64
	} `json:"curves"`
	After  *curve.State     `json:"after"`
	Epochs []curve.EpochRow `json:"epochs"`
}

func getCurves(t testing.TB, s *testServer, id, query string) curvesAnswer {
	t.Helper()
	response, err := http.Get(s.URL + "/api/runs/" + id + "/curves?" + query) // unpacks by itself
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v: %.300s", query, response.Status, err, body)
	}
	var got curvesAnswer
	if err := json.Unmarshal(body, &got); err != nil {
		t.Fatalf("%s: %v in %.200s", query, err, body)
	}
	return got
}

// checkLoss holds the loss of an answer to the log: true points, at most so many, every spike and every loss that is not finite among them.
func checkLoss(t *testing.T, what string, got curvesAnswer, from, to, points int) {
	t.Helper()
	c := got.Curves["trainLoss"]
	if len(c.Step) > 3*points+8 {
		t.Errorf("%s: %d points, asked for %d", what, len(c.Step), points)
	}
	seen := map[int]bool{}
	for i, step := range c.Step {
		if v, want := float64(c.Value[i]), longLoss(step); v != want && !(math.IsNaN(v) && math.IsNaN(want)) || i > 0 && step <= c.Step[i-1] {
			t.Fatalf("%s: point %d is %v at %d, the log has %v", what, i, v, step, want)
		}
		seen[step] = true
	}
	gap := 0
	for i := 1; i < len(c.Step); i++ {
		gap = max(gap, c.Step[i]-c.Step[i-1])
	}
	if whole := (to - from + 1) / points; gap > 2*whole+8 {
		t.Errorf("%s: %d updates without a point, groups are of about %d", what, gap, whole)
	}
	for step := from; step <= to; step++ {
		if v := longLoss(step); v > 30 && !seen[step] && !math.IsInf(v, 1) {
			t.Errorf("%s: the spike at %d is missing", what, step)
		} else if (math.IsNaN(v) || math.IsInf(v, 1)) && !seen[step] {
			t.Errorf("%s: the loss that is not finite at %d is missing", what, step)
		}
	}
	if len(c.Weight) > 0 {
		sum := 0.0
		for _, w := range c.Weight {
			sum += w
		}
		if math.Abs(sum-float64(to-from)) > 0.2*float64(to-from)+50 {
			t.Errorf("%s: the points stand for %v values", what, sum)
		}
	}
}

func TestCurvesAgainstTheLog(t *testing.T) {
	slow(t)
	s := newTestServer(t, &guard{}, "")
	const updates = 70_000
	longRun(t, s.runs, "long", updates)
	early := getCurves(t, s, "long", "points=256") // maybe before a single piece is there
	if c := early.Curves["trainLoss"]; int64(c.Received) > early.Next || early.Next < tailEvents {
		t.Errorf("behind the log: %d values of %d events", c.Received, early.Next)
	}
	awaitCurves(t, s.runs, "long")
	run, err := s.runs.store.Run(t.Context(), "long")
	if err != nil {
		t.Fatal(err)
	}
	for _, points := range []int{64, 500, 8192} {
		got := getCurves(t, s, "long", fmt.Sprint("points=", points))
		checkLoss(t, fmt.Sprintf("the whole in %d points", points), got, 1, updates, points)
		c := got.Curves["trainLoss"]
		if got.Next != run.Length || c.Received != updates || c.NotFinite != updates/7919+2 || c.Step[0] != 1 || c.Step[len(c.Step)-1] != updates {
			t.Errorf("%d points: %d of %d events, %d values, %d not finite", points, got.Next, run.Length, c.Received, c.NotFinite)
		}
		if got.After == nil || got.After.Next != run.Length || got.After.Samples != updates*128 || got.After.Update == nil || got.After.Epochs != 175 || len(got.Epochs) != 175 {
			t.Errorf("%d points: after it %+v, %d epochs", points, got.After, len(got.Epochs))
		}
		if eta := got.Curves["learningRate"]; len(eta.Step) != 2 || eta.Step[1] != 40_001 || eta.Value[1] != 0.05 {
			t.Errorf("η changes at %v", eta.Step)
		}
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for range 40 {
		from := 1 + rng.IntN(updates)
		to := min(updates, from+int(math.Exp(rng.Float64()*11)))
		points := 64 + rng.IntN(900)
		got := getCurves(t, s, "long", fmt.Sprintf("from=%d&to=%d&points=%d", from, to, points))
		what := fmt.Sprintf("%d … %d in %d points", from, to, points)
		checkLoss(t, what, got, from, to, points)
		if to-from < points && len(got.Curves["trainLoss"].Step) < to-from+1 {
			t.Errorf("%s: %d points, every one was expected", what, len(got.Curves["trainLoss"].Step))
		}
		if first, last := got.Places.Step[0], got.Places.Step[len(got.Places.Step)-1]; first > from || last < to {
			t.Errorf("%s: places from %d to %d", what, first, last)
		}
	}
	half := getCurves(t, s, "long", "before=8192&points=100")
	if half.Next != 8192 || half.After.Next != 8192 || half.After.Update == nil {
		t.Errorf("before 8192: next %d, after %+v", half.Next, half.After)
	}
	if got := getCurves(t, s, "long", "from=900000&points=100"); len(got.Curves["trainLoss"].Step) > 1 {
		t.Errorf("beyond the end: %+v", got.Curves["trainLoss"])
	}
}

// A log that a job repeats in part, that grows while it is read, that is closed and opened, and whose pieces are lost, has the same curves.
func TestCurvesAreAFunctionOfTheLog(t *testing.T) {
	slow(t)
	folder := t.TempDir()
	rs := fakeRuns(t, folder, "")
	longRun(t, rs, "r", 9000)
	awaitCurves(t, rs, "r")
	closeRuns(t, rs)
	rs = fakeRuns(t, folder, "")
	appendLong(t, rs.store, "r", 5000, 20_000) // resumed from a checkpoint: half of it is there already
	rs.curves.want("r")
	awaitCurves(t, rs, "r")
	read := func(rs *Runs, id string) string {
		run, err := rs.store.Run(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		p, next, err := rs.curves.read(t.Context(), run, curveRange{to: wholeRun, points: 300, before: math.MaxInt64})
		if err != nil {
			t.Fatal(err)
		}
		return string(appendCurves(nil, p, next, true))
	}
	got := read(rs, "r")
	for _, lose := range []string{"DELETE FROM curves", "DELETE FROM curves WHERE number > 1 OR level > 1"} {
		closeRuns(t, rs)
		editDatabase(t, folder, lose)
		rs = fakeRuns(t, folder, "")
		awaitCurves(t, rs, "r") // nobody asked: the program begins by itself
		if again := read(rs, "r"); again != got {
			t.Errorf("after %q the curves are others: %d bytes, %d before", lose, len(again), len(got))
		}
	}
	longRun(t, rs, "once", 19_999)
	awaitCurves(t, rs, "once")
	once := read(rs, "once")
	if cut := strings.Index(got, `,"after"`); once[:cut] != got[:cut] { // the resumed job has another word at its begin
		t.Error("a run in one go has other curves")
	}
}

func TestCurvesRefusals(t *testing.T) {
	s := newTestServer(t, &guard{}, "")
	longRun(t, s.runs, "r", 3000)
	for query, want := range map[string]int{
		"from=-1": 400, "to=x": 400, "from=5&to=4": 400, "points=1e3": 400, "before=-3": 400, "from=99999999999": 400, "points=0": 200, "points=2000000000": 200, "": 200,
	} {
		if got := s.send(t, "GET", "/api/runs/r/curves?"+query, "", nil); got.status != want || want == 200 && got.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%q: %d, want %d: %.200s", query, got.status, want, got.body)
		}
	}
	if got := s.send(t, "GET", "/api/runs/r/curves", "", with("Accept-Encoding", "gzip")); got.header.Get("Content-Encoding") != "gzip" {
		t.Errorf("sent as %q", got.header.Get("Content-Encoding"))
	} else if zip, err := gzip.NewReader(strings.NewReader(got.body)); err != nil {
		t.Error(err)
	} else if text, err := io.ReadAll(zip); err != nil || !json.Valid(text) {
		t.Errorf("%v in %.100s", err, text)
	}
	if err := s.runs.store.CreateRun(testRow("empty")); err != nil {
		t.Fatal(err)
	}
	if got := getCurves(t, s, "empty", ""); got.Next != 0 || len(got.Curves["trainLoss"].Step) != 0 {
		t.Errorf("an empty log: %+v", got)
	}
}

// Who is far behind leaps over what the curves hold, at the begin and on the way, if they can read curves; others get every event. Nobody
// has a gap or gets anything twice.
func TestViewersFarBehindLeap(t *testing.T) {
	rs := fakeRuns(t, t.TempDir(), "")
	s := liveServer(t, rs)
	const updates = 30_000
	longRun(t, rs, "r", updates)
	awaitCurves(t, rs, "r")
	run, err := rs.store.Run(t.Context(), "r")
	if err != nil {
		t.Fatal(err)
	}
	end := run.Length / curve.ChunkEvents * curve.ChunkEvents
	for _, test := range []struct {
		query string
		from  int64
		want  int64 // next of the hello
	}{
		{"", 0, 0}, {"curves=1", 0, end}, {"curves=1", 9000, end}, {"curves=1", run.Length - leapEvents, run.Length - leapEvents}, {"curves=1", run.Length + 1, end},
	} {
		conn := dial(t, s, "r", test.from, test.query)
		hello, err := readFrame(conn)
		if err != nil || hello.Type != "hello" || hello.Next != test.want || hello.Length != run.Length {
			t.Errorf("%q from %d: hello with %d of %d, %v", test.query, test.from, hello.Next, hello.Length, err)
		}
		f := &follower{next: test.want}
		if err := f.read(conn, func() bool { return f.next == run.Length }); err != nil {
			t.Errorf("%q from %d: %v", test.query, test.from, err)
		}
	}
	// One that does not read while the log grows leaps when it reads on.
	conn := dial(t, s, "r", run.Length, "curves=1")
	if _, err := readFrame(conn); err != nil {
		t.Fatal(err)
	}
	appendLong(t, rs.store, "r", updates+1, 60_000)
	rs.curves.want("r")
	awaitCurves(t, rs, "r")
	rs.hub.Publish("r", 1<<40, [][]byte{[]byte("{}")}) // wakes the viewer; what it needs is not in the hub
	leap, err := readFrame(conn)
	if err != nil || leap.Type != "hello" || leap.Next%curve.ChunkEvents != 0 || leap.Next < run.Length+leapEvents/2 {
		t.Fatalf("got a %s with next %d, %v", leap.Type, leap.Next, err)
	}
	events, err := readFrame(conn)
	if err != nil || events.Type != "events" || events.From != leap.Next {
		t.Errorf("after the leap to %d: %s from %d, %v", leap.Next, events.Type, events.From, err)
	}
}

// editDatabase changes the database of a folder behind the back of whoever works on it.
func editDatabase(t *testing.T, folder, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(folder, "smoothscape.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(statement); err != nil {
		t.Fatal(err)
	}
}

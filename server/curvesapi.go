package main

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"

	"smoothscape/server/curve"
)

// apiCurves answers GET /api/runs/{id}/curves?from=STEP&to=STEP&points=N&before=OFFSET with a part of a run's curves:
//
//	{"next":OFFSET, "places":{"step":[…],"epoch":[…],"samples":[…],"time":[…]},
//	 "curves":{"trainLoss":{"received":…,"notFinite":…,"step":[…],"value":[…],"mean":[…],"weight":[…]}, …}, "after":{…}, "epochs":[…]}
//
// A curve is a list of points at the steps at which they were logged. Where the range holds many times as many values as points were asked
// for, it is a selection: of each group of neighbors the smallest, the largest and the first that is not finite, beside the mean of the
// finite values that a point stands for and their number; without mean and weight, every value is there. Values that are not finite are the
// words "NaN", "Infinity" and "-Infinity", as in events. Places say where updates lie on the other axes: between two of them all grow evenly; time is in
// seconds. The events from offset next on are not in the answer: they are at /api/runs/{id}/events?from=OFFSET or in the socket. An answer
// to the end of the run has the newest values (after) and the newest rows of the table of epochs (epochs), which go on with those events.
func (rs *Runs) apiCurves(w http.ResponseWriter, r *http.Request) error {
	want, err := curveRangeOf(r)
	if err != nil {
		return err
	}
	id := chi.URLParam(r, "id")
	run, err := rs.row(r.Context(), id)
	if err != nil {
		return err
	}
	select {
	case rs.curves.slots <- struct{}{}:
		defer func() { <-rs.curves.slots }()
	case <-r.Context().Done():
		return r.Context().Err()
	}
	p, next, err := rs.curves.read(r.Context(), run, want)
	if err != nil {
		return err
	}
	p.Cut(want.from, want.to)
	p.Thin(want.points)
	w.Header().Set("Cache-Control", "no-store") // it grows, and is made in milliseconds
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Vary", "Accept-Encoding")
	text := appendCurves(make([]byte, 0, 1<<18), p, next, want.to == wholeRun)
	if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		_, _ = w.Write(text) // an error of the connection is the client's loss
		return nil
	}
	w.Header().Set("Content-Encoding", "gzip")
	zip, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
	if err != nil {
		return err
	}
	_, _ = zip.Write(text)
	_ = zip.Close()
	return nil
}

// curveRangeOf reads the query.
func curveRangeOf(r *http.Request) (curveRange, error) {
	want := curveRange{to: wholeRun, points: usualPoints, before: math.MaxInt64}
	for _, q := range []struct {
		name   string
		absent int64
		take   func(int64)
	}{
		{"from", 0, func(n int64) { want.from = int(n) }},
		{"to", wholeRun, func(n int64) { want.to = int(n) }},
		{"points", usualPoints, func(n int64) { want.points = int(min(max(n, leastPoints), mostPoints)) }},
		{"before", math.MaxInt64, func(n int64) { want.before = n }},
	} {
		n, err := countParameter(r, q.name, q.absent)
		if err != nil {
			return want, err
		}
		q.take(n)
	}
	if want.to < want.from {
		return want, &fault{
			Field: "to", Doing: "reading the range of curves", Expected: fmt.Sprintf("an update from %d on", want.from), Found: fmt.Sprint(want.to),
			Advice: "Give from and to as numbers of updates, or leave them out for the whole run.",
		}
	}
	return want, nil
}

// appendCurves writes a piece as JSON.
func appendCurves(dst []byte, p *curve.Piece, next int64, toTheEnd bool) []byte {
	dst = append(dst, `{"next":`...)
	dst = strconv.AppendInt(dst, next, 10)
	dst = appendPlaces(dst, p)
	dst = append(dst, `,"curves":{`...)
	for q := range curve.Quantities {
		c := &p.Columns[q]
		if q > 0 {
			dst = append(dst, ',')
		}
		dst = fmt.Appendf(dst, `"%s":{"received":%d,"notFinite":%d`, q, c.Received, c.NotFinite)
		dst = appendList(dst, "step", c.Step, func(dst []byte, n int) []byte { return strconv.AppendInt(dst, int64(n), 10) })
		dst = appendList(dst, "value", c.Value, appendWordy)
		if c.Spread != nil {
			dst = appendList(dst, "spread", c.Spread, appendWordy)
		}
		if c.Weight != nil {
			dst = appendList(dst, "mean", c.Mean, appendShort)
			dst = appendList(dst, "weight", c.Weight, appendShort)
		}
		dst = append(dst, '}')
	}
	dst = append(dst, '}')
	if toTheEnd {
		after := p.After
		if after == nil {
			after = json.RawMessage("null")
		}
		dst = append(append(dst, `,"after":`...), after...)
		dst = appendList(dst, "epochs", p.Epochs[max(0, len(p.Epochs)-epochsInCurve):], func(dst []byte, row json.RawMessage) []byte { return append(dst, row...) })
	}
	return append(dst, "}\n"...)
}

func appendPlaces(dst []byte, p *curve.Piece) []byte {
	at, n := &p.Places, p.TrainSize
	whole := func(dst []byte, v int) []byte { return strconv.AppendInt(dst, int64(v), 10) }
	epochs, seconds := make([]float64, len(at.Step)), make([]float64, len(at.Step))
	for i := range at.Step {
		epochs[i], seconds[i] = float64(at.Epoch[i]), float64(at.Time[i])/1000
		if n > 0 {
			epochs[i] += min(1, float64(at.Images[i])/float64(n))
		}
	}
	dst = append(dst, `,"places":{`...)
	dst = appendList(dst, "step", at.Step, whole)
	dst = appendList(dst, "epoch", epochs, appendWordy)
	dst = appendList(dst, "samples", at.Samples, whole)
	dst = appendList(dst, "time", seconds, appendWordy)
	return append(dst, '}')
}

// appendList writes "name":[…] into an object.
func appendList[T any](dst []byte, name string, list []T, write func([]byte, T) []byte) []byte {
	if dst[len(dst)-1] != '{' {
		dst = append(dst, ',')
	}
	dst = append(dst, '"')
	dst = append(dst, name...)
	dst = append(dst, `":[`...)
	for i, v := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = write(dst, v)
	}
	return append(dst, ']')
}

// appendWordy writes a number as events have it.
func appendWordy(dst []byte, v float64) []byte {
	switch {
	case math.IsNaN(v):
		return append(dst, `"NaN"`...)
	case math.IsInf(v, 1):
		return append(dst, `"Infinity"`...)
	case math.IsInf(v, -1):
		return append(dst, `"-Infinity"`...)
	}
	return strconv.AppendFloat(dst, v, 'g', -1, 64)
}

// appendShort writes a finite number to seven digits.
func appendShort(dst []byte, v float64) []byte {
	if math.Abs(v) > math.MaxFloat32 {
		return strconv.AppendFloat(dst, v, 'g', -1, 64)
	}
	return strconv.AppendFloat(dst, v, 'g', -1, 32)
}

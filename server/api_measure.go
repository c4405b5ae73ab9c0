package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"
)

// apiMeasurements answers GET /api/runs/{id}/measurements.
func (rs *Runs) apiMeasurements(w http.ResponseWriter, r *http.Request) error {
	all, err := rs.Measurements(r.Context(), chi.URLParam(r, "id"))
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, map[string]any{"measurements": all})
	return nil
}

// apiMeasure answers POST /api/runs/{id}/measurements. An empty body asks for the defaults.
func (rs *Runs) apiMeasure(w http.ResponseWriter, r *http.Request) error {
	given, err := io.ReadAll(r.Body) // the guard has put a limit on it
	if err != nil {
		return err
	}
	measurement, err := rs.Measure(r.Context(), chi.URLParam(r, "id"), given)
	if err != nil {
		return err
	}
	w.Header().Set("Location", "/api/runs/"+measurement.Run+"/measurements/"+strconv.Itoa(measurement.Number))
	writeJSON(w, http.StatusAccepted, measurement)
	return nil
}

// apiMeasurement answers GET /api/runs/{id}/measurements/{number}.
func (rs *Runs) apiMeasurement(w http.ResponseWriter, r *http.Request) error {
	number, err := measurementNumber(r)
	if err != nil {
		return err
	}
	measurement, err := rs.Measurement(r.Context(), chi.URLParam(r, "id"), number)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, measurement)
	return nil
}

// apiStopMeasurement answers POST /api/runs/{id}/measurements/{number}/stop.
func (rs *Runs) apiStopMeasurement(w http.ResponseWriter, r *http.Request) error {
	number, err := measurementNumber(r)
	if err != nil {
		return err
	}
	measurement, err := rs.StopMeasurement(r.Context(), chi.URLParam(r, "id"), number)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, measurement)
	return nil
}

// measurementNumber reads the number in the path.
func measurementNumber(r *http.Request) (int, error) {
	text := chi.URLParam(r, "number")
	number, err := strconv.Atoi(text)
	if err != nil || number < 1 {
		return 0, &fault{
			Status: http.StatusNotFound, Field: "number", Doing: "looking for a measurement", Expected: "a number from 1 on", Found: quoted(text),
			Advice: "Choose one from the list of the run's measurements.",
		}
	}
	return number, nil
}

// measureRun answers POST /runs/{id}/measurements, and goes back to the run.
func (s *server) measureRun(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	given, err := requestOfForm(r.PostForm)
	if err != nil {
		return err
	}
	measurement, err := s.runs.Measure(r.Context(), chi.URLParam(r, "id"), given)
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/runs/"+measurement.Run+"#measure", http.StatusSeeOther)
	return nil
}

// stopMeasurement answers POST /runs/{id}/measurements/{number}/stop, and goes back to the run.
func (s *server) stopMeasurement(w http.ResponseWriter, r *http.Request) error {
	number, err := measurementNumber(r)
	if err != nil {
		return err
	}
	measurement, err := s.runs.StopMeasurement(r.Context(), chi.URLParam(r, "id"), number)
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/runs/"+measurement.Run+"#measure", http.StatusSeeOther)
	return nil
}

// requestOfForm reads the form of the page: what (several), images, seed, double. Images and seed that are left empty are at their defaults.
func requestOfForm(form url.Values) (json.RawMessage, error) {
	request := map[string]any{"what": form["what"], "double": form.Get("double") != ""}
	if form["what"] == nil {
		request["what"] = []string{}
	}
	for _, field := range []string{"images", "seed"} {
		text := strings.TrimSpace(form.Get(field))
		if text == "" {
			continue
		}
		n, err := strconv.ParseUint(text, 10, 63)
		if err != nil {
			return nil, &fault{Field: field, Doing: "reading the form", Expected: "a whole number", Found: quoted(text), Advice: "Type a number."}
		}
		request[field] = n
	}
	return json.Marshal(request)
}

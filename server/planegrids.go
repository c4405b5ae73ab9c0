package main

import (
	"context"
	"encoding/binary"
	"math"
	"net/http"
	"strconv"
	"sync"

	"smoothscape/landscape"
)

// mostPlanes is how many planes are kept; the largest takes 4 MB.
const mostPlanes = 8

// planeKey is all of a view that its plane depends on.
type planeKey struct {
	function   string
	dim, nodes int
}

// planeGrids samples closed forms of many variables on the plane that is shown, one at a time, and keeps them.
type planeGrids struct {
	slot chan struct{}
	mu   sync.Mutex // protects kept
	kept map[planeKey][]byte
}

func newPlaneGrids() *planeGrids {
	return &planeGrids{slot: make(chan struct{}, 1), kept: make(map[planeKey][]byte)}
}

// of returns the plane of an objective as it is sent: f in the middle of the plane as a float64, then its difference from that at every node
// with the halo, row by row, as a float32, all little-endian. The differences keep seven digits where f itself is far from 0.
func (ps *planeGrids) of(ctx context.Context, objective landscape.Objective, nodes int) ([]byte, error) {
	key := planeKey{objective.ID, objective.Dim, nodes}
	if body, ok := ps.find(key); ok {
		return body, nil
	}
	select {
	case ps.slot <- struct{}{}:
		defer func() { <-ps.slot }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if body, ok := ps.find(key); ok { // another has sampled it meanwhile
		return body, nil
	}
	field, err := landscape.Sample(objective.Plane(), nodes)
	if err != nil {
		return nil, gridFault("n", err)
	}
	offset := field.Z[len(field.Z)/2]
	body := binary.LittleEndian.AppendUint64(make([]byte, 0, 8+4*len(field.Z)), math.Float64bits(offset))
	for _, z := range field.Z {
		body = binary.LittleEndian.AppendUint32(body, math.Float32bits(float32(z-offset)))
	}
	ps.keep(key, body)
	return body, nil
}

func (ps *planeGrids) find(key planeKey) ([]byte, bool) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	body, ok := ps.kept[key]
	return body, ok
}

// keep makes room by forgetting any other plane: it can be sampled again.
func (ps *planeGrids) keep(key planeKey, body []byte) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	for other := range ps.kept {
		if len(ps.kept) < mostPlanes {
			break
		}
		delete(ps.kept, other)
	}
	ps.kept[key] = body
}

// plane answers GET /api/plane: f of the view in the query on the plane of its first two variables, n nodes a side and the halo.
func (s *server) plane(w http.ResponseWriter, r *http.Request) error {
	state, err := parseView(r.URL.RawQuery)
	if err != nil {
		return err
	}
	objective, err := objectiveOf(state)
	if err != nil {
		return err
	}
	body, err := s.planes.of(r.Context(), objective, state.Nodes)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body) // an error of the connection is the client's loss
	return nil
}

package main

import "encoding/json"

// paced is for work in a worker that makes room for trainings: the share of its time that it may work now, and a channel of lines for the worker
// whenever that changes, until leave is called.
func (rs *Runs) paced() (share float64, news <-chan []byte, leave func()) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	lines := make(chan []byte, 1)
	rs.paces[lines] = true
	return shareOf(len(rs.active) > 0), lines, func() {
		rs.mu.Lock()
		defer rs.mu.Unlock()
		delete(rs.paces, lines)
	}
}

// paceChanged tells whoever works beside trainings that one has begun or ended. The caller holds Runs.mu.
func (rs *Runs) paceChanged() {
	share := shareOf(len(rs.active) > 0)
	rs.measures.paceChanged(share)
	line, err := json.Marshal(workerNews{Share: share})
	if err != nil {
		return
	}
	for lines := range rs.paces {
		select {
		case <-lines: // an older one that was not sent yet
		default:
		}
		lines <- line // there is room: nobody else sends
	}
}

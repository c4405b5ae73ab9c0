package fullspace

// task is a part of a sample: a row of cells, or the center.
type task struct {
	sample int
	row    int       // −1 for the center
	out    []float64 // where the values go; of the center first c, then those of the center alone
}

// result says that a task is done, or why not.
type result struct {
	task task
	err  error
}

// flight is a sample that is being computed.
type flight struct {
	cells        []float64
	center, lead []float64 // two parts of one array
	both         []float64
	missing      int // tasks not done
}

// queue hands out the tasks of the samples in order. A few samples fly at once, so that no worker waits for the last row of another.
type queue struct {
	columns, rows int
	first         int       // row of the first task of a sample: −1 with a center, else 0
	oldest        int       // sample of flights[0]
	flights       []*flight // in order of their samples, a ring of constant size
	coming        task      // the next one to hand out
}

// newQueue begins after from samples; lead is how many pairs are taken at the center alone.
func newQueue(columns, rows, lead, from, window int) *queue {
	q := &queue{columns: columns, rows: rows, oldest: from}
	if lead > 0 {
		q.first = -1
	}
	for range window {
		f := &flight{cells: make([]float64, q.columns*q.rows), missing: q.rows - q.first}
		if lead > 0 {
			f.both = make([]float64, 1+lead)
			f.center, f.lead = f.both[:1], f.both[1:]
		}
		q.flights = append(q.flights, f)
	}
	q.coming = task{sample: from, row: q.first}
	return q
}

// next returns the task to hand out; more is false where there is none now.
func (q *queue) next(limit int) (t task, more bool) {
	t = q.coming
	if t.sample >= limit || t.sample >= q.oldest+len(q.flights) {
		return task{}, false
	}
	f := q.flights[t.sample-q.oldest]
	t.out = f.both
	if t.row >= 0 {
		t.out = f.cells[t.row*q.columns : (t.row+1)*q.columns]
	}
	return t, true
}

// sent notes that the task of next is on its way.
func (q *queue) sent() {
	if q.coming.row++; q.coming.row == q.rows {
		q.coming = task{sample: q.coming.sample + 1, row: q.first}
	}
}

// done notes that a task is, and returns the oldest sample if it is complete.
func (q *queue) done(t task) *flight {
	q.flights[t.sample-q.oldest].missing--
	return q.head()
}

// head returns the oldest sample if it is complete, else nil.
func (q *queue) head() *flight {
	if q.flights[0].missing > 0 {
		return nil
	}
	return q.flights[0]
}

// pop takes the oldest sample away; its memory serves the next.
func (q *queue) pop() {
	f := q.flights[0]
	f.missing = q.rows - q.first
	q.flights = append(q.flights[1:], f)
	q.oldest++
}

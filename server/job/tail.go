package job

import "sync"

// stderrLimit is how much of a worker's standard error is kept: enough for the panic message and the top of its stack.
const stderrLimit = 8 << 10

// tail is an io.Writer that keeps the beginning and the end of what is written: a Go crash says why in its first lines, a program
// that complains and goes on says it in its last.
type tail struct {
	mu    sync.Mutex
	limit int // bytes kept of the beginning, and of the end
	head  []byte
	end   []byte
	cut   bool
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := len(p)
	if room := t.limit - len(t.head); room > 0 {
		taken := min(room, len(p))
		t.head = append(t.head, p[:taken]...)
		p = p[taken:]
	}
	if surplus := len(p) - t.limit; surplus > 0 {
		p, t.cut = p[surplus:], true
	}
	if surplus := len(t.end) + len(p) - t.limit; surplus > 0 {
		t.end = append(t.end[:0], t.end[surplus:]...)
		t.cut = true
	}
	t.end = append(t.end, p...)
	return n, nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.cut {
		return string(t.head) + "\n…\n" + string(t.end)
	}
	return string(t.head) + string(t.end)
}

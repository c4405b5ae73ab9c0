package web_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// updates is how many updates the loss chart holds, as its sentence for screen readers says.
func updates(n int) string {
	return fmt.Sprintf("document.querySelector('#chart-loss-sentence').textContent.includes('each batch: %d values')", n)
}

func TestLateViewerSeesTheWholeHistory(t *testing.T) {
	f := startFixture(t)
	f.append(history(500)...)
	b := startBrowser(t, 1440, 900)
	b.open(f.url+"/runs/7", "light")
	b.wait(20*time.Second, updates(500))
	b.wait(5*time.Second, shown("run-connection", "connected"))
	for id, want := range map[string]string{
		"now-batchSize": "96", "now-learningRate": "0.0866", "run-progress": "500 of 1 250 updates, epoch 5 of 10",
	} {
		if got := b.text(id); !strings.Contains(got, want) {
			t.Errorf("%s shows %q, want %q", id, got, want)
		}
	}
	if got := evaluate[int](b, "document.querySelectorAll('#epoch-rows tr').length"); got != 4 {
		t.Errorf("the table has %d epochs, want 4", got)
	}
	f.append(update(501, 4, 0.075, 144, "0.4", 5))
	b.wait(5*time.Second, updates(501))
	b.shot("late-light")
}

package main

import (
	"encoding/json"
	"testing"
	"time"
)

// Who works beside trainings learns when one begins and when the last has ended.
func TestPaceFollowsTheTrainings(t *testing.T) {
	t.Parallel()
	rs := fakeRuns(t, t.TempDir(), "steps=100000 delay=5ms")
	share, news, leave := rs.paced()
	if share != 1 {
		t.Errorf("the share beside nothing is %v", share)
	}
	await := func(want float64) {
		t.Helper()
		for {
			select {
			case line := <-news:
				var n workerNews
				if err := json.Unmarshal(line, &n); err != nil {
					t.Fatal(err)
				}
				if n.Share == want {
					return
				}
			case <-time.After(20 * time.Second):
				t.Fatalf("no word of a share of %v", want)
			}
		}
	}
	id := mustCreate(t, rs, testConfig())
	await(shareOf(true))
	if _, err := rs.Do(t.Context(), id, MoveStop); err != nil {
		t.Fatal(err)
	}
	await(1)
	leave()
	if len(rs.paces) != 0 {
		t.Error("it is told even after it left")
	}
}

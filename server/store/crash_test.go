package store

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"
)

// A process that writes as fast as it can is killed at random instants, again and again on one folder of each round. What it was told to
// be on disk must be there, in order and without gap, and every checkpoint that a row names must be whole.
func TestKillLosesNothingAcknowledged(t *testing.T) {
	rounds := 12
	if testing.Short() {
		rounds = 3
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for round := range rounds {
		folder := t.TempDir()
		victim, out := startWriter(t, folder)
		acknowledged := 0
		if out.Scan() { // it writes by now
			acknowledged, _ = strconv.Atoi(out.Text())
		}
		time.AfterFunc(time.Duration(rng.IntN(150_000))*time.Microsecond, func() { _ = victim.Process.Kill() })
		for out.Scan() {
			n, err := strconv.Atoi(out.Text())
			if err != nil {
				t.Fatal(err)
			}
			acknowledged = n
		}
		_ = victim.Wait()

		s := open(t, folder)
		bodies, err := s.Events(context.Background(), "r", 0, 1<<30)
		if err != nil {
			t.Fatal(err)
		}
		if len(bodies) < acknowledged {
			t.Errorf("round %d: %d events were acknowledged, %d are there", round, acknowledged, len(bodies))
		}
		for offset, body := range bodies {
			kind := [...]string{"update", "checkpoint"}[offset%2]
			if want := fmt.Sprintf(`{"kind":"%s","step":%d}`, kind, offset/2+1); string(body) != want {
				t.Fatalf("round %d, offset %d: got %s, want %s", round, offset, body, want)
			}
		}
		run, err := s.Run(context.Background(), "r")
		if err != nil || run.Length != int64(len(bodies)) || run.Step != len(bodies)/2 {
			t.Errorf("round %d: the row says length %d, step %d (error %v); the log has %d events", round, run.Length, run.Step, err, len(bodies))
		}
		named := map[string]bool{}
		for _, id := range []string{"r", "other1", "other2"} {
			checkpoints, err := s.Checkpoints(context.Background(), id)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range checkpoints {
				content, err := s.Blobs.Get(c.SHA256, 1<<20)
				if want := fmt.Sprintf("checkpoint of %s at step %d", id, c.Step); err != nil || string(content) != want {
					t.Errorf("round %d: checkpoint at step %d of %s: %q, %v", round, c.Step, id, content, err)
				}
			}
			for _, c := range checkpoints {
				named[c.SHA256] = true
			}
			wholeHistory(t, s, id, named)
		}
		if found := files(t, folder); len(found) != len(named) {
			t.Errorf("round %d: %d blobs after the sweep, %d are named", round, len(found), len(named))
		}
		t.Logf("round %d: killed after %d acknowledged events, %d there", round, acknowledged, len(bodies))
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

// wholeHistory checks that the history of a run is bounded, holds the first and the newest checkpoint, and that everything that it names is
// whole. It adds the hashes of those to named.
func wholeHistory(t *testing.T, s *Store, id string, named map[string]bool) {
	t.Helper()
	moments, err := s.Moments(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	if len(moments) == 0 {
		return // killed before the first
	}
	checkpoints, err := s.Checkpoints(ctx, id)
	if err != nil || len(moments) > momentsKept || moments[0].Step != 1 || moments[len(moments)-1].Step != checkpoints[0].Step {
		t.Errorf("%s: %d moments from %d to %d, newest checkpoint %v (%v)", id, len(moments), moments[0].Step, moments[len(moments)-1].Step, checkpoints, err)
	}
	for _, m := range moments {
		content, err := s.Blobs.Get(m.Parameters.SHA256, 1<<20)
		if want := fmt.Sprintf("parameters of %s at step %d", id, m.Step); err != nil || string(content) != want || m.Time != int64(m.Step) {
			t.Errorf("%s: moment %+v: %q, %v", id, m, content, err)
		}
		named[m.Parameters.SHA256] = true
		if m.Slice == nil {
			continue
		}
		content, err = s.Blobs.Get(m.Slice.SHA256, 1<<20)
		if want := fmt.Sprintf("slice of %s at step %d, level %d", id, m.Step, m.Slice.Level); err != nil || string(content) != want {
			t.Errorf("%s: slice %+v: %q, %v", id, m.Slice, content, err)
		}
		named[m.Slice.SHA256] = true
	}
	if newest, err := s.Slice(ctx, id); err == nil {
		if !s.Blobs.Has(newest.SHA256) {
			t.Errorf("%s: the newest slice %+v is not there", id, newest)
		}
		named[newest.SHA256] = true
	}
}

func TestFolderOfAKilledProcessIsFreeAtOnceAndOfALivingOneIsNot(t *testing.T) {
	folder := t.TempDir()
	victim, out := startWriter(t, folder)
	if !out.Scan() {
		t.Fatal("the writer said nothing")
	}
	if s, err := Open(folder); err == nil {
		_ = s.Close()
		t.Fatal("a second process opened a folder that is in use")
	} else if !isLocked(err) {
		t.Fatalf("got %v, want ErrLocked", err)
	}
	_ = victim.Process.Kill()
	for out.Scan() {
		continue
	}
	_ = victim.Wait()
	if err := open(t, folder).Close(); err != nil {
		t.Error(err)
	}
}

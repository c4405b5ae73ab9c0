package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/go-chi/chi/v5"

	"smoothscape/server/hub"
)

// A talk is a view that others follow: what the presenter's page shows, each follower's page shows a moment later. Only the newest view
// counts; it lives in memory, as long as somebody presents or follows and an hour longer.

// Limits of talks.
const (
	maxTalks  = 64
	talkRests = time.Hour // a talk without anybody is forgotten after this
)

// Frames of a talk. From the server: viewFrame, crowdFrame, talkEnd; from the presenter: viewFrame without a number, talkEnd.
type viewFrame struct {
	Type  string `json:"type"`          // "view"
	Query string `json:"query"`         // of the link, with its "?"; "" is the bare page
	Seq   int    `json:"seq,omitempty"` // rises by one with each view
}

// crowdFrame says who is there.
type crowdFrame struct {
	Type       string `json:"type"` // "crowd"
	Followers  int    `json:"followers"`
	Presenting bool   `json:"presenting"`
}

// talks are all talks. Its methods may be called by many goroutines.
type talks struct {
	hub *hub.Hub

	mu  sync.Mutex // guards what follows
	all map[string]*talk
}

type talk struct {
	key        [sha256.Size]byte // hash of the presenter's key
	seq        int
	view       []byte // the newest viewFrame; nil before the first
	followers  int
	presenters int // sockets that proved the key: one, or two while a page is reloaded
	left       time.Time
}

func newTalks() *talks {
	return &talks{hub: hub.New(1), all: map[string]*talk{}}
}

// begin makes a talk. The key is the presenter's right: it is told once and only its hash is kept.
func (ts *talks) begin(now time.Time) (id, key string, err error) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	for id, t := range ts.all {
		if t.followers+t.presenters == 0 && now.Sub(t.left) > talkRests {
			delete(ts.all, id)
		}
	}
	if len(ts.all) >= maxTalks {
		return "", "", &fault{
			Status: http.StatusServiceUnavailable, Doing: "beginning a talk", Expected: fmt.Sprintf("fewer than %d talks at once", maxTalks), Found: "as many",
			Advice: "End one of them, or wait an hour.",
		}
	}
	for id == "" || ts.all[id] != nil {
		id = strings.ToLower(rand.Text()[:6]) // 30 bits, to be read aloud; knowing it gives the right to follow and no other
	}
	key = rand.Text()
	ts.all[id] = &talk{key: sha256.Sum256([]byte(key)), left: now}
	return id, key, nil
}

// find returns a talk; a *fault with status 404 if there is none. The caller holds mu.
func (ts *talks) find(id string) (*talk, error) {
	if t := ts.all[id]; t != nil {
		return t, nil
	}
	return nil, &fault{
		Status: http.StatusNotFound, Field: "id", Doing: "looking for a talk", Expected: "one that goes on", Found: quoted(id),
		Advice: "Ask the presenter for the new link.",
	}
}

// enter counts somebody in and subscribes; leave must follow. key is that of the presenter, or "" for a follower.
func (ts *talks) enter(id, key string) (*talkSeat, error) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	t, err := ts.find(id)
	if err != nil {
		return nil, err
	}
	seat := &talkSeat{talks: ts, id: id, presents: key != ""}
	if seat.presents {
		if sum := sha256.Sum256([]byte(key)); subtle.ConstantTimeCompare(sum[:], t.key[:]) != 1 {
			return nil, &fault{Status: http.StatusForbidden, Doing: "presenting", Expected: "the key that was told when the talk began", Found: "another one", Advice: "Follow the talk, or begin one of your own."}
		}
		t.presenters++
	} else {
		t.followers++
	}
	seat.subscription, seat.first = ts.hub.Subscribe(id), t.view
	ts.tellCrowd(id, t)
	return seat, nil
}

// talkSeat is somebody's place in a talk.
type talkSeat struct {
	talks        *talks
	id           string
	presents     bool
	subscription *hub.Viewer
	first        []byte // the view when they came; nil before the first
}

func (s *talkSeat) leave(now time.Time) {
	s.subscription.Close()
	s.talks.mu.Lock()
	defer s.talks.mu.Unlock()
	t := s.talks.all[s.id]
	if t == nil {
		return
	}
	if s.presents {
		t.presenters--
	} else {
		t.followers--
	}
	t.left = now
	s.talks.tellCrowd(s.id, t)
}

// show makes a view the newest. A link that cannot be shown is refused with a *fault.
func (s *talkSeat) show(query string) error {
	if _, err := parseView(strings.TrimPrefix(query, "?")); err != nil {
		return err
	}
	s.talks.mu.Lock()
	defer s.talks.mu.Unlock()
	t, err := s.talks.find(s.id)
	if err != nil {
		return err
	}
	t.seq++
	frame, err := json.Marshal(viewFrame{Type: "view", Query: query, Seq: t.seq})
	if err != nil {
		return err
	}
	t.view = frame
	s.talks.hub.SetState(s.id, "view", frame)
	return nil
}

// end ends the talk for all.
func (s *talkSeat) end() {
	s.talks.mu.Lock()
	defer s.talks.mu.Unlock()
	delete(s.talks.all, s.id)
	s.talks.hub.SetState(s.id, "end", []byte(`{"type":"end"}`))
}

// tellCrowd tells everybody who is there. The caller holds mu.
func (ts *talks) tellCrowd(id string, t *talk) {
	frame, err := json.Marshal(t.crowd())
	if err == nil { // a struct of a word and two numbers always encodes
		ts.hub.SetState(id, "crowd", frame)
	}
}

func (t *talk) crowd() crowdFrame {
	return crowdFrame{Type: "crowd", Followers: t.followers, Presenting: t.presenters > 0}
}

// beginTalk answers POST /api/talks.
func (s *server) beginTalk(w http.ResponseWriter, _ *http.Request) error {
	id, key, err := s.talks.begin(time.Now())
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusCreated, map[string]string{"id": id, "key": key})
	return nil
}

// talkCrowd answers GET /api/talks/{id}.
func (s *server) talkCrowd(w http.ResponseWriter, r *http.Request) error {
	s.talks.mu.Lock()
	defer s.talks.mu.Unlock()
	t, err := s.talks.find(chi.URLParam(r, "id"))
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, t.crowd())
	return nil
}

// talkSocket answers GET /ws/talks/{id}. The first message says who comes: {"type":"follow"} or {"type":"present","key":…}.
func (s *server) talkSocket(w http.ResponseWriter, r *http.Request) error {
	id := chi.URLParam(r, "id")
	s.talks.mu.Lock()
	_, err := s.talks.find(id)
	s.talks.mu.Unlock()
	if err != nil {
		return err
	}
	return s.runs.serveSocket(w, r, true, func(ctx context.Context, conn *socketConn) error { return s.talks.attend(ctx, id, conn) })
}

// attend is one socket's life in a talk.
func (ts *talks) attend(ctx context.Context, id string, conn *socketConn) error {
	var hello struct {
		Type string `json:"type"`
		Key  string `json:"key"`
	}
	select {
	case text, ok := <-conn.messages:
		if !ok || json.Unmarshal(text, &hello) != nil || hello.Type != "follow" && (hello.Type != "present" || hello.Key == "") {
			return errTalkMessage
		}
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(writeWait):
		return errTalkMessage
	}
	seat, err := ts.enter(id, hello.Key)
	if err != nil {
		return errors.Join(conn.refuse(err), err)
	}
	defer func() { seat.leave(time.Now()) }()
	if seat.first != nil {
		if err := conn.send(seat.first); err != nil {
			return err
		}
	}
	for {
		for _, state := range []string{"view", "crowd", "end"} {
			frame := seat.subscription.Take(state)
			if frame == nil || state == "view" && seat.presents {
				continue // the presenter's own view is not sent back
			}
			if err := conn.send(frame); err != nil || state == "end" {
				return err
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-seat.subscription.Wakeup():
		case text, ok := <-conn.messages:
			if !ok {
				return nil
			}
			if err := seat.take(text, conn); err != nil {
				return err
			}
		}
	}
}

// take does what a message says. A view that cannot be shown is answered and changes nothing.
func (s *talkSeat) take(text []byte, conn *socketConn) error {
	var message viewFrame
	if err := json.Unmarshal(text, &message); err != nil || !s.presents {
		return errTalkMessage
	}
	switch message.Type {
	case "view":
		if err := s.show(message.Query); err != nil {
			return conn.refuse(err)
		}
		return nil
	case "end":
		s.end()
		return nil
	}
	return errTalkMessage
}

// refuse tells the other side why not.
func (c *socketConn) refuse(reason error) error {
	frame, err := json.Marshal(map[string]string{"type": "refused", "sentence": publicFaults(reason)[0].Error()})
	if err != nil {
		return err
	}
	return c.send(frame)
}

// errTalkMessage: the other side does not speak as a page does.
var errTalkMessage = &fault{Doing: "taking part in a talk", Expected: "a message of the page", Found: "another one", Advice: "Reload the page."}

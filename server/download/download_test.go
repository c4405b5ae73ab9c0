package download

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"smoothscape/trainer/dataset"
)

// archive is a .tar.gz with one member of size bytes that do not compress.
func archive(t *testing.T, size int) (dataset.Archive, []byte) {
	t.Helper()
	noise := make([]byte, size)
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range noise {
		noise[i] = byte(rng.Uint32())
	}
	var b bytes.Buffer
	zip := gzip.NewWriter(&b)
	files := tar.NewWriter(zip)
	for _, err := range []error{
		files.WriteHeader(&tar.Header{Name: "set/train.bin", Typeflag: tar.TypeReg, Size: int64(size), Mode: 0o644}),
		second(files.Write(noise)), files.Close(), zip.Close(),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	sum := md5.Sum(b.Bytes())
	return dataset.Archive{Name: "set", Size: int64(b.Len()), MD5: hex.EncodeToString(sum[:]), Folder: "set",
		Members: []dataset.Member{{Name: "train.bin", Size: int64(size)}}}, b.Bytes()
}

func second(_ int, err error) error { return err }

// breaking serves content, but hangs up after limit bytes of each answer.
type breaking struct {
	http.ResponseWriter
	left int
}

func (b *breaking) Write(p []byte) (int, error) {
	if len(p) > b.left {
		_, _ = b.ResponseWriter.Write(p[:b.left])
		_ = http.NewResponseController(b.ResponseWriter).Flush()
		panic(http.ErrAbortHandler)
	}
	b.left -= len(p)
	return b.ResponseWriter.Write(p)
}

func start(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL + "/set.tar.gz"
}

func TestFetchOverHTTP(t *testing.T) {
	a, content := archive(t, 300_000)
	changed := time.Date(2009, 4, 8, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name   string
		serve  func(w http.ResponseWriter, r *http.Request, try int)
		tries  int
		ranges string // of the last request
	}{
		{"in one piece", func(w http.ResponseWriter, r *http.Request, _ int) {
			http.ServeContent(w, r, "", changed, bytes.NewReader(content))
		}, 1, ""},
		{"hangs up once", func(w http.ResponseWriter, r *http.Request, try int) {
			if try == 1 {
				w = &breaking{w, 100_000}
			}
			http.ServeContent(w, r, "", changed, bytes.NewReader(content))
		}, 2, "bytes=100000-"},
		{"hangs up once and knows no ranges", func(w http.ResponseWriter, r *http.Request, try int) {
			if try == 1 {
				w = &breaking{w, 100_000}
			}
			w.Header().Set("Content-Length", fmt.Sprint(len(content)))
			_, _ = w.Write(content)
		}, 2, "bytes=100000-"},
		{"changes the file in between", func(w http.ResponseWriter, r *http.Request, try int) {
			w.Header().Set("ETag", fmt.Sprintf(`"v%d"`, try))
			if try == 1 {
				w = &breaking{w, 100_000}
				http.ServeContent(w, r, "", changed, bytes.NewReader(append([]byte{0x1f, 0x8b}, make([]byte, len(content)-2)...)))
				return
			}
			http.ServeContent(w, r, "", changed, bytes.NewReader(content)) // If-Range differs: the whole file
		}, 2, "bytes=100000-"},
		{"is busy once", func(w http.ResponseWriter, r *http.Request, try int) {
			if try == 1 {
				http.Error(w, "busy", http.StatusServiceUnavailable)
				return
			}
			http.ServeContent(w, r, "", changed, bytes.NewReader(content))
		}, 2, ""},
		{"falls silent once", func(w http.ResponseWriter, r *http.Request, try int) {
			if try == 1 {
				w.Header().Set("Content-Length", fmt.Sprint(len(content)))
				_, _ = w.Write(content[:50_000])
				_ = http.NewResponseController(w).Flush()
				<-r.Context().Done()
				return
			}
			http.ServeContent(w, r, "", changed, bytes.NewReader(content))
		}, 2, "bytes=50000-"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var tries atomic.Int32
			var ranges atomic.Value
			a := a
			a.URL = start(t, func(w http.ResponseWriter, r *http.Request) {
				ranges.Store(r.Header.Get("Range"))
				c.serve(w, r, int(tries.Add(1)))
			})
			client := New()
			client.Stall = 500 * time.Millisecond
			dir := filepath.Join(t.TempDir(), "set")
			if err := dataset.Fetch(t.Context(), a, dir, client.Source, nil); err != nil {
				t.Fatal(err)
			}
			if info, err := os.Stat(filepath.Join(dir, "train.bin")); err != nil || info.Size() != 300_000 {
				t.Errorf("train.bin: %v", err)
			}
			if int(tries.Load()) != c.tries || ranges.Load() != c.ranges {
				t.Errorf("%d requests, the last with Range %q; want %d, %q", tries.Load(), ranges.Load(), c.tries, c.ranges)
			}
		})
	}
}

func TestFetchOverHTTPRefuses(t *testing.T) {
	a, content := archive(t, 10_000)
	for _, c := range []struct {
		name  string
		serve http.HandlerFunc
		says  []string
	}{
		{"not found", http.NotFound, []string{"404 Not Found"}},
		{"an error page with status 200", func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, "<!DOCTYPE html><title>Sorry</title>")
		}, []string{fmt.Sprintf("a file of %d bytes", a.Size), "one of 35 bytes"}},
		{"an error page of unknown length", func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, "<!DOCTYPE html>")
			_ = http.NewResponseController(w).Flush()
		}, []string{"gzip", "DOCTYPE"}},
		{"a length that is too small", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = w.Write(content[:100])
		}, []string{"one of 100 bytes"}},
		{"another file of the same size", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write(append([]byte{0x1f, 0x8b}, make([]byte, len(content)-2)...))
		}, []string{"MD5 " + a.MD5}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			a := a
			a.URL = start(t, c.serve)
			dir := filepath.Join(t.TempDir(), "set")
			err := dataset.Fetch(t.Context(), a, dir, New().Source, nil)
			if err == nil {
				t.Fatal("no error")
			}
			for _, part := range c.says {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q does not say %q", err, part)
				}
			}
			if _, err := os.Stat(dir); err == nil {
				t.Error("the data folder was made all the same")
			}
		})
	}
}

// The part of a finished size, and one that the server refuses to continue (416).
func TestSourceAsksAnewWhenTheRangeIsRefused(t *testing.T) {
	url := start(t, func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "", time.Time{}, strings.NewReader("short"))
	})
	d, err := New().Source(t.Context(), url, 100, "")
	if err != nil || d.Offset != 0 || d.Total != 5 {
		t.Fatalf("got %+v, %v", d, err)
	}
	d.Body.Close()
}

func TestNoWayFromHTTPSToHTTP(t *testing.T) {
	plain := start(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "x") })
	s := httptest.NewTLSServer(http.RedirectHandler(plain, http.StatusFound))
	t.Cleanup(s.Close)
	c := New()
	c.HTTP.Transport = s.Client().Transport
	if _, err := c.Source(context.Background(), s.URL, 0, ""); err == nil || !strings.Contains(err.Error(), "from https to http") {
		t.Errorf("got %v", err)
	}
}

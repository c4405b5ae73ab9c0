package dataset

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
)

type entry struct {
	name    string
	content []byte
	kind    byte // tar.TypeReg if 0
	link    string
}

func tarOf(entries ...entry) []byte {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, e := range entries {
		if e.kind == 0 {
			e.kind = tar.TypeReg
		}
		_ = w.WriteHeader(&tar.Header{Name: e.name, Typeflag: e.kind, Size: int64(len(e.content)), Linkname: e.link, Mode: 0o777})
		_, _ = w.Write(e.content)
	}
	_ = w.Close()
	return b.Bytes()
}

// smallArchive has two members (11 bytes and a text) and the archive that describes it.
func smallArchive(extra ...entry) (Archive, []byte) {
	content := zipped(tarOf(append([]entry{
		{name: "set/", kind: tar.TypeDir}, {name: "set/readme.html", content: []byte("not wanted")},
		{name: "./set/train.bin", content: []byte("hello world")}, {name: "set/names.txt", content: []byte("a\nb\n")}}, extra...)...))
	return describe(content), content
}

func describe(content []byte) Archive {
	sum := md5.Sum(content)
	return Archive{Name: "set", URL: "test://set.tar.gz", Size: int64(len(content)), MD5: hex.EncodeToString(sum[:]), Folder: "set",
		Members: []Member{{Name: "train.bin", Size: 11}, {Name: "names.txt"}}}
}

// server is a Source over bytes with the faults of real ones.
type server struct {
	content    []byte
	breakAfter int  // bytes of each answer; 0: all
	noRange    bool // always from the start
	total      int64
	shift      int64 // lies about where it starts
	asked      []int64
	after      func(asked int) // called at each question
}

func (s *server) source(ctx context.Context, url string, offset int64, validator string) (*Download, error) {
	s.asked = append(s.asked, offset)
	if s.after != nil {
		s.after(len(s.asked))
	}
	if s.noRange {
		offset = 0
	}
	total := int64(len(s.content))
	if s.total != 0 {
		total = s.total
	}
	var body io.Reader = bytes.NewReader(s.content[min(int(offset), len(s.content)):])
	if s.breakAfter > 0 {
		body = io.LimitReader(body, int64(s.breakAfter))
	}
	return &Download{Body: io.NopCloser(body), Offset: offset + s.shift, Total: total, Validator: "v1"}, nil
}

func fetch(ctx context.Context, a Archive, dir string, s *server) error {
	return (&fetcher{archive: a, dir: dir, source: s.source, pause: 1}).run(ctx)
}

func wantUnpacked(t *testing.T, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 2 {
		t.Fatalf("got %v, %v; want the two members", entries, err)
	}
	if got, _ := os.ReadFile(filepath.Join(dir, "train.bin")); string(got) != "hello world" {
		t.Errorf("train.bin holds %q", got)
	}
	wantOnly(t, filepath.Dir(dir), filepath.Base(dir))
}

func wantOnly(t *testing.T, dir string, names ...string) {
	t.Helper()
	entries, _ := os.ReadDir(dir)
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if fmt.Sprint(got) != fmt.Sprint(names) {
		t.Errorf("%s holds %v, want %v", dir, got, names)
	}
}

func TestFetch(t *testing.T) {
	archive, content := smallArchive()
	dir := filepath.Join(t.TempDir(), "set")
	s := &server{content: content}
	var last Progress
	f := &fetcher{archive: archive, dir: dir, source: s.source, pause: 1, progress: func(p Progress) { last = p }}
	if err := f.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantUnpacked(t, dir)
	if last != (Progress{"unpack", archive.Size, archive.Size}) {
		t.Errorf("last progress %+v", last)
	}
	if err := fetch(t.Context(), archive, dir, s); err != nil || len(s.asked) != 1 {
		t.Errorf("a second Fetch asked again: %v, %v", s.asked, err)
	}
}

func TestFetchGoesOnWhereTheLineBroke(t *testing.T) {
	archive, content := smallArchive()
	for _, noRange := range []bool{false, true} {
		dir := filepath.Join(t.TempDir(), "set")
		s := &server{content: content, breakAfter: 50, noRange: noRange}
		s.after = func(asked int) {
			if asked == 3 {
				s.breakAfter = 0
			}
		}
		if err := fetch(t.Context(), archive, dir, s); err != nil {
			t.Fatal(err)
		}
		wantUnpacked(t, dir)
		if want := []int64{0, 50, 100}; !noRange && fmt.Sprint(s.asked) != fmt.Sprint(want) {
			t.Errorf("asked from %v, want %v", s.asked, want)
		}
	}
}

func TestFetchGivesUpAndGoesOnLater(t *testing.T) {
	archive, content := smallArchive()
	dir := filepath.Join(t.TempDir(), "set")
	s := &server{content: content, breakAfter: 50}
	s.after = func(int) {
		if len(s.asked) > 1 {
			s.content = content[:50] // nothing more comes
		}
	}
	s.total = archive.Size
	err := fetch(t.Context(), archive, dir, s)
	wantFormatError(t, err, "", 50, "after 5 tries", "it goes on from there")
	wantOnly(t, filepath.Dir(dir), "set.part", "set.part.version")

	s = &server{content: content}
	if err := fetch(t.Context(), archive, dir, s); err != nil || s.asked[0] != 50 {
		t.Fatalf("asked from %v: %v", s.asked, err)
	}
	wantUnpacked(t, dir)
}

func TestFetchKeepsThePartAfterACancel(t *testing.T) {
	archive, content := smallArchive()
	dir := filepath.Join(t.TempDir(), "set")
	ctx, cancel := context.WithCancel(t.Context())
	s := &server{content: content, breakAfter: 64, after: func(asked int) {
		if asked == 2 {
			cancel()
		}
	}}
	err := fetch(ctx, archive, dir, s)
	wantFormatError(t, err, "", -1, "start it again")
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v does not wrap context.Canceled", err)
	}
	if info, err := os.Stat(dir + ".part"); err != nil || info.Size() < 64 {
		t.Errorf("the part is lost: %v", err)
	}
	if err := fetch(t.Context(), archive, dir, &server{content: content}); err != nil {
		t.Fatal(err)
	}
	wantUnpacked(t, dir)
}

// A part of another version, or a damaged one, costs a second download, not the user's patience.
func TestFetchBeginsAnewAfterADamagedPart(t *testing.T) {
	archive, content := smallArchive()
	for name, part := range map[string][]byte{"damaged": bytes.Repeat([]byte{7}, 60), "whole but damaged": make([]byte, len(content)), "too long": make([]byte, len(content)+9)} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "set")
			if err := os.WriteFile(dir+".part", part, 0o644); err != nil {
				t.Fatal(err)
			}
			if err := fetch(t.Context(), archive, dir, &server{content: content}); err != nil {
				t.Fatal(err)
			}
			wantUnpacked(t, dir)
		})
	}
}

func TestFetchRefuses(t *testing.T) {
	archive, content := smallArchive()
	wrong := bytes.Clone(content)
	wrong[len(wrong)/2] ^= 1
	page := append([]byte("<!DOCTYPE html><title>404"), make([]byte, len(content)-25)...)
	link := zipped(tarOf(entry{name: "set/train.bin", kind: tar.TypeSymlink, link: "/etc/passwd"}, entry{name: "set/names.txt", content: []byte("a")}))
	short := zipped(tarOf(entry{name: "set/train.bin", content: []byte("hello")}, entry{name: "set/names.txt", content: []byte("a")}))
	lacking := zipped(tarOf(entry{name: "set/train.bin", content: []byte("hello world")}))
	_, twice := smallArchive(entry{name: "set/train.bin", content: []byte("other bytes")})
	_, climbing := smallArchive(entry{name: "../../evil.txt", content: []byte("x")})
	_, absolute := smallArchive(entry{name: "/tmp/evil.txt", content: []byte("x")})
	_, bomb := smallArchive(entry{name: "set/zeros", content: make([]byte, maxSpare+1<<20)})
	many := make([]entry, maxEntries+1)
	for i := range many {
		many[i].name = fmt.Sprint("set/", i)
	}
	_, crowd := smallArchive(many...)
	for _, c := range []struct {
		name    string
		archive Archive
		server  *server
		says    []string
	}{
		{"a wrong file of the right size", archive, &server{content: wrong}, []string{"MD5 " + archive.MD5, "thrown away"}},
		{"a web page", archive, &server{content: page}, []string{"gzip file", "<!DOCTYPE"}},
		{"a server that tells another size", archive, &server{content: content, total: 999_999}, []string{"999999", "not the published archive"}},
		{"more bytes than were announced", archive, &server{content: append(bytes.Clone(content), 1), total: archive.Size}, []string{"more of them"}},
		{"a server that starts elsewhere", archive, &server{content: content, shift: 5}, []string{"the bytes from 0 on", "5"}},
		{"a link in place of a file", describe(link), &server{content: link}, []string{"plain file"}},
		{"a member of the wrong size", describe(short), &server{content: short}, []string{"11 bytes", "5 bytes"}},
		{"a missing member", describe(lacking), &server{content: lacking}, []string{"set/names.txt"}},
		{"a name that climbs out", describe(climbing), &server{content: climbing}, []string{"../../evil.txt"}},
		{"an absolute name", describe(absolute), &server{content: absolute}, []string{"/tmp/evil.txt"}},
		{"a bomb", describe(bomb), &server{content: bomb}, []string{"in all"}},
		{"too many files", describe(crowd), &server{content: crowd}, []string{"at most 1000 files"}},
		{"no tar inside", describe(zipped([]byte("hello"))), &server{content: zipped([]byte("hello"))}, nil},
		{"an empty description", Archive{}, &server{}, []string{"Archives()"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "set")
			err := fetch(t.Context(), c.archive, dir, c.server)
			var format *FormatError
			if !errors.As(err, &format) {
				t.Fatalf("got %v, want a *FormatError", err)
			}
			wantFormatError(t, err, "", format.Offset, c.says...)
			if _, err := os.Stat(dir); err == nil {
				t.Error("the data folder was made all the same")
			}
			if left, _ := filepath.Glob(filepath.Join(filepath.Dir(dir), ".*")); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
	t.Run("a member that comes twice: the first one counts", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "set")
		if err := fetch(t.Context(), describe(twice), dir, &server{content: twice}); err != nil {
			t.Fatal(err)
		}
		wantUnpacked(t, dir)
	})
	t.Run("a folder with other things", func(t *testing.T) {
		dir := folderOf(t, map[string][]byte{"diary.txt": []byte("mine")})
		wantFormatError(t, fetch(t.Context(), archive, dir, &server{content: content}), "", -1, "move or remove")
	})
}

func TestArchivesDescribeWhatOpenReads(t *testing.T) {
	for _, a := range Archives() {
		var names []string
		var pixels int64
		for _, m := range a.Members {
			names = append(names, m.Name)
			pixels += m.Size
		}
		files := map[string][]byte{}
		for _, n := range names {
			files[n] = nil
		}
		if got, err := (folder{fsys: os.DirFS(folderOf(t, files)), path: "x"}).detect(); err != nil || got == nil {
			t.Errorf("%s: members %v are no data set: %v", a.Name, names, err)
		}
		if pixels < 60_000*3073 || len(a.MD5) != 32 {
			t.Errorf("%s: %+v", a.Name, a)
		}
		if b, ok := ArchiveByName(a.Name); !ok || b.URL != a.URL {
			t.Errorf("ArchiveByName(%q) fails", a.Name)
		}
	}
}

package dataset

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// Progress tells how far a Fetch is. Done may fall back when the server begins the file anew.
type Progress struct {
	Stage string // "download", then "unpack"
	Done  int64  // bytes of the archive
	Total int64
}

// Source gives the bytes of url from offset on. Package trainer knows no HTTP: server/download has a Source for it, tests
// have others. validator is what an earlier Download said of the file ("" if nothing is known): if the file changed since,
// the Source gives it from the beginning. An error that is a *FormatError is final; after any other Fetch tries again.
type Source func(ctx context.Context, url string, offset int64, validator string) (*Download, error)

// Download is an answer of a Source. Who gets it closes Body.
type Download struct {
	Body      io.ReadCloser
	Offset    int64  // where Body starts: the offset asked for, or 0
	Total     int64  // size of the whole file as the server says, −1 if it does not
	Validator string // names this version of the file; "" if the server has no name for it
}

// Fetch gets the archive from source and puts its members into the folder dir, which it makes. It
//
//   - does nothing if dir has the members already,
//   - keeps what it got in dir + ".part", so that after a broken line, a cancelled ctx or a kill the next Fetch goes on there,
//   - tries again by itself when the line breaks, as long as that gets it further,
//   - checks size and MD5 before it unpacks,
//   - unpacks the expected members alone, into a folder that gets the name dir when it is whole.
//
// progress (may be nil) is called from the goroutine of Fetch. Errors are *FormatError; they wrap ctx.Err() after a cancel.
func Fetch(ctx context.Context, archive Archive, dir string, source Source, progress func(Progress)) error {
	return (&fetcher{archive: archive, dir: filepath.Clean(dir), source: source, progress: progress, pause: time.Second / 2}).run(ctx)
}

type fetcher struct {
	archive  Archive
	dir      string
	source   Source
	progress func(Progress)
	pause    time.Duration // before the second try; longer before each further one
}

func (f *fetcher) run(ctx context.Context) error {
	if f.archive.URL == "" || f.archive.Size <= 0 || len(f.archive.MD5) != 32 || len(f.archive.Members) == 0 {
		return f.fail(f.archive.Name, -1, "reading the description of the archive", "URL, size, MD5 and members", "one of them is missing",
			"take one of Archives()", nil)
	}
	if f.archive.unpackedIn(f.dir) {
		f.report("unpack", f.archive.Size)
		return nil
	}
	if entries, err := os.ReadDir(f.dir); err == nil && len(entries) > 0 {
		return f.fail(f.dir, -1, "making the data folder", "no such folder, or an empty one", fmt.Sprintf("%d entries that are not the whole data set", len(entries)),
			"move or remove the folder, then try again", nil)
	} else if err != nil && !errors.Is(err, os.ErrNotExist) {
		return f.fail(f.dir, -1, "making the data folder", "no such folder, or an empty one", cause(err), "choose another place", err)
	}
	if err := os.MkdirAll(filepath.Dir(f.dir), 0o755); err != nil {
		return f.fail(filepath.Dir(f.dir), -1, "making the folder for data sets", "a place to write to", cause(err), "choose another place", err)
	}
	part, err := openPart(f.dir + ".part")
	if err != nil {
		return f.fail(f.dir+".part", -1, "opening the partial download", "a file to write to", cause(err), "choose another place", err)
	}
	defer part.close()
	if err := f.download(ctx, part); err != nil {
		return err
	}
	if err := f.unpack(ctx, part.file); err != nil {
		return err
	}
	part.remove()
	return nil
}

func (f *fetcher) report(stage string, done int64) {
	if f.progress != nil {
		f.progress(Progress{Stage: stage, Done: done, Total: f.archive.Size})
	}
}

func (f *fetcher) fail(file string, offset int64, doing, expected, found, advice string, err error) error {
	return &FormatError{File: file, Offset: offset, Doing: doing, Expected: expected, Found: found, Advice: advice, Err: err}
}

// unpackedIn says whether dir has all members with their sizes.
func (a Archive) unpackedIn(dir string) bool {
	for _, m := range a.Members {
		info, err := os.Stat(filepath.Join(dir, m.Name))
		if err != nil || !info.Mode().IsRegular() || !m.fits(info.Size()) {
			return false
		}
	}
	return true
}

// fits says whether the member may have that size.
func (m Member) fits(size int64) bool {
	if m.Size == 0 {
		return size > 0 && size <= maxText
	}
	return size == m.Size
}

// stopped is the error after a cancel.
func (f *fetcher) stopped(ctx context.Context, doing string, have int64) error {
	return f.fail(f.archive.URL, -1, doing, "to finish", fmt.Sprintf("a stop (%v) after %d of %d bytes", context.Cause(ctx), have, f.archive.Size),
		"start it again: it goes on from there", ctx.Err())
}

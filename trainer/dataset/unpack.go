package dataset

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// Limits on an archive beside its expected members.
const (
	maxEntries = 1000
	maxSpare   = 16 << 20 // unpacked bytes of headers and of members that are not wanted
)

// unpack reads the verified archive and moves its members into place.
func (f *fetcher) unpack(ctx context.Context, archive *os.File) error {
	if _, err := archive.Seek(0, io.SeekStart); err != nil {
		return f.fail(archive.Name(), 0, "reading the archive", "a readable file", cause(err), "start again", err)
	}
	// Beside dir, so that the last step is a rename inside one file system.
	temp, err := os.MkdirTemp(filepath.Dir(f.dir), "."+filepath.Base(f.dir)+"-*")
	if err != nil {
		return f.fail(f.dir, -1, "unpacking", "a place to write to", cause(err), "choose another place", err)
	}
	defer os.RemoveAll(temp)
	if err := os.Chmod(temp, 0o755); err != nil {
		return f.fail(temp, -1, "unpacking", "a folder to write to", cause(err), "choose another place", err)
	}
	in := &progressReader{ctx: ctx, r: archive, report: func(n int64) { f.report("unpack", n) }}
	if err := f.members(in, temp); err != nil {
		if ctx.Err() != nil {
			return f.stopped(ctx, "unpacking", f.archive.Size)
		}
		return err
	}
	if err := os.Remove(f.dir); err != nil && !errors.Is(err, os.ErrNotExist) {
		return f.fail(f.dir, -1, "putting the unpacked folder into place", "no such folder, or an empty one", cause(err), "move it away, then try again", err)
	}
	if err := os.Rename(temp, f.dir); err != nil {
		return f.fail(f.dir, -1, "putting the unpacked folder into place", "a new folder", cause(err), "choose another place", err)
	}
	f.report("unpack", f.archive.Size)
	return nil
}

// members writes the expected members of a .tar.gz into temp. Names inside the archive are only compared with the
// expected ones, never used as paths.
func (f *fetcher) members(in io.Reader, temp string) error {
	where := f.archive.URL
	fail := func(doing, expected, found string, err error) error {
		return f.fail(where, -1, doing, expected, found, "this is not the published archive; check the address", err)
	}
	wanted := map[string]Member{}
	limit := int64(maxSpare)
	for _, m := range f.archive.Members {
		wanted[path.Join(f.archive.Folder, m.Name)] = m
		limit += m.Size
	}
	zip, err := gzip.NewReader(bufio.NewReaderSize(in, 1<<18))
	if err != nil {
		return fail("unpacking", "a gzip file", cause(err), err)
	}
	bounded := &io.LimitedReader{R: zip, N: limit}
	files := tar.NewReader(bounded)
	for entries := 0; ; entries++ {
		head, err := files.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil || entries == maxEntries || bounded.N <= 0 {
			return fail("listing the archive", fmt.Sprintf("at most %d files of %d bytes in all", maxEntries, limit), found(err, "more"), err)
		}
		name := strings.TrimPrefix(head.Name, "./")
		if !filepath.IsLocal(filepath.FromSlash(strings.TrimSuffix(name, "/"))) && name != "" {
			return fail("listing the archive", "names below its own folder", fmt.Sprintf("%.80q", head.Name), nil)
		}
		member, ok := wanted[name]
		if !ok {
			continue
		}
		delete(wanted, name)
		switch {
		case head.Typeflag != tar.TypeReg:
			return fail("unpacking "+name, "a plain file", fmt.Sprintf("an entry of type %q", head.Typeflag), nil)
		case !member.fits(head.Size):
			return fail("unpacking "+name, member.size(), fmt.Sprintf("%d bytes", head.Size), nil)
		}
		if err := write(filepath.Join(temp, member.Name), files, head.Size); err != nil {
			var local *os.PathError
			if errors.As(err, &local) {
				return f.fail(local.Path, -1, "unpacking "+name, "room to write", cause(err), "make room; the download is kept", err)
			}
			return fail("unpacking "+name, member.size(), cause(err), err)
		}
	}
	for name := range wanted {
		return fail("unpacking", "a file "+name, "none (or two of another)", nil)
	}
	return nil
}

func (m Member) size() string {
	if m.Size == 0 {
		return fmt.Sprintf("1 to %d bytes", maxText)
	}
	return fmt.Sprintf("%d bytes", m.Size)
}

func found(err error, otherwise string) string {
	if err != nil {
		return cause(err)
	}
	return otherwise
}

// write makes a new file of exactly size bytes, safely on disk when it returns nil.
func write(name string, r io.Reader, size int64) error {
	out, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = io.CopyN(out, r, size)
	return errors.Join(err, out.Sync(), out.Close())
}

// progressReader reports how many bytes were read, and stops with ctx.
type progressReader struct {
	ctx    context.Context
	r      io.Reader
	done   int64
	report func(int64)
}

func (p *progressReader) Read(b []byte) (int, error) {
	if err := p.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := p.r.Read(b)
	p.done += int64(n)
	p.report(p.done)
	return n, err
}

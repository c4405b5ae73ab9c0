package dataset

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"strings"
	"time"
)

// How stubborn a download is.
const (
	maxFruitless = 4   // tries in a row that bring no byte
	maxTries     = 100 // tries in all
)

// partial is a download on disk, hashed as far as it goes.
type partial struct {
	file    *os.File
	have    int64 // bytes in the file, all of them hashed
	sum     hash.Hash
	resumed bool // some of them were there before
}

func openPart(name string) (*partial, error) {
	file, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	return &partial{file: file, sum: md5.New()}, nil
}

// load hashes what is there already.
func (p *partial) load(ctx context.Context) error {
	buf := make([]byte, 1<<20)
	for ctx.Err() == nil {
		n, err := p.file.Read(buf)
		p.sum.Write(buf[:n])
		p.have += int64(n)
		if errors.Is(err, io.EOF) {
			p.resumed = p.have > 0
			return nil
		}
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

// reset begins anew.
func (p *partial) reset() error {
	p.sum.Reset()
	p.have, p.resumed = 0, false
	if err := p.file.Truncate(0); err != nil {
		return err
	}
	_, err := p.file.Seek(0, io.SeekStart)
	return err
}

func (p *partial) add(b []byte) error {
	n, err := p.file.Write(b)
	p.sum.Write(b[:n])
	p.have += int64(n)
	return err
}

// The name that the server gave to this version of the file stands beside it.
func (p *partial) versionFile() string { return p.file.Name() + ".version" }

func (p *partial) version() string {
	f, err := os.Open(p.versionFile())
	if err != nil {
		return ""
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, 1024))
	if err != nil || strings.ContainsAny(string(text), "\r\n") {
		return ""
	}
	return string(text)
}

func (p *partial) close() { p.file.Close() }

// remove is for a partial file of no further use.
func (p *partial) remove() {
	p.file.Close()
	os.Remove(p.file.Name())
	os.Remove(p.versionFile())
}

// download brings the partial file to its full size and checks its MD5.
func (f *fetcher) download(ctx context.Context, p *partial) error {
	if err := p.load(ctx); err != nil {
		return f.local(ctx, p, err)
	}
	fruitless := 0
	for try := 1; ; try++ {
		before := p.have
		err := f.attempt(ctx, p)
		if err == nil {
			again, err := f.verify(p)
			if err != nil || !again {
				return err
			}
			fruitless = 0
			continue
		}
		var final *FormatError
		switch {
		case ctx.Err() != nil:
			return f.stopped(ctx, "downloading", p.have)
		case errors.As(err, &final):
			return err
		}
		if fruitless++; p.have > before {
			fruitless = 0
		}
		if fruitless == maxFruitless || try == maxTries {
			return f.fail(f.archive.URL, p.have, "downloading", fmt.Sprintf("%d bytes", f.archive.Size), fmt.Sprintf("%v, after %d tries", cause(err), try),
				"check the connection and start it again: it goes on from there", err)
		}
		select {
		case <-time.After(f.pause * time.Duration(1+2*fruitless)):
		case <-ctx.Done():
			return f.stopped(ctx, "downloading", p.have)
		}
	}
}

// attempt asks the source once for the rest. nil means that the file has its full size.
func (f *fetcher) attempt(ctx context.Context, p *partial) error {
	if p.have > f.archive.Size {
		if err := p.reset(); err != nil {
			return f.local(ctx, p, err)
		}
	}
	if p.have == f.archive.Size {
		return nil
	}
	answer, err := f.source(ctx, f.archive.URL, p.have, p.version())
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	switch {
	case answer.Total >= 0 && answer.Total != f.archive.Size:
		return f.fail(f.archive.URL, -1, "asking for the archive", fmt.Sprintf("a file of %d bytes", f.archive.Size), fmt.Sprintf("one of %d bytes", answer.Total),
			"this is not the published archive; check the address, or unpack a copy of it by hand", nil)
	case answer.Offset == 0 && p.have > 0:
		if err := p.reset(); err != nil {
			return f.local(ctx, p, err)
		}
	case answer.Offset != p.have:
		return f.fail(f.archive.URL, answer.Offset, "resuming the download", fmt.Sprintf("the bytes from %d on", p.have), fmt.Sprintf("those from %d on", answer.Offset),
			"remove "+p.file.Name()+" and start again", nil)
	}
	if err := os.WriteFile(p.versionFile(), []byte(answer.Validator), 0o644); err != nil {
		return f.local(ctx, p, err)
	}
	buf := make([]byte, 128<<10)
	for {
		n, err := io.ReadAtLeast(answer.Body, buf, 2) // two bytes tell gzip from a web page
		got := buf[:n]
		if p.have == 0 && n >= 2 && (got[0] != 0x1f || got[1] != 0x8b) {
			return f.fail(f.archive.URL, 0, "downloading", "a gzip file (first bytes 1f 8b)", fmt.Sprintf("%.40q", got),
				"the server sends something else, perhaps an error page: open the address in a browser", nil)
		}
		if p.have+int64(n) > f.archive.Size {
			p.remove()
			return f.fail(f.archive.URL, f.archive.Size, "downloading", fmt.Sprintf("%d bytes", f.archive.Size), "more of them",
				"this is not the published archive; check the address", nil)
		}
		if err := p.add(got); err != nil {
			return f.local(ctx, p, err)
		}
		f.report("download", p.have)
		switch {
		case err == nil:
		case !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF):
			return err
		case p.have < f.archive.Size:
			return fmt.Errorf("the line broke after %d of %d bytes", p.have, f.archive.Size)
		default:
			return nil
		}
	}
}

// verify compares the MD5. If a part from an earlier try may be to blame, it begins anew: again is true.
func (f *fetcher) verify(p *partial) (again bool, err error) {
	found := hex.EncodeToString(p.sum.Sum(nil))
	if strings.EqualFold(found, f.archive.MD5) {
		return false, nil
	}
	if p.resumed {
		if err := p.reset(); err != nil {
			return false, f.local(context.Background(), p, err)
		}
		return true, nil
	}
	p.remove()
	return false, f.fail(f.archive.URL, -1, "checking the download", "MD5 "+strings.ToLower(f.archive.MD5), "MD5 "+found,
		"the file was damaged on its way or is another one; it was thrown away, start again", nil)
}

// local is the error for trouble with the partial file itself.
func (f *fetcher) local(ctx context.Context, p *partial, err error) error {
	if ctx.Err() != nil {
		return f.stopped(ctx, "checking the partial download", p.have)
	}
	return f.fail(p.file.Name(), p.have, "writing the download", "room for "+fmt.Sprint(f.archive.Size)+" bytes", cause(err),
		"make room or choose another place; it goes on from there", err)
}

package dataset

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
)

// file is an open data file, read once from front to back.
type file struct {
	reader
	in   folder
	base string
	f    fs.File
	info fs.FileInfo // as it was when the file was opened
}

// open opens a regular file of the folder.
func (f folder) open(name string) (*file, error) {
	fail := func(found string, err error) error {
		return &FormatError{File: f.name(name), Offset: -1, Doing: "opening the file", Expected: "a readable file",
			Found: found, Advice: "check that the data set is complete and readable", Err: err}
	}
	// Stat first: opening a pipe would wait for a writer.
	info, err := fs.Stat(f.fsys, name)
	if err != nil {
		return nil, fail(cause(err), err)
	}
	if !info.Mode().IsRegular() {
		return nil, fail("something that is not a plain file ("+info.Mode().Type().String()+")", nil)
	}
	in, err := f.fsys.Open(name)
	if err != nil {
		return nil, fail(cause(err), err)
	}
	return &file{reader: reader{file: f.name(name), r: bufio.NewReaderSize(in, 1<<18)}, in: f, base: name, f: in, info: info}, nil
}

// close ends the reading: it reports a file that changed or vanished under the reader.
func (f *file) close() error {
	f.f.Close()
	now, err := fs.Stat(f.in.fsys, f.base)
	if err != nil {
		return &FormatError{File: f.file, Offset: -1, Doing: "checking that the file stayed the same", Expected: "the file that was read",
			Found: cause(err), Advice: "do not move the data while it is being read", Err: err}
	}
	if now.Size() != f.info.Size() || !now.ModTime().Equal(f.info.ModTime()) {
		return &FormatError{File: f.file, Offset: -1, Doing: "checking that the file stayed the same",
			Expected: fmt.Sprintf("%d bytes of %s", f.info.Size(), f.info.ModTime().UTC().Format("2006-01-02 15:04:05.000")),
			Found:    fmt.Sprintf("%d bytes of %s", now.Size(), now.ModTime().UTC().Format("2006-01-02 15:04:05.000")),
			Advice:   "wait until it is written, then try again"}
	}
	return nil
}

// reader counts the bytes that it gives, and words its errors by them.
type reader struct {
	file   string
	r      io.Reader
	offset int64
}

// full fills buf.
func (r *reader) full(buf []byte, doing string) error {
	n, err := io.ReadFull(r.r, buf)
	start := r.offset
	r.offset += int64(n)
	if err == nil {
		return nil
	}
	expected := fmt.Sprintf("%d bytes from byte %d on", len(buf), start)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return r.fail(r.offset, doing, expected, fmt.Sprintf("the end of the file after %d of them", n), "the file is truncated: get it again", nil)
	}
	return r.fail(r.offset, doing, expected, cause(err), "the file cannot be read or is damaged: get it again", err)
}

// end checks that nothing follows, and so also the checksum at the end of a gzip stream.
func (r *reader) end(what string) error {
	var one [1]byte
	n, err := io.ReadFull(r.r, one[:])
	if n > 0 {
		return r.fail(r.offset, "looking for the end of the file", fmt.Sprintf("nothing after %s", what), "more bytes",
			"the file is over-long or its header is wrong: get it again", nil)
	}
	if !errors.Is(err, io.EOF) {
		return r.fail(r.offset, "reading the end of the file", "the end after "+what, cause(err), "the file is damaged: get it again", err)
	}
	return nil
}

func (r *reader) fail(offset int64, doing, expected, found, advice string, err error) *FormatError {
	return &FormatError{File: r.file, Offset: offset, Doing: doing, Expected: expected, Found: found, Advice: advice, Err: err}
}

// maxInflation bounds how much one byte of a gzip file can become: DEFLATE spends at least one bit on 258 bytes of output twice
// over, 1032 : 1 at best. A header that claims more is a lie, and is refused before memory is taken for it.
const maxInflation = 1032

// unpacked sees through gzip (by its magic number, whatever the name says). limit is the most that a truthful file of this
// size can hold, in unpacked bytes.
func (r *reader) unpacked(size int64) (limit int64, err error) {
	var magic [2]byte
	n, err := io.ReadFull(r.r, magic[:])
	rest := io.MultiReader(bytes.NewReader(magic[:n]), r.r)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return 0, r.fail(0, "reading the first bytes", "a readable file", cause(err), "check the file", err)
	}
	if magic != [2]byte{0x1f, 0x8b} {
		r.r = rest
		return size, nil
	}
	zip, err := gzip.NewReader(rest)
	if err != nil {
		return 0, r.fail(0, "reading the gzip header", "a gzip file", cause(err), "the file is damaged: get it again", err)
	}
	r.r = zip
	return size * maxInflation, nil
}

// sizeOf is the size of a file of the folder, −1 if it cannot be told.
func (f folder) sizeOf(name string) int64 {
	info, err := fs.Stat(f.fsys, name)
	if err != nil {
		return -1
	}
	return info.Size()
}

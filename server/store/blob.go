package store

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Blobs is a folder of files named by the SHA-256 of their content. The zero value is not usable. Workers write into it too: nothing
// here needs the database or the lock.
type Blobs struct {
	Folder string
}

// BlobError: a file does not hold what its name promises.
type BlobError struct {
	File            string
	Expected, Found string
}

func (e *BlobError) Error() string {
	return fmt.Sprintf("reading %s: expected %s, found %s", e.File, e.Expected, e.Found)
}

const temporary = ".tmp"

// path is where a blob lies; sha must be a hash, see validHash.
func (b Blobs) path(sha string) string { return filepath.Join(b.Folder, sha[:2], sha) }

// Put writes content and returns its hash, in hexadecimal, once it is on disk. Readers see all of it or nothing. Content that is there
// already is written again, which makes it as young as it is.
func (b Blobs) Put(content []byte) (sha string, err error) {
	sha, _, err = b.Write(func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	})
	return sha, err
}

// Write is Put for content that is too large to be held: write writes it, in pieces; size is how many bytes it was. An error of write is
// returned, and nothing is kept.
func (b Blobs) Write(write func(io.Writer) error) (sha string, size int64, err error) {
	if err := os.MkdirAll(b.Folder, 0o700); err != nil {
		return "", 0, fmt.Errorf("writing a blob: %w", err)
	}
	file, err := os.CreateTemp(b.Folder, "*"+temporary)
	if err != nil {
		return "", 0, fmt.Errorf("writing a blob: %w", err)
	}
	sum := sha256.New()
	out := bufio.NewWriterSize(io.MultiWriter(file, sum), 256<<10)
	err = errors.Join(write(out), out.Flush())
	if err == nil {
		err = file.Sync()
	}
	if info, statErr := file.Stat(); statErr == nil {
		size = info.Size()
	}
	err = errors.Join(err, file.Close())
	sha = hex.EncodeToString(sum.Sum(nil))
	folder := filepath.Dir(b.path(sha))
	if err == nil {
		err = os.MkdirAll(folder, 0o700)
	}
	if err == nil {
		err = os.Rename(file.Name(), b.path(sha))
	}
	if err != nil {
		_ = os.Remove(file.Name())
		return "", 0, fmt.Errorf("writing a blob: %w", err)
	}
	syncFolder(folder)
	return sha, size, nil
}

// syncFolder makes a rename survive a power cut where the system can do that; Windows cannot and needs not.
func syncFolder(folder string) {
	if dir, err := os.Open(folder); err == nil {
		_ = dir.Sync()
		_ = dir.Close()
	}
}

// Get reads a blob of at most limit bytes and proves that it is whole. It returns fs.ErrNotExist (wrapped) or a *BlobError.
func (b Blobs) Get(sha string, limit int64) ([]byte, error) {
	var content []byte
	err := b.Read(sha, limit, func(r io.Reader) (err error) {
		content, err = io.ReadAll(r)
		return err
	})
	if err != nil {
		return nil, err
	}
	return content, nil
}

// Read is Get for content that is too large to be held: read reads it in pieces, and gets an error of io for what is longer than limit.
// That the blob is whole is only known at the end: a *BlobError then comes before an error of read, and what was read is worth nothing.
func (b Blobs) Read(sha string, limit int64, read func(io.Reader) error) error {
	if !validHash(sha) {
		return &BlobError{File: "a blob", Expected: "64 hexadecimal digits as its name", Found: fmt.Sprintf("%.80q", sha)}
	}
	file, err := os.Open(b.path(sha))
	if err != nil {
		return fmt.Errorf("reading a blob: %w", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return fmt.Errorf("reading a blob: %w", err)
	}
	if info.Size() > limit {
		return &BlobError{File: file.Name(), Expected: fmt.Sprintf("at most %d bytes", limit), Found: fmt.Sprintf("%d bytes", info.Size())}
	}
	sum := sha256.New()
	whole := io.TeeReader(io.LimitReader(bufio.NewReaderSize(file, 256<<10), limit), sum)
	failed := read(whole)
	if _, err := io.Copy(io.Discard, whole); err != nil {
		return fmt.Errorf("reading a blob: %w", err)
	}
	if found := sum.Sum(nil); hex.EncodeToString(found) != sha {
		return &BlobError{File: file.Name(), Expected: "content with the SHA-256 of its name", Found: fmt.Sprintf("%d bytes with SHA-256 %x", info.Size(), found)}
	}
	return failed
}

// Has says whether a blob is there; its content is not looked at.
func (b Blobs) Has(sha string) bool {
	if !validHash(sha) {
		return false
	}
	info, err := os.Stat(b.path(sha))
	return err == nil && info.Mode().IsRegular()
}

// sweep removes temporary files and the blobs that are not named. Files that are not ours are left alone.
func (b Blobs) sweep(named map[string]bool) error {
	return filepath.WalkDir(b.Folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		ours := validHash(name) && !named[name] || strings.HasSuffix(name, temporary)
		if entry.Type().IsRegular() && ours {
			_ = os.Remove(path) // somebody may hold it open; the next start tries again
		}
		return nil
	})
}

// validHash says whether sha is a SHA-256 in lower-case hexadecimal; so no path can hide in it.
func validHash(sha string) bool {
	if len(sha) != 2*sha256.Size {
		return false
	}
	for _, c := range []byte(sha) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

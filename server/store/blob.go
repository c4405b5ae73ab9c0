package store

import (
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
	sum := sha256.Sum256(content)
	sha = hex.EncodeToString(sum[:])
	folder := filepath.Dir(b.path(sha))
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", fmt.Errorf("writing a blob: %w", err)
	}
	file, err := os.CreateTemp(folder, "*"+temporary)
	if err != nil {
		return "", fmt.Errorf("writing a blob: %w", err)
	}
	_, err = file.Write(content)
	if err == nil {
		err = file.Sync()
	}
	err = errors.Join(err, file.Close())
	if err == nil {
		err = os.Rename(file.Name(), b.path(sha))
	}
	if err != nil {
		_ = os.Remove(file.Name())
		return "", fmt.Errorf("writing a blob: %w", err)
	}
	syncFolder(folder)
	return sha, nil
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
	if !validHash(sha) {
		return nil, &BlobError{File: "a blob", Expected: "64 hexadecimal digits as its name", Found: fmt.Sprintf("%.80q", sha)}
	}
	file, err := os.Open(b.path(sha))
	if err != nil {
		return nil, fmt.Errorf("reading a blob: %w", err)
	}
	defer file.Close()
	content, err := io.ReadAll(io.LimitReader(file, limit+1))
	if err != nil {
		return nil, fmt.Errorf("reading a blob: %w", err)
	}
	if int64(len(content)) > limit {
		return nil, &BlobError{File: file.Name(), Expected: fmt.Sprintf("at most %d bytes", limit), Found: "more"}
	}
	if sum := sha256.Sum256(content); hex.EncodeToString(sum[:]) != sha {
		return nil, &BlobError{File: file.Name(), Expected: "content with the SHA-256 of its name", Found: fmt.Sprintf("%d bytes with SHA-256 %x", len(content), sum)}
	}
	return content, nil
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

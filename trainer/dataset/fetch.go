package dataset

import (
	"context"
	"errors"
	"io"
)

// Progress tells how far a Fetch is. Done may fall back when the server begins the file anew.
type Progress struct {
	Stage string // "download", then "unpack"
	Done  int64  // bytes of the archive
	Total int64
}

// Source gives the bytes of url from offset on. Package trainer knows no HTTP: server/download has a Source for it, tests have others.
// validator is what an earlier Download said of the file ("" if nothing is known): if the file changed since, the Source
// gives it from the beginning.
type Source func(ctx context.Context, url string, offset int64, validator string) (*Download, error)

// Download is an answer of a Source.
type Download struct {
	Body      io.ReadCloser
	Offset    int64  // where Body starts: the offset asked for, or 0
	Total     int64  // size of the whole file as the server says, −1 if it does not
	Validator string // names this version of the file; "" if the server has no name for it
}

// Fetch gets the archive from source and puts its members into the folder dir, which it makes.
func Fetch(ctx context.Context, archive Archive, dir string, source Source, progress func(Progress)) error {
	return errors.New("dataset: Fetch is being written")
}

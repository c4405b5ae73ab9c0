package trainer

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"math"

	"smoothscape/trainer/engine"
)

// The file of a checkpoint, all numbers little-endian:
//
//	8 bytes    magic "SMTHCKPT"
//	4 bytes    version of the format
//	4 bytes    length h of the header
//	h bytes    header: JSON of Checkpoint, and "tensors": name, shape, offset and length of each (engine.TensorInfo)
//	4·d bytes  the parameters as IEEE 754 float32, tensor after tensor
//	32 bytes   SHA-256 of all that stands before
const (
	checkpointMagic   = "SMTHCKPT"
	checkpointVersion = 1
	maxHeader         = 1 << 20
	// MaxCheckpointBytes bounds a checkpoint file: header and parameters at their limits.
	MaxCheckpointBytes = 8 + 4 + 4 + maxHeader + 4*engine.MaxValues + sha256.Size
)

// Causes of a *CheckpointError.
var (
	ErrNotCheckpoint = errors.New("not a Smoothscape checkpoint")
	ErrVersion       = errors.New("checkpoint of another version")
	ErrTruncated     = errors.New("checkpoint is cut short")
	ErrTooLarge      = errors.New("checkpoint is too large")
	ErrCorrupt       = errors.New("checkpoint is damaged")
)

// CheckpointError says where in a checkpoint what went wrong. It unwraps to one of the causes above, or to the error of the
// reader.
type CheckpointError struct {
	Offset   int64 // byte at which the trouble was seen
	Doing    string
	Expected string
	Found    string
	Err      error
}

func (e *CheckpointError) Error() string {
	return fmt.Sprintf("%v: %s at byte %d: expected %s, found %s; use another checkpoint, or start the run anew", e.Err, e.Doing, e.Offset, e.Expected, e.Found)
}

func (e *CheckpointError) Unwrap() error { return e.Err }

type checkpointHeader struct {
	*Checkpoint
	Tensors []engine.TensorInfo `json:"tensors"` // for readers without this program; not read back
}

// Encode writes the checkpoint to w. The same checkpoint gives the same bytes.
func (c *Checkpoint) Encode(w io.Writer) error {
	if err := c.validate(); err != nil {
		return fmt.Errorf("writing a checkpoint: %w", err)
	}
	if d := c.Spec.ParameterCount(); len(c.Params) != d {
		return fmt.Errorf("writing a checkpoint: expected %d parameters, found %d", d, len(c.Params))
	}
	header, err := json.Marshal(checkpointHeader{c, c.Spec.Tensors()})
	if err != nil {
		return fmt.Errorf("writing a checkpoint: header: %w", err)
	}
	if len(header) > maxHeader {
		return &CheckpointError{Offset: 16, Doing: "writing the header", Expected: fmt.Sprintf("at most %d bytes", maxHeader), Found: fmt.Sprint(len(header)), Err: ErrTooLarge}
	}
	sum := sha256.New()
	out := io.MultiWriter(w, sum)
	head := append(make([]byte, 0, 16+len(header)), checkpointMagic...)
	head = binary.LittleEndian.AppendUint32(head, checkpointVersion)
	head = binary.LittleEndian.AppendUint32(head, uint32(len(header)))
	if _, err := out.Write(append(head, header...)); err != nil {
		return fmt.Errorf("writing a checkpoint: %w", err)
	}
	buf := make([]byte, 0, chunkBytes)
	for start := 0; start < len(c.Params); start += chunkBytes / 4 {
		buf = buf[:0]
		for _, v := range c.Params[start:min(start+chunkBytes/4, len(c.Params))] {
			buf = binary.LittleEndian.AppendUint32(buf, math.Float32bits(v))
		}
		if _, err := out.Write(buf); err != nil {
			return fmt.Errorf("writing a checkpoint: %w", err)
		}
	}
	if _, err := w.Write(sum.Sum(nil)); err != nil {
		return fmt.Errorf("writing a checkpoint: %w", err)
	}
	return nil
}

// chunkBytes is how much is converted, and allocated ahead of what was read, at a time.
const chunkBytes = 1 << 16

// DecodeCheckpoint reads a checkpoint from r to its end. It takes no more memory than what r really holds, up to
// MaxCheckpointBytes. Whatever is wrong is a *CheckpointError.
func DecodeCheckpoint(r io.Reader) (*Checkpoint, error) {
	d := &checkpointReader{r: r, sum: sha256.New()}
	magic, err := d.take(8, "reading the magic bytes")
	if err != nil {
		return nil, err
	}
	if string(magic) != checkpointMagic {
		return nil, d.fail(ErrNotCheckpoint, 8, "reading the magic bytes", fmt.Sprintf("%q", checkpointMagic), fmt.Sprintf("%q", magic))
	}
	version, err := d.uint32("reading the version")
	if err != nil {
		return nil, err
	}
	if version != checkpointVersion {
		return nil, d.fail(ErrVersion, 4, "reading the version", fmt.Sprint(checkpointVersion), fmt.Sprint(version))
	}
	length, err := d.uint32("reading the length of the header")
	if err != nil {
		return nil, err
	}
	if length > maxHeader {
		return nil, d.fail(ErrTooLarge, 4, "reading the length of the header", fmt.Sprintf("at most %d", maxHeader), fmt.Sprint(length))
	}
	header, err := d.take(int(length), "reading the header")
	if err != nil {
		return nil, err
	}
	c := &Checkpoint{}
	if err := json.Unmarshal(header, &checkpointHeader{Checkpoint: c}); err != nil {
		return nil, d.fail(ErrCorrupt, length, "reading the header", "JSON of a checkpoint", err.Error())
	}
	if err := c.validate(); err != nil {
		return nil, d.fail(ErrCorrupt, length, "checking the header", "the state of a run", err.Error())
	}
	raw, err := d.take(4*c.Spec.ParameterCount(), "reading the parameters")
	if err != nil {
		return nil, err
	}
	c.Params = make([]float32, len(raw)/4)
	for i := range c.Params {
		c.Params[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
	}
	want := d.sum.Sum(nil)
	found, err := d.take(sha256.Size, "reading the checksum")
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(want, found) {
		return nil, d.fail(ErrCorrupt, sha256.Size, "comparing the checksum", fmt.Sprintf("%x", want), fmt.Sprintf("%x", found))
	}
	switch n, err := io.ReadFull(r, make([]byte, 1)); {
	case n > 0:
		return nil, d.fail(ErrCorrupt, 0, "looking for the end", "no more bytes", "at least one")
	case err != io.EOF:
		return nil, d.fail(err, 0, "looking for the end", "the end of the file", err.Error())
	}
	return c, nil
}

// checkpointReader reads r, counts and sums up what it read.
type checkpointReader struct {
	r      io.Reader
	sum    hash.Hash
	offset int64
}

// fail makes the error of something that began back bytes ago.
func (d *checkpointReader) fail(cause error, back uint32, doing, expected, found string) error {
	return &CheckpointError{Offset: d.offset - int64(back), Doing: doing, Expected: expected, Found: found, Err: cause}
}

// take reads n bytes, in chunks, so that a length that lies costs no more memory than the file is long.
func (d *checkpointReader) take(n int, doing string) ([]byte, error) {
	var data []byte
	for len(data) < n {
		start := len(data)
		data = append(data, make([]byte, min(n-start, max(chunkBytes, start)))...)
		got, err := io.ReadFull(d.r, data[start:])
		d.offset += int64(got)
		if err != nil {
			cause := ErrTruncated
			if err != io.EOF && err != io.ErrUnexpectedEOF {
				cause = err
			}
			return nil, d.fail(cause, 0, doing, fmt.Sprintf("%d bytes", n), fmt.Sprintf("%d bytes", start+got))
		}
	}
	d.sum.Write(data)
	return data, nil
}

func (d *checkpointReader) uint32(doing string) (uint32, error) {
	b, err := d.take(4, doing)
	if err != nil {
		return 0, err
	}
	return binary.LittleEndian.Uint32(b), nil
}

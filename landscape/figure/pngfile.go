package figure

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/png"
	"io"
	"math"
	"strings"
)

// writePNG writes the image with two chunks that package png does not know: pHYs, so that a document gives it its true size, and
// an iTXt "Description" with the caption.
func writePNG(w io.Writer, img image.Image, dpi int, caption []string) error {
	var b bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := encoder.Encode(&b, img); err != nil {
		return err
	}
	// 8 bytes of signature, then IHDR: 4 of length, 4 of type, 13 of content, 4 of checksum.
	const head = 8 + 4 + 4 + 13 + 4
	file := b.Bytes()
	perMeter := uint32(math.Round(float64(dpi) / 0.0254))
	phys := binary.BigEndian.AppendUint32(nil, perMeter)
	phys = append(binary.BigEndian.AppendUint32(phys, perMeter), 1) // 1: the unit is the metre
	parts := [][]byte{file[:head], chunk("pHYs", phys)}
	if len(caption) > 0 {
		// Keyword, not compressed, no language, no translated keyword, UTF-8 text.
		content := append([]byte("Description\x00\x00\x00\x00\x00"), strings.ToValidUTF8(strings.Join(caption, "\n"), "?")...)
		parts = append(parts, chunk("iTXt", content))
	}
	for _, part := range append(parts, file[head:]) {
		if _, err := w.Write(part); err != nil {
			return err
		}
	}
	return nil
}

func chunk(kind string, content []byte) []byte {
	out := binary.BigEndian.AppendUint32(nil, uint32(len(content)))
	out = append(append(out, kind...), content...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[4:]))
}

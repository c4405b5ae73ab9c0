package safetensors

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// The digest lies behind sealPrefix, which begins the header of a sealed file.
const (
	sealKey      = "sha256"
	sealPrefix   = `{"` + metadataKey + `":{"` + sealKey + `":"`
	digestDigits = 2 * sha256.Size
)

// blank stands in place of the digest while the digest is computed.
var blank = strings.Repeat("0", digestDigits)

// digestOf finds the digest in a header; ok is false if there is none in its place.
func digestOf(header []byte) (digest []byte, ok bool) {
	rest, found := strings.CutPrefix(string(header[:min(len(header), len(sealPrefix)+digestDigits+1)]), sealPrefix)
	if !found || len(rest) <= digestDigits || rest[digestDigits] != '"' {
		return nil, false
	}
	digest = []byte(rest[:digestDigits])
	if decoded, err := hex.DecodeString(rest[:digestDigits]); err != nil || hex.EncodeToString(decoded) != rest[:digestDigits] {
		return nil, false
	}
	return digest, true
}

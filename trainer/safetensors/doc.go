// Package safetensors reads and writes named float32 tensors in the safetensors format (github.com/huggingface/safetensors),
// which PyTorch users open with safetensors.torch.load_file. All numbers are little-endian:
//
//	8 bytes    h, the length of the header
//	h bytes    the header: JSON, filled up with spaces so that the values begin at a multiple of 8
//	           {"__metadata__":{NAME:TEXT,…},NAME:{"dtype":"F32","shape":[…],"data_offsets":[BEGIN,END]},…}
//	the rest   the values of the tensors, row-major IEEE 754 float32, without holes or overlaps; BEGIN and END count bytes from here
//
// The reader is strict. It knows the type F32 alone; it refuses names that occur twice, keys that the format does not have,
// shapes that do not fit their bytes, holes, overlaps, and bytes before, between or behind what the header tells of. It takes no
// more memory than what was really read, up to the Limits that it is given.
//
// # The seal
//
// The format has no checksum. Write therefore puts one at a fixed place, where every other reader sees a text like any other: the
// header begins with exactly
//
//	{"__metadata__":{"sha256":"DIGEST"
//
// DIGEST being 64 lower-case hexadecimal digits: the SHA-256 of the whole file, from its first byte to its last, with "0" in
// place of these 64 digits. So any changed bit shows, one in the length, in the padding and in the digest itself included. A file
// without such a beginning is read as well; File.Sealed tells which it was, and whoever needs the certainty refuses it.
package safetensors

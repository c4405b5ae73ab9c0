// Package hdf5 reads and writes the part of HDF5 that arrays of numbers and short texts need, in pure Go.
//
// It follows the HDF5 File Format Specification, version 3.0 (The HDF Group). What is read:
//
//   - superblocks of version 0 to 3, also behind a user block; addresses and lengths of 2, 4 or 8 bytes;
//   - object headers of version 1 and 2, with continuations; checksums are verified wherever the format has them;
//   - groups as symbol tables (B-tree of version 1, local heap), as link messages, and dense (fractal heap, B-tree of version 2);
//   - layouts compact, contiguous and chunked; chunks indexed by a B-tree of version 1, alone, in order (implicit) or by a
//     fixed array; filters deflate, shuffle and Fletcher-32; fill values;
//   - integers of 1, 2, 4 and 8 bytes, IEEE numbers of 2, 4 and 8 bytes, either byte order, enumerations as their integers
//     (so booleans); texts of fixed and of variable length.
//
// Everything else is refused by a *FormatError that names it: compound and committed types, links to other files, extensible
// arrays, other filters. What is written is the oldest form, which every reader knows: superblock 0, symbol tables, contiguous
// float64 and float32, texts of variable length in a global heap.
//
// # Hostile files
//
// A file is a slice of bytes that nobody has to trust. Every access is checked against its end; nothing is allocated by a
// number from the file before that number has been checked against MaxElements and MaxBytes; a file has a budget of work, so
// that trees that contain themselves end; a chunk may not inflate beyond its declared size, nor may chunks be more than the
// places for them.
//
// A library was looked for first. Of those that can be had, github.com/scigolib/hdf5 v0.13.1 found no member in a file that h5py writes
// by default, and a single changed byte made it ask for 12 GB.
package hdf5

// Package store keeps runs on disk: an SQLite database for what is small and changes, and files named by their SHA-256 for what is large
// and does not (checkpoints, grids, reports).
//
//	<folder>/smoothscape.db    runs, events, curves, checkpoints, slices, moments, measurements, datasets; WAL
//	<folder>/smoothscape.lock  held while a server works on the folder
//	<folder>/blobs/ab/abcd…    contents with that SHA-256
//
// The log of a run is a sequence of events with offsets 0, 1, 2, … that never shrinks. A job that resumes a run from a checkpoint repeats
// the steps after it; what is in the log already is dropped by its kind and step, so offsets stay stable.
//
// Durability: a call that returned nil is on disk. The database runs with synchronous=FULL, so a commit waits for the disk and even a power
// cut loses nothing that was acknowledged; synchronous=NORMAL would be safe against kill −9 only, and after a power cut the rows could name
// checkpoints that have been deleted since. What makes FULL cheap is the group commit: one goroutine owns the writing connection and puts
// all calls that wait into one transaction. A blob is written to a temporary file, flushed, and renamed before anything refers to it.
package store

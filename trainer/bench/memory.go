package bench

import (
	"bytes"
	"os"
	"strconv"
)

// peakMemory is the largest resident size that this process has had, in bytes, where the system has /proc/self/status; else 0. (The
// ru_maxrss of getrusage would count what the parent had before it became this program.)
func peakMemory() int64 {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	return highWater(text)
}

// highWater finds "VmHWM:   123 kB" in the text of a status file.
func highWater(status []byte) int64 {
	_, rest, found := bytes.Cut(status, []byte("\nVmHWM:"))
	if !found {
		return 0
	}
	line, _, _ := bytes.Cut(rest, []byte("\n"))
	number, unit, _ := bytes.Cut(bytes.TrimSpace(line), []byte(" "))
	kibibytes, err := strconv.ParseInt(string(number), 10, 64)
	if err != nil || kibibytes < 0 || string(unit) != "kB" {
		return 0
	}
	return kibibytes << 10
}

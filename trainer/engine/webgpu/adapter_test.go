package webgpu

import (
	"errors"
	"os"
	"strings"
	"testing"
)

// A machine with Vulkan's loader and no driver is told that it lacks a driver, and which.
func TestNoDriver(t *testing.T) {
	_, err := Adapters()
	if errors.Is(err, ErrNoLoader) {
		t.Skipf("skipped: %v", err)
	}
	t.Setenv("VK_ICD_FILENAMES", t.TempDir()+"/none.json") // all that the loader looks at
	if _, err := os.Stat("/usr/share/vulkan"); err != nil {
		t.Skip("skipped: other libraries than Vulkan have their drivers here")
	}
	_, err = Adapters()
	if !errors.Is(err, ErrNoAdapter) || !strings.Contains(err.Error(), "Install the driver") {
		t.Errorf("%v", err)
	}
}

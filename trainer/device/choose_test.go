package device

import (
	"errors"
	"strings"
	"testing"

	"smoothscape/trainer/measure"
)

func TestNamed(t *testing.T) {
	for _, test := range []struct {
		name, which string
		ok          bool
	}{
		{"webgpu", "", true}, {"webgpu:RTX 4090", "RTX 4090", true}, {"webgpu: 2 ", "2", true}, {"webgpu:a:b", "a:b", true},
		{"webgpu:", "", false}, {"webgpu: ", "", false}, {"webgpux", "", false}, {"cpu", "", false}, {"", "", false}, {"webgpu:" + strings.Repeat("x", 101), "", false},
	} {
		which, ok := Named(test.name)
		if ok != test.ok || ok && which != test.which {
			t.Errorf("%q: got %q, %v", test.name, which, ok)
		}
	}
}

func TestInstallAdvice(t *testing.T) {
	for system, want := range map[string]string{"linux": "dnf install vulkan-loader", "windows": "maker", "darwin": "Metal"} {
		if !strings.Contains(installAdvice(system), want) {
			t.Errorf("%s: %s", system, installAdvice(system))
		}
	}
}

func TestChoose(t *testing.T) {
	var adapters []Adapter
	for _, name := range []string{"GeForce RTX 4090", "GeForce RTX 4090", "GeForce RTX 3060", "Radeon RX 6600", "Radeon RX 6600 XT", "llvmpipe"} {
		adapters = append(adapters, Adapter{Name: name})
	}
	for _, test := range []struct {
		which string
		place int    // 0: an error
		words string // of the error
	}{
		{"", 1, ""}, {"4090", 1, ""}, {"2", 2, ""}, {"6", 6, ""}, {"radeon rx 6600 XT", 5, ""}, {"radeon rx 6600", 4, ""}, {"LLVM", 6, ""},
		{"geforce", 0, `found 1 GeForce RTX 4090, 2 GeForce RTX 4090, 3 GeForce RTX 3060`}, {"radeon", 0, "4 Radeon RX 6600, 5 Radeon RX 6600 XT"},
		{"7", 0, "6 llvmpipe"}, {"arc", 0, `"arc"`},
	} {
		place, err := Choose(adapters, test.which)
		var field *measure.FieldError
		switch {
		case test.place > 0 && (err != nil || place != test.place-1):
			t.Errorf("%q: got %d, %v", test.which, place+1, err)
		case test.place == 0 && (!errors.As(err, &field) || !strings.Contains(err.Error(), test.words)):
			t.Errorf("%q: got %v, expected %q", test.which, err, test.words)
		}
	}
	if _, err := Choose(nil, ""); err == nil || !strings.Contains(err.Error(), "found none") {
		t.Errorf("got %v", err)
	}
}

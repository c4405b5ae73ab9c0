package webgpu

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/gogpu/naga"
	"github.com/gogpu/naga/hlsl"
	"github.com/gogpu/naga/msl"
)

// wrong is a shader that naga translates without a word: it writes to what cannot be written.
const wrong = `@group(0) @binding(0) var<storage, read_write> to: array<f32>;
fn set(to: f32) { to = 1.0; }
@compute @workgroup_size(1) fn main() { set(to[0]); }
`

// kernelTexts is the whole text of every kernel.
func kernelTexts(t *testing.T) map[string]string {
	t.Helper()
	names, err := filepath.Glob("kernels/*.wgsl")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, file := range names {
		name := strings.TrimSuffix(filepath.Base(file), ".wgsl")
		if name == "header" || name == "tile" {
			continue
		}
		kernels := []string{name}
		if product, ok := strings.CutSuffix(name, tiled); ok {
			kernels = nil
			for _, shape := range tileShapes {
				kernels = append(kernels, shape.kernel(product))
			}
		}
		for _, kernel := range kernels {
			text, _, err := source(kernel)
			if err != nil {
				t.Fatal(err)
			}
			all[kernel] = text
		}
	}
	if len(all) == 0 {
		t.Fatal("no kernels")
	}
	return all
}

// Tint, the compiler of Chrome, accepts every kernel and knows a wrong one. It is not among what Go can fetch:
//
//	cd trainer/engine/webgpu/wgslcheck && npm ci
func TestTintAcceptsTheKernels(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("not checked by Tint: node is not on this machine")
	}
	if _, err := os.Stat("wgslcheck/node_modules/webgpu"); err != nil {
		t.Skip("not checked by Tint: run npm ci in trainer/engine/webgpu/wgslcheck (it takes 130 MB)")
	}
	check := func(texts map[string]string) (string, error) {
		args := []string{"wgslcheck/check.mjs"}
		dir := t.TempDir()
		for name, text := range texts {
			file := filepath.Join(dir, name+".wgsl")
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			args = append(args, file)
		}
		out, err := exec.Command(node, args...).CombinedOutput()
		return string(out), err
	}
	if out, err := check(kernelTexts(t)); err != nil || strings.Contains(out, "warning:") {
		t.Errorf("%v\n%s", err, out)
	} else {
		t.Log(strings.TrimSpace(out))
	}
	if out, err := check(map[string]string{"wrong": wrong}); err == nil || !strings.Contains(out, "wrong.wgsl:2:") {
		t.Errorf("a wrong shader: %v\n%s", err, out)
	}
}

// What naga makes of every kernel for Vulkan is valid SPIR-V, and what it makes of a wrong one is not.
func TestSPIRVOfTheKernelsIsValid(t *testing.T) {
	validator, err := exec.LookPath("spirv-val")
	if err != nil {
		t.Skip("SPIR-V not checked: spirv-val is not on this machine; apt-get install spirv-tools")
	}
	check := func(name, text string) (string, error) {
		binary, err := naga.Compile(text)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		file := filepath.Join(t.TempDir(), name+".spv")
		if err := os.WriteFile(file, binary, 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command(validator, "--target-env", "vulkan1.1", file).CombinedOutput()
		return string(out), err
	}
	for name, text := range kernelTexts(t) {
		if out, err := check(name, text); err != nil {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
	if out, err := check("wrong", wrong); err == nil {
		t.Errorf("a wrong shader passes: %s", out)
	}
}

// zeroArray is how the HLSL sets an array to 0. Direct3D's compilers know it, glslang does not.
var zeroArray = regexp.MustCompile(` = \([a-z0-9]+\[[0-9]+\]\)0;`)

// Every kernel has a text for Metal and one for Direct3D 12, neither of which runs here; the second is HLSL to a compiler that is not Microsoft's.
func TestOtherTextsOfTheKernels(t *testing.T) {
	compiler, missing := exec.LookPath("glslangValidator")
	if missing != nil {
		t.Log("HLSL translated, and not checked: glslangValidator is not on this machine; apt-get install glslang-tools")
	}
	for name, text := range kernelTexts(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			parsed, err := naga.Parse(text)
			if err != nil {
				t.Fatal(err)
			}
			module, err := naga.LowerWithSource(parsed, text)
			if err != nil {
				t.Fatal(err)
			}
			if _, _, err := msl.Compile(module, msl.DefaultOptions()); err != nil {
				t.Errorf("for Metal: %v", err)
			}
			direct, _, err := hlsl.Compile(module, hlsl.DefaultOptions())
			if err != nil {
				t.Fatalf("for Direct3D 12: %v", err)
			}
			if missing != nil {
				return
			}
			file := filepath.Join(t.TempDir(), name+".hlsl")
			if err := os.WriteFile(file, []byte(zeroArray.ReplaceAllString(direct, ";")), 0o600); err != nil {
				t.Fatal(err)
			}
			if out, err := exec.Command(compiler, "-D", "-V", "-S", "comp", "-e", "main", "-o", file+".spv", file).CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

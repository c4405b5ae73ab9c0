package engine

import "fmt"

// maxNameLen bounds the name of a layer, in bytes.
const maxNameLen = 100

// Sources says whose output each layer reads: indices of layers before it, −1 for the images. An add layer has two sources,
// the second one that of With; every other layer one. The error is the *SpecError of a name that does not fit.
func (s Spec) Sources() ([][]int, error) {
	known := map[string]int{InputName: -1}
	sources := make([][]int, len(s.Layers))
	for i, l := range s.Layers {
		bad := func(expected, found string) error {
			return &SpecError{Layer: i, Name: l.Name, Kind: l.Kind, Expected: expected, Found: found, Err: ErrShape}
		}
		sources[i] = []int{i - 1}
		if l.From != "" {
			source, ok := known[l.From]
			if !ok {
				return nil, bad("from: the name of a layer before it, or "+InputName, clip(l.From))
			}
			sources[i][0] = source
		}
		switch source, ok := known[l.With]; {
		case l.Kind == Add && !ok:
			return nil, bad("with: the name of a layer before it, or "+InputName, clip(l.With))
		case l.Kind == Add:
			sources[i] = append(sources[i], source)
		case l.With != "":
			return nil, bad("with in add layers only", clip(l.With))
		}
		if l.Name == "" {
			continue
		}
		if len(l.Name) > maxNameLen {
			return nil, bad(fmt.Sprintf("a name of at most %d bytes", maxNameLen), clip(l.Name))
		}
		if _, taken := known[l.Name]; taken {
			return nil, bad("a name that no other layer has", clip(l.Name))
		}
		if isNumber(l.Name) {
			return nil, bad("a name that is not a number, since layers without a name go by their number", clip(l.Name))
		}
		known[l.Name] = i
	}
	return sources, nil
}

func isNumber(s string) bool {
	for _, r := range s {
		if r < '0' || r > '9' {
			return false
		}
	}
	return true
}

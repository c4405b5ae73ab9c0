package dataset

import (
	"embed"
	"io/fs"
)

// EmbeddedName is the Name of the set that the program carries.
const EmbeddedName = "fashion-mnist-8k"

// embedded is a class-balanced part of Fashion-MNIST (H. Xiao, K. Rasul, R. Vollgraf, 2017; MIT licence beside it), made by the program in
// gen: 800 images a class from the training file and 200 a class from the test file, in the order of the originals.
//
//go:embed fashion-mnist-8k
var embedded embed.FS

// Embedded gives the set inside the program. Each call unpacks it anew (7.8 MB), so the caller owns the result.
func Embedded() (*Set, error) { return readEmbedded(-1) }

// EmbeddedHead is Embedded with only the first k ≥ 0 training images, as OpenHead.
func EmbeddedHead(k int) (*Set, error) { return readEmbedded(max(k, 0)) }

func readEmbedded(keep int) (*Set, error) {
	sub, err := fs.Sub(embedded, EmbeddedName)
	if err != nil {
		return nil, err
	}
	set, err := readIDXFolder(folder{fsys: sub, path: EmbeddedName}, keep)
	if err != nil {
		return nil, err
	}
	set.Name, set.Title = EmbeddedName, "Part of "+set.Title
	return set, nil
}

// Package static holds what the browser gets: the bundle in dist, made from src by `go generate` and committed, embedded here and
// named by its content.
//
// An asset has two names: the plain one of its file ("explore.js"), and the one it is served under, which carries a hash of the
// content ("explore-3f0a9c1be2d4.js"). A served name never changes its meaning, so it may be cached forever. What several scripts
// share is in chunks ("chunk-QX2ZJ5RB.js"), which the bundler has named by their content and which keep that name.
package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
)

//go:generate rm -rf dist
//go:generate go tool esbuild src/explore.ts src/run.ts src/runs.ts src/compare.ts src/worker.ts src/theme.ts src/app.css src/run/runs.css src/compare/compare.css src/icon.svg --bundle --minify --splitting --chunk-names=chunk-[hash] --format=esm --target=es2022 --charset=utf8 --legal-comments=eof --loader:.svg=copy --entry-names=[name] --log-level=warning --outdir=dist

//go:embed dist
var dist embed.FS

// Root is the path under which assets are served.
const Root = "/static/"

// Asset is one file as it is served. Its slices are shared: nobody writes to them.
type Asset struct {
	Name        string // served name, with the hash
	ContentType string
	Content     []byte
	Gzip        []byte // Content compressed, or nil where that does not pay
}

// FS holds the files under their plain names.
func FS() fs.FS {
	sub, err := fs.Sub(dist, "dist")
	if err != nil {
		panic("static: dist is not embedded: " + err.Error()) // cannot be: the name is a valid path
	}
	return sub
}

// URL returns the path that serves the file with that plain name, for example "/static/explore-3f0a9c1be2d4.js". A name that is
// not in dist is a programmer's mistake and panics.
func URL(name string) string {
	served, ok := catalog().served[name]
	if !ok {
		panic("static: no asset " + name + "; run go generate ./static")
	}
	return Root + served
}

// Open returns the asset with that served name: the part of the path after Root. A plain name is not found, and no name reaches
// another file.
func Open(served string) (asset Asset, ok bool) {
	asset, ok = catalog().assets[served]
	return asset, ok
}

// Imports returns the paths of all chunks that the script with that plain name needs, those of its chunks included, for a page to
// fetch while it is still being read. A name that is not in dist panics.
func Imports(name string) []string {
	all, found := catalog(), []string{}
	for queue := []string{strings.TrimPrefix(URL(name), Root)}; len(queue) > 0; queue = queue[1:] {
		for _, match := range imported.FindAllSubmatch(all.assets[queue[0]].Content, -1) {
			if chunk := string(match[1]); !slices.Contains(found, Root+chunk) {
				found, queue = append(found, Root+chunk), append(queue, chunk)
			}
		}
	}
	return found
}

var imported = regexp.MustCompile(`"\./(chunk-\w+\.js)"`) // as the bundler writes it

type index struct {
	served map[string]string // by plain name
	assets map[string]Asset  // by served name
}

// catalog reads dist once: it never changes while the program runs.
var catalog = sync.OnceValue(func() index {
	all := index{served: map[string]string{}, assets: map[string]Asset{}}
	entries, err := fs.ReadDir(FS(), ".")
	if err != nil {
		panic("static: dist cannot be listed: " + err.Error())
	}
	for _, entry := range entries {
		content, err := fs.ReadFile(FS(), entry.Name())
		if err != nil {
			panic("static: dist cannot be read: " + err.Error())
		}
		ext := path.Ext(entry.Name())
		asset := Asset{
			Name:        servedName(entry.Name(), content),
			ContentType: contentType(ext),
			Content:     content,
			Gzip:        compress(content),
		}
		all.served[entry.Name()] = asset.Name
		all.assets[asset.Name] = asset
	}
	return all
})

// servedName puts a hash of the content into a name that has none yet.
func servedName(name string, content []byte) string {
	if strings.HasPrefix(name, "chunk-") {
		return name
	}
	sum, ext := sha256.Sum256(content), path.Ext(name)
	return strings.TrimSuffix(name, ext) + "-" + hex.EncodeToString(sum[:6]) + ext
}

func contentType(ext string) string {
	switch ext {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	}
	return "application/octet-stream"
}

// compress returns the gzip form, without name and time and so the same in every build, or nil where it is not smaller.
func compress(content []byte) []byte {
	var buffer bytes.Buffer
	w, err := gzip.NewWriterLevel(&buffer, gzip.BestCompression)
	if err != nil {
		return nil
	}
	if _, err := w.Write(content); err != nil || w.Close() != nil || buffer.Len() >= len(content) {
		return nil
	}
	return buffer.Bytes()
}

package main

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"smoothscape/landscape/figure"
)

// newFigureCommand draws what /figure.png draws, without a browser or a server.
func newFigureCommand(tty *terminal) *cobra.Command {
	var out, link, sliceFile string
	var asJSON bool
	keys := viewKeys()
	values := make([]string, len(keys))
	cmd := &cobra.Command{
		Use:   "figure",
		Short: "Draw a smoothed landscape as PNG, 300 dpi",
		Long: `Draw a landscape, smoothed by what η, b and C make of it, as a PNG of 300 dpi with axes, color bar,
contours and a caption that says what it is. The flags are the keys of the page's link; --link takes a
whole link. The same flags give the same bytes.`,
		Example: `  smoothscape figure -o rastrigin.png
  smoothscape figure --f ackley --eta 0.1 --b 64 --c 30 --convention coordinate -o ackley.png
  smoothscape figure --link 'http://127.0.0.1:8080/?f=dent&eta=0.02&split=1' -o dent.png
  smoothscape figure --slice slice.json -o network.png      at the δ that the network had
  smoothscape figure --slice slice.json --eta 0.1 --b 16 --c 9 --m 20 -o network.png`,
		Args: noSuchCommand,
		RunE: func(cmd *cobra.Command, _ []string) error {
			query, err := linkQuery(link)
			if err != nil {
				return err
			}
			for i, key := range keys {
				if cmd.Flags().Changed(key.name) {
					query.Set(key.name, values[i])
				}
			}
			if sliceFile != "" { // any slice stands for it meanwhile: all admit the same kernels
				query.Set("f", slicePrefix+shippedSlices()[0].ID)
			}
			state, err := parseView(query.Encode())
			if err != nil {
				return err
			}
			if out == "" {
				return &fault{Field: "out", Doing: "writing the figure", Expected: "the name of a file", Found: "none", Advice: "Give -o FILE.png."}
			}
			if err := checkWritable("out", out); err != nil {
				return err
			}
			slice, err := sliceForFigure(&state, sliceFile)
			if err != nil {
				return err
			}
			png, err := drawPNG(func() (figure.Spec, error) {
				if sliceFile != "" && slice.Delta != nil && !query.Has("eta") && !query.Has("b") && !query.Has("c") {
					view := sliceViewOf(state, slice) // at the δ that the network had
					view.delta, view.eta, view.b, view.c = *slice.Delta, math.NaN(), math.NaN(), math.NaN()
					return figureOfSlice(view)
				}
				return figureOfView(state, slice)
			})
			if err != nil {
				return err
			}
			err = replaceFile(out, func(w io.Writer) error { _, err := w.Write(png); return err })
			if err != nil {
				return &fault{Field: "out", Doing: "writing the figure", Expected: "a place where files can be written", Found: osReason(err), Advice: "Give another -o FILE.png."}
			}
			if asJSON {
				return lineWriter{tty.out}.write(figureFile{File: out, Bytes: len(png), SHA256: fmt.Sprintf("%x", sha256.Sum256(png)), View: state.query()})
			}
			_, err = fmt.Fprintf(tty.out, "%s: %s bytes\n", out, grouped(len(png)))
			return err
		},
	}
	for i, key := range keys {
		cmd.Flags().StringVar(&values[i], key.name, key.write(defaultView()), key.usage)
	}
	cmd.Flags().StringVarP(&out, "out", "o", "", "file to write (needed)")
	cmd.Flags().StringVar(&link, "link", "", "a link of the page; flags change parts of it")
	cmd.Flags().StringVar(&sliceFile, "slice", "", "file with a slice, as 'smoothscape slice' writes it")
	cmd.Flags().BoolVar(&asJSON, "json", false, "say what was written as JSON")
	return cmd
}

// figureFile is what figure --json says of the file that it has written.
type figureFile struct {
	File   string `json:"file"`
	Bytes  int    `json:"bytes"`
	SHA256 string `json:"sha256"`
	View   string `json:"view"` // the query of the page's link that shows the same
}

// linkQuery is the query of a link of the page; that of no link is empty.
func linkQuery(link string) (url.Values, error) {
	bad := func(expected, found string) error {
		return &fault{Field: "link", Doing: "reading --link", Expected: expected, Found: quoted(found), Advice: "Copy it again, in quotes."}
	}
	at, err := url.Parse(link)
	if err != nil {
		return nil, bad("a link as the page shows it", link)
	}
	query, err := url.ParseQuery(at.RawQuery)
	if err != nil {
		return nil, bad("key=value pairs joined by &", at.RawQuery)
	}
	return query, nil
}

// sliceForFigure is the slice of a file, which the state then shows, or that of the state, or nil for a closed form.
func sliceForFigure(state *viewState, name string) (*Slice, error) {
	if name == "" {
		return sliceOfView(*state)
	}
	bad := func(expected, found, advice string) error {
		return &fault{Field: "slice", Doing: "reading the slice " + name, Expected: expected, Found: found, Advice: advice}
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, bad("a file that `smoothscape slice` has written", osReason(err), "Check its name.")
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxSliceBytes+1))
	if err != nil {
		return nil, bad("a file that `smoothscape slice` has written", osReason(err), "Check its name.")
	}
	if len(text) > maxSliceBytes {
		return nil, bad(fmt.Sprintf("at most %d bytes", maxSliceBytes), "more", "Give a file that `smoothscape slice` has written.")
	}
	var slice Slice
	if err := json.Unmarshal(text, &slice); err != nil {
		return nil, bad("JSON that `smoothscape slice` has written", err.Error(), "Compute it again.")
	}
	state.Function = slicePrefix + strings.TrimSuffix(filepath.Base(name), filepath.Ext(name))
	return &slice, checkSlice(&slice, name)
}

// checkSlice refuses a slice whose parts do not belong together.
func checkSlice(s *Slice, name string) error {
	n := len(s.Alphas)
	var wrong []string
	if n < 3 || len(s.Betas) != n || len(s.Z) != n*n {
		wrong = append(wrong, fmt.Sprintf("%d α, %d β and %d values", n, len(s.Betas), len(s.Z)))
	}
	if !(s.ViewHalfWidth > 0) || !(s.Halo > 0) {
		wrong = append(wrong, fmt.Sprintf("a view of ±%g with a halo of %g", s.ViewHalfWidth, s.Halo))
	} else if half := s.ViewHalfWidth + s.Halo; !evenlySpaced(s.Alphas, half) || !evenlySpaced(s.Betas, half) {
		wrong = append(wrong, fmt.Sprintf("α or β that do not go from −%[1]g to %[1]g in equal steps", half))
	}
	if m := s.Magnification; m != nil && !(*m > 0) {
		wrong = append(wrong, fmt.Sprintf("a magnification of %g", *m))
	}
	if !(s.Norms[0] > 0) {
		wrong = append(wrong, fmt.Sprintf("a direction of length %g", s.Norms[0]))
	}
	if len(wrong) == 0 {
		return nil
	}
	return &fault{Field: "slice", Doing: "reading the slice " + name, Expected: "n α and n β in equal steps over view and halo, n·n values, directions of positive length", Found: strings.Join(wrong, "; "), Advice: "Compute it again with `smoothscape slice`."}
}

// evenlySpaced says whether x goes from −half to half in equal steps.
func evenlySpaced(x []float64, half float64) bool {
	for i, v := range x {
		if want := half * (2*float64(i)/float64(len(x)-1) - 1); !(math.Abs(v-want) <= 1e-6*half) {
			return false
		}
	}
	return true
}

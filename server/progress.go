package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progress tells whoever waits at a terminal how far a command is: a bar with the rate and the time left. Where nobody watches (a pipe, a
// file, a test) there is no bar, and only the lines appear. Its methods may be called from several goroutines at once, except line.
type progress struct {
	to  io.Writer
	bar *progressbar.ProgressBar // nil without a terminal
}

// newProgress begins one of total steps; unit is what the rate counts, "" for bytes.
func newProgress(to io.Writer, total int64, unit string) *progress {
	p := &progress{to: to}
	if !isTerminal(to) {
		return p
	}
	options := []progressbar.Option{
		progressbar.OptionSetWriter(to), progressbar.OptionThrottle(100 * time.Millisecond), progressbar.OptionSetWidth(24),
		progressbar.OptionShowCount(), progressbar.OptionSetPredictTime(true), progressbar.OptionClearOnFinish(),
		progressbar.OptionUseANSICodes(true), progressbar.OptionSetTheme(progressbar.ThemeUnicode),
	}
	if unit == "" {
		options = append(options, progressbar.OptionShowBytes(true))
	} else {
		options = append(options, progressbar.OptionShowIts(), progressbar.OptionSetItsString(unit))
	}
	p.bar = progressbar.NewOptions64(total, options...)
	return p
}

// isTerminal says whether somebody watches what is written to w.
func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// describe changes the words before the bar.
func (p *progress) describe(text string) {
	if p.bar != nil {
		p.bar.Describe(text)
	}
}

// add counts steps. That the terminal cannot be written is no reason to stop working.
func (p *progress) add(steps int64) {
	if p.bar != nil {
		_ = p.bar.Add64(steps)
	}
}

// set says how many steps are done.
func (p *progress) set(steps int64) {
	if p.bar != nil {
		_ = p.bar.Set64(steps)
	}
}

// resize changes how many steps there are in all.
func (p *progress) resize(total int64) {
	if p.bar != nil {
		p.bar.ChangeMax64(total)
	}
}

// line writes a line that stays, above the bar.
func (p *progress) line(format string, values ...any) {
	if p.bar != nil {
		_ = p.bar.Clear()
	}
	fmt.Fprintf(p.to, format+"\n", values...)
}

// end removes the bar.
func (p *progress) end() {
	if p != nil && p.bar != nil {
		_ = p.bar.Exit()
		_ = p.bar.Clear()
	}
}

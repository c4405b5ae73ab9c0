// Package browsertest drives a real browser in tests. Only tests import it.
package browsertest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// Browser is one Chromium with one tab, for one test. What the page complains about (exceptions, console errors, the content
// security policy) fails the test at its end, except for what Allow names.
type Browser struct {
	testing.TB
	Ctx        context.Context
	Allow      []string // parts of complaints that the test expects
	mu         sync.Mutex
	complaints []string
}

// Limits of what a test waits for.
const (
	browserLimit = 4 * time.Minute  // all that is done with one browser
	answerLimit  = 90 * time.Second // one expression, with the promise that it may be
	endLimit     = 20 * time.Second // the end of the browser
)

// Start skips the test, saying why, under -short and where there is no Chromium. The browser ends with the test. flags are more for its command line.
func Start(t testing.TB, width, height int64, flags ...chromedp.ExecAllocatorOption) *Browser {
	t.Helper()
	if testing.Short() {
		t.Skip("skipped: browser tests are not part of -short")
	}
	path := find()
	if path == "" {
		t.Skip("skipped: no Chromium on this machine (looked for chromium, chromium-browser, google-chrome)")
	}
	flags = append([]chromedp.ExecAllocatorOption{
		chromedp.ExecPath(path), chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck, chromedp.Headless, chromedp.NoSandbox,
		chromedp.UserDataDir(t.TempDir()), chromedp.WindowSize(int(width), int(height)), chromedp.Flag("hide-scrollbars", true),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("use-gl", "angle"), chromedp.Flag("use-angle", "swiftshader"), chromedp.Flag("enable-unsafe-swiftshader", true),
	}, flags...)
	allocator, stop := chromedp.NewExecAllocator(context.Background(), flags...)
	b := &Browser{TB: t}
	ctx, closeTab := chromedp.NewContext(allocator, chromedp.WithListener(b.listen))
	root := ctx
	t.Cleanup(func() { b.end(root, func() { closeTab(); stop() }) })
	ctx, cancel := context.WithTimeout(ctx, browserLimit)
	t.Cleanup(cancel)
	b.Ctx = ctx
	b.Do(chromedp.EmulateViewport(width, height))
	t.Cleanup(b.verdict)
	return b
}

// end runs what ends the browser, which waits for its process and its output; where that takes too long the process is killed.
func (b *Browser) end(ctx context.Context, end func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		end()
	}()
	select {
	case <-done:
		return
	case <-time.After(endLimit):
	}
	if c := chromedp.FromContext(ctx); c != nil && c.Browser != nil && c.Browser.Process() != nil {
		b.Logf("Chromium did not end within %v and is killed: %v", endLimit, c.Browser.Process().Kill())
	}
}

func find() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

func (b *Browser) listen(event any) {
	text := ""
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		text = "exception: " + e.ExceptionDetails.Text
		if e.ExceptionDetails.Exception != nil {
			text += " " + e.ExceptionDetails.Exception.Description
		}
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
			words := []string{"console:"}
			for _, arg := range e.Args {
				words = append(words, string(arg.Value)+arg.Description)
			}
			text = strings.Join(words, " ")
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || strings.Contains(e.Entry.Text, "Content Security Policy") {
			text = "log: " + e.Entry.Text
		}
	}
	if text == "" || strings.Contains(text, "GPU stall due to ReadPixels") { // software rendering says so of screenshots
		return
	}
	b.mu.Lock()
	b.complaints = append(b.complaints, text)
	b.mu.Unlock()
}

func (b *Browser) verdict() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, text := range b.complaints {
		allowed := false
		for _, part := range b.Allow {
			allowed = allowed || strings.Contains(text, part)
		}
		if !allowed {
			b.Errorf("the page complained: %s", text)
		}
	}
}

// Do runs actions in order; a failure ends the test.
func (b *Browser) Do(actions ...chromedp.Action[chromedp.Void]) {
	b.Helper()
	if err := chromedp.Do(b.Ctx, actions...); err != nil {
		b.Fatal(err)
	}
}

// Open goes to a page with the theme "light" or "dark", as the system asks for it.
func (b *Browser) Open(url, theme string) {
	b.Helper()
	media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: theme}}}
	if _, err := chromedp.Call(b.Ctx, emulation.SetEmulatedMedia, media); err != nil {
		b.Fatal(err)
	}
	b.Do(chromedp.Navigate(url))
}

// Evaluate gives the value of a JavaScript expression in the page; a promise is awaited.
func Evaluate[T any](b *Browser, expression string) T {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.Ctx, answerLimit)
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		b.Fatalf("no answer within %v, or a failure, of %s: %v", answerLimit, expression, err)
	}
	return value
}

// Wait waits until a JavaScript expression is true, and fails with what the page shows when it does not come to that.
func (b *Browser) Wait(limit time.Duration, expression string) {
	b.Helper()
	deadline := time.Now().Add(limit)
	for time.Now().Before(deadline) {
		if Evaluate[bool](b, "Boolean("+expression+")") {
			return
		}
		time.Sleep(40 * time.Millisecond)
	}
	b.Fatalf("after %v it is still not true that %s; the page says:\n%s", limit, expression, Evaluate[string](b, "document.body.innerText.slice(0, 3000)"))
}

// Text is what the element with that data-testid shows.
func (b *Browser) Text(testID string) string {
	b.Helper()
	return Evaluate[string](b, fmt.Sprintf("(document.querySelector('[data-testid=%q]')?.innerText ?? '(absent)').trim()", testID))
}

// Type writes into the field with that data-testid as a person would, and leaves it.
func (b *Browser) Type(testID, text string) {
	b.Helper()
	Evaluate[bool](b, fmt.Sprintf(`(() => {
		const field = document.querySelector('[data-testid=%q]');
		field.focus();
		field.value = %q;
		field.dispatchEvent(new Event("input", { bubbles: true }));
		field.dispatchEvent(new Event("change", { bubbles: true }));
		field.blur();
		return true;
	})()`, testID, text))
}

// Click clicks the element with that data-testid.
func (b *Browser) Click(testID string) {
	b.Helper()
	Evaluate[bool](b, fmt.Sprintf("(document.querySelector('[data-testid=%q]').click(), true)", testID))
}

// Shot keeps a picture of the page in the folder that SMOOTHSCAPE_SHOTS names, for people to look at; without one it does nothing.
func (b *Browser) Shot(name string) {
	b.Helper()
	folder := os.Getenv("SMOOTHSCAPE_SHOTS")
	if folder == "" {
		return
	}
	image, err := chromedp.Run(b.Ctx, chromedp.FullScreenshot(100))
	if err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, name+".png"), image, 0o644); err != nil {
		b.Fatal(err)
	}
}

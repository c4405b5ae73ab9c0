package web_test

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

// browser is one Chromium with one tab, for one test. What the page complains about (exceptions, console errors, content policy) is
// collected and fails the test at its end, except for what `allow` names.
type browser struct {
	t        *testing.T
	ctx      context.Context
	mu       sync.Mutex
	complain []string
	allow    []string
}

// startBrowser skips the test, saying why, where there is no Chromium.
func startBrowser(t *testing.T, width, height int64) *browser {
	t.Helper()
	if testing.Short() {
		t.Skip("skipped: browser tests are not part of -short")
	}
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		t.Skip("skipped: no Chromium on this machine (looked for chromium, chromium-browser, google-chrome)")
	}
	options := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(path), chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck, chromedp.Headless, chromedp.NoSandbox,
		chromedp.UserDataDir(t.TempDir()), chromedp.WindowSize(int(width), int(height)),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("use-gl", "angle"), chromedp.Flag("use-angle", "swiftshader"), chromedp.Flag("enable-unsafe-swiftshader", true),
	}
	b := &browser{t: t}
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	ctx, closeTab := chromedp.NewContext(allocator, chromedp.WithListener(b.listen))
	t.Cleanup(closeTab)
	ctx, cancel := context.WithTimeout(ctx, 4*time.Minute)
	t.Cleanup(cancel)
	b.ctx = ctx
	b.do(chromedp.EmulateViewport(width, height))
	t.Cleanup(b.verdict)
	return b
}

func (b *browser) listen(event any) {
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
	if text != "" {
		b.mu.Lock()
		b.complain = append(b.complain, text)
		b.mu.Unlock()
	}
}

func (b *browser) verdict() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, text := range b.complain {
		allowed := false
		for _, a := range b.allow {
			allowed = allowed || strings.Contains(text, a)
		}
		if !allowed {
			b.t.Errorf("the page complained: %s", text)
		}
	}
}

func (b *browser) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, actions...); err != nil {
		b.t.Fatal(err)
	}
}

// open goes to url with the theme "light" or "dark", as the system asks for it.
func (b *browser) open(url, theme string) {
	b.t.Helper()
	media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: theme}}}
	if _, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, media); err != nil {
		b.t.Fatal(err)
	}
	b.do(chromedp.Navigate(url))
}

// evaluate gives the value of a JavaScript expression in the page.
func evaluate[T any](b *browser, expression string) T {
	b.t.Helper()
	value, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
	return value
}

// wait waits until a JavaScript expression is true, and fails with what the page shows when it does not come to that.
func (b *browser) wait(limit time.Duration, expression string) {
	b.t.Helper()
	deadline := time.Now().Add(limit)
	for time.Now().Before(deadline) {
		if evaluate[bool](b, "Boolean("+expression+")") {
			return
		}
		time.Sleep(40 * time.Millisecond)
	}
	b.t.Fatalf("after %v it is still not true that %s; the page says:\n%s", limit, expression, evaluate[string](b, "document.body.innerText.slice(0, 3000)"))
}

// text is what the element with that data-testid shows.
func (b *browser) text(testID string) string {
	b.t.Helper()
	return evaluate[string](b, fmt.Sprintf("(document.querySelector('[data-testid=%q]')?.innerText ?? '(absent)').trim()", testID))
}

func shown(testID, words string) string {
	return fmt.Sprintf("(document.querySelector('[data-testid=%q]')?.innerText ?? '').includes(%q)", testID, words)
}

// shot keeps a picture of the whole page in the folder that SMOOTHSCAPE_SHOTS names, for people to look at.
func (b *browser) shot(name string) {
	b.t.Helper()
	folder := os.Getenv("SMOOTHSCAPE_SHOTS")
	if folder == "" {
		return
	}
	image, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
	if err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, name+".png"), image, 0o644); err != nil {
		b.t.Fatal(err)
	}
}

package static_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"smoothscape/static/browsertest"
)

// TestLook writes pictures of the page to the folder that SMOOTHSCAPE_SHOTS names, to be looked at.
func TestLook(t *testing.T) {
	folder := os.Getenv("SMOOTHSCAPE_SHOTS")
	if folder == "" {
		t.Skip("skipped: set SMOOTHSCAPE_SHOTS to a folder for pictures of the page")
	}
	address := startFixture(t)
	only := os.Getenv("SMOOTHSCAPE_SHOT")
	for _, shot := range []struct {
		name          string
		width, height int64
		theme, query  string
		before        string
	}{
		{"opening-dark", 1440, 900, "dark", "", ""},
		{"opening-light", 1440, 900, "light", "", ""},
		{"opening-phone-dark", 390, 844, "dark", "", ""},
		{"opening-phone-light", 390, 844, "light", "", ""},
		{"melting-dark", 1440, 900, "dark", "?c=16&split=0", ""},
		{"raw-dark", 1440, 900, "dark", "?raw=1", ""},
		{"map-light", 1440, 900, "light", "?view=map&c=16&split=0", ""},
		{"map-split-dark", 1440, 900, "dark", "?view=map&split=1&c=22", ""},
		{"ackley-stable-dark", 1440, 900, "dark", "?f=ackley&kernel=stable&alpha=1.6&eta=0.1&b=16&c=10&split=1", ""},
		{"himmelblau-light", 1440, 900, "light", "?f=himmelblau&c=40", ""},
		{"schwefel-cividis-dark", 1440, 900, "dark", "?f=schwefel&c=2000&palette=cividis", ""},
		{"slice-dark", 1440, 900, "dark", "?f=slice:fashion-convnet&c=4&split=1", ""},
		{"dropwave-dark", 1440, 900, "dark", "?f=drop-wave&c=4&split=1", ""},
		{"griewank-dark", 1440, 900, "dark", "?f=griewank&c=60&split=1", ""},
		{"panel-phone-light", 390, 844, "light", "?c=16", "document.querySelector('#kernel').scrollIntoView()"},
		{"keys-dark", 1440, 900, "dark", "", "document.querySelector('#keys').click()"},
	} {
		if only != "" && only != shot.name {
			continue
		}
		t.Run(shot.name, func(t *testing.T) {
			b := browsertest.Start(t, shot.width, shot.height)
			theme(b, shot.theme, true)
			b.Do(chromedp.Navigate(address + "/" + shot.query))
			wait(b, "the first drawing", `document.querySelector("#explore")?.page?.timings.first > 0`)
			if shot.before != "" {
				browsertest.Evaluate[any](b, shot.before+"; null")
			}
			time.Sleep(900 * time.Millisecond)
			picture, err := chromedp.Run(b.Ctx, chromedp.CaptureScreenshot())
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(folder, shot.name+".png"), picture, 0o644); err != nil {
				t.Fatal(err)
			}
		})
	}
}

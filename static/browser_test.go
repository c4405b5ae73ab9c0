package static_test

import (
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"smoothscape/static/browsertest"
)

// theme makes the system prefer dark or light, and less motion.
func theme(b *browsertest.Browser, name string, calm bool) {
	b.Helper()
	motion := "no-preference"
	if calm {
		motion = "reduce"
	}
	media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: name}, {Name: "prefers-reduced-motion", Value: motion},
	}}
	if _, err := chromedp.Call(b.Ctx, emulation.SetEmulatedMedia, media); err != nil {
		b.Fatal(err)
	}
}

// wait waits until the script is true; what says to people what that means.
func wait(b *browsertest.Browser, what, script string) {
	b.Helper()
	b.Logf("waiting for %s", what)
	b.Wait(30*time.Second, script)
}

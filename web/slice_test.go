package web_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"smoothscape/static/browsertest"
)

func press(b *browsertest.Browser, key string) {
	browsertest.Evaluate[bool](b, fmt.Sprintf("document.body.dispatchEvent(new KeyboardEvent('keydown', {key: %q, bubbles: true, cancelable: true})) || true", key))
}

// minima is true when the page counts n of them.
func minima(n int) string {
	return fmt.Sprintf("document.querySelector('#slice-minima').innerText === '%d'", n)
}

func TestSliceIsSmoothedAtTheRunsOwnNoise(t *testing.T) {
	f := startFixture(t)
	f.append(history(200)...)
	b := browsertest.Start(t, 1440, 900)
	b.Open(f.url+"/runs/7", "dark")
	b.Wait(20*time.Second, updates(200))
	if got := b.Text("slice-empty"); !strings.Contains(got, "No slice yet") {
		t.Errorf("without a slice the panel says %q", got)
	}
	f.setSlice(sampleSlice(7, 0, 150))
	b.Wait(20*time.Second, shown("slice-level", "7 × 7 points (level 1 of 4)"))
	f.setSlice(sampleSlice(49, 3, 150))
	b.Wait(20*time.Second, shown("slice-level", "49 × 49 points (level 4 of 4) over ±1.5, 512 images, at update 150"))
	b.Wait(20*time.Second, shown("slice-caption", "drawn ×15.3"))
	b.Wait(15*time.Second, shown("slice-label", "slice smoothing (illustrative)"))
	b.Wait(15*time.Second, shown("slice-lift", "0.001120 ± 0.000080 at δ = 0.112"))

	press(b, "r")
	b.Wait(15*time.Second, shown("slice-caption", "raw, not smoothed"))
	b.Wait(20*time.Second, minima(4))
	if !strings.Contains(browsertest.Evaluate[string](b, "document.querySelector('#slice-figure').href"), "raw=1") {
		t.Error("the link to the figure does not say raw")
	}
	press(b, "r")

	press(b, "1")
	b.Wait(15*time.Second, shown("slice-caption", "drawn ×1:"))
	if href := browsertest.Evaluate[string](b, "document.querySelector('#slice-figure').getAttribute('href')"); href != "/runs/7/figure.png?m=1&kernel=gaussian&convention=vector" {
		t.Errorf("the figure is linked as %s", href)
	}
	browsertest.Evaluate[bool](b, "((i) => { i.value = 'many'; i.dispatchEvent(new Event('change')); return true })(document.querySelector('#slice-m'))")
	b.Wait(15*time.Second, "document.querySelector('#slice-m-problem').innerText.includes('found “many”. Still ×1.')")
	browsertest.Evaluate[bool](b, "((i) => { i.value = '×40'; i.dispatchEvent(new Event('change')); return true })(document.querySelector('#slice-m'))")
	b.Wait(15*time.Second, shown("slice-caption", "drawn ×40:"))
	b.Wait(20*time.Second, minima(1)) // four dents at ×1 have become one bowl
	b.Shot("slice-x40-dark")

	browsertest.Evaluate[bool](b, "(document.querySelector('[data-testid=picture-projected]').click(), true)")
	b.Wait(15*time.Second, shown("slice-label", "projected"))
	b.Wait(15*time.Second, shown("slice-caption", "standard deviation per axis (δ/√d, Gaussian)"))
	press(b, "0")
	b.Wait(15*time.Second, shown("slice-caption", "drawn ×15.3"))
	browsertest.Evaluate[bool](b, "(document.querySelector('input[name=picture][value=slice]').click(), true)")
	press(b, "z")
	b.Wait(15*time.Second, shown("slice-sentence", "Zoomed to ±8δ"))
	b.Shot("slice-zoom-dark")
	press(b, "z")

	// Fewer images and levels: the network is large, and the page says so.
	if got := b.Text("slice-sentence"); strings.Contains(got, "coarse") {
		t.Errorf("the slice of a small network is said to be %q", got)
	}
	f.setSlice(strings.Replace(strings.Replace(sampleSlice(25, 2, 150), `"levels":4`, `"levels":3`, 1), `"images":512`, `"images":32`, 1))
	b.Wait(20*time.Second, shown("slice-sentence", "This network is large, so the picture is coarse: 32 images behind each loss and at most 25 × 25 points."))

	// The schedule moves δ, and the picture follows without a new slice.
	f.append(update(201, 1, 0.4, 16, "0.5", 9))
	b.Wait(15*time.Second, shown("slice-caption", "δ = 0.900"))
}

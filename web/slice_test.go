package web_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func press(b *browser, key string) {
	evaluate[bool](b, fmt.Sprintf("document.body.dispatchEvent(new KeyboardEvent('keydown', {key: %q, bubbles: true, cancelable: true})) || true", key))
}

// minima is true when the page counts n of them.
func minima(n int) string {
	return fmt.Sprintf("document.querySelector('#slice-minima').innerText === '%d'", n)
}

func TestSliceIsSmoothedAtTheRunsOwnNoise(t *testing.T) {
	f := startFixture(t)
	f.append(history(200)...)
	b := startBrowser(t, 1440, 900)
	b.open(f.url+"/runs/7", "dark")
	b.wait(20*time.Second, updates(200))
	if got := b.text("slice-empty"); !strings.Contains(got, "No slice yet") {
		t.Errorf("without a slice the panel says %q", got)
	}
	f.setSlice(sampleSlice(7, 0, 150))
	b.wait(10*time.Second, shown("slice-level", "7 × 7 points (level 1 of 4)"))
	f.setSlice(sampleSlice(49, 3, 150))
	b.wait(10*time.Second, shown("slice-level", "49 × 49 points (level 4 of 4) over ±1.50, 512 images, at update 150"))
	b.wait(10*time.Second, shown("slice-caption", "drawn ×15.3"))
	b.wait(5*time.Second, shown("slice-label", "slice smoothing (illustrative)"))
	b.wait(5*time.Second, shown("slice-lift", "0.001120 ± 0.000080 at δ = 0.112"))

	press(b, "r")
	b.wait(5*time.Second, shown("slice-caption", "raw, not smoothed"))
	b.wait(10*time.Second, minima(4))
	if !strings.Contains(evaluate[string](b, "document.querySelector('#slice-figure').href"), "raw=1") {
		t.Error("the link to the figure does not say raw")
	}
	press(b, "r")

	press(b, "1")
	b.wait(5*time.Second, shown("slice-caption", "drawn ×1:"))
	if href := evaluate[string](b, "document.querySelector('#slice-figure').getAttribute('href')"); href != "/runs/7/figure.png?m=1&kernel=gaussian&convention=vector" {
		t.Errorf("the figure is linked as %s", href)
	}
	evaluate[bool](b, "((i) => { i.value = 'many'; i.dispatchEvent(new Event('change')); return true })(document.querySelector('#slice-m'))")
	b.wait(5*time.Second, "document.querySelector('#slice-m-problem').innerText.includes('found “many”. Still ×1.')")
	evaluate[bool](b, "((i) => { i.value = '×40'; i.dispatchEvent(new Event('change')); return true })(document.querySelector('#slice-m'))")
	b.wait(5*time.Second, shown("slice-caption", "drawn ×40:"))
	b.wait(10*time.Second, minima(1)) // four dents at ×1 have become one bowl
	b.shot("slice-x40-dark")

	evaluate[bool](b, "(document.querySelector('[data-testid=picture-projected]').click(), true)")
	b.wait(5*time.Second, shown("slice-label", "projected"))
	b.wait(5*time.Second, shown("slice-caption", "standard deviation per axis (δ/√d, Gaussian)"))
	press(b, "0")
	b.wait(5*time.Second, shown("slice-caption", "drawn ×15.3"))
	evaluate[bool](b, "(document.querySelector('input[name=picture][value=slice]').click(), true)")
	press(b, "z")
	b.wait(5*time.Second, shown("slice-sentence", "Zoomed to ±8δ"))
	b.shot("slice-zoom-dark")
	press(b, "z")

	// The schedule moves δ, and the picture follows without a new slice.
	f.append(update(201, 1, 0.4, 16, "0.5", 9))
	b.wait(5*time.Second, shown("slice-caption", "δ = 0.900"))
}

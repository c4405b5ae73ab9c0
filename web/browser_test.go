package web_test

import "fmt"

// shown is a JavaScript expression: the element with that data-testid contains these words.
func shown(testID, words string) string {
	return fmt.Sprintf("(document.querySelector('[data-testid=%q]')?.innerText ?? '').includes(%q)", testID, words)
}

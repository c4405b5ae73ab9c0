package web

// Page is what every page shares: its title, its place in the navigation, and the addresses of its assets, which the server
// knows (package static) and this package does not.
type Page struct {
	Title   string // before " · Smoothscape"; empty on the first page
	Section string // "explore", "runs", "compare" or "": the entry of the navigation that is marked
	Assets  Assets
	Scripts []string // addresses of the page's module scripts
	Chunks  []string // addresses of what these import, fetched while the page is still being read
	Styles  []string // addresses of style sheets after Assets.Style
	Alone   bool     // without the header: for a frame of another page
}

// Assets are the addresses that every page needs.
type Assets struct {
	Icon   string // icon.svg
	Style  string // app.css
	Theme  string // theme.js, which runs before the first paint
	Worker string // worker.js, which pages start through the data-worker attribute of <html>
}

// title is the content of the <title> element.
func (p Page) title() string {
	if p.Title == "" {
		return "Smoothscape: watch SGD smooth the loss"
	}
	return p.Title + " · Smoothscape"
}

// current is the value of aria-current for an entry of the navigation.
func (p Page) current(section string) string {
	if p.Section == section {
		return "page"
	}
	return "false"
}

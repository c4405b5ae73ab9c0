// Package web renders the pages. Its view models are shaped like the screen and hold texts that are ready to show; it
// knows no domain type and does no arithmetic.
package web

// ExploreView is the screen /: a surface and what moves it. The state of the view itself is in the page's query string, which
// the page's script reads (static/src/state.ts).
type ExploreView struct {
	Functions []FunctionView `json:"functions"`
	Slices    []SliceOption  `json:"slices"`
	Scenes    []SceneView    `json:"scenes"`
	Parts     []PartView     `json:"-"` // what a link can hide
}

// FunctionView is a closed form: as the picker shows it, and what the page's script needs to draw it.
type FunctionView struct {
	ID       string  `json:"id"`
	Name     string  `json:"name"`
	MathML   string  `json:"-"`        // right-hand side of f(x₁, x₂) =; trusted markup
	Low      float64 `json:"lo"`       // the domain is [Low, High]²
	High     float64 `json:"hi"`       //
	Halo     float64 `json:"halo"`     // how far beyond the domain f is sampled
	DeltaMax float64 `json:"deltaMax"` // the picture smooths no further
	Growth   float64 `json:"growth"`   // f = O(|x|^Growth)
	Most     int     `json:"most"`     // variables that it can have: 2, or as many as the page offers
}

// SliceOption is a slice of a trained network that can be picked, too.
type SliceOption struct {
	ID   string `json:"id"`   // "fashion-convnet"; in links "slice:fashion-convnet"
	Name string `json:"name"` //
	Href string `json:"href"` // where its JSON is
}

// SceneView is a lesson.
type SceneView struct {
	Title   string `json:"title"`
	Claim   string `json:"claim"`
	Task    string `json:"task"`
	Query   string `json:"query"`   // of the view, with its "?"
	Control string `json:"control"` // slider that stays in sight of a class: eta, b, c or alpha
	Notes   string `json:"notes"`   // for who presents
}

// PartView is a part of the page that a link can hide.
type PartView struct {
	ID   string // in the link
	Name string
}

// data is the JSON block that the script reads: with lists, where they are empty, instead of null.
func (v ExploreView) data() ExploreView {
	if v.Slices == nil {
		v.Slices = []SliceOption{}
	}
	if v.Scenes == nil {
		v.Scenes = []SceneView{}
	}
	return v
}

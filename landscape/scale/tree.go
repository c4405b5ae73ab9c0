package scale

// Start says how a branch begins.
type Start string

// The starts.
const (
	Present  Start = "present"  // there at the first δ
	Appeared Start = "appeared" // with a saddle, out of a slope of Source's basin
	Split    Start = "split"    // off Source, which has become a saddle or a maximum there
	Entered  Start = "entered"  // over the border of the domain
)

// End says how a branch ends.
type End string

// The ends.
const (
	Alive   End = "alive"   // it does not: there at the last δ
	Merged  End = "merged"  // it met a saddle, or its like, and Parent inherits its basin
	Left    End = "left"    // over the border of the domain
	Drained End = "drained" // it met a saddle, and its basin now drains out of the domain
	Valley  End = "valley"  // it became a part of a valley without a strict minimum
)

// Tree is the family tree of the minima of f̂_δ on a domain, for δ from 0 to the last sampled one.
type Tree struct {
	Dim       int       `json:"dim"`       // number of variables
	Deltas    []float64 `json:"deltas"`    // sampled degrees of smoothing, increasing, the first one 0
	Tolerance float64   `json:"tolerance"` // widest bracket of an event, as a part of its δ
	Branches  []Branch  `json:"branches"`  // Branches[i].ID == i; by Born, then as the rule of ties says
	Events    []Event   `json:"events"`    // by increasing δ
	// MirrorMass is P(‖δu‖ > halo) at the last δ: at most this part of the kernel reached beyond the halo of a grid, where
	// it is mirrored. 0 for closed forms.
	MirrorMass float64 `json:"mirrorMass"`
}

// Branch is one minimum through δ.
type Branch struct {
	ID     int     `json:"id"`
	Start  Start   `json:"start"`
	Born   float64 `json:"born"`             // δ from which on it is there
	Source *int    `json:"source,omitempty"` // the branch in whose basin it appeared, or off which it split
	End    End     `json:"end"`
	// Died is the δ* from which on it is no more; nil while alive.
	Died *float64 `json:"died,omitempty"`
	// Parent is the branch that inherits the basin; nil unless End is Merged.
	Parent *int `json:"parent,omitempty"`
	// Last is the last place where it was seen, within Tolerance below Died.
	Last []float64 `json:"last"`
	// First is the index in Tree.Deltas of Points[0]; Points holds one for each sampled δ in [Born, Died). A branch that
	// lives between two sampled δ has none.
	First  int     `json:"first"`
	Points []Point `json:"points"`
}

// Point is a minimum of f̂ at one δ.
type Point struct {
	X []float64 `json:"x"` // place
	F float64   `json:"f"` // f̂ there
	// Depth is the persistence: how far f̂ must rise on the lowest path within the domain that leads to a lower minimum.
	// Nil for the lowest one.
	Depth *float64 `json:"depth,omitempty"`
	// Width is (λ₁⋯λ_d)^(−1/2d): the mean half-width, in units of the domain, of the ellipse on which the parabola of f̂
	// stands ½ above the minimum; the standard deviation of exp(−f̂) there.
	Width       float64   `json:"width"`
	Eigenvalues []float64 `json:"eigenvalues"` // of the Hessian, increasing, all positive
}

// Event is one δ at which branches end or begin. What happens within TieTolerance of δ is one event.
type Event struct {
	Delta float64 `json:"delta"`
	Died  []int   `json:"died,omitempty"` // IDs
	Born  []int   `json:"born,omitempty"` // IDs
}

// Alive returns the IDs of the minima of f̂_δ for a δ within the range of the tree. Within Tolerance of an event the
// order is not known.
func (t Tree) Alive(delta float64) []int {
	var ids []int
	for _, b := range t.Branches {
		if b.Born <= delta && (b.Died == nil || delta < *b.Died) {
			ids = append(ids, b.ID)
		}
	}
	return ids
}

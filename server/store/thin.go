package store

// thin chooses which of rising steps go so that at most keep stay, keep ≥ 2. The first and the last stay. One after the other goes the step
// whose neighbors are closest to each other, among equals the earliest: so the steps that stay are spread evenly however the others came.
// If each new step is followed by a call, no gap is ever longer than the longest between two steps that followed each other, or 2/(keep−1)
// of the way from the first to the last. It returns the indices of those that go, in the order in which they go.
func thin(steps []int, keep int) []int {
	left := make([]int, len(steps)) // indices
	for i := range left {
		left[i] = i
	}
	var gone []int
	for len(left) > max(2, keep) {
		closest := 1
		for i := 2; i < len(left)-1; i++ {
			if steps[left[i+1]]-steps[left[i-1]] < steps[left[closest+1]]-steps[left[closest-1]] {
				closest = i
			}
		}
		gone = append(gone, left[closest])
		left = append(left[:closest], left[closest+1:]...)
	}
	return gone
}

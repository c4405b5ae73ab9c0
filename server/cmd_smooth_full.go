package main

import "context"

// drawFull computes the slice of f̂_δ in d dimensions.
func (o *smoothOptions) drawFull(ctx context.Context, tty *terminal, s *smoothSubject, p *smoothPicture) error {
	return &fault{Field: "picture", Doing: "choosing the picture", Expected: "exact, slice or projected", Found: "full"}
}

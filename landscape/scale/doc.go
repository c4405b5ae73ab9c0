// Package scale follows the minima of a smoothed function f̂_δ of one or two variables through the degree of smoothing δ, from
// fine to coarse: where each is born, where it dies, and which minimum then inherits its basin. The result is a family tree
// as data (Track). Beside it stands the δ from which on f̂_δ is convex (Convex).
//
// # What happens to a minimum
//
// A critical point moves with δ as dx/dδ = −H⁻¹ ∂_δ∇f̂, as long as its Hessian H is regular. A minimum ends where the least
// eigenvalue λ₁ of H reaches 0 (Hazan, Levy and Shalev-Shwartz 2016 speak of the basins that smoothing removes; Lindeberg
// 1992 has the list of what can happen to critical points under Gaussian smoothing; the words are those of catastrophe
// theory, Thom 1972):
//
//   - Fold, the general case: it meets a saddle, and both vanish. λ₁² is linear in δ* − δ. Read backward, a minimum and a
//     saddle appear on a slope.
//   - Pitchfork, where f̂ is symmetric: two minima and the saddle between them fuse into one minimum (or, in the plane, four
//     minima, four saddles and a summit, where two pitchforks coincide). λ₁ is linear in δ* − δ. Read backward, a minimum
//     becomes a saddle or a summit and splits.
//   - The minimum and two saddles fuse into one saddle, whose two sides drain into different basins.
//
// Under a Gaussian the minima of a function of one variable only become fewer. In the plane, and under a kernel that is no
// monotone filter, new ones may appear: a uniform kernel turns waves upside down where its transfer function is negative. The
// tree shows them as branches that begin at δ > 0.
//
// # Rules
//
//  1. What a minimum is. A strict local minimum in the closed domain. New ones are listed at each sampled δ (and in the
//     middle of the intervals in which something happens) by landscape.Minima on the search grid, and traced back to where
//     they began. One that is listed is followed, by Newton's method from its last place, until λ₁ < 10⁻⁵·λ₂ (10⁻⁹·λ₂ in
//     closed form). landscape.Minima knows no last place. It gives a long valley up at 10⁻³, may lose a flat minimum up to a
//     cell from the saddle that it is going to meet, and on a kinked slice one beside a node where H is not positive definite;
//     so its count may be the smaller one within 1 or 2 % of an event, and on such slices by a minimum here and there.
//  2. Events. Where a minimum is not found again, alone and within 1.5 cells or 1 % of the domain of its last place, the
//     interval of δ is narrowed until it is Options.Tolerance of δ wide. Within that bracket δ* is where λ₁² (at a fusion λ₁)
//     of the last places, continued as a straight line, reaches 0. In closed form δ* is right to 10⁻⁷ of itself. On Rastrigin's
//     function a grid errs by 10⁻⁴ with 101 nodes (ten to a wave) and by 3·10⁻⁶ with 201; where f has a fold finer than a
//     few cells, no grid can be right.
//  3. Heirs. When a minimum vanishes, its basin drains: the parent is the minimum in which the path of steepest descent on f̂,
//     just above δ*, ends that starts where the minimum was and goes on the way it went, which leads past the saddle; where a
//     symmetry held it in its place, a path to each side. A path that leaves the domain by more than 8 cells, or ends in a
//     minimum outside, has drained (Drained); one that ends in a valley without a strict minimum leaves no heir (Valley).
//  4. Ties. Where a symmetry leaves a choice (into which of several minima a basin drains; which of the minima that fuse lives
//     on in their common place; which of those that split off goes on as the old one) the lowest is taken; of equally low
//     ones, to 10⁻⁹ of the range of f, the one with the smallest y, then the smallest x, to 10⁻⁶ of the width of the domain. The
//     least disturbance of the symmetry leaves no choice: then the lowest of those that fuse lives on and the others end in
//     folds, which is why it is taken here.
//  5. One event. Deaths and births within TieTolerance (10⁻⁶) of δ are one event. Who inherits must outlive the event: an heir
//     that dies in the same one is replaced by its own. So all minima of Rastrigin's function with max(|x|,|y|) ≈ k, whose
//     number is 8k, die in one event, and (k, l) with |l| < k goes to (k−1, l), (k, k) to (k−1, k−1).
//  6. The border. A minimum that crosses the border of the domain ends there (Left); one that comes in begins (Entered), also
//     when it is the one that left. Around the domain 8 cells are looked at, so a saddle outside may end a minimum inside.
//
// # Measures
//
// Depth is the persistence of the minimum in the merge tree of the sublevel sets of f̂ on the domain (Edelsbrunner, Letscher
// and Zomorodian 2002): the height of the lowest pass to a lower minimum, by rule 4 where they are equally low, above the
// minimum. The lowest one has none. It goes to 0 where a minimum meets the saddle of its pass. Width is the standard deviation of
// exp(−f̂) in the approximation of Laplace, as a geometric mean over the axes: det(H)^(−1/2d).
//
// # Cost
//
// On a grid most of the time goes into smoothing: once for each sampled δ, three to ten times for each event.
package scale

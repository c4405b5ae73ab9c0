// Package formula turns what a user types, such as
//
//	x^2 + y^2 - 10*(cos(2*pi*x) + cos(2*pi*y)) + 20
//
// into a landscape.Objective with exact value, gradient and Hessian.
//
// # What may be written
//
//   - numbers: 2, 0.5, .5, 1e-3; the constants pi (or π), tau = 2π (or τ) and e;
//   - the variables x and y, which may also be called x1 and x2. The formula has two variables where y or x2 occurs;
//   - + − * / ^ and parentheses; ** means ^. Multiplication is always written: 2*x, not 2x, for x1 and e make the shorter
//     form ambiguous (1e3 is a number, 2e is not);
//   - sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh exp expm1 log ln log2 log10 log1p sqrt cbrt erf erfc
//     abs sign floor ceil of one argument; pow atan2 hypot of two; min max of two and more. log is ln.
//
// The reading is the usual one: −x^2 is −(x²), 2^3^2 is 2^9, a/b/c is (a/b)/c, 2^−x is 2^(−x), 1/2 is 0.5, and every
// number is a float64. A power x^p with p not an integer is NaN for x < 0 (cbrt(x) is the real cube root); 0^0 is 1.
//
// # How it is bounded
//
// Lexing and parsing are the work of github.com/expr-lang/expr, under a limit of characters and of nodes. Before it
// parses, every token is checked against the list above; after it, each node of its tree is translated to an operation of
// our own or refused. Nothing of the library runs when the formula is evaluated: that is a straight line of at most
// MaxNodes arithmetic operations on a stack of fixed size, without allocation, side effect, loop or call into user code.
// A Formula never changes, so many goroutines may evaluate it.
//
// # Derivatives
//
// The program runs on jets: with the value v go ∂v/∂x, ∂v/∂y, ∂²v/∂x², ∂²v/∂x∂y and ∂²v/∂y², and each operation applies
// the chain rule of second order (forward differentiation; Griewank and Walther, Evaluating Derivatives, 2008, chapters 3
// and 13). There is no step size and no truncation error.
//
// At a kink (abs, sign, floor, ceil, min, max, sqrt and other roots at 0, hypot and atan2 at the origin) Hess reports
// false and Grad writes a finite subgradient: 0 for the inner derivative of abs, of a root and of hypot, the shortest
// vector between the two gradients for min and max. That is 0 at a minimum that one such kink makes; where several kinks
// meet or a smooth term is added, it is one of the subgradients, not always the shortest. The kink is reported also where
// it cancels, as in abs(x)^2. Where f itself is NaN, so is its gradient.
//
// # Growth
//
// A kernel with heavy tails needs the growth order of f (landscape.Kernel.Exists). Formula.Growth proves an upper bound
// by interval arithmetic over the whole plane where it can, and estimates it on large circles where it cannot; it says
// which.
package formula

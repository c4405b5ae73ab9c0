package formula_test

import (
	"fmt"

	"smoothscape/landscape/formula"
)

func ExampleParse() {
	f, err := formula.Parse("x^2/2 + y^2/2 - 0.3*exp(-((x-1)^2 + y^2)/0.02)")
	if err != nil {
		fmt.Println(err)
		return
	}
	o, err := f.Objective(-1.5, 1.5)
	if err != nil {
		fmt.Println(err)
		return
	}
	gradient := make([]float64, 2)
	o.Grad([]float64{1, 0}, gradient)
	fmt.Printf("f(1, 0) = %.1f, gradient %.1f, δ up to %.2f, growth |x|^%g\n", o.Func([]float64{1, 0}), gradient, o.DeltaMax, o.Growth)
	// Output: f(1, 0) = 0.2, gradient [1.0 0.0], δ up to 0.27, growth |x|^2
}

func ExampleError() {
	for _, source := range []string{"2x + 1", "sin x", "x^2 + coss(y)"} {
		_, err := formula.Parse(source)
		fmt.Println(err)
	}
	// Output:
	// reading the formula, column 2: expected an operator (+ - * / ^) or the end, found "x" right after "2"; multiplication is written: 2*x
	// reading the formula, column 5: expected "(" after the function sin, found "x"; write sin(x), and its square sin(x)^2
	// reading the formula, column 7: expected x, y (or x1, x2), pi, tau, e or a function, found "coss"; did you mean cos?
}

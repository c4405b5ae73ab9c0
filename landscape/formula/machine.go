package formula

import "math"

// value runs the program for the value alone.
func (p program) value(x, y float64) float64 {
	var stack [stackSize]float64
	v := [2]float64{x, y}
	top := -1
	for i := range p {
		in := &p[i]
		if in.op >= opAdd {
			a, b := stack[(top-1)&stackMask], stack[top&stackMask]
			if in.swapped {
				a, b = b, a
			}
			top--
			s := &stack[top&stackMask]
			switch in.op {
			case opAdd:
				*s = a + b
			case opSub:
				*s = a - b
			case opMul:
				*s = a * b
			case opDiv:
				*s = a / b
			default:
				*s = binaries[in.fn].value(a, b)
			}
			continue
		}
		if in.op <= opVar {
			top++
		}
		s := &stack[top&stackMask]
		switch in.op {
		case opConst:
			*s = in.c
		case opVar:
			*s = v[in.fn&1]
		case opAddC:
			*s += in.c
		case opMulC:
			*s *= in.c
		case opDivC:
			*s /= in.c
		case opSquare:
			*s *= *s
		case opPowC:
			*s = raise(*s, in.c)
		case opBaseC:
			*s = math.Pow(in.c, *s)
		case opCall1:
			*s = unaries[in.fn].value(*s)
		}
	}
	return stack[0]
}

// jet is a value with its derivatives in x and y. The operations below write its fields one by one: to assign a whole jet
// copies it through memory, which cost a gradient a third more time.
type jet struct{ v, x, y, xx, xy, yy float64 }

// jet runs the program on jets. smooth is false where an operation has a kink, or a derivative that is not finite; its
// share in the derivatives is then 0, or a subgradient.
func (p program) jet(x, y float64) (result jet, smooth bool) {
	var stack [stackSize]jet
	smooth = true
	top := -1
	for i := range p {
		in := &p[i]
		if in.op >= opAdd {
			a, b := &stack[(top-1)&stackMask], &stack[top&stackMask]
			top--
			s := a // the result replaces the lower one
			if in.swapped {
				a, b = b, a
			}
			switch in.op {
			case opAdd:
				s.v, s.x, s.y = a.v+b.v, a.x+b.x, a.y+b.y
				s.xx, s.xy, s.yy = a.xx+b.xx, a.xy+b.xy, a.yy+b.yy
			case opSub:
				s.v, s.x, s.y = a.v-b.v, a.x-b.x, a.y-b.y
				s.xx, s.xy, s.yy = a.xx-b.xx, a.xy-b.xy, a.yy-b.yy
			case opMul:
				xx := a.xx*b.v + 2*a.x*b.x + a.v*b.xx
				xy := a.xy*b.v + a.x*b.y + a.y*b.x + a.v*b.xy
				yy := a.yy*b.v + 2*a.y*b.y + a.v*b.yy
				v, gx, gy := a.v*b.v, a.x*b.v+a.v*b.x, a.y*b.v+a.v*b.y
				s.v, s.x, s.y, s.xx, s.xy, s.yy = v, gx, gy, xx, xy, yy
			case opDiv:
				f := a.v / b.v
				*s = join(a, b, f, divideSlope(a.v, b.v, f), &smooth)
			case opCall2:
				switch in.fn {
				case fnMin, fnMax:
					*s = choose(a, b, binaries[in.fn].value(a.v, b.v), &smooth)
				default:
					f := binaries[in.fn].value(a.v, b.v)
					*s = join(a, b, f, binaries[in.fn].slope(a.v, b.v, f), &smooth)
				}
			}
			continue
		}
		if in.op <= opVar {
			top++
		}
		s := &stack[top&stackMask]
		switch in.op {
		case opConst:
			s.v, s.x, s.y, s.xx, s.xy, s.yy = in.c, 0, 0, 0, 0, 0
		case opVar:
			s.v, s.x, s.y, s.xx, s.xy, s.yy = x, 1, 0, 0, 0, 0
			if in.fn == 1 {
				s.v, s.x, s.y = y, 0, 1
			}
		case opAddC:
			s.v += in.c
		case opMulC:
			s.scale(in.c)
		case opDivC:
			v := s.v / in.c // not s.v·(1/c), which rounds twice
			s.scale(1 / in.c)
			s.v = v
		case opSquare:
			s.apply(s.v*s.v, 2*s.v, 2, &smooth)
		case opPowC:
			first, second := powerOf(s.v, in.c)
			s.apply(raise(s.v, in.c), first, second, &smooth)
		case opBaseC:
			f, l := math.Pow(in.c, s.v), math.Log(in.c)
			s.apply(f, f*l, f*l*l, &smooth)
		case opCall1:
			switch in.fn {
			case fnSin:
				sin, cos := math.Sincos(s.v)
				s.apply(sin, cos, -sin, &smooth)
			case fnCos:
				sin, cos := math.Sincos(s.v)
				s.apply(cos, -sin, -cos, &smooth)
			default:
				u := &unaries[in.fn]
				f := u.value(s.v)
				first, second := u.slope(s.v, f)
				s.apply(f, first, second, &smooth)
			}
		}
	}
	return stack[0], smooth
}

// apply makes f(j) of j, by the chain rule.
func (j *jet) apply(f, first, second float64, smooth *bool) {
	first, second = orZero(first, smooth), orZero(second, smooth)
	j.xx = second*j.x*j.x + first*j.xx
	j.xy = second*j.x*j.y + first*j.xy
	j.yy = second*j.y*j.y + first*j.yy
	j.v, j.x, j.y = f, first*j.x, first*j.y
}

func (j *jet) scale(c float64) {
	j.v *= c
	j.x *= c
	j.y *= c
	j.xx *= c
	j.xy *= c
	j.yy *= c
}

// join is f(a, b), by the chain rule in two variables.
func join(a, b *jet, f float64, p partials, smooth *bool) jet {
	p = partials{orZero(p.a, smooth), orZero(p.b, smooth), orZero(p.aa, smooth), orZero(p.ab, smooth), orZero(p.bb, smooth)}
	return jet{f, p.a*a.x + p.b*b.x, p.a*a.y + p.b*b.y,
		p.aa*a.x*a.x + 2*p.ab*a.x*b.x + p.bb*b.x*b.x + p.a*a.xx + p.b*b.xx,
		p.aa*a.x*a.y + p.ab*(a.x*b.y+a.y*b.x) + p.bb*b.x*b.y + p.a*a.xy + p.b*b.xy,
		p.aa*a.y*a.y + 2*p.ab*a.y*b.y + p.bb*b.y*b.y + p.a*a.yy + p.b*b.yy}
}

// choose is min or max of a and b with value f. Where they are equal it has the shortest vector between the two gradients
// and the second derivatives of a.
func choose(a, b *jet, f float64, smooth *bool) jet {
	switch {
	case a.v != b.v && f == a.v:
		return *a
	case a.v != b.v && f == b.v:
		return *b
	case a.v != b.v: // one is NaN
		return jet{v: f}
	}
	*smooth = false
	dx, dy := b.x-a.x, b.y-a.y
	t := 0.0
	if d2 := dx*dx + dy*dy; d2 > 0 {
		t = min(1, max(0, -(a.x*dx+a.y*dy)/d2))
	}
	return jet{f, a.x + t*dx, a.y + t*dy, a.xx, a.xy, a.yy}
}

func orZero(v float64, smooth *bool) float64 {
	if v-v != 0 { // NaN or ±Inf
		*smooth = false
		return 0
	}
	return v
}

// The fast Fourier transform of length 2^k, 3·2^k or 5·2^k, by Stockham's self-sorting method: stages of radix 4, then at most
// one of radix 2 and one of radix 3 or 5. Real and imaginary parts stand in arrays of their own.

/** paddedLength returns the smallest 2^k, 3·2^k or 5·2^k (k ≥ 1) that is at least m. */
export function paddedLength(m: number): number {
  let best = Infinity;
  for (const odd of [1, 3, 5]) {
    let p = 2 * odd;
    while (p < m) p *= 2;
    best = Math.min(best, p);
  }
  return best;
}

/** A transform of one length, with its scratch space: one at a time. */
export class Plan {
  private readonly cos: Float64Array; // cos(2πk/n)
  private readonly sin: Float64Array; // −sin(2πk/n)
  private readonly spareRe: Float64Array;
  private readonly spareIm: Float64Array;

  constructor(readonly length: number) {
    this.cos = new Float64Array(length);
    this.sin = new Float64Array(length);
    for (let k = 0; k < length; k++) {
      this.cos[k] = Math.cos((2 * Math.PI * k) / length);
      this.sin[k] = -Math.sin((2 * Math.PI * k) / length);
    }
    this.spareRe = new Float64Array(length);
    this.spareIm = new Float64Array(length);
  }

  /** inverse is the inverse transform in place, not divided by the length. */
  inverse(re: Float64Array, im: Float64Array): void { this.forward(im, re); }

  /** forward replaces re + i·im by its transform Σ x_j exp(−2πijk/n). */
  forward(re: Float64Array, im: Float64Array): void {
    let fromRe = re, fromIm = im, toRe = this.spareRe, toIm = this.spareIm;
    // `rest` is the length of the transforms that are left to do, `stride` how many of them are interleaved.
    let rest = this.length, stride = 1;
    while (rest > 1) {
      const radix = rest % 4 === 0 ? 4 : rest % 2 === 0 ? 2 : rest;
      if (radix === 4) this.radix4(fromRe, fromIm, toRe, toIm, rest, stride);
      else if (radix === 2) this.radix2(fromRe, fromIm, toRe, toIm, rest, stride);
      else if (radix === 3) radix3(fromRe, fromIm, toRe, toIm, stride);
      else radix5(fromRe, fromIm, toRe, toIm, stride);
      rest /= radix;
      stride *= radix;
      const swapRe = fromRe, swapIm = fromIm;
      fromRe = toRe; fromIm = toIm;
      toRe = swapRe; toIm = swapIm;
    }
    if (fromRe !== re) {
      re.set(fromRe);
      im.set(fromIm);
    }
  }

  private radix4(xr: Float64Array, xi: Float64Array, yr: Float64Array, yi: Float64Array, rest: number, s: number): void {
    const quarter = rest >> 2, step = this.length / rest, { cos, sin } = this;
    for (let p = 0; p < quarter; p++) {
      const k = p * step;
      const c1 = cos[k]!, s1 = sin[k]!, c2 = cos[2 * k]!, s2 = sin[2 * k]!, c3 = cos[3 * k]!, s3 = sin[3 * k]!;
      let a = s * p, b = a + s * quarter, c = b + s * quarter, d = c + s * quarter;
      let o0 = 4 * s * p, o1 = o0 + s, o2 = o1 + s, o3 = o2 + s;
      for (let q = 0; q < s; q++, a++, b++, c++, d++, o0++, o1++, o2++, o3++) {
        const ar = xr[a]!, ai = xi[a]!, br = xr[b]!, bi = xi[b]!, cr = xr[c]!, ci = xi[c]!, dr = xr[d]!, di = xi[d]!;
        const acr = ar + cr, aci = ai + ci, bdr = br + dr, bdi = bi + di;
        const er = ar - cr, ei = ai - ci, fr = bi - di, fi = dr - br; // f = −i(b − d)
        yr[o0] = acr + bdr; yi[o0] = aci + bdi;
        let ur = er + fr, ui = ei + fi;
        yr[o1] = ur * c1 - ui * s1; yi[o1] = ur * s1 + ui * c1;
        ur = acr - bdr; ui = aci - bdi;
        yr[o2] = ur * c2 - ui * s2; yi[o2] = ur * s2 + ui * c2;
        ur = er - fr; ui = ei - fi;
        yr[o3] = ur * c3 - ui * s3; yi[o3] = ur * s3 + ui * c3;
      }
    }
  }

  private radix2(xr: Float64Array, xi: Float64Array, yr: Float64Array, yi: Float64Array, rest: number, s: number): void {
    const half = rest >> 1, step = this.length / rest, { cos, sin } = this;
    for (let p = 0; p < half; p++) {
      const c = cos[p * step]!, d = sin[p * step]!;
      for (let q = 0, a = s * p, b = a + s * half, o = 2 * s * p; q < s; q++, a++, b++, o++) {
        const ur = xr[a]! - xr[b]!, ui = xi[a]! - xi[b]!;
        yr[o] = xr[a]! + xr[b]!; yi[o] = xi[a]! + xi[b]!;
        yr[o + s] = ur * c - ui * d; yi[o + s] = ur * d + ui * c;
      }
    }
  }
}

function radix3(xr: Float64Array, xi: Float64Array, yr: Float64Array, yi: Float64Array, s: number): void {
  const h = Math.sqrt(3) / 2;
  for (let q = 0; q < s; q++) {
    const ar = xr[q]!, ai = xi[q]!, br = xr[q + s]!, bi = xi[q + s]!, cr = xr[q + 2 * s]!, ci = xi[q + 2 * s]!;
    const tr = br + cr, ti = bi + ci, ur = ar - tr / 2, ui = ai - ti / 2, vr = h * (bi - ci), vi = h * (cr - br);
    yr[q] = ar + tr; yi[q] = ai + ti;
    yr[q + s] = ur + vr; yi[q + s] = ui + vi;
    yr[q + 2 * s] = ur - vr; yi[q + 2 * s] = ui - vi;
  }
}

function radix5(xr: Float64Array, xi: Float64Array, yr: Float64Array, yi: Float64Array, s: number): void {
  const c1 = Math.cos((2 * Math.PI) / 5), c2 = Math.cos((4 * Math.PI) / 5), s1 = Math.sin((2 * Math.PI) / 5), s2 = Math.sin((4 * Math.PI) / 5);
  for (let q = 0; q < s; q++) {
    const ar = xr[q]!, ai = xi[q]!, br = xr[q + s]!, bi = xi[q + s]!, cr = xr[q + 2 * s]!, ci = xi[q + 2 * s]!;
    const dr = xr[q + 3 * s]!, di = xi[q + 3 * s]!, er = xr[q + 4 * s]!, ei = xi[q + 4 * s]!;
    const pr = br + er, pi = bi + ei, qr = cr + dr, qi = ci + di, mr = br - er, mi = bi - ei, nr = cr - dr, ni = ci - di;
    const ur = ar + c1 * pr + c2 * qr, ui = ai + c1 * pi + c2 * qi, vr = s1 * mr + s2 * nr, vi = s1 * mi + s2 * ni;
    const wr = ar + c2 * pr + c1 * qr, wi = ai + c2 * pi + c1 * qi, zr = s2 * mr - s1 * nr, zi = s2 * mi - s1 * ni;
    yr[q] = ar + pr + qr; yi[q] = ai + pi + qi;
    yr[q + s] = ur + vi; yi[q + s] = ui - vr;
    yr[q + 2 * s] = wr + zi; yi[q + 2 * s] = wi - zr;
    yr[q + 3 * s] = wr - zi; yi[q + 3 * s] = wi + zr;
    yr[q + 4 * s] = ur - vi; yi[q + 4 * s] = ui + vr;
  }
}

// What is said about the picture: pure functions of what it shows.

import type { Minimum } from "../minima";
import type { Kernel } from "../kernel";
import type { Blend } from "../surface/view";
import { count, digits, fixed } from "../numbers";

/** What the words are about. */
export interface Seen {
  blend: Blend;
  kernel: Kernel;
  delta: number; // ηC/√b, or what takes its place
  wanted: number; // the same in the units of the picture
  drawn: number; // δ of the picture: `wanted`, cut to the limit
  limit: number; // the greatest δ that it draws
  raw: readonly Minimum[];
  smoothed: readonly Minimum[];
  domain: readonly [number, number];
  mirrorMass: number;
  log?: boolean; // heights are on the logarithmic scale
  slice: boolean; // of a network, not a closed form
  dim: number; // variables of the closed form
  pictures: boolean; // the four pictures are open
  magnification: number;
  untouched: boolean; // nothing has been changed yet
}

export function minimaWord(n: number): string { return n === 1 ? "minimum" : "minima"; }

/** countOf is what stands beside the big number. */
export function countOf(s: Seen): string {
  const name = s.slice ? "L" : "f";
  if (s.blend === "raw") return `strict ${minimaWord(s.raw.length)} of ${name}`;
  if (s.dim > 2) return `${minimaWord(s.smoothed.length)} smoothed, ${count(s.raw.length)} of f`;
  return s.slice ? `${minimaWord(s.smoothed.length)} smoothed, ${count(s.raw.length)} of L` : `${minimaWord(s.smoothed.length)} of f̂, ${count(s.raw.length)} of f`;
}

/** sentence says what is seen, and nothing that is not true of it. */
export function sentence(s: Seen): string {
  const name = s.slice ? "L" : "f", raw = s.raw.length;
  if (s.blend === "raw") return raw === 0 ? `This is ${name} itself, not smoothed. It has no strict minimum here.` : `This is ${name} itself, not smoothed: ${count(raw)} strict ${minimaWord(raw)}. Press R for what SGD sees.`;
  if (s.slice) {
    const what = s.blend === "split" ? `Left of the cut: the loss L as evaluated, with ${count(raw)} ${minimaWord(raw)} in all. Right of it: ` : "This is ";
    return `${what}that picture smoothed in its plane, ×${digits(s.magnification)} as wide as SGD's noise is here: an analogue. ${outcome(s)}`;
  }
  if (s.dim > 2) {
    const what = s.blend === "split" ? `Left of the cut: f on the plane of two of its ${s.dim} variables, with ${count(raw)} ${minimaWord(raw)} in all. Right of it: ` : "This is ";
    return `${what}that plane smoothed by noise of two variables: an analogue, which does not know the other ${s.dim - 2}. ${outcome(s)}${s.pictures ? "" : " Press 4 for what f̂ is."}`;
  }
  const what = s.blend === "split" ? `Left of the cut: f, with ${count(raw)} ${minimaWord(raw)} in all. Right of it: f̂, ` : "This is f̂, ";
  const role = s.wanted > s.limit * (1 + 1e-9) ? "smoothed as far as the picture goes. " : "which SGD with this η, b and C descends in the mean of a step. ";
  const invitation = s.untouched && s.smoothed.length < raw ? " Drag b to the right, and the others come back." : "";
  return what + role + outcome(s) + invitation;
}

function outcome(s: Seen): string {
  const raw = s.raw.length, left = s.smoothed.length, { smoothed } = s;
  if (left === 0) return raw === 0 ? "It has no strict minimum in view." : "It has no strict minimum left in view.";
  const [lowest] = smoothed, span = s.domain[1] - s.domain[0], decimals = span > 100 ? 0 : span > 10 ? 1 : 2;
  const at = `(${fixed(lowest!.x, decimals)}, ${fixed(lowest!.y, decimals)})`;
  if (left === 1) return raw > 1 ? `One minimum is left, at ${at}.` : `It has one minimum, at ${at}.`;
  if (left > raw) return `It has ${count(left)} minima: smoothing made new ones. The lowest lies at ${at}.`;
  if (left === raw) return `All ${count(left)} minima are still there; the lowest lies at ${at}.`;
  if (s.kernel.law === "uniform") return `It has ${count(left)} minima, which need not be among the ${count(raw)}: a disc makes new ones, too. The lowest lies at ${at}.`;
  return `${count(left)} of ${count(raw)} minima are left; the lowest lies at ${at}.`;
}

/** spoken is the short form for a screen reader and for aria-valuetext. */
export function spoken(s: Seen): string {
  return s.blend === "raw" ? `not smoothed, ${s.raw.length} ${minimaWord(s.raw.length)}` : `δ ${digits(s.delta)}, ${s.smoothed.length} ${minimaWord(s.smoothed.length)} left`;
}

/** label names the picture: exact, or an analogue and which. */
export function label(s: Seen): string {
  const name = s.slice ? "L" : "f";
  return `${picture(s)}${s.log ? ` · heights as log(1 + 1000·(${name} − min ${name})/(max ${name} − min ${name})), five lines to a decade` : ""}`;
}

function picture(s: Seen): string {
  if (s.blend === "raw") return s.slice ? "raw slice, as it was evaluated" : "raw, exact";
  const law = lawName(s.kernel), convention = s.kernel.law === "stable" ? "" : `, ${s.kernel.convention} convention`;
  return s.slice
    ? `slice smoothing (illustrative), drawn ×${digits(s.magnification)}: the 2-D picture smoothed in its plane, ${law}${convention}`
    : s.dim > 2 ? `slice smoothing (illustrative): the plane of x₁ and x₂ of ${s.dim} variables, smoothed in it, ${law}${convention}` : `${s.mirrorMass > 1e-4 ? `exact but for the mirrored border` : "exact: f̂ itself"}, ${law}${convention}`;
}

export function lawName(k: Kernel): string {
  return k.law === "gaussian" ? "Gaussian" : k.law === "uniform" ? "uniform disc" : `α-stable, α = ${digits(k.alpha)}`;
}

/** caution warns where the picture is not all of the truth; "" where it is. */
export function caution(s: Seen): string {
  if (s.blend === "raw") return "";
  const parts: string[] = [];
  if (s.wanted > s.limit * (1 + 1e-9)) {
    parts.push(`δ ${s.slice ? "in plot units " : ""}is ${digits(s.wanted)}; the picture stops at ${digits(s.limit)}, beyond which the border would show.`);
  }
  if (s.mirrorMass > 1e-4) parts.push(`Up to ${digits(100 * s.mirrorMass, 2)} % of the kernel reaches beyond the sampled area, where f is mirrored.`);
  return parts.join(" ");
}

export function kernelNote(k: Kernel): string {
  if (k.law === "gaussian") return "Many small independent errors: the law of the mean of a large batch.";
  if (k.law === "uniform") return "Every error up to a sharp edge is equally likely. Where f varies faster than the disc is wide, minima turn into maxima: a disc can make new minima.";
  return "Heavy tails: rare large errors, no variance. Then δ shrinks more slowly with the batch size, as the formula says.";
}

export function conventionNote(k: Kernel): string {
  if (k.law === "stable") return "An α-stable law has a scale of its own: E exp(−ik·u) = exp(−‖k‖^α). Neither convention applies.";
  if (k.convention === "vector") return k.law === "gaussian" ? "The paper's: u ~ N(0, I/d), d = 2 here, so δ is the length of the whole error vector in the mean square." : "The paper's: u uniform on the disc of radius 1, so the disc drawn has radius δ.";
  return k.law === "gaussian" ? "u ~ N(0, I): δ is the standard deviation along each axis." : "The disc has radius 2δ, so that δ is the standard deviation along each axis.";
}

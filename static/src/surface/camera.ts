// Where the surface is looked at from. The surface and the map are two ends of one way.

/**
 * Radians around the vertical (0 from the front), radians above the horizon, a factor (1 fits the box into the picture), and the
 * place of the floor that is looked at: 0 is the middle, ±1 the border.
 */
export interface Camera { yaw: number; pitch: number; zoom: number; panx: number; pany: number }

export const restCamera: Readonly<Camera> = { yaw: 0.62, pitch: 0.6, zoom: 1, panx: 0, pany: 0 };
export const cameraLimits = { yaw: [-Math.PI, Math.PI], pitch: [0.1, 1.5], zoom: [0.5, 4], pan: [-1, 1] } as const;

/** Height of the box whose floor is [−1, 1]². */
export const tall = 0.92;

/** Free space around the box, in pixels. */
export interface Margins { top: number; right: number; bottom: number; left: number }

/** A camera ready for use: from the box to clip space, column-major, and its place. */
export interface Lens { matrix: Float32Array; eye: Float32Array }

const opening = 0.3; // half the vertical angle of view, radians

/** within returns the camera with its numbers inside their limits. */
export function within(c: Camera): Camera {
  const clamp = (v: number, [lo, hi]: readonly [number, number]): number => Math.min(hi, Math.max(lo, v));
  return {
    yaw: c.yaw - 2 * Math.PI * Math.round(c.yaw / (2 * Math.PI)), pitch: clamp(c.pitch, cameraLimits.pitch), zoom: clamp(c.zoom, cameraLimits.zoom),
    panx: clamp(c.panx, cameraLimits.pan), pany: clamp(c.pany, cameraLimits.pan),
  };
}

/**
 * lens fits the box into a picture of width × height pixels, inside the margins, for any yaw: the box is taken as the round
 * tower around it, so that turning moves nothing. flatness 0 is the camera's own view, 1 the map from above.
 */
export function lens(camera: Camera, flatness: number, width: number, height: number, margins: Margins): Lens {
  const pitch = camera.pitch + (Math.PI / 2 - camera.pitch) * flatness, yaw = camera.yaw * (1 - flatness);
  const cp = Math.cos(pitch), sp = Math.sin(pitch), cy = Math.cos(yaw), sy = Math.sin(yaw), aspect = width / height;
  const f = 1 / Math.tan(opening), points = outline(flatness);
  const freeX = Math.max(0.2, 1 - (margins.left + margins.right) / width), freeY = Math.max(0.2, 1 - (margins.top + margins.bottom) / height);
  // The least distance from the middle at which the outline fits, and where its middle falls in the picture.
  let near = 1.5, far = 60, box = [0, 0, 0, 0];
  for (let i = 0; i < 24; i++) {
    const d = (near + far) / 2;
    box = extent(points, d, cp, sp, cy, sy, f / aspect, f);
    if (box[1]! - box[0]! <= 2 * freeX && box[3]! - box[2]! <= 2 * freeY) far = d; else near = d;
  }
  const distance = far / camera.zoom;
  box = extent(points, far, cp, sp, cy, sy, f / aspect, f);
  const shiftX = (margins.left - margins.right) / width - (box[0]! + box[1]!) / 2, shiftY = (margins.bottom - margins.top) / height - (box[2]! + box[3]!) / 2;
  const eye = Float32Array.of(distance * cp * sy + camera.panx, distance * sp, distance * cp * cy - camera.pany);
  const right = [cy, 0, -sy], up = [-sp * sy, cp, -sp * cy], back = [cp * sy, sp, cp * cy];
  const zNear = Math.max(0.02, distance - 3), zFar = distance + 5, depth = (zFar + zNear) / (zNear - zFar), offset = (2 * zFar * zNear) / (zNear - zFar);
  const matrix = new Float32Array(16), place = -dot(back, eye);
  for (let c = 0; c < 3; c++) {
    matrix[4 * c] = (f / aspect) * right[c]! - shiftX * back[c]!;
    matrix[4 * c + 1] = f * up[c]! - shiftY * back[c]!;
    matrix[4 * c + 2] = depth * back[c]!;
    matrix[4 * c + 3] = -back[c]!;
  }
  matrix[12] = (-f / aspect) * dot(right, eye) - shiftX * place;
  matrix[13] = -f * dot(up, eye) - shiftY * place;
  matrix[14] = depth * place + offset;
  matrix[15] = -place;
  return { matrix, eye };
}

/** project gives the place of a point of the box in clip space over w: −1 … 1 to the right and up. */
export function project({ matrix: m }: Lens, x: number, y: number, z: number): [number, number] {
  const w = m[3]! * x + m[7]! * y + m[11]! * z + m[15]!;
  return [(m[0]! * x + m[4]! * y + m[8]! * z + m[12]!) / w, (m[1]! * x + m[5]! * y + m[9]! * z + m[13]!) / w];
}

/** ray gives, for a place in clip space, the point of the plane y = level of the box on that ray; null where there is none. */
export function ray({ matrix: m }: Lens, u: number, v: number, level: number): [number, number] | null {
  const a = m[0]! - u * m[3]!, b = m[8]! - u * m[11]!, c = m[12]! - u * m[15]! + (m[4]! - u * m[7]!) * level;
  const d = m[1]! - v * m[3]!, e = m[9]! - v * m[11]!, g = m[13]! - v * m[15]! + (m[5]! - v * m[7]!) * level;
  const det = a * e - b * d;
  if (Math.abs(det) < 1e-12) return null;
  return [(b * g - c * e) / det, (c * d - a * g) / det];
}

/** outline is what must fit: of the surface the round tower, of the map its square. */
function outline(flatness: number): [number, number, number][] {
  const points: [number, number, number][] = [], count = 16;
  for (let i = 0; i < count; i++) {
    const angle = (2 * Math.PI * (i + 0.5)) / count, c = Math.cos(angle), s = Math.sin(angle), square = 1 / Math.max(Math.abs(c), Math.abs(s));
    const r = 1.36 * (1 - flatness) + square * flatness;
    points.push([r * c, 0, r * s], [r * c * 0.93, tall * (1 - flatness), r * s * 0.93]);
  }
  if (flatness > 0.5) points.push([-1, 0, -1], [1, 0, -1], [1, 0, 1], [-1, 0, 1]);
  return points;
}

function extent(points: readonly [number, number, number][], distance: number, cp: number, sp: number, cy: number, sy: number, fx: number, fy: number): number[] {
  let left = Infinity, right = -Infinity, low = Infinity, high = -Infinity;
  for (const [x, y, z] of points) {
    const across = x * cy - z * sy, upward = -sp * sy * x + cp * y - sp * cy * z, w = Math.max(0.05, distance - (cp * sy * x + sp * y + cp * cy * z));
    left = Math.min(left, (fx * across) / w); right = Math.max(right, (fx * across) / w);
    low = Math.min(low, (fy * upward) / w); high = Math.max(high, (fy * upward) / w);
  }
  return [left, right, low, high];
}

function dot(a: readonly number[], b: ArrayLike<number>): number { return a[0]! * b[0]! + a[1]! * b[1]! + a[2]! * b[2]!; }

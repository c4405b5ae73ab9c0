// The shaders. The surface lives in a box: x₁ to the right and x₂ away from the viewer in [−1, 1], height up from 0. Two float
// textures hold f and f̂; left of the cut the surface is f, right of it f̂, so a new δ is one upload and "raw" a place of the cut.

const common = `#version 300 es
precision highp float;
precision highp int;
precision highp sampler2D;
uniform sampler2D rawHeights;
uniform sampler2D smoothHeights;
uniform int count;      // nodes a side of the mesh
uniform ivec2 stride;   // nodes of f's texture and of f̂'s to one of the mesh
uniform float cut;      // in nodes: columns below it are raw
uniform vec2 bend;      // of a logarithmic scale: where it starts, and its unit; unit 0: linear
uniform vec2 range;     // heights at the floor and at the top of the box, bent
uniform float tall;     // height of the box
uniform float flatness; // 0 surface … 1 map
uniform mat4 camera;
uniform vec3 eye;
float height(ivec2 p, bool raw) {
  p = clamp(p, ivec2(0), ivec2(count - 1));
  return raw ? texelFetch(rawHeights, p * stride.x, 0).r : texelFetch(smoothHeights, p * stride.y, 0).r;
}
float height(vec2 g, bool raw) { // between nodes
  vec2 f = fract(g);
  ivec2 i = ivec2(floor(g));
  return mix(mix(height(i, raw), height(i + ivec2(1, 0), raw), f.x), mix(height(i + ivec2(0, 1), raw), height(i + ivec2(1, 1), raw), f.x), f.y);
}
float level(float h) {
  if (bend.y > 0.) {
    float u = h - bend.x;
    h = sign(u) * log(1. + abs(u) / bend.y);
  }
  return (h - range.x) / (range.y - range.x);
}
vec3 place(vec2 g, float h) {
  float last = float(count - 1);
  return vec3(2. * g.x / last - 1., level(h) * tall * (1. - flatness), 1. - 2. * g.y / last);
}
`;

/** seen walks from a point towards the eye: less than 1 where the surface lies before it. */
const walk = `
float seen(vec3 p) {
  if (flatness > .3) return 1.;
  vec3 way = normalize(eye - p);
  float far = min(3., (tall * (1. - flatness) - p.y) / max(way.y, .02)), last = float(count - 1);
  for (int i = 1; i <= 40; i++) {
    vec3 q = p + way * far * float(i) / 40.;
    if (max(abs(q.x), abs(q.z)) > 1.) break;
    vec2 g = vec2(q.x + 1., 1. - q.z) * .5 * last;
    if (level(height(g, g.x < cut)) * tall * (1. - flatness) > q.y + .015) return 0.;
  }
  return 1.;
}
`;

export const meshVertex = `${common}
out vec3 position;
out vec3 normal;
out float value;  // height
out float hollow; // how much the surroundings rise above it
out float wall;   // 1 on the skirt's lower edge
out vec2 node; // column and row
void main() {
  int id = gl_VertexID, pitch = (count + 31) / 64 * 64 + 32, nodes = pitch * count, last = count - 1; // mesh.ts
  bool lower = id >= nodes; // the skirt: four sides of count nodes
  ivec2 p = ivec2(id % pitch, id / pitch);
  if (lower) {
    int k = id - nodes, side = k / count, i = k % count;
    p = side == 0 ? ivec2(i, 0) : side == 1 ? ivec2(last, i) : side == 2 ? ivec2(last - i, last) : ivec2(0, last - i);
  }
  bool raw = float(p.x) < cut;
  float h = height(p, raw), up = level(h);
  float l = level(height(p - ivec2(1, 0), raw)), r = level(height(p + ivec2(1, 0), raw)), d = level(height(p - ivec2(0, 1), raw)), u = level(height(p + ivec2(0, 1), raw));
  float steep = tall * (1. - flatness) * float(last) * .25;
  normal = vec3((l - r) * steep, 1., (u - d) * steep);
  int q = max(2, count / 40);
  hollow = level(height(p - ivec2(q, 0), raw)) + level(height(p + ivec2(q, 0), raw)) + level(height(p - ivec2(0, q), raw)) + level(height(p + ivec2(0, q), raw)) - 4. * up;
  value = h;
  wall = lower ? 1. : 0.;
  node = vec2(p);
  position = place(vec2(p), h);
  if (lower) position.y = -.012 * (1. - flatness);
  gl_Position = camera * vec4(position, 1.);
}`;

export const meshFragment = `#version 300 es
precision highp float;
precision highp sampler2D;
in vec3 position;
in vec3 normal;
in float value;
in float hollow;
in float wall;
in vec2 node;
uniform sampler2D palette; // 256 colors, sRGB
uniform vec2 bend;
uniform vec2 range;
uniform float tall;
uniform float contour;     // distance between contour lines
uniform float flatness;
uniform float cut;
uniform vec2 knife;        // of a line across: column and row it lies on, −1 where it runs along
uniform vec2 cross;        // column and row of the linked cursor, −1 where there is none
uniform vec3 eye;
uniform float brightness;  // 1 on a dark ground, a little more on a light one
out vec4 color;
float logarithm(float u) { return sign(u) * log(1. + abs(u) / bend.y); }
void main() {
  // On a skirt the height is that of the place, for it shows strata; everywhere else it is the surface's own.
  bool skirt = wall > 1e-4;
  float u = value - bend.x, t = ((bend.y > 0. ? logarithm(u) : value) - range.x) / (range.y - range.x);
  if (skirt) t = tall > 0. && flatness < 1. ? position.y / (tall * (1. - flatness)) : t;
  t = clamp(t, 0., 1.);
  vec3 base = texture(palette, vec2((t * 255. + .5) / 256., .5)).rgb, linear = base * base;
  vec3 n = normalize(normal), view = normalize(eye - position), light = normalize(vec3(-.5, .72, .48)), middle = normalize(light + view);
  float diffuse = max(dot(n, light), 0.), sky = .5 + .5 * n.y, rim = 1. - max(dot(n, view), 0.), open = clamp(1. - hollow * 1.1, .5, 1.18);
  rim *= rim; rim *= rim;
  float shine = pow(max(dot(n, middle), 0.), 40.);
  vec3 lit = linear * (.42 * sky * open + .9 * diffuse * mix(open, 1., .5)) * brightness + .07 * shine + .06 * rim * vec3(.5, .65, .9);
  vec3 shaded = sqrt(mix(lit, linear, flatness));

  // Contours: at multiples of a step, or at five to a decade above the lowest height, which is where a logarithmic scale starts.
  float b = range.x + t * (range.y - range.x), h = bend.y > 0. ? (exp(abs(b)) - 1.) * bend.y : b;
  float f = bend.y > 0. ? 5. * log(max(h, 1e-2 * bend.y)) / log(10.) : h / contour, w = max(fwidth(f), 1e-6), k = abs(fract(f - .5) - .5) / w;
  bool fifth = abs(mod(floor(f + .5), 5.)) < .5;
  float line = (1. - smoothstep(fifth ? .8 : .35, fifth ? 1.9 : 1.25, k)) * (1. - smoothstep(.28, .6, w));
  shaded *= 1. - line * (fifth ? .68 : .42);

  // Sections: the skirt around the border and the wall where f is cut from f̂ show the heights as strata, in shade.
  float seam = node.x > floor(cut - 1e-4) && node.x < ceil(cut - 1e-4) && cut > .5 && flatness < 1. ? 1. : 0.;
  float section = max(skirt ? 1. : 0., seam * (1. - flatness));
  vec3 strata = base * (.34 + .22 * t) * (1. - line * .4);
  shaded = mix(shaded, strata, section * (1. - flatness));

  vec2 pixel = max(fwidth(node), vec2(1e-4)), far = abs(node - cross) / pixel;
  float hair = skirt || cross.x < 0. ? 1e3 : min(far.x, far.y);
  shaded = mix(mix(shaded, vec3(.02, .03, .06), .6 * (1. - smoothstep(1.2, 2.2, hair))), vec3(1.), .85 * (1. - smoothstep(.4, 1., hair)));
  vec2 away = abs(node - knife) / pixel;
  float near = min(knife.x < 0. ? 1e3 : away.x, knife.y < 0. ? 1e3 : away.y);
  shaded = mix(shaded, vec3(.02, .03, .06), .7 * (1. - smoothstep(2.2, 3.4, near)));
  color = vec4(mix(shaded, vec3(1., .72, .3), 1. - smoothstep(.9, 1.8, near)), 1.);
}`;

/** One point a minimum: parts of the way across in both axes, life (1 alive … 0 gone), kind (0 of f̂, 1 lowest of f̂, 2 of f, 3 pointed at, 4 the cursor). */
export const markerVertex = `${common}${walk}
layout(location = 0) in vec4 minimum;
uniform float density; // pixels to a CSS pixel
out float life;
out float kind;
out float strength; // 1, less for what is hidden
void main() {
  life = minimum.z;
  kind = minimum.w;
  vec2 g = minimum.xy * float(count - 1);
  bool raw = kind > 1.5 && kind < 2.5 || kind > 2.5 && g.x < cut;
  vec3 p = place(g, height(g, raw));
  p.y += .012 * (1. - flatness);
  strength = mix(.3, 1., seen(p));
  gl_Position = camera * vec4(p, 1.);
  float size = kind > 3.5 ? 12. : kind > 2.5 ? 38. : kind > 1.5 ? 7. : kind > .5 ? 21. : 14.;
  gl_PointSize = density * size * (1. + 1.6 * (1. - life));
}`;

export const markerFragment = `#version 300 es
precision highp float;
in float life;
in float kind;
in float strength;
out vec4 color;
void main() {
  float r = length(gl_PointCoord - .5) * 2.;
  if (r > 1.) discard;
  if (kind > 3.5) { // the linked cursor
    color = vec4(mix(vec3(.02, .03, .06), vec3(1.), 1. - smoothstep(.45, .6, r)), strength * (1. - smoothstep(.85, 1., r)));
    return;
  }
  if (kind > 2.5) { // a ring around the minimum that is pointed at
    color = vec4(1., .72, .3, smoothstep(.72, .8, r) * (1. - smoothstep(.92, 1., r)));
    return;
  }
  if (kind > 1.5) { // a dot: a minimum of f
    if (strength < .7) discard;
    color = vec4(mix(vec3(.02, .03, .06), vec3(1.), 1. - smoothstep(.3, .5, r)), .85 * life * (1. - smoothstep(.75, 1., r)));
    return;
  }
  vec3 ink = kind > .5 ? vec3(1., .72, .3) : vec3(1.);
  float ring = smoothstep(.52, .6, r) * (1. - smoothstep(.82, .9, r)), core = 1. - smoothstep(.26, .36, r);
  float body = max(ring, core), shade = 1. - smoothstep(.86, 1., r);
  color = vec4(mix(vec3(.02, .03, .06), ink, body), max(body, .6 * shade) * life * life * strength);
}`;

/** One instance a piece of a path: both ends as parts of the way across; length along the path and fading at both ends; color, and width with 100 more where it is dashed. */
export const ribbonVertex = `${common}${walk}
layout(location = 0) in vec4 ends;
layout(location = 1) in vec4 along;
layout(location = 2) in vec4 paint;
uniform vec2 viewport;  // pixels
uniform float density;
out vec3 ink;
out float dash;    // of a dashed line: how far along it, in dashes; else −1
out float opacity;
out vec2 local;    // from the middle of the piece's line, in pixels: along it, across it
flat out vec2 size;     // length and half width, in pixels
vec4 clip(vec2 part, out float visible) {
  vec2 g = part * float(count - 1);
  vec3 p = place(g, height(g, g.x < cut));
  p.y += .01 * (1. - flatness);
  visible = seen(p);
  return camera * vec4(p, 1.);
}
void main() {
  bool end = gl_VertexID > 1;
  float side = float(gl_VertexID & 1) * 2. - 1., width = mod(paint.w, 100.) * density, seenA, seenB;
  vec4 a = clip(ends.xy, seenA), b = clip(ends.zw, seenB), here = end ? b : a;
  vec2 sa = a.xy / a.w * viewport * .5, sb = b.xy / b.w * viewport * .5, way = sb - sa;
  float len = length(way), r = width * .5 + 1.;
  bool dot = ends.xy == ends.zw;
  way = len > 1e-3 ? way / len : vec2(1., 0.);
  float beyond = dot ? r : .5, s = end ? 1. : -1.;
  vec2 p = (end ? sb : sa) + way * s * beyond + vec2(-way.y, way.x) * side * r;
  ink = paint.rgb;
  dash = paint.w >= 100. ? (end ? along.y : along.x) * 40. : -1.;
  opacity = mix(.3, 1., end ? seenB : seenA) * mix(1., .22, clamp(end ? along.w : along.z, 0., 1.));
  local = dot ? vec2(s * r, side * r) : vec2(0., side * r);
  size = vec2(dot ? 1. : 0., width * .5);
  gl_Position = vec4(p / (viewport * .5) * here.w, here.z, here.w);
}`;

export const ribbonFragment = `#version 300 es
precision highp float;
in vec3 ink;
in float dash;
in float opacity;
in vec2 local;
flat in vec2 size;
out vec4 color;
void main() {
  if (dash >= 0. && fract(dash) > .6) discard;
  float edge = length(local) - size.y;
  color = vec4(ink, opacity * (1. - smoothstep(-.5, .5, edge)));
}`;

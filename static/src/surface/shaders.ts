// The shaders. The surface lives in a box: x₁ to the right and x₂ away from the viewer in [−1, 1], height up from 0. Two float
// textures hold f and f̂; left of the cut the surface is f, right of it f̂, so a new δ is one upload and "raw" a place of the cut.

const common = `#version 300 es
precision highp float;
precision highp int;
precision highp sampler2D;
uniform sampler2D rawHeights;
uniform sampler2D smoothHeights;
uniform int count;      // nodes a side
uniform float cut;      // in nodes: columns below it are raw
uniform vec2 range;     // heights at the floor and at the top of the box
uniform float tall;     // height of the box
uniform float flatness; // 0 surface … 1 map
uniform mat4 camera;
float height(ivec2 p, bool raw) {
  p = clamp(p, ivec2(0), ivec2(count - 1));
  return raw ? texelFetch(rawHeights, p, 0).r : texelFetch(smoothHeights, p, 0).r;
}
float level(float h) { return (h - range.x) / (range.y - range.x); }
vec3 place(vec2 g, float h) {
  float last = float(count - 1);
  return vec3(2. * g.x / last - 1., level(h) * tall * (1. - flatness), 1. - 2. * g.y / last);
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
  int id = gl_VertexID, nodes = count * count, last = count - 1;
  bool lower = id >= nodes; // the skirt: four sides of count nodes
  ivec2 p = ivec2(id % count, id / count);
  if (lower) {
    int k = id - nodes, side = k / count, i = k % count;
    p = side == 0 ? ivec2(i, 0) : side == 1 ? ivec2(last, i) : side == 2 ? ivec2(last - i, last) : ivec2(0, last - i);
  }
  bool raw = float(p.x) < cut;
  float h = height(p, raw);
  float l = height(p - ivec2(1, 0), raw), r = height(p + ivec2(1, 0), raw), d = height(p - ivec2(0, 1), raw), u = height(p + ivec2(0, 1), raw);
  float span = range.y - range.x, steep = tall * (1. - flatness) / span * float(last) * .25;
  normal = vec3((l - r) * steep, 1., (u - d) * steep);
  int q = max(2, count / 40);
  hollow = (height(p - ivec2(q, 0), raw) + height(p + ivec2(q, 0), raw) + height(p - ivec2(0, q), raw) + height(p + ivec2(0, q), raw) - 4. * h) / span;
  value = lower ? range.x : h;
  wall = lower ? 1. : 0.;
  node = vec2(p);
  position = place(vec2(p), value);
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
uniform vec2 range;
uniform float contour;     // distance between contour lines
uniform float flatness;
uniform float cut;
uniform vec2 knife;        // of a line across: column and row it lies on, −1 where it runs along
uniform vec3 eye;
uniform float brightness;  // 1 on a dark ground, a little more on a light one
out vec4 color;
void main() {
  float t = clamp((value - range.x) / (range.y - range.x), 0., 1.);
  vec3 base = texture(palette, vec2((t * 255. + .5) / 256., .5)).rgb, linear = base * base;
  vec3 n = normalize(normal), view = normalize(eye - position), light = normalize(vec3(-.5, .72, .48)), middle = normalize(light + view);
  float diffuse = max(dot(n, light), 0.), sky = .5 + .5 * n.y, rim = 1. - max(dot(n, view), 0.), open = clamp(1. - hollow * 1.1, .5, 1.18);
  rim *= rim; rim *= rim;
  float shine = pow(max(dot(n, middle), 0.), 40.);
  vec3 lit = linear * (.42 * sky * open + .9 * diffuse * mix(open, 1., .5)) * brightness + .07 * shine + .06 * rim * vec3(.5, .65, .9);
  vec3 shaded = sqrt(mix(lit, linear, flatness));

  float f = value / contour, w = max(fwidth(f), 1e-6), k = abs(fract(f - .5) - .5) / w;
  bool fifth = abs(mod(floor(f + .5), 5.)) < .5;
  float line = (1. - smoothstep(fifth ? .8 : .35, fifth ? 1.9 : 1.25, k)) * (1. - smoothstep(.28, .6, w));
  shaded *= 1. - line * (fifth ? .68 : .42);

  // Sections: the skirt around the border and the wall where f is cut from f̂ show the heights as strata, in shade.
  float seam = node.x > floor(cut - 1e-4) && node.x < ceil(cut - 1e-4) && cut > .5 && flatness < 1. ? 1. : 0.;
  float section = max(step(1e-4, wall), seam * (1. - flatness));
  vec3 strata = base * (.34 + .22 * t) * (1. - line * .4);
  shaded = mix(shaded, strata, section * (1. - flatness));

  vec2 away = abs(node - knife) / max(fwidth(node), vec2(1e-4));
  float near = min(knife.x < 0. ? 1e3 : away.x, knife.y < 0. ? 1e3 : away.y);
  shaded = mix(shaded, vec3(.02, .03, .06), .7 * (1. - smoothstep(2.2, 3.4, near)));
  color = vec4(mix(shaded, vec3(1., .72, .3), 1. - smoothstep(.9, 1.8, near)), 1.);
}`;

/** One point a minimum: column, row, life (1 alive … 0 gone), kind (0 of f̂, 1 lowest of f̂, 2 of f, 3 pointed at). */
export const markerVertex = `${common}
layout(location = 0) in vec4 minimum;
uniform float density; // pixels to a CSS pixel
out float life;
out float kind;
void main() {
  life = minimum.z;
  kind = minimum.w;
  bool raw = kind > 1.5 && kind < 2.5;
  vec2 g = minimum.xy, f = fract(g);
  ivec2 i = ivec2(floor(g));
  float h = mix(mix(height(i, raw), height(i + ivec2(1, 0), raw), f.x), mix(height(i + ivec2(0, 1), raw), height(i + ivec2(1, 1), raw), f.x), f.y);
  vec3 p = place(g, h);
  p.y += .012 * (1. - flatness);
  gl_Position = camera * vec4(p, 1.);
  gl_Position.z -= .006 * gl_Position.w;
  float size = kind > 2.5 ? 38. : kind > 1.5 ? 7. : kind > .5 ? 21. : 14.;
  gl_PointSize = density * size * (1. + 1.6 * (1. - life));
}`;

export const markerFragment = `#version 300 es
precision highp float;
in float life;
in float kind;
uniform float strength; // 1, less for what is hidden
out vec4 color;
void main() {
  float r = length(gl_PointCoord - .5) * 2.;
  if (r > 1.) discard;
  if (kind > 2.5) { // a ring around the minimum that is pointed at
    color = vec4(1., .72, .3, smoothstep(.72, .8, r) * (1. - smoothstep(.92, 1., r)));
    return;
  }
  if (kind > 1.5) { // a dot: a minimum of f
    if (strength < 1.) discard;
    color = vec4(mix(vec3(.02, .03, .06), vec3(1.), 1. - smoothstep(.3, .5, r)), .85 * life * (1. - smoothstep(.75, 1., r)));
    return;
  }
  vec3 ink = kind > .5 ? vec3(1., .72, .3) : vec3(1.);
  float ring = smoothstep(.52, .6, r) * (1. - smoothstep(.82, .9, r)), core = 1. - smoothstep(.26, .36, r);
  float body = max(ring, core), shade = 1. - smoothstep(.86, 1., r);
  color = vec4(mix(vec3(.02, .03, .06), ink, body), max(body, .6 * shade) * life * life * strength);
}`;

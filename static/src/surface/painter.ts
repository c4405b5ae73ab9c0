// The drawing with WebGL2: three draw calls, the mesh, the lines on it, the marks. Everything it makes on the graphics card is made
// once, or grows; drawing makes nothing.

import type { Lens } from "./camera";
import { bent, type HeightScale } from "./heights";
import { meshIndices } from "./mesh";
import { floatsOfPiece } from "./paths";
import { drawnBySoftware, Samples } from "./samples";
import { Program } from "./program";
import { markerFragment, markerVertex, meshFragment, meshVertex, ribbonFragment, ribbonVertex } from "./shaders";

/** What is drawn. The view keeps one and changes it from drawing to drawing. */
export interface Picture {
  width: number; // CSS pixels
  height: number;
  density: number; // pixels to a CSS pixel
  lens: Lens;
  flatness: number;
  scale: HeightScale;
  tall: number;
  contour: number; // distance between contour lines
  nodes: number; // of the mesh, a side; what the textures hold must be a whole multiple of its cells
  cut: number; // in nodes of the mesh
  knife: Float32Array; // column and row of a line across, −1 where there is none
  cross: Float32Array; // column and row of the linked cursor, −1 where there is none
  brightness: number;
  markSize: number; // factor
  marks: Float32Array; // four numbers each: see markerVertex
  markCount: number;
}

/** What draws a picture: with WebGL2, or without it on a 2-D canvas. */
export interface Draws {
  palette: Uint8Array;
  raw(values: Float32Array, n: number): void; // the heights of f, n×n; kept, not copied
  smooth(values: Float32Array, n: number): void; // those of f̂, over the same square
  pieces(pieces: Float32Array, count: number): void; // of lines, see paths.ts; kept until the next drawing
  paint(picture: Picture): void;
  close(): void;
}

export const mostMarks = 2048;

interface Heights { values: Float32Array; n: number; fresh: boolean; texture: WebGLTexture | null; held: number }
interface Mesh { indices: WebGLBuffer; length: number }

interface Resources {
  mesh: Program;
  marker: Program;
  ribbon: Program | null; // made when there is a line to draw: compiling it would delay the first picture
  palette: WebGLTexture;
  surface: WebGLVertexArrayObject;
  meshes: Map<number, Mesh>; // by nodes a side
  points: WebGLVertexArrayObject;
  marks: WebGLBuffer;
  strips: WebGLVertexArrayObject;
  pieces: WebGLBuffer;
  room: number; // of the pieces' buffer, in bytes
  samples: Samples | null; // what smooths edges
}

export class Painter implements Draws {
  private resources: Resources | null = null;
  private readonly rawHeights: Heights = heights();
  private readonly smoothHeights: Heights = heights();
  private lines: Float32Array = new Float32Array(0);
  private lineCount = 0;
  private freshLines = false;
  private colors = new Uint8Array(1024);
  private freshColors = true;
  private readonly stop = new AbortController();

  /** make returns null where the browser has no WebGL2. moved is told when the graphics go (false) and when they are back (true). */
  static make(canvas: HTMLCanvasElement, moved: (working: boolean) => void): Painter | null {
    const gl = canvas.getContext("webgl2", { antialias: false, alpha: true, premultipliedAlpha: true, powerPreference: "high-performance" });
    return gl && new Painter(gl, canvas, moved);
  }

  /** software: no graphics hardware draws. Edges are then not smoothed, which would double the time of a drawing: a higher density smooths what rests. */
  readonly software: boolean;

  private constructor(private readonly gl: WebGL2RenderingContext, private readonly canvas: HTMLCanvasElement, moved: (working: boolean) => void) {
    this.software = drawnBySoftware(gl);
    const { signal } = this.stop;
    canvas.addEventListener("webglcontextlost", (e) => { e.preventDefault(); this.resources = null; moved(false); }, { signal });
    canvas.addEventListener("webglcontextrestored", () => { this.prepare(); moved(true); }, { signal });
    this.prepare();
  }

  get palette(): Uint8Array { return this.colors; }
  set palette(colors: Uint8Array) { this.colors = new Uint8Array(colors); this.freshColors = true; }

  raw(values: Float32Array, n: number): void { take(this.rawHeights, values, n); }
  smooth(values: Float32Array, n: number): void { take(this.smoothHeights, values, n); }
  pieces(pieces: Float32Array, count: number): void { this.lines = pieces; this.lineCount = count; this.freshLines = true; }

  paint(picture: Picture): void {
    const { gl, resources, canvas } = this, { nodes } = picture;
    if (!resources || gl.isContextLost() || nodes < 2 || !fits(this.rawHeights, nodes) || !fits(this.smoothHeights, nodes)) return;
    const w = Math.max(1, Math.round(picture.width * picture.density)), h = Math.max(1, Math.round(picture.height * picture.density));
    if (canvas.width !== w || canvas.height !== h) { canvas.width = w; canvas.height = h; }
    this.upload(resources, nodes);
    resources.samples?.begin(w, h);
    gl.viewport(0, 0, w, h);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);

    gl.disable(gl.BLEND);
    gl.enable(gl.DEPTH_TEST);
    const { mesh, marker } = resources;
    this.common(mesh, picture);
    gl.uniform1f(mesh.at("contour"), picture.contour);
    gl.uniform1f(mesh.at("brightness"), picture.brightness);
    gl.uniform2fv(mesh.at("knife"), picture.knife);
    gl.uniform2fv(mesh.at("cross"), picture.cross);
    gl.bindVertexArray(resources.surface);
    const shape = resources.meshes.get(nodes)!;
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, shape.indices);
    gl.drawElements(gl.TRIANGLES, shape.length, gl.UNSIGNED_INT, 0);

    // Lines and marks lie on the surface: their shaders find out what hides them and draw that faintly, so that all of it is seen.
    gl.enable(gl.BLEND);
    gl.disable(gl.DEPTH_TEST);
    if (this.lineCount > 0) {
      const ribbon = (resources.ribbon ??= checked(new Program(gl, ribbonVertex, ribbonFragment)));
      this.common(ribbon, picture);
      gl.uniform2f(ribbon.at("viewport"), w, h);
      gl.uniform1f(ribbon.at("density"), picture.density * picture.markSize);
      gl.bindVertexArray(resources.strips);
      gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, this.lineCount);
    }
    if (picture.markCount > 0) {
      this.common(marker, picture);
      gl.uniform1f(marker.at("density"), picture.density * picture.markSize);
      gl.bindVertexArray(resources.points);
      gl.bindBuffer(gl.ARRAY_BUFFER, resources.marks);
      gl.bufferSubData(gl.ARRAY_BUFFER, 0, picture.marks, 0, 4 * picture.markCount);
      gl.drawArrays(gl.POINTS, 0, picture.markCount);
    }
    gl.bindVertexArray(null);
    resources.samples?.end();
  }

  close(): void {
    this.stop.abort();
    this.gl.getExtension("WEBGL_lose_context")?.loseContext();
  }

  private common(program: Program, picture: Picture): void {
    const { gl } = this, { scale, nodes, lens } = picture;
    program.use();
    gl.uniform1i(program.at("rawHeights"), 0);
    gl.uniform1i(program.at("smoothHeights"), 1);
    gl.uniform1i(program.at("palette"), 2);
    gl.uniform1i(program.at("count"), nodes);
    gl.uniform2i(program.at("stride"), (this.rawHeights.n - 1) / (nodes - 1), (this.smoothHeights.n - 1) / (nodes - 1));
    gl.uniform1f(program.at("cut"), picture.cut);
    gl.uniform2f(program.at("bend"), scale.from, scale.unit);
    gl.uniform2f(program.at("range"), bent(scale, scale.lo), bent(scale, scale.hi));
    gl.uniform1f(program.at("tall"), picture.tall);
    gl.uniform1f(program.at("flatness"), picture.flatness);
    gl.uniform3fv(program.at("eye"), lens.eye);
    gl.uniformMatrix4fv(program.at("camera"), false, lens.matrix);
  }

  private upload(resources: Resources, nodes: number): void {
    const { gl } = this;
    if (!resources.meshes.has(nodes)) {
      const indices = meshIndices(nodes), buffer = gl.createBuffer()!;
      gl.bindVertexArray(resources.surface);
      gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, buffer);
      gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, indices, gl.STATIC_DRAW);
      gl.bindVertexArray(null);
      resources.meshes.set(nodes, { indices: buffer, length: indices.length });
    }
    this.uploadHeights(gl.TEXTURE0, this.rawHeights);
    this.uploadHeights(gl.TEXTURE1, this.smoothHeights);
    if (this.freshColors) {
      this.freshColors = false;
      gl.activeTexture(gl.TEXTURE2);
      gl.bindTexture(gl.TEXTURE_2D, resources.palette);
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, 256, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, this.colors);
    }
    if (this.freshLines) {
      this.freshLines = false;
      const bytes = 4 * floatsOfPiece * this.lineCount;
      gl.bindBuffer(gl.ARRAY_BUFFER, resources.pieces);
      if (bytes > resources.room) gl.bufferData(gl.ARRAY_BUFFER, (resources.room = 2 * bytes), gl.DYNAMIC_DRAW);
      if (bytes > 0) gl.bufferSubData(gl.ARRAY_BUFFER, 0, this.lines, 0, floatsOfPiece * this.lineCount);
    }
  }

  private uploadHeights(unit: number, heights: Heights): void {
    const { gl } = this, { n, values } = heights;
    if (!heights.fresh) return;
    heights.fresh = false;
    gl.activeTexture(unit);
    gl.bindTexture(gl.TEXTURE_2D, heights.texture);
    if (heights.held !== n) gl.texImage2D(gl.TEXTURE_2D, 0, gl.R32F, n, n, 0, gl.RED, gl.FLOAT, values);
    else gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, n, n, gl.RED, gl.FLOAT, values);
    heights.held = n;
  }

  private prepare(): void {
    const { gl } = this;
    const texture = (unit: number, filter: number): WebGLTexture => {
      const t = gl.createTexture()!;
      gl.activeTexture(unit);
      gl.bindTexture(gl.TEXTURE_2D, t);
      for (const key of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(gl.TEXTURE_2D, key, filter);
      for (const key of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) gl.texParameteri(gl.TEXTURE_2D, key, gl.CLAMP_TO_EDGE);
      return t;
    };
    const mesh = new Program(gl, meshVertex, meshFragment), marker = new Program(gl, markerVertex, markerFragment);
    const points = gl.createVertexArray()!, marks = gl.createBuffer()!, strips = gl.createVertexArray()!, pieces = gl.createBuffer()!;
    gl.bindVertexArray(points);
    gl.bindBuffer(gl.ARRAY_BUFFER, marks);
    gl.bufferData(gl.ARRAY_BUFFER, 16 * mostMarks, gl.DYNAMIC_DRAW);
    gl.enableVertexAttribArray(0);
    gl.vertexAttribPointer(0, 4, gl.FLOAT, false, 0, 0);
    gl.bindVertexArray(strips);
    gl.bindBuffer(gl.ARRAY_BUFFER, pieces);
    for (let i = 0; i < 3; i++) {
      gl.enableVertexAttribArray(i);
      gl.vertexAttribPointer(i, 4, gl.FLOAT, false, 4 * floatsOfPiece, 16 * i);
      gl.vertexAttribDivisor(i, 1);
    }
    gl.bindVertexArray(null);
    for (const [unit, heights] of [[gl.TEXTURE0, this.rawHeights], [gl.TEXTURE1, this.smoothHeights]] as const) {
      heights.texture = texture(unit, gl.NEAREST);
      heights.held = 0;
      heights.fresh = heights.n > 0;
    }
    this.resources = { mesh, marker, ribbon: null, palette: texture(gl.TEXTURE2, gl.LINEAR), surface: gl.createVertexArray()!, meshes: new Map(), points, marks, strips, pieces, room: 0, samples: this.software ? null : new Samples(gl) };
    mesh.check();
    marker.check();
    this.freshColors = this.freshLines = true;
    gl.clearColor(0, 0, 0, 0);
    gl.blendFuncSeparate(gl.SRC_ALPHA, gl.ONE_MINUS_SRC_ALPHA, gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  }
}

function heights(): Heights { return { values: new Float32Array(0), n: 0, fresh: false, texture: null, held: 0 }; }

function checked(program: Program): Program {
  program.check();
  return program;
}

function take(heights: Heights, values: Float32Array, n: number): void {
  heights.values = values;
  heights.n = n;
  heights.fresh = true;
}

/** fits: the nodes of the mesh are among those of the heights. */
function fits({ n }: Heights, nodes: number): boolean { return n > 0 && (n - 1) % (nodes - 1) === 0; }

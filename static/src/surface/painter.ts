// The WebGL2 part: two height textures, one mesh, one batch of points. At most three draw calls a picture and two uploads.

import type { Lens } from "./camera";
import { meshIndices } from "./mesh";
import { Program } from "./program";
import { markerFragment, markerVertex, meshFragment, meshVertex } from "./shaders";

export interface Picture {
  width: number; // CSS pixels
  height: number;
  density: number; // pixels to a CSS pixel
  lens: Lens;
  flatness: number;
  range: readonly [number, number];
  tall: number;
  contour: number; // distance between contour lines
  cut: number; // in nodes
  knife: readonly [number, number]; // column and row of a line across, −1 where there is none
  brightness: number;
  markSize: number; // factor
}

interface Heights { values: Float32Array; n: number; fresh: boolean }

interface Resources {
  mesh: Program;
  marker: Program;
  raw: WebGLTexture;
  smooth: WebGLTexture;
  palette: WebGLTexture;
  surface: WebGLVertexArrayObject;
  indices: WebGLBuffer;
  points: WebGLVertexArrayObject;
  marks: WebGLBuffer;
}

const mostMarks = 2048;

export class Painter {
  private readonly gl: WebGL2RenderingContext | null;
  private resources: Resources | null = null;
  private readonly rawHeights: Heights = { values: new Float32Array(0), n: 0, fresh: false };
  private readonly smoothHeights: Heights = { values: new Float32Array(0), n: 0, fresh: false };
  private readonly marks = new Float32Array(4 * mostMarks);
  private colors = new Uint8Array(1024);
  private freshColors = true;
  private allocated = 0; // nodes a side of textures and mesh
  private indexCount = 0;
  private readonly stop = new AbortController();

  /** restored is called when a lost context has come back and the picture must be drawn again. */
  constructor(private readonly canvas: HTMLCanvasElement, restored: () => void) {
    const gl = (this.gl = canvas.getContext("webgl2", { antialias: true, alpha: true, premultipliedAlpha: true, powerPreference: "high-performance" }));
    if (!gl) return;
    const { signal } = this.stop;
    canvas.addEventListener("webglcontextlost", (e) => { e.preventDefault(); this.resources = null; }, { signal });
    canvas.addEventListener("webglcontextrestored", () => { this.prepare(gl); restored(); }, { signal });
    this.prepare(gl);
  }

  /** works is false where the browser has no WebGL2. */
  get works(): boolean { return this.gl !== null; }

  get palette(): Uint8Array { return this.colors; }
  set palette(colors: Uint8Array) { this.colors = new Uint8Array(colors); this.freshColors = true; }

  /** raw takes the heights of f, n×n; they are kept, not copied. */
  raw(values: Float32Array, n: number): void { Object.assign(this.rawHeights, { values, n, fresh: true }); }

  /** smooth takes the heights of f̂, on the same nodes. */
  smooth(values: Float32Array, n: number): void { Object.assign(this.smoothHeights, { values, n, fresh: true }); }

  /** paint draws the picture. fill writes at most `room` marks into `to`, four numbers each, and returns how many. */
  paint(picture: Picture, fill: (to: Float32Array, room: number) => number): void {
    const { gl, resources } = this, n = this.rawHeights.n;
    if (!gl || !resources || gl.isContextLost() || n < 2 || this.smoothHeights.n !== n) return;
    const { canvas } = this, w = Math.max(1, Math.round(picture.width * picture.density)), h = Math.max(1, Math.round(picture.height * picture.density));
    if (canvas.width !== w || canvas.height !== h) { canvas.width = w; canvas.height = h; }
    this.upload(gl, resources, n);
    gl.viewport(0, 0, w, h);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);

    gl.disable(gl.BLEND);
    this.common(gl, resources.mesh, picture, n);
    gl.uniform1f(resources.mesh.at("contour"), picture.contour);
    gl.uniform1f(resources.mesh.at("brightness"), picture.brightness);
    gl.uniform2f(resources.mesh.at("knife"), ...picture.knife);
    gl.uniform3f(resources.mesh.at("eye"), ...picture.lens.eye);
    gl.bindVertexArray(resources.surface);
    gl.drawElements(gl.TRIANGLES, this.indexCount, gl.UNSIGNED_INT, 0);

    const count = fill(this.marks, mostMarks);
    if (count > 0) {
      gl.enable(gl.BLEND);
      gl.depthMask(false);
      this.common(gl, resources.marker, picture, n);
      gl.uniform1f(resources.marker.at("density"), picture.density * picture.markSize);
      gl.bindVertexArray(resources.points);
      gl.bindBuffer(gl.ARRAY_BUFFER, resources.marks);
      gl.bufferSubData(gl.ARRAY_BUFFER, 0, this.marks, 0, 4 * count);
      gl.uniform1f(resources.marker.at("strength"), 1);
      gl.drawArrays(gl.POINTS, 0, count);
      if (picture.flatness < 1) { // those behind a ridge, faintly, so that all that are counted are seen
        gl.depthFunc(gl.GREATER);
        gl.uniform1f(resources.marker.at("strength"), 0.3);
        gl.drawArrays(gl.POINTS, 0, count);
        gl.depthFunc(gl.LESS);
      }
      gl.depthMask(true);
    }
    gl.bindVertexArray(null);
  }

  close(): void {
    this.stop.abort();
    this.gl?.getExtension("WEBGL_lose_context")?.loseContext();
  }

  private common(gl: WebGL2RenderingContext, program: Program, picture: Picture, n: number): void {
    program.use();
    gl.uniform1i(program.at("rawHeights"), 0);
    gl.uniform1i(program.at("smoothHeights"), 1);
    gl.uniform1i(program.at("palette"), 2);
    gl.uniform1i(program.at("count"), n);
    gl.uniform1f(program.at("cut"), picture.cut);
    gl.uniform2f(program.at("range"), picture.range[0], picture.range[1]);
    gl.uniform1f(program.at("tall"), picture.tall);
    gl.uniform1f(program.at("flatness"), picture.flatness);
    gl.uniformMatrix4fv(program.at("camera"), false, picture.lens.matrix);
  }

  private upload(gl: WebGL2RenderingContext, resources: Resources, n: number): void {
    const renewed = n !== this.allocated;
    if (renewed) {
      this.allocated = n;
      const indices = meshIndices(n);
      this.indexCount = indices.length;
      gl.bindVertexArray(resources.surface);
      gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, resources.indices);
      gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, indices, gl.STATIC_DRAW);
      gl.bindVertexArray(null);
    }
    for (const [unit, texture, heights] of [[gl.TEXTURE0, resources.raw, this.rawHeights], [gl.TEXTURE1, resources.smooth, this.smoothHeights]] as const) {
      if (!heights.fresh && !renewed) continue;
      heights.fresh = false;
      gl.activeTexture(unit);
      gl.bindTexture(gl.TEXTURE_2D, texture);
      if (renewed) gl.texImage2D(gl.TEXTURE_2D, 0, gl.R32F, n, n, 0, gl.RED, gl.FLOAT, heights.values);
      else gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, n, n, gl.RED, gl.FLOAT, heights.values);
    }
    if (this.freshColors) {
      this.freshColors = false;
      gl.activeTexture(gl.TEXTURE2);
      gl.bindTexture(gl.TEXTURE_2D, resources.palette);
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, 256, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, this.colors);
    }
  }

  private prepare(gl: WebGL2RenderingContext): void {
    const texture = (unit: number, filter: number): WebGLTexture => {
      const t = gl.createTexture()!;
      gl.activeTexture(unit);
      gl.bindTexture(gl.TEXTURE_2D, t);
      for (const key of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(gl.TEXTURE_2D, key, filter);
      for (const key of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) gl.texParameteri(gl.TEXTURE_2D, key, gl.CLAMP_TO_EDGE);
      return t;
    };
    const mesh = new Program(gl, meshVertex, meshFragment), marker = new Program(gl, markerVertex, markerFragment);
    const points = gl.createVertexArray()!, marks = gl.createBuffer()!;
    gl.bindVertexArray(points);
    gl.bindBuffer(gl.ARRAY_BUFFER, marks);
    gl.bufferData(gl.ARRAY_BUFFER, this.marks.byteLength, gl.DYNAMIC_DRAW);
    gl.enableVertexAttribArray(0);
    gl.vertexAttribPointer(0, 4, gl.FLOAT, false, 0, 0);
    gl.bindVertexArray(null);
    this.resources = {
      mesh, marker,
      raw: texture(gl.TEXTURE0, gl.NEAREST), smooth: texture(gl.TEXTURE1, gl.NEAREST), palette: texture(gl.TEXTURE2, gl.LINEAR),
      surface: gl.createVertexArray()!, indices: gl.createBuffer()!, points, marks,
    };
    mesh.check();
    marker.check();
    this.allocated = 0;
    this.freshColors = true;
    gl.clearColor(0, 0, 0, 0);
    gl.enable(gl.DEPTH_TEST);
    gl.blendFuncSeparate(gl.SRC_ALPHA, gl.ONE_MINUS_SRC_ALPHA, gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  }
}

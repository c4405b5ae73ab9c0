// Smooth edges: the picture is drawn with four samples a pixel and then averaged into the canvas. A context can do so by itself
// ("antialias"), but that is settled before one can ask who draws, and where software does it is too slow.

export class Samples {
  private readonly frame: WebGLFramebuffer;
  private readonly color: WebGLRenderbuffer;
  private readonly depth: WebGLRenderbuffer;
  private width = 0;
  private height = 0;

  constructor(private readonly gl: WebGL2RenderingContext) {
    this.frame = gl.createFramebuffer()!;
    this.color = gl.createRenderbuffer()!;
    this.depth = gl.createRenderbuffer()!;
  }

  /** begin: what is drawn from here to end is smoothed. */
  begin(width: number, height: number): void {
    const { gl } = this;
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.frame);
    if (this.width === width && this.height === height) return;
    this.width = width;
    this.height = height;
    for (const [buffer, format, place] of [[this.color, gl.RGBA8, gl.COLOR_ATTACHMENT0], [this.depth, gl.DEPTH_COMPONENT16, gl.DEPTH_ATTACHMENT]] as const) {
      gl.bindRenderbuffer(gl.RENDERBUFFER, buffer);
      gl.renderbufferStorageMultisample(gl.RENDERBUFFER, 4, format, width, height);
      gl.framebufferRenderbuffer(gl.FRAMEBUFFER, place, gl.RENDERBUFFER, buffer);
    }
  }

  end(): void {
    const { gl, width, height } = this;
    gl.bindFramebuffer(gl.DRAW_FRAMEBUFFER, null);
    gl.blitFramebuffer(0, 0, width, height, 0, 0, width, height, gl.COLOR_BUFFER_BIT, gl.NEAREST);
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
  }
}

/** drawnBySoftware says whether the graphics are computed by the processor: SwiftShader, Mesa's llvmpipe, Windows' basic renderer. */
export function drawnBySoftware(gl: WebGL2RenderingContext): boolean {
  let name = String(gl.getParameter(gl.RENDERER));
  const more = /^(webkit|mozilla)/i.test(name) && gl.getExtension("WEBGL_debug_renderer_info");
  if (more) name = String(gl.getParameter(more.UNMASKED_RENDERER_WEBGL));
  return /swiftshader|llvmpipe|softpipe|software|basic render/i.test(name);
}

// A WebGL2 program and its uniforms.

export class Program {
  private readonly program: WebGLProgram;
  private readonly shaders: WebGLShader[];
  private readonly locations = new Map<string, WebGLUniformLocation | null>();

  /** The constructor does not wait for the compiler: several programs are compiled side by side. Ask `check` when all are made. */
  constructor(private readonly gl: WebGL2RenderingContext, vertex: string, fragment: string) {
    this.program = gl.createProgram()!;
    this.shaders = ([[gl.VERTEX_SHADER, vertex], [gl.FRAGMENT_SHADER, fragment]] as const).map(([type, source]) => {
      const shader = gl.createShader(type)!;
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      gl.attachShader(this.program, shader);
      return shader;
    });
    gl.linkProgram(this.program);
  }

  /** check throws what the compiler says where it refused the program. */
  check(): void {
    const { gl } = this;
    if (gl.getProgramParameter(this.program, gl.LINK_STATUS) || gl.isContextLost()) return;
    throw new Error(`making a shader program: ${gl.getProgramInfoLog(this.program)} ${this.shaders.map((s) => gl.getShaderInfoLog(s) ?? "").join(" ")}`);
  }

  use(): void { this.gl.useProgram(this.program); }

  /** at is the place of a uniform; null, which WebGL ignores, where the compiler found no use for it. */
  at(name: string): WebGLUniformLocation | null {
    if (!this.locations.has(name)) this.locations.set(name, this.gl.getUniformLocation(this.program, name));
    return this.locations.get(name)!;
  }
}

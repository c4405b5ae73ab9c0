// Holds WGSL to the letter of its specification: node check.mjs FILE… lets Tint, the compiler of Chrome, read each shader, on no device at all.
// It prints FILE:LINE: KIND: MESSAGE for what Tint has to say, and exits with 1 if there is an error.
import { readFile } from "node:fs/promises";
import { create, globals } from "webgpu";

Object.assign(globalThis, globals);
const gpu = create(["backend=null"]); // kept to the end: what is collected early takes the process with it
const adapter = await gpu.requestAdapter();
const device = await adapter.requestDevice();

let errors = 0;
const modules = [];
for (const file of process.argv.slice(2)) {
  const module = device.createShaderModule({ code: await readFile(file, "utf8") });
  modules.push(module);
  for (const m of (await module.getCompilationInfo()).messages) {
    if (m.type === "error") errors++;
    console.log(`${file}:${m.lineNum}: ${m.type}: ${m.message}`);
  }
}
console.log(`${modules.length} shaders, ${errors} errors`);
process.exit(gpu && errors === 0 ? 0 : 1); // the device keeps node alive

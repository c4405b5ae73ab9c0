// The device of browser_test.go within a browser. perform fetches what is to be done, each item an object whose field "do" names it and whose handles
// are numbers that the test chose; does it in that order, and posts the bytes of a read. It gives "", or what the browser had to say against it.
const things = new Map(); // by handle: buffers, kernels, dispatches
let device;

const doers = {
  allocate({ id, bytes }) {
    things.set(id, device.createBuffer({ size: bytes, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC }));
  },
  prepare({ id, kernel, spans, x, y }) {
    const { pipeline, layout } = things.get(kernel);
    const entries = spans.map(({ of, offset, bytes }, binding) => ({ binding, resource: { buffer: things.get(of), offset, size: bytes } }));
    things.set(id, { pipeline, group: device.createBindGroup({ layout, entries }), x, y });
  },
  write({ id, data }) {
    device.queue.writeBuffer(things.get(id), 0, Uint8Array.from(atob(data), (c) => c.charCodeAt(0)));
  },
  run({ work }) {
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    for (const id of work) {
      const { pipeline, group, x, y } = things.get(id);
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, group);
      pass.dispatchWorkgroups(x, y);
    }
    pass.end();
    device.queue.submit([encoder.finish()]);
  },
  release({ id }) {
    things.get(id).destroy?.();
    things.delete(id);
  },
};

// compile is done ahead of the rest, all kernels at once: it is what takes time.
async function compile({ id, name, text, writes }) {
  const module = device.createShaderModule({ label: name, code: text });
  const entries = ["uniform", ...writes.map((w) => (w ? "storage" : "read-only-storage"))].map((type, binding) => ({ binding, visibility: GPUShaderStage.COMPUTE, buffer: { type } }));
  const layout = device.createBindGroupLayout({ entries });
  const pipeline = await device.createComputePipelineAsync({ label: name, layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }), compute: { module } });
  things.set(id, { pipeline, layout });
}

async function read({ id, offset, bytes }) {
  const staging = device.createBuffer({ size: bytes, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
  const encoder = device.createCommandEncoder();
  encoder.copyBufferToBuffer(things.get(id), offset, staging, 0, bytes);
  device.queue.submit([encoder.finish()]);
  await staging.mapAsync(GPUMapMode.READ);
  await fetch("/read", { method: "POST", body: staging.getMappedRange().slice(0) });
  staging.destroy();
}

async function perform() {
  try {
    const adapter = device ?? (await navigator.gpu?.requestAdapter());
    if (!adapter) return "no adapter";
    device ??= await adapter.requestDevice(); // of what every WebGPU device has, and no more
    const work = await (await fetch("/work")).json();
    device.pushErrorScope("out-of-memory");
    device.pushErrorScope("validation");
    await Promise.all(work.filter((w) => w.do === "compile").map(compile));
    for (const w of work) doers[w.do]?.(w);
    for (const w of work) if (w.do === "read") await read(w);
    return (await device.popErrorScope())?.message ?? (await device.popErrorScope())?.message ?? "";
  } catch (e) {
    return String(e);
  }
}

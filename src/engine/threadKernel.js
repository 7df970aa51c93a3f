/** The kernel of a thread of an engine, with the plan's image in its memory. Plain JavaScript, as the threads are. */

/**
 * @param {{ module: object, memoryBase: number, pageBytes: number, plan: import('./kernelPlan.ts').KernelPlan }} data
 */
export function startThreadKernel({ module, memoryBase, pageBytes, plan }) {
  const { exports } = new WebAssembly.Instance(module)
  const missing = memoryBase + plan.bytes - exports.memory.buffer.byteLength
  if (missing > 0) exports.memory.grow(Math.ceil(missing / pageBytes))
  const { buffer } = exports.memory
  new Uint8Array(buffer).set(plan.image, memoryBase)
  return {
    exports,
    buffer,
    codes: new Uint8Array(buffer, memoryBase + plan.codes, plan.length),
    present: new Uint8Array(buffer, memoryBase + plan.present, plan.length),
  }
}

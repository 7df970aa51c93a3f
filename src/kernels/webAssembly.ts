/** The part of WebAssembly's JavaScript interface that we use; the types of Node have none of it. */

/** A compiled kernel. Structured cloning hands it to other threads. */
export type KernelModule = object

export interface KernelExports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number }
  readonly [name: string]: unknown
}

interface WebAssemblyInterface {
  readonly Module: new (bytes: Uint8Array) => KernelModule
  readonly Instance: new (module: KernelModule) => { readonly exports: KernelExports }
}

export const { WebAssembly: webAssembly } = globalThis as unknown as { WebAssembly: WebAssemblyInterface }

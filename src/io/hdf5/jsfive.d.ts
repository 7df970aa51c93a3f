/** What we use of jsfive, which has no types. */
declare module 'jsfive' {
  export class File {
    constructor(bytes: ArrayBuffer, name: string)
    /** Throws texts. */
    get(path: string): { readonly shape: readonly number[]; readonly value: unknown }
  }
  /** Filters by the number that HDF5 has for them. */
  export const Filters: Map<number, (chunk: ArrayBuffer, itemSize: number) => ArrayBufferLike>
}

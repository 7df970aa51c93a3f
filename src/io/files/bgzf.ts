/** What marks a BGZF file (bgzip, BAM): gzip members with a `BC` extra field, and an empty last one (SAM specification 4.1). */

/** The empty block that ends every complete BGZF file. */
export const bgzfEndMarker = Buffer.from('1f8b08040000000000ff0600424302001b0003000000000000000000', 'hex')

/** The bytes of a block's header up to and including BSIZE. */
export const bgzfHeaderLength = 18

/** CRC-32 and ISIZE, which end a block. */
export const bgzfFooterLength = 8

/** The most bytes that a block can hold, packed or unpacked. */
export const largestBgzfBlock = 1 << 16

/** @param head the first 18 bytes of a file or block, at least */
export function isBgzf(head: Uint8Array): boolean {
  return (
    head.length >= bgzfHeaderLength &&
    head[0] === 0x1f &&
    head[1] === 0x8b &&
    (head[3]! & 4) !== 0 &&
    head[12] === 0x42 &&
    head[13] === 0x43
  )
}

/** @returns whether the bytes begin with gzip's magic number */
export function isGzip(head: Uint8Array): boolean {
  return head[0] === 0x1f && head[1] === 0x8b
}

/** Writers of bgzip files and their index, for tests. */
import { crc32, deflateRawSync } from 'node:zlib'
import { bgzfEndMarker } from '../../src/io/files/bgzf.ts'

/** BGZF of these pieces, one block each, with the end marker. */
export function bgzip(...pieces: string[]): Buffer {
  const blocks = pieces.map((piece) => {
    const data = Buffer.from(piece)
    const deflated = deflateRawSync(data)
    const block = Buffer.alloc(18 + deflated.length + 8)
    Buffer.from('1f8b08040000000000ff060042430200', 'hex').copy(block)
    block.writeUInt16LE(block.length - 1, 16)
    deflated.copy(block, 18)
    block.writeUInt32LE(crc32(data), block.length - 8)
    block.writeUInt32LE(data.length, block.length - 4)
    return block
  })
  return Buffer.concat([...blocks, bgzfEndMarker])
}

/** The index (.gzi) of a bgzip file: where every block but the first begins, in the file and in what it unpacks to. */
export function gziOf(packed: Buffer): Buffer {
  const entries: bigint[] = []
  let unpacked = 0
  for (let at = 0; at < packed.length - bgzfEndMarker.length;) {
    if (at > 0) entries.push(BigInt(at), BigInt(unpacked))
    at += packed.readUInt16LE(at + 16) + 1
    unpacked += packed.readUInt32LE(at - 4)
  }
  return Buffer.from(BigUint64Array.of(BigInt(entries.length / 2), ...entries).buffer)
}

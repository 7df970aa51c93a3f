/** Files out of a zip, each held against its CRC-32, which fflate does not look at. */
import { crc32 } from 'node:zlib'
import { unzipSync } from 'fflate'
import { DataError, oneLine } from '../../base/errors.ts'

/** Its signature, and where its fields lie (APPNOTE 4.3.12). */
const directoryEntry = { signature: 0x02014b50, crc: 16, name: 28, extra: 30, comment: 32, end: 46 }
const endOfDirectory = { signature: 0x06054b50, length: 22, count: 10, start: 16, longestComment: 0xffff }

/**
 * @param largest bytes that an entry of a name may unpack to; undefined where it is not wanted
 * @param file named in errors
 * @returns the wanted entries by name
 * @throws DataError where the zip is damaged, or an entry claims to be larger
 */
export function readZipEntries(
  bytes: Uint8Array,
  largest: (name: string) => number | undefined,
  file: string,
): Record<string, Uint8Array> {
  let entries: Record<string, Uint8Array>
  let checksums: ReadonlyMap<string, number>
  try {
    checksums = readChecksums(bytes)
    entries = unzipSync(bytes, {
      filter: ({ name, originalSize }) => {
        const most = largest(name)
        if (most !== undefined && originalSize > most) {
          throw new DataError(
            `holds a ${name} that claims ${originalSize} bytes, in a file of ${bytes.length}`,
            { file },
          )
        }
        return most !== undefined
      },
    })
  } catch (error) {
    if (error instanceof DataError) throw error
    throw damaged(oneLine(error), file, error)
  }
  for (const [name, content] of Object.entries(entries)) {
    if (crc32(content) !== checksums.get(name))
      throw damaged(`the checksum (CRC-32) of its ${name} is wrong`, file)
  }
  return entries
}

function damaged(reason: string, file: string, cause?: unknown): DataError {
  return new DataError(`is a damaged zip (${reason}); copy or download it again`, { file }, { cause })
}

/** @returns the CRC-32 of every entry, as the directory at the zip's end has them; throws RangeError where there is none */
function readChecksums(bytes: Uint8Array): Map<string, number> {
  const zip = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let end = zip.length - endOfDirectory.length
  while (zip.readUInt32LE(end) !== endOfDirectory.signature) {
    if (--end < 0 || end < zip.length - endOfDirectory.length - endOfDirectory.longestComment)
      throw new RangeError('it has no directory at its end')
  }
  const checksums = new Map<string, number>()
  let at = zip.readUInt32LE(end + endOfDirectory.start)
  for (let left = zip.readUInt16LE(end + endOfDirectory.count); left > 0; left--) {
    if (zip.readUInt32LE(at) !== directoryEntry.signature) throw new RangeError('its directory is damaged')
    const nameEnd = at + directoryEntry.end + zip.readUInt16LE(at + directoryEntry.name)
    const name = zip.toString('utf8', at + directoryEntry.end, nameEnd)
    checksums.set(name, zip.readUInt32LE(at + directoryEntry.crc))
    at = nameEnd + zip.readUInt16LE(at + directoryEntry.extra) + zip.readUInt16LE(at + directoryEntry.comment)
  }
  return checksums
}

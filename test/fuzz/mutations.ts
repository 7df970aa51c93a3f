/** Damage as disks, networks and hands do it, drawn from a seed, so that a failure can be had again. */
import { Random } from '../../src/base/random.ts'

export interface Damage {
  readonly bytes: Buffer
  /** For the message of a failure. */
  readonly what: string
}

type Mutation = (bytes: Buffer, random: Random) => Damage

/** A place and a length of at most `longest` that lie in the file. */
function range(bytes: Buffer, random: Random, longest = 4096): [start: number, end: number] {
  const start = random.below(bytes.length)
  return [start, Math.min(bytes.length, start + 1 + random.below(Math.min(longest, bytes.length)))]
}

const numbers = [0n, 1n, 0x7fn, 0xffn, 0x7fffn, 0xffffn, 0x7fffffffn, 0xffffffffn, 0x7fffffffffffffffn]

const mutations: readonly Mutation[] = [
  function flippedBit(bytes, random) {
    const bit = random.below(bytes.length * 8)
    bytes[bit >> 3]! ^= 1 << (bit & 7)
    return { bytes, what: `bit ${bit & 7} of byte ${bit >> 3} flipped` }
  },
  function flippedBits(bytes, random) {
    const bits = Array.from({ length: 2 + random.below(7) }, () => random.below(bytes.length * 8))
    for (const bit of bits) bytes[bit >> 3]! ^= 1 << (bit & 7)
    return { bytes, what: `bits ${bits.join(', ')} flipped` }
  },
  function cutOff(bytes, random) {
    const size = random.below(bytes.length)
    return { bytes: bytes.subarray(0, size), what: `cut to ${size} bytes` }
  },
  function cutOut(bytes, random) {
    const [start, end] = range(bytes, random)
    return {
      bytes: Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)]),
      what: `${start}-${end} cut out`,
    }
  },
  function inserted(bytes, random) {
    const at = random.below(bytes.length)
    const more = Buffer.from(Array.from({ length: 1 + random.below(64) }, () => random.below(256)))
    return {
      bytes: Buffer.concat([bytes.subarray(0, at), more, bytes.subarray(at)]),
      what: `${more.length} bytes inserted at ${at}`,
    }
  },
  function repeated(bytes, random) {
    const [start, end] = range(bytes, random)
    return {
      bytes: Buffer.concat([bytes.subarray(0, end), bytes.subarray(start)]),
      what: `${start}-${end} repeated`,
    }
  },
  function swapped(bytes, random) {
    const length = 1 + random.below(Math.max(1, Math.min(2048, bytes.length >> 2)))
    const first = random.below(Math.max(1, (bytes.length >> 1) - length))
    const second = (bytes.length >> 1) + random.below(Math.max(1, (bytes.length >> 1) - length))
    const held = Buffer.from(bytes.subarray(first, first + length))
    bytes.copy(bytes, first, second, second + length)
    held.copy(bytes, second)
    return { bytes, what: `${length} bytes at ${first} and ${second} swapped` }
  },
  function zeroed(bytes, random) {
    const [start, end] = range(bytes, random)
    bytes.fill(0, start, end)
    return { bytes, what: `${start}-${end} zeroed` }
  },
  function overwritten(bytes, random) {
    const [start, end] = range(bytes, random, 64)
    for (let i = start; i < end; i++) bytes[i] = random.below(256)
    return { bytes, what: `${start}-${end} overwritten` }
  },
  function wrongNumber(bytes, random) {
    const width = [1, 2, 4, 8][random.below(4)]!
    const at = random.below(Math.max(1, bytes.length - width))
    const number = numbers[random.below(numbers.length)]!
    const written = Buffer.alloc(8)
    written.writeBigUInt64LE(number)
    written.copy(bytes, at, 0, width)
    return { bytes, what: `${width} bytes at ${at} become ${number}` }
  },
]

/** @returns the file with one kind of damage, another for every seed */
export function damage(original: Buffer, seed: number): Damage {
  const random = new Random(seed, 'damage')
  const mutation = mutations[seed % mutations.length]!
  return mutation(Buffer.from(original), random)
}

/**
 * Training of scanners: a convolution over bases and the maximum over its positions, forward and backward.
 *
 * A base is one of four, so what a window adds up is read from tables: the weights of GROUP taps in a row have one sum
 * for each of the CODES^GROUP words that can stand under them, and a position costs taps / GROUP look-ups instead of
 * 4 × taps products. Backward, each filter has a gradient in one window of a sequence, and there only at its bases.
 *
 * Memory is laid out by ../../predict/scanConvolution.ts. Filters are padded to a multiple of BLOCK.
 */

/** A C G T, masked, unknown (also what lies beyond the sequence). */
const CODES: i32 = 6
const MASKED: i32 = 4
const UNKNOWN: i32 = 5

/** Taps that are looked up at once. */
export const GROUP: i32 = 3
/** Words of GROUP codes. */
export const WORDS: i32 = 216
/** Filters that are scanned at once. */
export const BLOCK: i32 = 16
const ENTRY: i32 = 64 // bytes: a block's sums for one word

/**
 * Sums of all words: tables [filters / BLOCK][groups][WORDS][BLOCK].
 * @param weights [kernelSize][4][filters]
 * @param background [4]
 * @param singles room for [GROUP][CODES][BLOCK]
 */
export function tabulate(
  weights: usize,
  background: usize,
  tables: usize,
  singles: usize,
  kernelSize: i32,
  filters: i32,
): void {
  const groups = (kernelSize + GROUP - 1) / GROUP
  let entry = tables
  for (let first = 0; first < filters; first += BLOCK) {
    const width = min(BLOCK, filters - first)
    for (let group = 0; group < groups; group++) {
      for (let i = 0; i < GROUP; i++) {
        const single = singles + <usize>(i * CODES * ENTRY)
        memory.fill(single, 0, CODES * ENTRY)
        const tap = group * GROUP + i
        if (tap < kernelSize) {
          for (let filter = 0; filter < width; filter++) {
            const from = weights + ((<usize>(tap * 4 * filters + first + filter)) << 2)
            const to = single + ((<usize>filter) << 2)
            let mean: f32 = 0
            for (let base = 0; base < 4; base++) {
              const weight = load<f32>(from + ((<usize>(base * filters)) << 2))
              store<f32>(to + <usize>(base * ENTRY), weight)
              mean += weight * load<f32>(background + ((<usize>base) << 2))
            }
            store<f32>(to + <usize>(MASKED * ENTRY), mean)
          }
        }
      }
      for (let word = 0; word < WORDS; word++) {
        const a = singles + <usize>((word / (CODES * CODES)) * ENTRY)
        const b = singles + <usize>((CODES + ((word / CODES) % CODES)) * ENTRY)
        const c = singles + <usize>((2 * CODES + (word % CODES)) * ENTRY)
        for (let lane: usize = 0; lane < <usize>ENTRY; lane += 16) {
          const two = f32x4.add(v128.load(a + lane), v128.load(b + lane))
          v128.store(entry + lane, f32x4.add(two, v128.load(c + lane)))
        }
        entry += ENTRY
      }
    }
  }
}

/**
 * What stands under the taps, by sequence: `padded` [rows][stride] codes with what lies beyond the sequence, `words`
 * [rows][stride] the word that begins there, as a place in a table.
 * @param codes [rows][length]
 * @param before codes of padding before the sequence
 * @returns the index of the first code that is none, or -1
 */
export function index(
  codes: usize,
  padded: usize,
  words: usize,
  rows: i32,
  length: i32,
  before: i32,
  stride: i32,
  dilation: i32,
): i32 {
  memory.fill(padded, <u8>UNKNOWN, <usize>(rows * stride))
  const reach = (GROUP - 1) * dilation
  for (let row = 0; row < rows; row++) {
    const from = codes + <usize>(row * length)
    const to = padded + <usize>(row * stride)
    for (let i = 0; i < length; i++) {
      const code = load<u8>(from + <usize>i)
      if (code > <u8>UNKNOWN) return row * length + i
      store<u8>(to + <usize>(before + i), code)
    }
    const word = words + ((<usize>(row * stride)) << 2)
    for (let i = 0; i < stride - reach; i++) {
      const a = <i32>load<u8>(to + <usize>i)
      const b = <i32>load<u8>(to + <usize>(i + dilation))
      const c = <i32>load<u8>(to + <usize>(i + reach))
      store<i32>(word + ((<usize>i) << 2), ((a * CODES + b) * CODES + c) * ENTRY)
    }
  }
  return -1
}

/**
 * The maximum over positions and the first position that has it: `maxima`, `peaks` [rows][filters, padded]. Where a
 * value is NaN the maximum is NaN and the peak -1.
 * @param bias [filters, padded]
 */
export function scan(
  words: usize,
  tables: usize,
  bias: usize,
  maxima: usize,
  peaks: usize,
  rows: i32,
  stride: i32,
  positions: i32,
  kernelSize: i32,
  dilation: i32,
  paddedFilters: i32,
): void {
  const groups = (kernelSize + GROUP - 1) / GROUP
  const step = (<usize>(GROUP * dilation)) << 2
  const tableBytes = <usize>(WORDS * ENTRY)
  const none = i32x4.splat(-1)
  for (let first = 0; first < paddedFilters; first += BLOCK) {
    const lane = (<usize>first) << 2
    const table = tables + <usize>(first / BLOCK) * <usize>groups * tableBytes
    const bias0 = v128.load(bias + lane)
    const bias1 = v128.load(bias + lane, 16)
    const bias2 = v128.load(bias + lane, 32)
    const bias3 = v128.load(bias + lane, 48)
    for (let row = 0; row < rows; row++) {
      let max0 = f32x4.splat(-Infinity)
      let max1 = max0
      let max2 = max0
      let max3 = max0
      let peak0 = i32x4.splat(0)
      let peak1 = peak0
      let peak2 = peak0
      let peak3 = peak0
      const begin = words + ((<usize>(row * stride)) << 2)
      for (let position = 0; position < positions; position++) {
        let sum0 = bias0
        let sum1 = bias1
        let sum2 = bias2
        let sum3 = bias3
        let word = begin + ((<usize>position) << 2)
        let entries = table
        for (let group = 0; group < groups; group++) {
          const entry = entries + <usize>load<u32>(word)
          sum0 = f32x4.add(sum0, v128.load(entry))
          sum1 = f32x4.add(sum1, v128.load(entry, 16))
          sum2 = f32x4.add(sum2, v128.load(entry, 32))
          sum3 = f32x4.add(sum3, v128.load(entry, 48))
          word += step
          entries += tableBytes
        }
        const here = i32x4.splat(position)
        peak0 = v128.bitselect(here, peak0, f32x4.gt(sum0, max0))
        peak1 = v128.bitselect(here, peak1, f32x4.gt(sum1, max1))
        peak2 = v128.bitselect(here, peak2, f32x4.gt(sum2, max2))
        peak3 = v128.bitselect(here, peak3, f32x4.gt(sum3, max3))
        max0 = f32x4.max(max0, sum0)
        max1 = f32x4.max(max1, sum1)
        max2 = f32x4.max(max2, sum2)
        max3 = f32x4.max(max3, sum3)
      }
      const to = ((<usize>(row * paddedFilters)) << 2) + lane
      v128.store(maxima + to, max0)
      v128.store(maxima + to, max1, 16)
      v128.store(maxima + to, max2, 32)
      v128.store(maxima + to, max3, 48)
      v128.store(peaks + to, v128.bitselect(peak0, none, f32x4.eq(max0, max0)))
      v128.store(peaks + to, v128.bitselect(peak1, none, f32x4.eq(max1, max1)), 16)
      v128.store(peaks + to, v128.bitselect(peak2, none, f32x4.eq(max2, max2)), 32)
      v128.store(peaks + to, v128.bitselect(peak3, none, f32x4.eq(max3, max3)), 48)
    }
  }
}

/**
 * The gradient of the kernel, `gradient` [kernelSize][4][filters]: slopes summed, in float64, by what stands under each
 * tap of the winning windows.
 * @param padded [rows][stride] as `index` left it
 * @param peaks [rows][filters]; below 0 there is no gradient
 * @param slopes [rows][filters]
 * @param sums room for float64 [kernelSize][CODES]
 */
export function scatter(
  padded: usize,
  peaks: usize,
  slopes: usize,
  background: usize,
  sums: usize,
  gradient: usize,
  rows: i32,
  stride: i32,
  kernelSize: i32,
  dilation: i32,
  filters: i32,
): void {
  const tapBytes = <usize>(CODES * 8)
  const end = sums + <usize>kernelSize * tapBytes
  for (let filter = 0; filter < filters; filter++) {
    memory.fill(sums, 0, <usize>kernelSize * tapBytes)
    for (let row = 0; row < rows; row++) {
      const at = (<usize>(row * filters + filter)) << 2
      const slope = <f64>load<f32>(slopes + at)
      const peak = load<i32>(peaks + at)
      if (slope == 0 || peak < 0) continue
      let code = padded + <usize>(row * stride + peak)
      for (let sum = sums; sum < end; sum += tapBytes) {
        const place = sum + ((<usize>load<u8>(code)) << 3)
        store<f64>(place, load<f64>(place) + slope)
        code += dilation
      }
    }
    for (let tap = 0; tap < kernelSize; tap++) {
      const sum = sums + <usize>tap * tapBytes
      const hidden = load<f64>(sum + <usize>(MASKED * 8))
      for (let base = 0; base < 4; base++) {
        const share = hidden * <f64>load<f32>(background + ((<usize>base) << 2))
        const place = gradient + ((<usize>((tap * 4 + base) * filters + filter)) << 2)
        store<f32>(place, <f32>(load<f64>(sum + ((<usize>base) << 3)) + share))
      }
    }
  }
}

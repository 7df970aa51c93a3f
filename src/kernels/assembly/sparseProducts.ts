/**
 * Products of sparse rows with the weights of a convolution or dense layer. Rows are gathered as lists of their values
 * that are not zero; then each tile of weights (one tap, at most 16 filters) meets all lists while it is in the cache.
 *
 * Weights: [taps][tiles][inputs][4, 2 or 1 vectors of 4 filters], as many tiles of 4 as fit, then the narrower ones.
 * V8 keeps all loads of a loop's body before all else, so that sums of 8 vectors do not stay in registers: half as fast.
 *
 * An entry: the input's number × 16, its value. A list: its entries from and to, its position, where output rows lie.
 */

/** Bytes of a list's record. */
const LIST: usize = 16

/** Weights of more bytes leave the cache of a core from one product to the next. */
const LARGE: usize = 1 << 20

let large: bool = false
let entries: usize = 0
let lists: usize = 0
let nextEntry: usize = 0
let nextList: usize = 0

/** Begins anew, with room for entries (8 bytes each) and lists (16 bytes each). */
export function beginLists(entryRoom: usize, listRoom: usize): void {
  entries = entryRoom
  lists = listRoom
  nextEntry = entryRoom
  nextList = listRoom
}

/**
 * @param row float32 [width]
 * @param outputs where the output's row of position 0 lies (or would lie)
 */
export function addList(row: usize, width: usize, position: i32, outputs: usize): void {
  const begin = nextEntry
  let entry = begin
  for (let i: usize = 0; i < width; i += 4) {
    const at = row + (i << 2)
    const values = v128.load(at)
    let set = i32x4.bitmask(f32x4.ne(values, f32x4.splat(0)))
    if (set == 15) {
      const inputs = i32x4.add(i32x4.splat(<i32>(i << 4)), i32x4(0, 16, 32, 48))
      v128.store(entry, i8x16.shuffle(inputs, values, 0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23))
      v128.store(
        entry,
        i8x16.shuffle(inputs, values, 8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31),
        16,
      )
      entry += 32
      continue
    }
    while (set != 0) {
      const lane = <usize>ctz(set)
      store<u32>(entry, <u32>((i + lane) << 4))
      store<f32>(entry, load<f32>(at + (lane << 2)), 4)
      entry += 8
      set &= set - 1
    }
  }
  if (entry == begin) return
  store<u32>(nextList, <u32>begin)
  store<u32>(nextList, <u32>entry, 4)
  store<i32>(nextList, position, 8)
  store<u32>(nextList, <u32>outputs, 12)
  nextEntry = entry
  nextList += LIST
}

/**
 * Adds the products of all lists to the output rows that they reach.
 * @param inputs channels of a list's row
 * @param filters channels of an output row, a multiple of 4
 * @param positions of the output
 */
export function addProducts(
  weights: usize,
  taps: i32,
  dilation: i32,
  padding: i32,
  inputs: usize,
  filters: usize,
  positions: i32,
): void {
  if (nextList == lists) return
  const rowBytes = filters << 2
  const tapBytes = inputs * rowBytes
  large = <usize>taps * tapBytes > LARGE
  if (positions == 1 && dilation == 1) {
    // Each list meets one tap: the lists of a position together.
    sortLists()
    let list = lists
    while (list < nextList) {
      const position = load<i32>(list, 8)
      let end = list + LIST
      while (end < nextList && load<i32>(end, 8) == position) end += LIST
      const tap = position + padding
      if (tap >= 0 && tap < taps) {
        addTap(weights + <usize>tap * tapBytes, list, end, -position, inputs, rowBytes, 1)
      }
      list = end
    }
    return
  }
  for (let tap = 0; tap < taps; tap++) {
    addTap(weights + <usize>tap * tapBytes, lists, nextList, padding - tap * dilation, inputs, rowBytes, positions)
  }
}

/** By position; they come as a few ascending runs. */
function sortLists(): void {
  for (let list = lists + LIST; list < nextList; list += LIST) {
    const record = v128.load(list)
    const position = i32x4.extract_lane(record, 2)
    let hole = list
    while (hole > lists && load<i32>(hole - LIST, 8) > position) {
      v128.store(hole, v128.load(hole - LIST))
      hole -= LIST
    }
    v128.store(hole, record)
  }
}

function addTap(
  weights: usize,
  from: usize,
  to: usize,
  shift: i32,
  inputs: usize,
  rowBytes: usize,
  positions: i32,
): void {
  let tile = weights
  let offset: usize = 0
  const many = large && entriesOf(from, to) >= inputs / 2
  for (; offset + 64 <= rowBytes; offset += 64) {
    if (many) touch(tile, inputs << 6)
    add4(tile, from, to, shift, offset, rowBytes, positions)
    tile += inputs << 6
  }
  if (offset + 32 <= rowBytes) {
    add2(tile, from, to, shift, offset, rowBytes, positions)
    tile += inputs << 5
    offset += 32
  }
  if (offset < rowBytes) add1(tile, from, to, shift, offset, rowBytes, positions)
}

function entriesOf(from: usize, to: usize): usize {
  let bytes: usize = 0
  for (let list = from; list < to; list += LIST) bytes += <usize>load<u32>(list, 4) - <usize>load<u32>(list)
  return bytes >> 3
}

let touched: i32 = 0

/** Brings weights into the cache in their order; lists, which skip some, would wait for each (Basset: 1.2 times as fast). */
function touch(from: usize, bytes: usize): void {
  let sum: i32 = 0
  for (let at = from; at < from + bytes; at += 64) sum |= load<i32>(at)
  touched = sum
}

@inline function addTo(at: usize, x: v128): void {
  v128.store(at, f32x4.add(v128.load(at), x))
}


function add4(tile: usize, from: usize, to: usize, shift: i32, offset: usize, rowBytes: usize, positions: i32): void {
  for (let list = from; list < to; list += LIST) {
    const position = load<i32>(list, 8) + shift
    if (<u32>position >= <u32>positions) continue
    let a = f32x4.splat(0)
    let b = a
    let c = a
    let d = a
    const end = <usize>load<u32>(list, 4)
    for (let entry = <usize>load<u32>(list); entry < end; entry += 8) {
      const weights = tile + (<usize>load<u32>(entry) << 2)
      const value = v128.load_splat<f32>(entry, 4)
      a = f32x4.add(a, f32x4.mul(value, v128.load(weights)))
      b = f32x4.add(b, f32x4.mul(value, v128.load(weights, 16)))
      c = f32x4.add(c, f32x4.mul(value, v128.load(weights, 32)))
      d = f32x4.add(d, f32x4.mul(value, v128.load(weights, 48)))
    }
    const at = <usize>load<u32>(list, 12) + <usize>position * rowBytes + offset
    addTo(at, a)
    addTo(at + 16, b)
    addTo(at + 32, c)
    addTo(at + 48, d)
  }
}

function add2(tile: usize, from: usize, to: usize, shift: i32, offset: usize, rowBytes: usize, positions: i32): void {
  for (let list = from; list < to; list += LIST) {
    const position = load<i32>(list, 8) + shift
    if (<u32>position >= <u32>positions) continue
    let a = f32x4.splat(0)
    let b = a
    const end = <usize>load<u32>(list, 4)
    for (let entry = <usize>load<u32>(list); entry < end; entry += 8) {
      const weights = tile + (<usize>load<u32>(entry) << 1)
      const value = v128.load_splat<f32>(entry, 4)
      a = f32x4.add(a, f32x4.mul(value, v128.load(weights)))
      b = f32x4.add(b, f32x4.mul(value, v128.load(weights, 16)))
    }
    const at = <usize>load<u32>(list, 12) + <usize>position * rowBytes + offset
    addTo(at, a)
    addTo(at + 16, b)
  }
}

function add1(tile: usize, from: usize, to: usize, shift: i32, offset: usize, rowBytes: usize, positions: i32): void {
  for (let list = from; list < to; list += LIST) {
    const position = load<i32>(list, 8) + shift
    if (<u32>position >= <u32>positions) continue
    let a = f32x4.splat(0)
    const end = <usize>load<u32>(list, 4)
    for (let entry = <usize>load<u32>(list); entry < end; entry += 8) {
      const value = v128.load_splat<f32>(entry, 4)
      a = f32x4.add(a, f32x4.mul(value, v128.load(tile + <usize>load<u32>(entry))))
    }
    addTo(<usize>load<u32>(list, 12) + <usize>position * rowBytes + offset, a)
  }
}

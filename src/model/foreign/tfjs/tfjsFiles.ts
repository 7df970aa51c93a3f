/** The files of a TensorFlow.js model: `model.json` and the shards of weights beside it, none of them outside its folder. */
import { readFile, realpath, stat } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative, sep } from 'node:path'
import { DataError } from '../../../base/errors.ts'
import { fromFloat16 } from '../../../base/float16.ts'
import { asReadError } from '../../../io/files/fileErrors.ts'
import { isDirectory } from '../../../io/files/fileHead.ts'
import { readBytes } from '../../../io/files/readBytes.ts'
import type { Tensor } from '../../../io/hdf5/hdf5.ts'
import { isObject, type JsonObject, largestJson, parseJson } from '../../formats/json.ts'
import type { TfjsWeights } from '../importedModel.ts'
import { product } from '../../network/shapes.ts'

export interface TfjsFiles {
  /** The content of model.json. */
  readonly json: JsonObject
  readonly weights: TfjsWeights
}

const largestWeights = 2 ** 31 - 1

const bytesOf: Readonly<Record<string, number>> = {
  float32: 4,
  int32: 4,
  bool: 1,
  uint8: 1,
  uint16: 2,
  float16: 2,
}

/**
 * @param path `model.json`, or the folder that it lies in
 * @throws DataError naming the file where it is damaged, or where it points out of its folder
 */
export async function readTfjsFiles(path: string): Promise<TfjsFiles & { readonly file: string }> {
  const file = (await isDirectory(path)) ? join(path, 'model.json') : path
  const json = parseJson(await readBytes(file, largestJson), file)
  if (!isObject(json) || !isObject(json['modelTopology'])) {
    throw new DataError('is no model.json of TensorFlow.js: it has no modelTopology', { file })
  }
  const groups = json['weightsManifest']
  if (!Array.isArray(groups)) {
    throw new DataError('has no weightsManifest; save the model with its weights', { file })
  }
  const specs: TfjsWeights['specs'][number][] = []
  const shards: Buffer[] = []
  let total = 0
  for (const group of groups as unknown[]) {
    if (!isObject(group) || !Array.isArray(group['paths']) || !Array.isArray(group['weights'])) {
      throw new DataError('has a weightsManifest that cannot be read', { file })
    }
    const own = (group['weights'] as unknown[]).map((entry) => readSpec(entry, file))
    const claimed = own.reduce((sum, spec) => sum + byteLength(spec), 0)
    const read = await readShards(group['paths'] as unknown[], file, largestWeights - total)
    const found = read.reduce((sum, shard) => sum + shard.length, 0)
    if (claimed !== found) {
      throw new DataError(
        `claims ${claimed} bytes of weights, but its shards (${(group['paths'] as unknown[]).join(', ')}) hold ${found}; copy or download all of them again`,
        { file },
      )
    }
    total += found
    specs.push(...own)
    shards.push(...read)
  }
  return { file, json, weights: { specs, data: Buffer.concat(shards) } }
}

function readSpec(entry: unknown, file: string): TfjsWeights['specs'][number] {
  const fault = (problem: string) =>
    new DataError(`has a weight in its weightsManifest that ${problem}`, { file })
  if (!isObject(entry) || typeof entry['name'] !== 'string') throw fault('has no name')
  const { name, shape, dtype, quantization } = entry
  if (!Array.isArray(shape) || !shape.every((size) => Number.isSafeInteger(size) && (size as number) >= 0)) {
    throw fault(`has no shape ('${name}')`)
  }
  const sizes = shape as number[]
  const stored: unknown = isObject(quantization) ? quantization['dtype'] : dtype
  if (typeof dtype !== 'string' || typeof stored !== 'string' || bytesOf[stored] === undefined) {
    throw fault(`has the type ${JSON.stringify(dtype)} ('${name}'), which cannot be read`)
  }
  if (isObject(quantization) && stored !== 'float16') {
    const { scale, min } = quantization
    if (typeof scale !== 'number' || typeof min !== 'number')
      throw fault(`is quantised without a scale ('${name}')`)
  }
  return { name, shape: sizes, dtype, ...(isObject(quantization) ? { quantization } : {}) }
}

function byteLength({ shape, dtype, quantization }: TfjsWeights['specs'][number]): number {
  const stored = isObject(quantization) ? (quantization['dtype'] as string) : dtype
  return bytesOf[stored]! * product(shape)
}

async function readShards(paths: readonly unknown[], file: string, most: number): Promise<Buffer[]> {
  const folder = await realpath(dirname(file))
  const shards: Buffer[] = []
  for (const path of paths) {
    if (typeof path !== 'string') throw new DataError('names a shard of weights that is no text', { file })
    const shard = join(folder, path)
    if (isAbsolute(path) || isOutside(folder, shard)) throw outside(path, file)
    try {
      if (isOutside(folder, await realpath(shard))) throw outside(path, file)
      const { size } = await stat(shard)
      most -= size
      if (most < 0) throw new DataError(`has shards of more than ${largestWeights} bytes`, { file })
      shards.push(await readFile(shard))
    } catch (error) {
      throw asReadError(error, join(dirname(file), path))
    }
  }
  return shards
}

function isOutside(folder: string, path: string): boolean {
  const way = relative(folder, path)
  return way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way)
}

function outside(path: string, file: string): DataError {
  return new DataError(`names weights outside its folder ('${path}'); put them beside it`, { file })
}

/** @returns the floating-point weights by name, quantised ones as the numbers that they stand for */
export function decodeTfjsWeights({ specs, data }: TfjsWeights): Map<string, Tensor> {
  const tensors = new Map<string, Tensor>()
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  let offset = 0
  for (const spec of specs) {
    const { name, shape, dtype, quantization } = spec
    const count = product(shape)
    if (dtype === 'float32') tensors.set(name, { shape, values: decode(view, offset, count, quantization) })
    offset += byteLength(spec)
  }
  return tensors
}

function decode(view: DataView, offset: number, count: number, quantization: unknown): Float32Array {
  const values = new Float32Array(count)
  const { dtype, scale, min } = isObject(quantization)
    ? (quantization as { dtype: string; scale: number; min: number })
    : { dtype: 'float32', scale: 1, min: 0 }
  for (let i = 0; i < count; i++) {
    switch (dtype) {
      case 'uint8':
        values[i] = view.getUint8(offset + i) * scale + min
        break
      case 'uint16':
        values[i] = view.getUint16(offset + 2 * i, true) * scale + min
        break
      case 'float16':
        values[i] = fromFloat16(view.getUint16(offset + 2 * i, true))
        break
      default:
        values[i] = view.getFloat32(offset + 4 * i, true)
    }
  }
  return values
}

/** The numbers of a network's last hidden layer: what its last dense layer reads. */
import { ConfigError } from '../base/errors.ts'
import type { Layer, Network } from '../model/network/network.ts'
import { openNetwork, type Device } from '../predict/devices.ts'
import { reverseComplements } from '../sequence/alphabet.ts'

export interface LastHidden {
  readonly backend: string
  readonly batchSize: number
  /** Numbers of one input; of both strands, where the network reads them, one after the other. */
  readonly units: number
  /**
   * @param codes Uint8Array [rows, L]
   * @returns [rows, units]
   */
  read(codes: Uint8Array, rows: number): Promise<Float32Array>
  close(): Promise<void>
}

/** Layers that compute nothing of their own. */
const plain: ReadonlySet<Layer['kind']> = new Set(['flatten', 'dropout'])

/** @throws ConfigError naming the layer, where the network has no last dense layer with something hidden before it */
export async function openLastHidden(
  network: Network,
  device: Device,
  settings: { readonly background: readonly number[]; readonly threads: number },
): Promise<LastHidden> {
  const last = network.layers.findLastIndex(({ kind }) => kind !== 'activation' && !plain.has(kind))
  const dense = network.layers[last]
  if (dense?.kind !== 'dense') {
    throw new ConfigError(
      `maximum-entropy needs a network that ends in a dense layer; layer ${last + 1} of this one is ${dense?.kind ?? 'nothing'}`,
    )
  }
  const layers = network.layers.slice(0, last)
  if (layers.every(({ kind }) => plain.has(kind))) {
    throw new ConfigError(
      `maximum-entropy needs a hidden layer; layer ${last + 1}, the last dense one, reads the sequence itself`,
    )
  }
  const { inputLength: length } = network
  const width = dense.kernel.length / dense.units
  const outputs = Array.from({ length: width }, (_, i) => `unit ${i}`)
  const hidden: Network = { ...network, layers, outputs, strands: 'forward', strandJoin: undefined }
  const predictor = await openNetwork(hidden, device, settings)
  const bothStrands = network.strands === 'both'
  const units = bothStrands ? 2 * width : width
  return {
    backend: predictor.backend,
    batchSize: predictor.batchSize,
    units,
    async read(codes, rows) {
      const forward = await predictor.predict(codes, rows)
      if (!bothStrands) return forward
      const reverse = await predictor.predict(reverseComplements(codes, length), rows)
      const both = new Float32Array(rows * units)
      for (let row = 0; row < rows; row++) {
        both.set(forward.subarray(row * width, (row + 1) * width), row * units)
        both.set(reverse.subarray(row * width, (row + 1) * width), row * units + width)
      }
      return both
    },
    close: () => predictor.close(),
  }
}

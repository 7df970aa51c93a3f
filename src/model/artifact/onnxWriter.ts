/** Writes a network as an ONNX file. */
import { baseLetters } from '../../sequence/alphabet.ts'
import type { Network } from '../network/network.ts'
import { encodeOnnx, type OnnxGraph } from '../formats/onnx/onnxFormat.ts'
import { buildLogitsGraph, buildOnnxGraph } from './onnxGraph.ts'
import { toolVersion } from '../../base/toolVersion.ts'

/** The lowest at which Softmax has the meaning that we need. */
export const opset = 13
const irVersion = 7

/**
 * Input `sequence` float32 [batch, 4, L], one-hot in the order A C G T; output `scores` float32 [batch, outputs].
 * @returns the bytes of the file; the same network gives the same bytes
 */
export function writeOnnx(network: Network): Uint8Array {
  return write(network, buildOnnxGraph(network))
}

/** As `writeOnnx`, without the last activation: for our own use. The output is that of `buildLogitsGraph`. */
export function writeLogitsOnnx(network: Network): Uint8Array {
  return write(network, buildLogitsGraph(network))
}

function write(network: Network, graph: OnnxGraph): Uint8Array {
  return encodeOnnx({
    irVersion,
    producerName: 'sis',
    producerVersion: toolVersion(),
    graph,
    opsetImport: [{ domain: '', version: opset }],
    metadataProps: [
      { key: 'alphabet', value: baseLetters },
      { key: 'outputs', value: JSON.stringify(network.outputs) },
    ],
  })
}

/** Writes a network as an ONNX file: our own form of it, which `readOwnOnnx` reads back bit for bit. */
import { toolVersion } from '../../../base/toolVersion.ts'
import { baseLetters } from '../../../sequence/alphabet.ts'
import type { Network } from '../../network/network.ts'
import { encodeOnnx, type OnnxGraph, type OnnxModel } from '../onnx/onnxEncode.ts'
import { buildLogitsGraph, buildOnnxGraph } from './ownOnnxGraph.ts'

/** The lowest at which Softmax has the meaning that we need. */
export const opset = 13

const irVersion = 7

/**
 * Input `sequence` float32 [batch, 4, L], one-hot in the order A C G T; output `scores` float32 [batch, outputs].
 * @returns the bytes of the file; the same network gives the same bytes
 */
export function writeOnnx(network: Network): Uint8Array {
  return encodeOnnx(ownOnnxModel(network, buildOnnxGraph(network)))
}

/** As `writeOnnx`, without the last activation: for our own use. The output is that of `buildLogitsGraph`. */
export function writeLogitsOnnx(network: Network): Uint8Array {
  return encodeOnnx(ownOnnxModel(network, buildLogitsGraph(network)))
}

/** @param graph of operators of our opset, about the network */
export function writeGraphOnnx(network: Network, graph: OnnxGraph): Uint8Array {
  return encodeOnnx(ownOnnxModel(network, graph))
}

/** What the file says, before it is bytes. */
export function ownOnnxModel(network: Network, graph = buildOnnxGraph(network)): OnnxModel {
  return {
    irVersion,
    producerName: 'sis',
    producerVersion: toolVersion(),
    graph,
    opsetImport: [{ domain: '', version: opset }],
    metadataProps: [
      { key: 'alphabet', value: baseLetters },
      { key: 'outputs', value: JSON.stringify(network.outputs) },
    ],
  }
}

/** A model of any format, opened for scoring and explaining; what lies behind it is the library's own affair. */
import { readModel, type FileOptions } from '../import/importModel.ts'
import { lengthOf, openPredictor, type Model } from '../import/modelPredictor.ts'
import type { Device } from '../predict/devices.ts'
import type { Predictor } from '../predict/predictor.ts'
import { chooseThreads } from '../run/config/threads.ts'
import { uniformBackground } from '../sequence/alphabet.ts'
import { codesOf, type NamedSequence } from './sequences.ts'

/** How a model's file is read, and what runs it. */
export interface OpenModelOptions extends FileOptions {
  /** What scores sequences; `auto` unless given. */
  readonly device?: Device | undefined
  /** What a masked base becomes: numbers for A, C, G, T; 0.25 each unless given. */
  readonly background?: readonly number[] | undefined // [4]
  /** Sequences scored at once; what suits the device unless given. */
  readonly batchSize?: number | undefined
  /** Threads that compute: all that this process may use unless given. */
  readonly threads?: number | undefined
}

/** A model that scores sequences and can be explained. Close it after use. */
export interface OpenModel {
  /** Bases that it reads, L. */
  readonly length: number
  /** Names of its scores. */
  readonly outputs: readonly string[]
  /** `network` where its layers are known, so that engines can explain it; else it is explained as a black box. */
  readonly kind: 'network' | 'black-box'
  /** What runs it, e.g. `onnxruntime-node 1.30.0, cpu`. */
  readonly backend: string
  /** What a masked base becomes, for A, C, G, T. */
  readonly background: readonly number[] // [4]
  /** What its reader should know, in sentences without an end. */
  readonly notes: readonly string[]
  /**
   * @param sequences n sequences of L bases
   * @returns scores: Float32Array [n, outputs]
   * @throws DataError naming the sequence that has another length, or a letter that is not IUPAC
   */
  predict(sequences: readonly (string | NamedSequence)[]): Promise<Float32Array>
  /** Frees what runs it. */
  close(): Promise<void>
}

/** What the library's functions need of an open model. */
export interface ModelParts {
  readonly model: Model
  readonly predictor: Predictor
  readonly threads: number
}

const partsOfModels = new WeakMap<OpenModel, ModelParts>()

/** @throws TypeError where the model was not opened here */
export function partsOf(model: OpenModel): ModelParts {
  const parts = partsOfModels.get(model)
  if (parts === undefined) throw new TypeError('not a model that openModel opened')
  return parts
}

/**
 * Opens a model: a file of ONNX, Keras, TensorFlow.js or DeepBind, a SavedModel, or the directory of a model that `sis` trained.
 * Its format is told by its content. It is proved before it is returned: read layer by layer it has to score as its own
 * runtime does, otherwise it is a black box.
 * @param path a file or a directory
 * @throws DataError naming the file where it holds no model, ConfigError naming the option that has to be given,
 * BackendError where the device is not there
 */
export async function openModel(path: string, options: OpenModelOptions = {}): Promise<OpenModel> {
  const {
    device = 'auto',
    background = uniformBackground,
    batchSize,
    threads: asked,
    ...fileOptions
  } = options
  const { threads } = chooseThreads(asked)
  const settings = { device, background, batchSize, threads }
  const { model, notes } = await readModel(path, fileOptions, settings)
  const predictor = await openPredictor(model, settings)
  const opened: OpenModel = {
    length: lengthOf(model),
    outputs: predictor.outputs,
    kind: model.kind,
    backend: predictor.backend,
    background: [...background],
    notes,
    async predict(sequences) {
      const codes = new Uint8Array(sequences.length * predictor.width)
      for (const [i, sequence] of sequences.entries()) {
        const named = typeof sequence === 'string' ? { name: String(i + 1), sequence } : sequence
        codes.set(codesOf(named, predictor.width), i * predictor.width)
      }
      return predictor.predict(codes, sequences.length)
    },
    close: () => predictor.close(),
  }
  partsOfModels.set(opened, { model, predictor, threads })
  return opened
}

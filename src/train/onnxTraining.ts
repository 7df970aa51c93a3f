/** A network in training on ONNX Runtime: each step is one run of a graph, and weights stay in the runtime's tensors. */
import { inputName, logitsName } from '../model/formats/ownOnnx/ownOnnxGraph.ts'
import { writeGraphOnnx } from '../model/formats/ownOnnx/ownOnnxWriter.ts'
import {
  adam,
  buildTrainingGraphs,
  lossName,
  nextName,
  stepInputs,
  withTensors,
  type DropoutInput,
  type TrainedTensor,
  type TrainingGraphs,
} from '../model/gradient/trainingStep.ts'
import type { Network } from '../model/network/network.ts'
import { product } from '../model/network/shapes.ts'
import {
  maximumFormOf,
  onnxBackend,
  openOnnxRunner,
  type OnnxDevice,
  type OnnxRunner,
} from '../predict/onnx/onnxRunner.ts'
import { baseCount } from '../sequence/alphabet.ts'
import { oneHot } from '../sequence/encoding.ts'
import type { Batch, Training, TrainingRuntime, TrainingSettings } from './training.ts'

export interface OnnxTrainingOptions {
  readonly device: OnnxDevice
  readonly threads: number
}

/** @throws BackendError where ONNX Runtime is missing */
export function onnxTraining(options: OnnxTrainingOptions): TrainingRuntime {
  return {
    backend: onnxBackend(options),
    open: (network, settings) => openTraining(network, settings, options),
  }
}

/** @throws BackendError where the device is missing */
async function openTraining(
  network: Network,
  settings: TrainingSettings,
  { threads, device }: OnnxTrainingOptions,
): Promise<Training> {
  const graphs = buildTrainingGraphs(network, settings.weightDecay, maximumFormOf(device))
  const step = await openOnnxRunner(writeGraphOnnx(network, graphs.step), { threads, device })
  try {
    const forward = await openOnnxRunner(writeGraphOnnx(network, graphs.forward), { threads, device })
    return new OnnxTraining(network, settings, { step, forward }, graphs)
  } catch (error) {
    await step.close()
    throw error
  }
}

type Tensor = ReturnType<OnnxRunner['tensor']>

class OnnxTraining implements Training {
  readonly #network: Network
  readonly #settings: TrainingSettings
  readonly #step: OnnxRunner
  readonly #forward: OnnxRunner
  readonly #tensors: readonly TrainedTensor[]
  readonly #dropouts: readonly DropoutInput[]
  /** By name, moments included: what the next step reads, and what it writes in place of what the last one read. */
  #state: Map<string, Tensor>
  #next: Map<string, Tensor>
  #steps = 0

  constructor(
    network: Network,
    settings: TrainingSettings,
    runners: { readonly step: OnnxRunner; readonly forward: OnnxRunner },
    { tensors, dropouts }: Pick<TrainingGraphs, 'tensors' | 'dropouts'>,
  ) {
    this.#network = network
    this.#settings = settings
    this.#step = runners.step
    this.#forward = runners.forward
    this.#tensors = tensors
    this.#dropouts = dropouts
    this.#state = stateOf(tensors, runners.step)
    this.#next = stateOf(tensors, runners.step)
  }

  async step({ rows, codes, labels, weights, labelled }: Batch, learningRate: number): Promise<number> {
    const { outputs } = this.#network
    this.#steps++
    const scalar = (value: number): Tensor => this.#step.tensor(Float32Array.of(value), [1])
    const perRow = (values: Float32Array): Tensor => this.#step.tensor(values, [rows, outputs.length])
    const feeds: Record<string, Tensor> = {
      [stepInputs.sequence]: this.#sequence(this.#step, codes, rows),
      [stepInputs.labels]: perRow(labels),
      [stepInputs.weights]: perRow(weights.map((weight) => weight / labelled)),
      [stepInputs.learningRate]: scalar(learningRate),
      [stepInputs.firstCorrection]: scalar(1 / (1 - adam.beta1 ** this.#steps)),
      [stepInputs.secondCorrection]: scalar(1 / (1 - adam.beta2 ** this.#steps)),
      ...Object.fromEntries(this.#state),
    }
    for (const dropout of this.#dropouts) feeds[dropout.name] = this.#draw(dropout, rows)
    const loss = scalar(0)
    const written: Record<string, Tensor> = { [lossName]: loss }
    for (const [name, tensor] of this.#next) written[nextName(name)] = tensor
    await this.#step.runAll(feeds, written)
    const last = this.#state
    this.#state = this.#next
    this.#next = last
    return (loss.data as Float32Array)[0]!
  }

  async logits(codes: Uint8Array): Promise<Float32Array> {
    const rows = codes.length / this.#network.inputLength
    const feeds: Record<string, Tensor> = { [inputName]: this.#sequence(this.#forward, codes, rows) }
    for (const { name } of this.#tensors) feeds[name] = this.#state.get(name)!
    const { [logitsName]: found } = await this.#forward.runAll(feeds, [logitsName])
    return found.data as Float32Array
  }

  isFinite(): boolean {
    return this.#tensors.every(({ name }) => this.#values(name).every(Number.isFinite))
  }

  read(): Network {
    let next = 0
    const layers = withTensors(this.#network.layers, () => this.#values(this.#tensors[next++]!.name).slice())
    return { ...this.#network, layers }
  }

  async close(): Promise<void> {
    await this.#step.close()
    await this.#forward.close()
  }

  #values(name: string): Float32Array {
    return this.#state.get(name)!.data as Float32Array
  }

  #sequence(runner: OnnxRunner, codes: Uint8Array, rows: number): Tensor {
    const { inputLength: length } = this.#network
    return runner.tensor(oneHot(codes, length, 'NCW', this.#settings.background), [rows, baseCount, length])
  }

  /** Inverted dropout: what stays is as much larger as others are left out. */
  #draw({ rate, dims }: DropoutInput, rows: number): Tensor {
    const { dropout } = this.#settings
    const kept = new Float32Array(rows * product(dims))
    for (let i = 0; i < kept.length; i++) kept[i] = dropout.uniform() < rate ? 0 : 1 / (1 - rate)
    return this.#step.tensor(kept, [rows, ...dims])
  }
}

function stateOf(tensors: readonly TrainedTensor[], runner: OnnxRunner): Map<string, Tensor> {
  return new Map(
    tensors.flatMap(({ name, values, dims, moments = [] }) => [
      [name, runner.tensor(values.slice(), dims)] as const,
      ...moments.map((moment) => [moment, runner.tensor(new Float32Array(values.length), dims)] as const),
    ]),
  )
}

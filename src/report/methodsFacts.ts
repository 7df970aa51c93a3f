/** What the methods paragraph says of a run beyond its results, as plain values. */

export interface MethodsFacts {
  readonly version: string
  /** Shuffles made of each positive; 0 where none. */
  readonly shuffles: number
  /** Windows of the genome drawn for each positive; 0 where none. */
  readonly genomicNegatives: number
  /** How sequences were split, to end a sentence: "by chromosome (test: chr1, chr8)". */
  readonly splitBy: string
  /** Names of the models that were trained in this run; the others came from elsewhere. */
  readonly trained: readonly string[]
  /** e.g. "@tensorflow/tfjs 4.22.0, wasm SIMD"; empty where nothing was trained. */
  readonly trainedBy: string
  readonly epochs: number
  readonly learningRate: number
  readonly batchSize: number
  /** Splits whose sequences were explained. */
  readonly splits: readonly string[]
  readonly maxSequences: number | undefined
  readonly maxSis: number
  readonly selection: 'exact' | 'batched-gradient'
  readonly blockSize: number
  /** What a base that is not kept becomes: `mask`, or completions, e.g. `shuffled:20`. */
  readonly fill: string
  readonly clusterings: readonly {
    readonly name: string
    readonly method: string
    readonly parameters: string
  }[]
  readonly reverseComplements: boolean
  readonly merged: boolean
  readonly maxQValue: number
  readonly knownMotifs: string
  /** Whether these were the consensus motifs that ship with the tool. */
  readonly shippedMotifs: boolean
  readonly seed: number
  /** What was used, told by backends and files: which works are cited. */
  readonly uses: {
    readonly onnxRuntime: boolean
    readonly tensorFlow: boolean
    readonly deepBind: boolean
  }
}

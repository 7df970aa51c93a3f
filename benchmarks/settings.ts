/** What every row of `bench` is told. */
import type { Reporter } from '../src/base/reporter.ts'

export interface BenchSettings {
  readonly threads: number
  readonly rounds: number
  readonly quick: boolean
  /** Where drawings go. */
  readonly drawings: string
  readonly reporter: Reporter
}

export const batchSizes = [64, 128, 256, 512, 1024] as const
/** With --quick. */
export const fewBatchSizes = [64, 256] as const

/** Opens an explanation method over a network, as `sis explain` does. */
import { openExplainedNumber } from '../../src/explain/explainedNumber.ts'
import type { Attribution, ExplainedSequence, MethodContext } from '../../src/explain/method.ts'
import { methods, type MethodName } from '../../src/explain/methods.ts'
import type { Network } from '../../src/model/network/network.ts'
import type { Predictor } from '../../src/predict/predictor.ts'

export const testBackground = [0.4, 0.1, 0.2, 0.3] as const

export const defaultSettings: MethodContext['settings'] = {
  steps: 50,
  baseline: 'background',
  references: 20,
  samples: 100,
  window: 1,
}

export interface TestOptions {
  readonly output?: number
  readonly settings?: Partial<MethodContext['settings']>
  readonly seed?: number
}

/** @param use is given what explains, and the number that is explained */
export async function withMethod<Result>(
  name: MethodName,
  network: Network,
  { output = 0, settings = {}, seed = 7 }: TestOptions,
  use: (
    explain: (sequences: readonly ExplainedSequence[]) => Promise<Attribution[]>,
    number: Predictor,
  ) => Promise<Result>,
): Promise<Result> {
  const shared = { background: testBackground, device: 'cpu', threads: 1 } as const
  const { predictor, numberOf } = await openExplainedNumber({ kind: 'network', network }, output, shared)
  const opened = await methods[name].open({
    ...shared,
    number: predictor,
    numberOf,
    direction: '>=',
    network,
    output,
    seed,
    settings: { ...defaultSettings, ...settings },
    signal: undefined,
  })
  try {
    return await use((sequences) => opened.explain(sequences), predictor)
  } finally {
    await opened.close()
    await predictor.close()
  }
}

export function named(codes: readonly Uint8Array[]): ExplainedSequence[] {
  return codes.map((own, i) => ({ name: `sequence ${i}`, codes: own }))
}

export function largest(values: Iterable<number>): number {
  let most = 0
  for (const value of values) most = Math.max(most, Math.abs(value))
  return most
}

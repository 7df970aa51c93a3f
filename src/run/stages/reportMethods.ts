/** What the page's methods paragraph needs, from the resolved config and the stages' records. */
import { basename } from 'node:path'
import { z } from 'zod'
import { toolVersion } from '../../base/toolVersion.ts'
import type { MethodsFacts } from '../../report/methodsFacts.ts'
import type { Config } from '../config/configSchema.ts'
import { knownMotifsFile } from '../inputs/knownMotifs.ts'
import type { RunRecord } from '../record/runRecord.ts'

const clusteringsSchema = z
  .array(z.object({ name: z.string(), method: z.string(), parameters: z.string() }))
  .default([])

export function methodsFacts(config: Config, { stages }: RunRecord): MethodsFacts {
  const { sequences, models, train, extract, cluster, seed } = config
  const cluster_ = stages.find(({ stage }) => stage === 'cluster')
  const backends = (prefix: string): string[] => [
    ...new Set(
      stages
        .filter(({ stage }) => stage.startsWith(prefix))
        .flatMap(({ details }) => (typeof details['backend'] === 'string' ? [details['backend']] : [])),
    ),
  ]
  const trainedBy = backends('train.').join('; ')
  const scoredBy = [...backends('predict.'), ...backends('extract.')].join('; ')
  return {
    version: toolVersion(),
    shuffles: Math.max(0, ...sequences.sources.map(({ shuffles }) => shuffles)),
    genomicNegatives: Math.max(0, ...sequences.sources.map(({ genomicNegatives }) => genomicNegatives)),
    splitBy: splitText(sequences),
    trained: models
      .filter(({ file, artifact }) => file === undefined && artifact === undefined)
      .map(({ name }) => name),
    trainedBy,
    epochs: train.epochs,
    learningRate: train.learningRate,
    batchSize: train.batchSize,
    splits: extract.splits,
    maxSequences: extract.maxSequences,
    maxSis: extract.maxSis,
    selection: extract.selection,
    blockSize: extract.blockSize,
    fill: extract.fill,
    clusterings: clusteringsSchema
      .parse(cluster_?.details['clusterings'])
      .map(({ name, method, parameters }) => ({ name, method, parameters: parametersText(parameters) })),
    reverseComplements: cluster.reverseComplements,
    merged: cluster.merge,
    maxQValue: cluster.maxQValue,
    knownMotifs: basename(knownMotifsFile(config)),
    shippedMotifs: cluster.knownMotifs === undefined,
    seed,
    uses: {
      onnxRuntime: /onnxruntime/.test(scoredBy),
      tensorFlow: /tensorflow|tfjs/.test(trainedBy + scoredBy),
      deepBind: models.some(
        ({ architecture, file }) => architecture === 'deepbind' || file?.endsWith('.txt') === true,
      ),
    },
  }
}

/** A record's JSON as `eps = 3, minSamples = 6`. */
function parametersText(json: string): string {
  return Object.entries(JSON.parse(json) as Record<string, unknown>)
    .filter(([key]) => key !== 'reverseComplements')
    .map(([key, value]) => `${key} = ${String(value)}`)
    .join(', ')
}

function splitText({
  splitBy,
  validChromosomes,
  testChromosomes,
  validFraction,
  testFraction,
}: Config['sequences']): string {
  if (splitBy === 'chromosome') {
    const named = [
      validChromosomes.length === 0 ? '' : `validation: ${validChromosomes.join(', ')}`,
      testChromosomes.length === 0 ? '' : `test: ${testChromosomes.join(', ')}`,
    ].filter((text) => text !== '')
    return `by chromosome (${named.join('; ')})`
  }
  if (splitBy === 'source') return 'as their sources say'
  return `at random by a hash of their letters (validation ${validFraction}, test ${testFraction} of those that their source did not assign)`
}

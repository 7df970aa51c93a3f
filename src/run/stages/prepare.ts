/** Prepare: sequences of one length with labels and splits, in one table; planted sites in another. */
import { createSummary, prepareSequences } from '../../sequence/prepare.ts'
import { decodeSequence } from '../../sequence/alphabet.ts'
import type { SplitRule } from '../../sequence/split.ts'
import { openTableWriter, type TableWriter } from '../../store/tableWriter.ts'
import type { Config } from '../config/configSchema.ts'
import type { RunContext } from '../record/context.ts'
import { createTally, readSources, sourceFiles } from '../inputs/sources.ts'
import { trainingObstacle } from './trainable.ts'
import type { Stage } from '../record/stage.ts'

export function prepareStage({ directory, config, reporter, signal }: RunContext): Stage {
  const output = directory.table('sequences', 'all')
  const truth = directory.table('truth', 'all')
  return {
    name: 'prepare',
    settings: { sequences: config.sequences, seed: config.seed },
    inputs: () => sourceFiles(config),
    async run() {
      const { length, shorter, duplicates, maxUnknown } = config.sequences
      const tally = createTally()
      const summary = createSummary()
      const task = reporter.task('preparing sequences')
      const sequences = await openTableWriter('sequences', output)
      let sites: TableWriter<'truth'> | undefined
      let labelCount = 0
      try {
        sites = await openTableWriter('truth', truth)
        for await (const sequence of prepareSequences(
          readSources(config, tally, reporter),
          { length, shorter, duplicates, maxUnknown, seed: config.seed, split: splitRule(config) },
          reporter,
          summary,
        )) {
          if (sequence.id % 1024 === 0) {
            signal.throwIfAborted()
            task.update(sequence.id)
          }
          const { id, name, labels } = sequence
          labelCount = labels.length
          const first = labels[0]
          sequences.append({
            sequence_id: id,
            name,
            chrom: sequence.chrom ?? null,
            start: sequence.start ?? null,
            end: sequence.end ?? null,
            strand: sequence.strand ?? null,
            sequence: decodeSequence(sequence.codes),
            label: first === undefined || Number.isNaN(first) ? null : first,
            labels: labels.length === 0 ? null : labels.map((label) => (Number.isNaN(label) ? null : label)),
            split: sequence.split,
            parent_id: sequence.parentId ?? null,
          })
          for (const [site, planted] of (tally.planted.get(name) ?? []).entries()) {
            sites.append({ sequence_id: id, site, ...planted })
          }
          tally.planted.delete(name)
        }
        // Either both take the place of an earlier preparation's or neither does.
        await sequences.close(() => sites!.close())
      } finally {
        await sequences.abort()
        await sites?.abort()
      }
      task.end(`${summary.kept.toLocaleString('en-US')} sequences of ${summary.length} bases`)
      if (tally.bad > 0)
        reporter.warn(`${tally.bad} bad records left out, the first: ${tally.firstBad!.message}`)
      if (tally.overhanging > 0) {
        reporter.warn(
          `${tally.overhanging} windows left out that would hang over the end of their chromosome`,
        )
      }
      const obstacle = trainingObstacle(summary.counts, labelCount)
      if (obstacle !== undefined) {
        reporter.info(`models can be taken over (--models mine.onnx), but not trained: ${obstacle}`)
      }
      const labelNames =
        tally.labelNames ??
        (labelCount <= 1 ? ['label'] : Array.from({ length: labelCount }, (_, i) => `label_${i + 1}`))
      const { bad, overhanging } = tally
      return {
        outputs: [output, truth],
        details: { length: summary.length, labelNames, counts: { ...summary, bad, overhanging } },
      }
    },
  }
}

/** A source that fixes the split of its sequences wins over the rule. */
function splitRule({ sequences, seed }: Config): SplitRule {
  switch (sequences.splitBy) {
    case 'chromosome':
      return { by: 'chromosome', valid: sequences.validChromosomes, test: sequences.testChromosomes }
    case 'hash':
      return {
        by: 'hash',
        validFraction: sequences.validFraction,
        testFraction: sequences.testFraction,
        seed,
      }
    case 'source':
      return { by: 'source' }
  }
}

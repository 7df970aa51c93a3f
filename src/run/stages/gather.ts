/**
 * Gather: what finished runs have prepared, trained, predicted and extracted, as the tables of one run, so that all stages after
 * it do with several runs what they do with one. Models are called RUN/MODEL; sequences are the same where their letters are.
 */
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { ConfigError } from '../../base/errors.ts'
import { count, counted, listed } from '../../base/format.ts'
import { filesOfModel } from '../../import/modelFormat.ts'
import { copyModel } from '../../model/artifact/artifact.ts'
import { readTable } from '../../store/tableReader.ts'
import { tables, type Row, type TableName } from '../../store/tables.ts'
import { openTableWriter, writeTable } from '../../store/tableWriter.ts'
import { modelOfRun } from '../config/comparedRuns.ts'
import {
  filesOfRun,
  gatheredFiles,
  openFinishedRun,
  refuseDamaged,
  requireComparable,
  type FinishedRun,
} from '../gather/finishedRun.ts'
import { uniteSequences, type UnitedSequences } from '../gather/uniteSequences.ts'
import type { RunContext } from '../record/context.ts'
import { readStageRecord, type Stage } from '../record/stage.ts'

/** A model of a finished run, and what it is here. */
interface GatheredModel {
  /** RUN/MODEL. */
  readonly name: string
  readonly id: number
  /** Index of its run. */
  readonly run: number
  /** What it is there. */
  readonly own: { readonly name: string; readonly id: number }
}

/** @throws ConfigError where a run is not finished, or cannot be compared with the others; DataError where its files are damaged */
export async function gatherStage(context: RunContext): Promise<Stage> {
  const { config } = context
  const runs: FinishedRun[] = []
  for (const { name, path } of config.runs ?? []) runs.push(await openFinishedRun(name, path, context))
  requireComparable(runs, config.extract.background)
  for (const run of runs) await refuseDamaged(run)
  const models = config.models.map(({ name }, id) => gatheredModel(name, id, runs))
  const namesIn = (i: number): string[] => models.filter(({ run }) => run === i).map(({ own }) => own.name)
  const files = await Promise.all(runs.map((run, i) => filesOfRun(run, namesIn(i))))
  return {
    name: 'gather',
    settings: {
      runs: runs.map(({ name, labelNames, length }) => ({ name, labelNames, length })),
      models: models.map(({ name, own }) => ({ name, id: own.id })),
    },
    inputs: () => files.flat(),
    async run() {
      const task = context.reporter.task('gathering runs', models.length)
      const united = await gatherSequences(context, runs)
      const outputs = [...united.outputs]
      const explained = runs.map(() => new Set<number>())
      for (const model of models) {
        context.signal.throwIfAborted()
        outputs.push(...(await gatherModel(context, runs[model.run]!, model, united, explained[model.run]!)))
        task.update(model.id + 1, model.name)
      }
      task.end(
        `${counted(models.length, 'model')}, ${counted(united.rows.length, 'sequence')}, ${count(united.shared)} of them in more than one run`,
      )
      tellDifferences(context, runs, united, explained)
      await removeEarlier(context, outputs)
      return {
        outputs,
        details: {
          labelNames: united.labelNames,
          sequences: united.rows.length,
          shared: united.shared,
          otherLabels: united.otherLabels,
          otherSplit: united.otherSplit,
          runs: runs.map(({ name, directory, records }, i) => ({
            name,
            path: directory.path,
            sequences: united.idsOf[i]!.size,
            explained: explained[i]!.size,
            records,
          })),
        },
      }
    },
  }
}

function gatheredModel(name: string, id: number, runs: readonly FinishedRun[]): GatheredModel {
  const { run: runName, model: modelName } = modelOfRun(name)
  const run = runs.findIndex((one) => one.name === runName)
  const { models, directory } = runs[run]!
  const own = models.find((model) => model.name === modelName)
  if (own === undefined) {
    throw new ConfigError(
      `model '${name}': ${directory.path} has no model '${modelName}'; it has ${listed(models.map((model) => model.name))}`,
    )
  }
  return { name, id, run, own: { name: own.name, id: own.model_id } }
}

async function gatherSequences(
  { directory }: RunContext,
  runs: readonly FinishedRun[],
): Promise<UnitedSequences & { readonly outputs: readonly string[] }> {
  const columns = columnsOf('sequences')
  const united = await uniteSequences(
    runs.map((run) => ({
      labelNames: run.labelNames,
      rows: readTable(run.directory.path, 'sequences', columns),
    })),
  )
  const outputs = [directory.table('sequences', 'all'), directory.table('truth', 'all')]
  await writeTable('sequences', outputs[0]!, united.rows)
  await writeTable('truth', outputs[1]!, gatheredTruth(runs, united))
  return { ...united, outputs }
}

/** The sites of a sequence are those of the first run that knows any. */
async function* gatheredTruth(
  runs: readonly FinishedRun[],
  { idsOf }: UnitedSequences,
): AsyncGenerator<Row<'truth'>> {
  const knownBy = new Map<number, number>()
  for (const [i, run] of runs.entries()) {
    const files = await gatheredFiles(run, 'truth', [])
    if (files.length === 0) continue
    for await (const row of readTable(files, 'truth', columnsOf('truth'))) {
      const id = idsOf[i]!.get(row.sequence_id)!
      if (!knownBy.has(id)) knownBy.set(id, i)
      if (knownBy.get(id) === i) yield { ...row, sequence_id: id }
    }
  }
}

/**
 * @param explained takes the sequences that the model explains
 * @returns the files written
 */
async function gatherModel(
  { directory }: RunContext,
  run: FinishedRun,
  { name, id, own, run: index }: GatheredModel,
  { idsOf }: UnitedSequences,
  explained: Set<number>,
): Promise<string[]> {
  const ids = idsOf[index]!
  const path = directory.model(name)
  await copyModel(run.directory.model(own.name), path, name)
  const outputs = [
    await copyRows('models', (row) => ({ ...row, model_id: id, name })),
    await copyRows('predictions', (row) => ({
      ...row,
      model_id: id,
      sequence_id: ids.get(row.sequence_id)!,
    })),
    await copyRows('sis', (row) => {
      const sequence_id = ids.get(row.sequence_id)!
      explained.add(sequence_id)
      return { ...row, model_id: id, sequence_id }
    }),
    // A model that was taken over has no history.
    await copyRows('training_history', (row) => ({ ...row, model_id: id })),
  ]
  return [...(await filesOfModel(path)), ...outputs.filter((output) => output !== undefined)]

  async function copyRows<T extends 'models' | 'predictions' | 'sis' | 'training_history'>(
    table: T,
    change: (row: Row<T>) => Row<T>,
  ): Promise<string | undefined> {
    const files = await gatheredFiles(run, table, [own.name])
    if (files.length === 0) return undefined
    const output = directory.table(table, name)
    const writer = await openTableWriter(table, output)
    try {
      for await (const row of readTable(files, table, columnsOf(table))) writer.append(change(row as Row<T>))
      await writer.close()
    } finally {
      await writer.abort()
    }
    return output
  }
}

function columnsOf<T extends TableName>(table: T): (keyof Row<T> & string)[] {
  return Object.keys(tables[table].columns) as (keyof Row<T> & string)[]
}

/** Where the runs are not alike, numbers mean less; what differs is said. */
function tellDifferences(
  { reporter }: RunContext,
  runs: readonly FinishedRun[],
  { shared, otherLabels, otherSplit, labelNames }: UnitedSequences,
  explained: readonly ReadonlySet<number>[],
): void {
  if (labelNames === undefined) {
    const named = listed(runs.map(({ name, labelNames: names }) => `${name} ${names.join(', ')}`))
    reporter.warn(`the runs have different labels (${named}): labels are left out of the comparison`)
  }
  if (otherLabels > 0) {
    reporter.warn(
      `${counted(otherLabels, 'sequence')} of ${count(shared)} in more than one run ${otherLabels === 1 ? 'is' : 'are'} labelled otherwise in another: those labels are left out`,
    )
  }
  if (otherSplit > 0) {
    reporter.warn(
      `${counted(otherSplit, 'sequence')} of ${count(shared)} in more than one run ${otherSplit === 1 ? 'is' : 'are'} in another split of a later run, which may have trained on what the first run explains: the first run's split is shown`,
    )
  }
  for (const [i, run] of runs.entries()) {
    for (const [j, other] of runs.entries()) {
      if (j > i) tellOverlap(run, other, explained[i]!, explained[j]!)
    }
  }
  tellSettings()

  function tellOverlap(a: FinishedRun, b: FinishedRun, inA: ReadonlySet<number>, inB: ReadonlySet<number>) {
    const both = [...inA].filter((id) => inB.has(id)).length
    const text = `${a.name} explains ${counted(inA.size, 'sequence')}, ${b.name} ${count(inB.size)}; ${count(both)} are the same`
    if (both >= Math.min(inA.size, inB.size) / 10) reporter.info(text)
    else
      reporter.warn(
        `${text}: ${both === 0 ? 'their positions cannot be compared' : 'only in those can their positions be compared'} (Jaccard index); shares and cross-sufficiency are of all`,
      )
  }

  function tellSettings(): void {
    const names = [
      'splits',
      'maxSequences',
      'maxSis',
      'selection',
      'batchFeatures',
      'blockSize',
      'fill',
    ] as const
    for (const name of names) {
      const told = runs.map((run) => `${run.name} ${String(run.config.extract[name] ?? 'all')}`)
      const values = new Set(runs.map((run) => String(run.config.extract[name])))
      if (name === 'batchFeatures' && runs.every((run) => run.config.extract.selection === 'exact')) continue
      if (values.size > 1) {
        reporter.warn(`the runs were explained with different settings: ${kebab(name)} is ${listed(told)}`)
      }
    }
  }
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

/** What an earlier gathering wrote and this one did not: of models that are compared no more. */
async function removeEarlier({ directory }: RunContext, outputs: readonly string[]): Promise<void> {
  const before = await readStageRecord(directory, 'gather')
  for (const name of Object.keys(before?.outputs ?? {})) {
    const path = join(directory.path, name)
    if (!outputs.includes(path) && existsSync(path)) await rm(path)
  }
}

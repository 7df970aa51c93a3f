/** What `sis run` would do: which stages would run and why, and what they would write. Nothing is written, not even a folder. */
import { existsSync } from 'node:fs'
import { join, relative } from 'node:path'
import { descriptionFileName } from '../model/artifact/executableFiles.ts'
import { Sheet } from '../terminal/sheet.ts'
import type { Config } from './config/configSchema.ts'
import { checkInputs } from './inputs/checkInputs.ts'
import type { RunContext } from './record/context.ts'
import { checkModels } from './record/runModels.ts'
import { changedSettings, readStageRecords, staleness, type Stage, type StageRecord } from './record/stage.ts'
import type { StageKind } from './record/stageKinds.ts'
import { clusterStage } from './stages/cluster.ts'
import { completionsStage } from './stages/completions.ts'
import { compareStage } from './stages/compare.ts'
import { attributionSources } from './stages/attributions.ts'
import { evaluateStage } from './stages/evaluate.ts'
import { extractStage } from './stages/extract.ts'
import { gatherStage } from './stages/gather.ts'
import { logicStage } from './stages/logic.ts'
import { databaseStage, outdatedStages } from './stages/merge.ts'
import { predictStage } from './stages/predict.ts'
import { prepareStage } from './stages/prepare.ts'
import { reportStage } from './stages/report.ts'
import { wholeShard } from './stages/shards.ts'
import { trainStage } from './stages/train.ts'

type Model = Config['models'][number]
type PlannedKind = StageKind | 'report'

interface Step {
  readonly name: string
  readonly kind: PlannedKind
  /** Steps whose files it reads, by name. */
  readonly after: readonly string[]
  /** What it writes in the run directory. */
  readonly writes: string
  /** Whether `stage` can be called yet; it can where nothing is said. */
  ready?(): boolean
  stage(): Stage | Promise<Stage>
}

interface PlannedStage {
  readonly stage: string
  /** `perhaps`: where a stage before it writes something else than it had written. */
  readonly does: 'runs' | 'perhaps' | 'up to date'
  readonly because: string
  /** Below the run directory. */
  readonly writes: string
}

/**
 * @param remove as `runAll` takes it
 * @throws what `runAll` would throw before its first stage
 */
async function planRun(
  context: RunContext,
  { force, remove = [] }: { force: boolean; remove?: readonly string[] | undefined },
): Promise<PlannedStage[]> {
  const records = await readStageRecords(context.directory)
  checkModels(context, records, remove)
  const { runs } = context.config
  await checkInputs(context.config, runs === undefined ? ['sequences', 'models', 'motifs'] : ['motifs'])
  const planned = new Map<string, PlannedStage>()
  for (const step of stepsOf(context)) {
    planned.set(step.name, {
      stage: step.name,
      writes: step.writes,
      ...(force
        ? { does: 'runs', because: '--force' }
        : await foreseen(context, step, records, planned, remove.length > 0)),
    })
  }
  return [...planned.values()]
}

async function foreseen(
  context: RunContext,
  step: Step,
  records: readonly StageRecord[],
  planned: ReadonlyMap<string, PlannedStage>,
  removes: boolean,
): Promise<Pick<PlannedStage, 'does' | 'because'>> {
  const record = records.find(({ stage }) => stage === step.name)
  if (record === undefined) return { does: 'runs', because: 'it has not run' }
  const before = step.after.filter((name) => planned.get(name)!.does !== 'up to date')
  if (before.length > 0) {
    const changed =
      step.ready?.() === false ? [] : await changedSettings(context.directory, await step.stage())
    if (changed.length > 0) return { does: 'runs', because: `other settings: ${changed.join(', ')}` }
    return {
      does: 'perhaps',
      because: `if ${before.join(', ')} ${before.length === 1 ? 'writes' : 'write'} something new`,
    }
  }
  if (step.kind === 'merge') {
    const [outdated] = await outdatedStages(context)
    if (outdated !== undefined) return { does: 'runs', because: `${outdated} is of what is no longer there` }
  }
  if (removes && step.kind !== 'prepare') return { does: 'perhaps', because: 'models are removed' }
  const because = await staleness(context.directory, await step.stage())
  return because === undefined ? { does: 'up to date', because: '' } : { does: 'runs', because }
}

/** In the order of `runAll`. */
function stepsOf(context: RunContext): Step[] {
  const sources = context.config.runs === undefined ? ownSteps(context) : gatherSteps(context)
  const found = sources.map(({ name }) => name)
  const tried: Step[] =
    context.config.completions === undefined
      ? []
      : context.config.models.map((model) => ({
          name: `completions.${model.name}`,
          kind: 'completions',
          after: found,
          writes: 'tables of completions',
          stage: () => completionsStage(context, model),
        }))
  const explained = context.config.runs === undefined ? explainSteps(context) : []
  return [
    ...sources,
    ...tried,
    {
      name: 'cluster',
      kind: 'cluster',
      after: found.filter((name) => !/^(train|predict)\./.test(name)),
      writes: 'motifs.meme, tables of motifs',
      stage: () => clusterStage(context),
    },
    {
      name: 'logic',
      kind: 'logic',
      after: [...found.filter((name) => !/^(prepare$|predict\.)/.test(name)), 'cluster'],
      writes: 'tables of motif sets and pairs',
      stage: () => logicStage(context),
    },
    {
      name: 'compare',
      kind: 'compare',
      after: [...found.filter((name) => !name.startsWith('predict.')), 'cluster'],
      writes: 'tables of shares and overlaps',
      stage: () => compareStage(context),
    },
    ...explained,
    {
      name: 'merge',
      kind: 'merge',
      after: [
        ...found,
        ...tried.map(({ name }) => name),
        'cluster',
        'logic',
        'compare',
        ...explained.map(({ name }) => name),
      ],
      writes: 'sis.duckdb',
      stage: () => databaseStage(context),
    },
    {
      name: 'report',
      kind: 'report',
      after: ['merge'],
      writes: 'report.html',
      stage: () => reportStage(context),
    },
  ]
}

/** From sequences to the SIS of all models. */
function ownSteps(context: RunContext): Step[] {
  const each = (kind: StageKind, step: (model: Model) => Omit<Step, 'name' | 'kind'>): Step[] =>
    context.config.models.map((model) => ({ name: `${kind}.${model.name}`, kind, ...step(model) }))
  return [
    {
      name: 'prepare',
      kind: 'prepare',
      after: [],
      writes: 'tables/sequences, tables/truth',
      stage: () => prepareStage(context),
    },
    ...each('train', (model) => ({
      after: ['prepare'],
      writes: `models/${model.name}`,
      stage: () => trainStage(context, model),
    })),
    ...each('predict', (model) => ({
      after: ['prepare', `train.${model.name}`],
      writes: 'tables/models, tables/predictions',
      ready: () => existsSync(join(context.directory.model(model.name), descriptionFileName)),
      stage: () => predictStage(context, model, { explains: true }),
    })),
    ...each('extract', (model) => ({
      after: ['prepare', `train.${model.name}`, `predict.${model.name}`],
      writes: 'tables/sis',
      stage: () => extractStage(context, model, wholeShard),
    })),
  ]
}

/** What other methods say of the same sequences. */
function explainSteps(context: RunContext): Step[] {
  const { models } = context.config
  const steps = models.flatMap((model) =>
    attributionSources(context, model).map(({ name, stage }): Step => ({
      name: `explain.${model.name}.${name}`,
      kind: 'explain',
      after: ['prepare', `train.${model.name}`, `predict.${model.name}`],
      writes: 'tables/attributions',
      ready: () => existsSync(join(context.directory.model(model.name), descriptionFileName)),
      stage,
    })),
  )
  if (steps.length === 0) return []
  return [
    ...steps,
    {
      name: 'evaluate',
      kind: 'evaluate',
      after: [
        'prepare',
        ...models.map(({ name }) => `extract.${name}`),
        'cluster',
        ...steps.map(({ name }) => name),
      ],
      writes: 'tables of the scorecard',
      stage: () => evaluateStage(context),
    },
  ]
}

/** The SIS that finished runs have found. */
function gatherSteps(context: RunContext): Step[] {
  const writes = 'tables of sequences, models and SIS'
  return [{ name: 'gather', kind: 'gather', after: [], writes, stage: () => gatherStage(context) }]
}

/** Tells the plan on stdout. */
export async function tellPlan(
  context: RunContext,
  options: { force: boolean; remove?: readonly string[] | undefined },
): Promise<void> {
  const { directory, stdout } = context
  const stages = await planRun(context, options)
  const sheet = Sheet.of(stdout, process.env)
  const path = relative(process.cwd(), directory.path) || '.'
  const state = existsSync(directory.path) ? '' : ', which is not there yet'
  const runs = stages.filter(({ does }) => does === 'runs').length
  const perhaps = stages.filter(({ does }) => does === 'perhaps').length
  sheet.heading(`In ${path.startsWith('..') ? directory.path : path}${state}`)
  sheet.table({
    names: ['stage', 'does', 'because', 'writes'],
    rows: stages.map(({ stage, does, because, writes }) => [
      stage,
      does,
      because,
      does === 'up to date' ? '' : writes,
    ]),
    whole: ['stage', 'does'],
    paint: (cell, column) => {
      if (column !== 'does') return cell
      return sheet.paint(
        cell.startsWith('runs') ? 'yellow' : cell.startsWith('perhaps') ? 'cyan' : 'green',
        cell,
      )
    },
  })
  for (const name of options.remove ?? []) {
    sheet.warning(`${join('models', name)} and all results of '${name}' would be deleted.`)
  }
  sheet.paragraph(
    `${runs} of ${stages.length} stages would run${perhaps === 0 ? '' : `, ${perhaps} perhaps`}; nothing was written.`,
  )
  stdout.write(sheet.text())
}

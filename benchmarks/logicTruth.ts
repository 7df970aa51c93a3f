/**
 * What `sis` says of models that were trained on grammars whose logic is known (data/grammars/logic), beside that truth.
 *
 *     npx tsx benchmarks/logicTruth.ts [--grammars and or …] [--seed 1] [--out DIR]
 *
 * Each grammar is simulated, a convolutional net trained on it, its SIS at a score of 0.95 extracted and their logic read
 * from the run's tables. Runs are kept under --out (a folder that is removed unless it is given).
 */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { stringify } from 'yaml'
import yargs from 'yargs'
import { hideBin } from 'yargs/helpers'
import { withDatabase, type Database } from '../src/store/duckdb.ts'
import { measureCommand } from './measuredCommand.ts'

const folder = resolve(import.meta.dirname, '../data/grammars/logic')
const names = readdirSync(folder).map((file) => file.replace('.yaml', ''))

const truth: Readonly<Record<string, string>> = {
  and: 'GATA1 AND RUNX1; order, orientation, spacing free',
  or: 'GATA1 OR RUNX1',
  'and-10': 'GATA1 AND RUNX1, GATA1> RUNX1> 10 apart',
  'one-orientation': 'GATA1 AND RUNX1, GATA1> RUNX1>, 3 to 20 apart',
  'and-not': 'GATA1 AND NOT AP1 (an SIS cannot show NOT)',
  'two-copies': 'GATA1 AND GATA1',
  confounder: 'GATA1; AP1 decides nothing',
}

/** One layer of filters and their maxima see which motifs are there; a second one sees 34 bases, so two sites and how they lie; a mean can count. */
const layersOf = (name: string): unknown[] => [
  { conv1d: { filters: 16, 'kernel-size': 9, activation: 'relu' } },
  ...(['and-10', 'one-orientation', 'two-copies'].includes(name)
    ? [{ conv1d: { filters: 24, 'kernel-size': 26, activation: 'relu' } }]
    : []),
  name === 'two-copies' ? 'global-average-pool' : 'global-max-pool',
  { dense: { units: 32, activation: 'relu' } },
]

const argv = await yargs(hideBin(process.argv))
  .options({
    grammars: { type: 'array', string: true, choices: names, default: names },
    seed: { type: 'number', default: 1 },
    out: { type: 'string' },
  })
  .strict()
  .parse()

const out = argv.out ?? mkdtempSync(join(tmpdir(), 'sis-logic-'))
try {
  for (const name of argv.grammars) {
    const run = join(out, name)
    const config = join(out, `${name}.yaml`)
    writeFileSync(config, stringify(configOf(name)))
    const { seconds } = await measureCommand(['run', config, '--out', run])
    await withDatabase(join(run, 'sis.duckdb'), { readOnly: true, blame: run }, async (database) => {
      console.log(await describe(database, name, seconds))
    })
  }
} finally {
  if (argv.out === undefined) rmSync(out, { recursive: true, force: true })
}

function configOf(name: string): unknown {
  return {
    seed: argv.seed,
    sequences: { sources: [{ simulate: join(folder, `${name}.yaml`) }] },
    train: { epochs: 40, patience: 8, 'batch-size': 64, 'learning-rate': 0.003, restarts: 1 },
    models: [{ name: 'cnn', layers: layersOf(name) }],
    extract: { threshold: 0.95, 'max-sequences': 200, 'max-sis': 4 },
  }
}

async function describe(database: Database, name: string, seconds: number): Promise<string> {
  const [model] = await database.rows<{ auroc_test: number; summary: string }>(
    'SELECT auroc_test, summary FROM models JOIN model_logic USING (model_id)',
  )
  const sets = await database.rows<{ label: string; sis: number; share: number }>(
    'SELECT label, sis, share FROM motif_sets ORDER BY set_id LIMIT 5',
  )
  const pairs = await database.rows<Record<string, number | string | null>>(
    `SELECT a.consensus AS a, b.consensus AS b, pairs, arrangement, arrangement_share, arrangement_p, spacing, spacing_gap,
       gap_least, gap_median, gap_most, spacing_p, score_a, score_b, score_pair
     FROM motif_pairs JOIN motifs a ON a.motif_id = motif_a JOIN motifs b ON b.motif_id = motif_b ORDER BY pair_id LIMIT 3`,
  )
  const lines = [
    `## ${name}: ${truth[name]!}`,
    `test auROC ${model!.auroc_test.toFixed(4)}, ${seconds.toFixed(0)} s`,
    `sets: ${sets.map(({ label, sis, share }) => `${label} ${sis} (${(100 * share).toFixed(0)} %)`).join('; ')}`,
    ...pairs.map((pair) => `pair: ${JSON.stringify(pair)}`),
    `said: ${model!.summary}`,
    '',
  ]
  return lines.join('\n')
}

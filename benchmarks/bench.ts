/**
 * The figures of the README: engines against ONNX Runtime, the black box against its own peak, whole collections, cost
 * against length, exactness, training. Tables go to stdout as Markdown, everything also to a JSON file.
 *
 *     npm run build && npx tsx benchmarks/bench.ts [row …] [--rounds n] [--threads n] [--quick] [--output FILE]
 *     npx tsx benchmarks/bench.ts --table FILE      # prints the tables of an earlier run
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { ConfigError, SisError } from '../src/base/errors.ts'
import { createTerminalReporter } from '../src/run/terminalReporter.ts'
import { describeMachine } from './machine.ts'
import { toMarkdown, type Results, type Section } from './results.ts'
import {
  bassetSection,
  cnnSection,
  denseSection,
  dilatedSection,
  longCnnSection,
} from './rows/backwardSelection.ts'
import { attributionsSection } from './rows/attributions.ts'
import { blackBoxSection } from './rows/blackBox.ts'
import { collectionsSection } from './rows/collections.ts'
import { costSection } from './rows/cost.ts'
import { exactnessSection } from './rows/exactness.ts'
import { gradientsSection } from './rows/gradients.ts'
import { mutagenesisSection } from './rows/mutagenesis.ts'
import { trainingStepsSection } from './rows/trainingSteps.ts'
import { trainingSection } from './rows/training.ts'
import type { BenchSettings } from './settings.ts'

const rows: Readonly<Record<string, (settings: BenchSettings) => Promise<Section>>> = {
  cnn: cnnSection,
  'cnn-1000': longCnnSection,
  fc: denseSection,
  basset: bassetSection,
  dilated: dilatedSection,
  'black-box': blackBoxSection,
  collections: collectionsSection,
  cost: costSection,
  exactness: exactnessSection,
  attributions: attributionsSection,
  gradients: gradientsSection,
  mutagenesis: mutagenesisSection,
  training: trainingSection,
  'training-steps': trainingStepsSection,
}

const resultsFolder = join(import.meta.dirname, 'results')

function parse() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rounds: { type: 'string' },
      threads: { type: 'string' },
      quick: { type: 'boolean', default: false },
      output: { type: 'string', default: join(resultsFolder, 'latest.json') },
      table: { type: 'string' },
    },
  })
  const unknown = positionals.find((name) => !Object.hasOwn(rows, name))
  if (unknown !== undefined) {
    throw new ConfigError(`there is no row '${unknown}'; the rows are ${Object.keys(rows).join(', ')}`)
  }
  const { quick, output, table } = values
  return {
    names: positionals.length === 0 ? Object.keys(rows) : positionals,
    rounds: positive('rounds', values.rounds ?? (quick ? '3' : '5')),
    threads: positive('threads', values.threads ?? String(availableParallelism())),
    quick,
    output,
    table,
  }
}

function positive(name: string, text: string): number {
  const value = Number(text)
  if (Number.isInteger(value) && value > 0) return value
  throw new ConfigError(`--${name} ${text}: give a whole number above 0`)
}

async function run(): Promise<void> {
  const { names, rounds, threads, quick, output, table } = parse()
  if (table !== undefined) {
    console.log(toMarkdown(JSON.parse(readFileSync(table, 'utf8')) as Results))
    return
  }
  // Compiles only what is older than its source.
  execFileSync(process.execPath, [join(import.meta.dirname, '../src/kernels/compile.js')], {
    stdio: 'inherit',
  })
  const begin = performance.now()
  const machine = describeMachine()
  const reporter = createTerminalReporter({
    format: 'text',
    stream: process.stderr,
    environment: process.env,
  })
  // A quick run must not replace the drawing of the record.
  const drawings = quick ? resultsFolder : join(import.meta.dirname, '../docs')
  mkdirSync(resultsFolder, { recursive: true })
  const sections: Record<string, Section> = {}
  for (const name of names) {
    sections[name] = await rows[name]!({ threads, rounds, quick, drawings, reporter })
    reporter.info(`${name}: done after ${Math.round((performance.now() - begin) / 1000)} s`)
  }
  const results: Results = {
    format: 'sis bench 1',
    date: new Date().toISOString(),
    machine,
    threads,
    rounds,
    quick,
    sections,
    seconds: (performance.now() - begin) / 1000,
  }
  mkdirSync(dirname(output), { recursive: true })
  writeFileSync(output, `${JSON.stringify(results, null, 2)}\n`)
  console.log(toMarkdown(results))
}

try {
  await run()
} catch (error) {
  if (!(error instanceof SisError || (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS')))
    throw error
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = error instanceof SisError ? error.exitCode : 2
}

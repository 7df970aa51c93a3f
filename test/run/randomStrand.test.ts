/** Training reads sequences on a random strand, unless some were read from the reverse strand or the user says otherwise. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { decodeSequence } from '../../src/sequence/alphabet.ts'
import { runSis, temporaryDirectory } from '../cli/runSis.ts'

const directory = temporaryDirectory()
const random = new Random(5, 'genome')
const bases = decodeSequence(new Uint8Array(4000).map(() => random.below(4)))
writeFileSync(join(directory, 'genome.fa'), `>chr1\n${bases}\n`)
writeFileSync(join(directory, 'genome.fa.fai'), 'chr1\t4000\t6\t4000\t4001\n')

/** @returns what model.json says of the strand, and the log */
async function trained(name: string, model: string, strands: string): Promise<[unknown, string]> {
  const lines = Array.from(
    { length: 60 },
    (_, i) => `chr1\t${i * 60}\t${i * 60 + 30}\tw${i}\t0\t${strands[i % strands.length]!}\n`,
  )
  writeFileSync(join(directory, `${name}.bed`), lines.join(''))
  const run = join(directory, name)
  mkdirSync(run)
  writeFileSync(
    join(run, 'config.yaml'),
    `
sequences: { sources: [{ bed: ../${name}.bed, genome: ../genome.fa, shuffles: 1 }], length: 30, valid-fraction: 0.2 }
train: { epochs: 1, restarts: 0 }
models: [{ name: m, layers: [{ conv1d: { filters: 2, kernel-size: 4 } }, global-max-pool], ${model} }]
`,
  )
  await succeed('prepare', run)
  const log = await succeed('train', run)
  const { training } = JSON.parse(readFileSync(join(run, 'models/m/model.json'), 'utf8')) as {
    training: { options: Record<string, unknown> }
  }
  return [training.options['randomStrand'], log]
}

/** @returns what it wrote to the terminal */
async function succeed(...command: string[]): Promise<string> {
  const { code, stderr } = await runSis(command)
  expect(code, stderr).toBe(0)
  return stderr
}

describe('the strand that training reads', () => {
  it.each([
    ['is random', 'plain', 'strands: forward', '..', true],
    ['is the given one where sequences come from both', 'stranded', 'strands: forward', '+-', false],
    ['is random where the user says so', 'asked', 'random-strand: true', '+-', true],
    ['is the forward one where the user says so', 'refused', 'random-strand: false', '..', false],
    ['is both in a network that reads both', 'both', 'strands: both', '..', false],
  ])('%s', async (_, name, model, strands, expected) => {
    const [randomStrand, log] = await trained(name, model, strands)
    expect(randomStrand).toBe(expected)
    expect(log.includes('on a random strand')).toBe(expected)
  })
})

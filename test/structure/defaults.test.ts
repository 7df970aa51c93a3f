/** Each default is written once: the schema takes it from the library, help from the schema. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { flagOf } from '../../src/cli/flags.ts'
import { defaultInitialisation } from '../../src/model/network/initialise.ts'
import {
  clusterSchema,
  completionsSchema,
  configSchema,
  extractSchema,
  modelSchema,
  reportSchema,
  sequencesSchema,
  sourceSchema,
  toConfig,
  trainSchema,
} from '../../src/run/config/configSchema.ts'
import { uniformBackground } from '../../src/sequence/alphabet.ts'
import { prepareDefaults } from '../../src/sequence/prepare.ts'
import { defaultQuantile } from '../../src/sis/threshold.ts'
import { restartDefaults } from '../../src/train/restarts.ts'
import { runSis } from '../cli/runSis.ts'

const root = resolve(import.meta.dirname, '../..')
const config = toConfig(configSchema.parse({ sequences: { sources: [{ fasta: 'some.fa' }] } }))

/** Sections of the config and the commands whose flags they are. */
const sections = [
  ['train', trainSchema],
  ['extract', extractSchema],
  ['completions', completionsSchema],
  ['cluster', clusterSchema],
  ['report', reportSchema],
  ['prepare', sequencesSchema],
  ['prepare', sourceSchema],
] as const

describe('defaults', () => {
  it('of the config are those of the library', () => {
    const { seed, background, randomStrand, ...library } = restartDefaults
    expect(config.train).toEqual({ ...library, initialisation: defaultInitialisation, backend: 'auto' })
    expect(randomStrand).toBe(true) // in the config it depends on the sequences
    expect(config.seed).toBe(seed)
    expect(config.extract.background).toEqual([...uniformBackground])
    expect(background).toBe(uniformBackground)
    expect(config.extract.quantile).toBe(defaultQuantile)
    const { shorter, duplicates, maxUnknown } = config.sequences
    const { shuffles } = config.sequences.sources[0]!
    expect({ shorter, duplicates, maxUnknown, shuffles }).toEqual(prepareDefaults)
  })

  it('of a model are left to the run, so that they are not written a second time', () => {
    const parsed = modelSchema.parse({ name: 'cnn', architecture: 'cnn' })
    expect(parsed).toEqual({ name: 'cnn', architecture: 'cnn' })
  })

  it.each(sections)('are told by the help of sis %s', async (command, schema) => {
    // Help goes to the console itself.
    const printed = vi.spyOn(console, 'log').mockImplementation(() => undefined)
    await runSis([command, '--help'])
    const help = printed.mock.calls.flat().map(String).join('\n').replace(/\s+/g, ' ')
    printed.mockRestore()
    let told = 0
    for (const [key, field] of Object.entries<z.ZodType>(schema.shape)) {
      if (!(field instanceof z.ZodDefault)) continue
      const value = field.parse(undefined)
      if (Array.isArray(value) && value.length === 0) continue
      told++
      const description = String(flagOf(field).description)
      expect(description).toMatch(/ \[default: [^\]]+\]$/)
      const shown = Array.isArray(value) ? value.join(' ') : String(value)
      expect(description.endsWith(` [default: ${shown}]`)).toBe(true)
      expect(help, `--${key}`).toContain(`[default: ${shown}]`)
    }
    expect(told).toBeGreaterThan(0)
  })

  it('are never written into a text by hand', () => {
    const written = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .flatMap((file) => {
        const lines = readFileSync(join(root, 'src', file), 'utf8').split('\n')
        return lines
          .filter((line) => /\[default|by default: \d|\(default /.test(line))
          .map((line) => [file, line.trim()])
      })
    expect(written).toEqual([['run/config/schemaParts.ts', 'return `${text} [default: ${value}]`']])
  })
})

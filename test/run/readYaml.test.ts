/** YAML that is none, or that its parser gives up on, is the file's fault and names it. */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ConfigError } from '../../src/base/errors.ts'
import { readConfigFile } from '../../src/run/config/readConfig.ts'
import { readYaml } from '../../src/run/config/readYaml.ts'

const directory = mkdtempSync(join(tmpdir(), 'sis-yaml-'))

/** Each line repeats the one before nine times. */
const repeated = [
  'a0: &a0 x',
  ...Array.from(
    { length: 9 },
    (_, i) => `a${i + 1}: &a${i + 1} [${Array.from({ length: 9 }, () => `*a${i}`).join(', ')}]`,
  ),
].join('\n')

describe.each([
  ['a grammar', readYaml],
  ['a config', (file: string) => readConfigFile(file)],
])('%s', (_, read) => {
  it.each([
    ['a bracket that does not close', 'motifs: [a, b\n', /file\.yaml:\d+: not YAML: /],
    ['a key twice', 'a: 1\na: 2\n', /file\.yaml:\d+: not YAML: .*unique/],
    ['an alias to nothing', 'a: *b\n', /file\.yaml(:1)?: not YAML: .*\bb\b/],
    ['aliases without bounds', repeated, /file\.yaml: not YAML: Excessive alias count/],
    ['two documents', 'a: 1\n---\nb: 2\n', /file\.yaml:\d+: not YAML: .*multiple documents/],
  ])('with %s', async (__, text, message) => {
    const file = join(directory, 'file.yaml')
    writeFileSync(file, text)
    const error: unknown = await read(file).catch((fault: unknown) => fault)
    expect(error).toBeInstanceOf(ConfigError)
    expect((error as Error).message).toMatch(message)
    expect((error as Error).message).not.toContain('\n')
  })
})

it.each(['just text\n', '- a\n- b\n', '42\n'])('a config that holds no keys: %j', async (text) => {
  const file = join(directory, 'file.yaml')
  writeFileSync(file, text)
  await expect(readConfigFile(file, { seed: 1 })).rejects.toThrow(
    /file\.yaml: holds no keys; write it as key: value/,
  )
})

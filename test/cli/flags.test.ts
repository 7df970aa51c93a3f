/** Flags are the schema's keys, of the schema's types. */
import { expect, it } from 'vitest'
import { flagsOf, overridesOf, parseAssignments } from '../../src/cli/flags.ts'
import { extractSchema, sequencesSchema } from '../../src/run/config/configSchema.ts'

it('makes one flag of each key, with its type and what it says of itself', () => {
  const flags = flagsOf(extractSchema)
  expect(Object.keys(flags)).toEqual(Object.keys(extractSchema.shape))
  expect(flags['quantile']).toMatchObject({
    type: 'number',
    description: expect.stringContaining('[default: 0.9]') as string,
  })
  expect(flags['direction']).toMatchObject({ type: 'string', choices: ['>=', '<='] })
  expect(flags['background']).toMatchObject({ type: 'array', string: true })
  expect(flags['splits']).toMatchObject({ type: 'array', string: true, choices: ['train', 'valid', 'test'] })
  expect(flagsOf(sequencesSchema, ['sources'])['test-chromosomes']).toMatchObject({
    type: 'array',
    string: true,
  })
})

it('hands on only what was given', () => {
  const flags = flagsOf(extractSchema)
  expect(overridesOf({ quantile: 0.5, 'max-sis': undefined, other: 1 }, flags, 'extract')).toEqual({
    'extract.quantile': 0.5,
  })
})

it('splits assignments at the first =', () => {
  const wrong = (text: string): Error => new Error(`wrong ${text}`)
  expect(parseAssignments(['a.b=1=2'], (text) => text, wrong)).toEqual({ 'a.b': '1=2' })
  expect(() => parseAssignments(['a'], (text) => text, wrong)).toThrow('wrong a')
})

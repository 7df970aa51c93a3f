/** The scorecard on the page, in words and figures. */
import { describe, expect, it } from 'vitest'
import { evaluationSection } from '../../src/report/sections/evaluation.ts'
import { examplesSection } from '../../src/report/sections/examples.ts'
import { sampleReport } from './sampleReport.ts'

const sample = sampleReport()

function textOf(data: typeof sample): string {
  return evaluationSection(data)!
    .body.text.replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
}

describe('the scorecard', () => {
  const text = textOf(sample)

  it('says in words what the best of the other methods needs', () => {
    expect(text).toContain('Half of the 1,204 sequences have a first SIS of at most 9 bases.')
    expect(text).toContain(
      'occlusion comes nearest: it needs 14; as many of its bases as the SIS has are enough for 63.4 % of the sequences.',
    )
    expect(text).toContain('Not evaluated.')
  })

  it('has a row a method, and leaves open what is not known', () => {
    expect(text).toContain('SIS 9 7 to 12 0.0 % 100.0 % – – 0.866 0.900 18.4 – 1.40')
    expect(text).toContain('occlusion 14 7 to 12 2.1 % 63.4 % 0.880 0.060 0.710 0.900 18.4 – 1.40')
    expect(text).toContain('saliency – 30 to never 58.0 % 10.0 % 0.300 0.500 0.310 0.900 18.4 0.97 1.40')
  })

  it('says how far methods keep the same bases', () => {
    expect(text).toContain('SIS 0.66 0.19 occlusion 0.66 0.25 saliency 0.19 0.25')
  })

  it('is no section where nothing was evaluated', () => {
    const models = sample.models.map((model) => ({ ...model, scorecard: undefined }))
    expect(evaluationSection({ ...sample, models })).toBeUndefined()
  })
})

describe('example sequences', () => {
  it('show what other methods say beneath the SIS', () => {
    const { text } = examplesSection(sample)!.body
    expect(text.match(/<summary>What other methods say of each base<\/summary>/g)).toHaveLength(
      sample.models.reduce((sum, { examples }) => sum + examples.length, 0),
    )
    expect(text).toMatch(/class="lane" x="0" y="10">SIS</)
    expect(text).toMatch(/class="lane" x="0" y="88">occlusion</)
  })

  it('show it beneath the first three of a model', () => {
    const [model] = sample.models
    const examples = Array.from({ length: 7 }, () => model!.examples[0]!)
    const { text } = examplesSection({ ...sample, models: [{ ...model!, examples }] })!.body
    expect(text.match(/<summary>/g)).toHaveLength(3)
  })

  it('draw of a long sequence what lies around its SIS', () => {
    const [model] = sample.models
    const [example] = model!.examples
    const long = { ...example!, sequence: `${example!.sequence}${'A'.repeat(300)}` }
    const data = { ...sample, models: [{ ...model!, examples: [long] }] }
    const kept = long.subsets.flatMap(({ positions }) => positions)
    const [from, to] = [Math.max(0, Math.min(...kept) - 15), Math.max(...kept) + 15]
    expect(examplesSection(data)!.body.text).toContain(`each base, positions ${from} to ${to}</summary>`)
  })
})

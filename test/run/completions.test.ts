/** SIS in real contexts from the command line: shares, proofs and losses in closed form; SIS against completions. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { saveModel } from '../../src/model/artifact/artifact.ts'
import type { Network } from '../../src/model/network/network.ts'
import { uniformBackground } from '../../src/sequence/alphabet.ts'
import { runSis, temporaryDirectory, type SisResult } from '../cli/runSis.ts'
import { runx1Architecture, runx1Grammar, runx1Scanner } from './runx1Grammar.ts'

const length = 30
const directory = temporaryDirectory()
const run = join(directory, 'run')

/** `net` loses its decision where both free bases of a site of eight are wrong, `sure` does not. */
const config = `
seed: 3
sequences:
  sources: [{ simulate: ${join(directory, 'grammar.yaml')} }]
models:
  - { name: net, artifact: ${join(directory, 'net')} }
  - { name: sure, artifact: ${join(directory, 'sure')} }
extract: { splits: [test], threshold: 0.5, max-sis: 2 }
completions: { completions: 200 }
report: { examples: 1 }
`

const sure: Network = {
  ...runx1Scanner(length),
  layers: runx1Scanner(length).layers.map((layer) =>
    layer.kind === 'conv1d'
      ? { ...layer, kernel: layer.kernel.map((weight) => (weight < 0 ? -0.2 : weight)) }
      : layer,
  ),
}

async function sis(...args: string[]): Promise<SisResult> {
  const result = await runSis(args)
  expect(result.code, result.stderr).toBe(0)
  return result
}

async function query<T>(sql: string, path = run): Promise<T[]> {
  return JSON.parse((await sis('query', path, sql, '--format', 'json')).stdout) as T[]
}

beforeAll(async () => {
  writeFileSync(join(directory, 'grammar.yaml'), runx1Grammar(length, 60))
  writeFileSync(join(directory, 'config.yaml'), config)
  for (const [name, network] of [
    ['net', runx1Scanner(length)],
    ['sure', sure],
  ] as const) {
    await saveModel(join(directory, name), network, {
      name,
      architecture: runx1Architecture,
      background: uniformBackground,
      training: null,
      metrics: [],
    })
  }
  await sis('run', join(directory, 'config.yaml'), '--out', run)
})

describe('completions', () => {
  it('hold as often as the free bases of the site do not all fail', async () => {
    const rows = await query<{ name: string; fill: string; n: number; share: number; without: number }>(
      `SELECT m.name, fill, count(*)::INTEGER AS n, sum(held) / sum(completions) AS share,
         sum(held_without) / sum(completions) AS without
       FROM sis_completions JOIN models m USING (model_id) JOIN sis USING (model_id, sequence_id, rank)
       WHERE size = 6 GROUP BY ALL ORDER BY 1, 2`,
    )
    expect(rows.map(({ name, fill }) => `${name} ${fill}`)).toEqual([
      'net background',
      'net others',
      'net shuffled',
      'sure background',
      'sure others',
      'sure shuffled',
    ])
    // Of 16 pairs of bases 9 are wrong in both, unless the context has a site of its own: 1 in 50 or so.
    const [background] = rows
    expect(background!.n).toBeGreaterThan(5)
    expect(background!.share).toBeGreaterThan(7 / 16 - 0.03)
    expect(background!.share).toBeLessThan(7 / 16 + 0.06)
    expect(background!.without).toBeLessThan(0.05)
    for (const row of rows.slice(3)) expect(row.share).toBe(1)
  })

  it('come with intervals, the worst context that was found, and the bound that no context passes', async () => {
    const rows = await query<Record<string, number | string | boolean>>(
      `SELECT m.name, worst, refuted, proved, score_worst, score_bound, score_bound <= score_worst AS below,
         score_bound >= threshold AS bounded, score_worst >= threshold AS held, size,
         len(list_filter(positions, lambda place: worst[place + 1] = sequence[place + 1]))::INTEGER AS kept
       FROM sis_contexts JOIN sis USING (model_id, sequence_id, rank) JOIN models m USING (model_id)
       JOIN sequences USING (sequence_id)`,
    )
    expect(rows.length).toBeGreaterThan(10)
    for (const row of rows) {
      expect(row).toMatchObject({
        below: true,
        kept: row['size'],
        proved: row['bounded'],
        refuted: !row['held'],
      })
      expect(row['worst']).toMatch(/^[ACGT]{30}$/)
      if (row['name'] === 'sure') expect(row).toMatchObject({ proved: true, refuted: false })
      else if (row['size'] === 6) {
        expect(row).toMatchObject({ proved: false, refuted: true })
        // logit 4 × (6 - 2 × 0.3) - 22, which the worst context reaches
        expect(row['score_bound']).toBeCloseTo(1 / (1 + Math.exp(0.4)), 4)
        expect(row['score_worst']).toBeCloseTo(1 / (1 + Math.exp(0.4)), 4)
      }
    }
    const [odd] = await query<{ n: number }>(
      'SELECT count(*)::INTEGER AS n FROM sis_completions WHERE NOT share BETWEEN share_low AND share_high OR share_high - share_low > 0.15',
    )
    expect(odd!.n).toBe(0)
  })

  it('beside them how few masked bases end a decision', async () => {
    const rows = await query<{ size: number; sites: number; in_sis: number; ended: boolean }>(
      `SELECT l.size, l.in_sis, score_left < threshold AS ended, count(t.site)::INTEGER AS sites
       FROM decision_losses l JOIN models m USING (model_id) LEFT JOIN truth t USING (sequence_id)
       WHERE m.name = 'net' GROUP BY ALL`,
    )
    expect(rows.length).toBeGreaterThan(0)
    expect(rows.every(({ ended }) => ended)).toBe(true)
    // A whole site of eight loses the decision with its third base.
    expect(rows.map(({ size }) => size)).toContain(3)
  })

  it('are told by report, terminal and record', async () => {
    const page = readFileSync(join(run, 'report.html'), 'utf8').replace(/\s+/g, ' ')
    expect(page.includes('How far sufficiency reaches')).toBe(true)
    expect(
      /sure: with real bases in the place of the mask, SIS keep the decision in 100 % of contexts of the sequence’s own other bases, shuffled/.test(
        page,
      ),
    ).toBe(true)
    const { stdout } = await sis('show', run)
    expect(stdout.replace(/\s+/g, ' ')).toMatch(
      /None of \d+ SIS are proved to keep the decision in every context/,
    )
    const [{ name }] = (await query<{ name: string }>(
      'SELECT name FROM sequences JOIN decision_losses USING (sequence_id) LIMIT 1',
    )) as [{ name: string }]
    const shown = (await sis('show', run, '--sequence', name)).stdout.replace(/\s+/g, ' ')
    expect(shown).toMatch(/in real contexts: background \d+ of 200 \(95 % 0\.\d\d to/)
    expect(shown).toMatch(/masking \d bases ends the decision/)
    const record = JSON.parse(readFileSync(join(run, 'stages/completions.sure.json'), 'utf8')) as {
      readonly details: { readonly margin: number; readonly proved: number; readonly sis: number }
    }
    expect(record.details.proved).toBe(record.details.sis)
    expect(record.details.margin).toBeGreaterThan(0)
    expect(record.details.margin).toBeLessThan(1e-3)
  })

  it('are the same again, and are done anew for other settings alone', async () => {
    const again = await sis('run', run)
    expect(again.stderr).toContain('completions.net: up to date')
    const plan = await sis('run', run, '--dry-run', '--set', 'completions.seed=9')
    expect(plan.stdout).toMatch(/completions\.net +runs +other settings: seed/)
    await sis('completions', run, '--fills', 'shuffled', '--completions', '20', '--only', 'net')
    const counts = await query<{ name: string; n: number }>(
      `SELECT m.name, count(DISTINCT fill)::INTEGER AS n FROM sis_completions JOIN models m USING (model_id) GROUP BY ALL ORDER BY ALL`,
    )
    expect(counts).toEqual([
      { name: 'net', n: 1 },
      { name: 'sure', n: 3 },
    ])
  })

  it('stop where they are interrupted, and leave no table half written', async () => {
    const { code, stderr } = await runSis(['completions', run, '--completions', '5000'], {
      interruptAt: 'trying SIS',
      terminal: true,
    })
    expect(code).not.toBe(0)
    expect(stderr).not.toContain('building sis.duckdb')
  })
})

describe('SIS against completions', () => {
  it('are certified by the mean over them, and score so in others too', async () => {
    const { stderr } = await sis('extract', run, '--only', 'net', '--fill', 'background:10')
    expect(stderr).toContain('net: completions (background:10) stand in the place of masks')
    expect(stderr).toContain('engine naive (engines compute what one mask changes')
    const [found] = await query<{ n: number; size: number; sound: boolean }>(
      `SELECT count(*)::INTEGER AS n, avg(size) AS size, bool_and(certified AND score_sis >= threshold) AS sound
       FROM sis JOIN models USING (model_id) WHERE models.name = 'net' AND NOT vacuous`,
    )
    expect(found!.n).toBeGreaterThan(5)
    expect(found!.sound).toBe(true)
    await sis('completions', run, '--only', 'net', '--fills', 'background', '--completions', '200')
    const [tried] = await query<{ score: number }>(
      `SELECT avg(score_mean) AS score FROM sis_completions JOIN models m USING (model_id) WHERE m.name = 'net'`,
    )
    expect(tried!.score).toBeGreaterThan(0.4)
  })

  it.each([
    [['--fill', 'shuffles:5'], '--fill must be mask, or one of shuffled, others, background'],
    [['--fill', 'shuffled:5', '--selection', 'batched-gradient'], 'selects by gradients of masked bases'],
    [['--fill', 'shuffled:5', '--engine', 'incremental'], 'nothing is masked; use engine auto or naive'],
    [
      ['--fill', 'shuffled:5', '--background', '0.3,0.2,0.2,0.3'],
      'no base becomes the background, yet one is given',
    ],
    [['--fill', 'background:5', '--background', '0,0,0,0'], 'is no shares of A, C, G and T that sum to 1'],
  ])('refuse %j', async (flags, message) => {
    // The completions of this run draw by the background too: that is told first, where it is none.
    const { code, stderr } = await runSis(['extract', run, ...flags])
    expect(code).toBe(2)
    expect(stderr).toContain(message)
  })
})

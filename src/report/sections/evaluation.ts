/** SIS beside other explanation methods: what each one's bases are enough for, and how far they find what is known. */
import { count, counted, fixed } from '../../base/format.ts'
import { markup, type Markup } from '../markup.ts'
import { factEntries, modelName, type Section } from '../parts.ts'
import type { ModelFacts, ReportData } from '../reportData.ts'
import type { MethodScores, ScorecardFacts } from '../scorecardFacts.ts'
import { table } from '../table.ts'

/** @returns undefined where nothing was evaluated */
export function evaluationSection({ models }: ReportData): Section | undefined {
  if (models.every(({ scorecard }) => scorecard === undefined)) return undefined
  return {
    id: 'evaluation',
    title: 'SIS beside other methods',
    body: markup`<p>
            Other methods rank the bases; they guarantee nothing. Here each is held to what an SIS is proved to be: enough
            for the model. A method’s best bases are kept, all others masked, and the model is asked again.
          </p>
          <dl class="facts">
            ${factEntries(columnFacts)}
          </dl>
          ${models.map(
            (model) =>
              markup`<h3>${modelName(models, model.modelId)}</h3>
                ${model.scorecard === undefined ? markup`<p class="empty">Not evaluated.</p>` : ofModel(model, model.scorecard)}`,
          )}`,
  }
}

/** What the columns are. */
const columnFacts = [
  ['Enough', 'fewest of a method’s best bases that give the decision, all others masked: median, quartiles'],
  ['Never', 'share of sequences for which no number of its best bases does'],
  ['Kept', 'share of sequences for which as many as the first SIS has do'],
  ['Insertion', 'mean score while bases are put in from the best on; higher is better'],
  ['Deletion', 'mean score while bases are masked from the best on; lower is better'],
  [
    'F1, AP',
    'against planted positions: of as many bases as all SIS of a sequence have; area under the precision-recall curve',
  ],
  [
    'KL',
    'nats from a known motif, of as many bases as the first SIS has, on the better strand; lower is nearer',
  ],
  ['Seeds', 'rank correlation of what two seeds give'],
  ['ms', 'wall time of a sequence; of SIS, of all its SIS and their certificates'],
  ['Same bases', 'mean Jaccard index of as many best bases as the first SIS has; 1 where they are the same'],
] as const

function ofModel({ name }: ModelFacts, card: ScorecardFacts): Markup {
  const [first] = card.methods
  return markup`<p>${sentence(card)}</p>
    ${scoreTable(name, card, first!)}
    ${card.methods.length > 2 ? agreementTable(name, card) : undefined}`
}

function sentence({ methods }: ScorecardFacts): string {
  const [sis, ...others] = methods
  const own = `Half of the ${counted(sis!.sequences, 'sequence')} have a first SIS of at most ${counted(sis!.sufficient_median ?? 0, 'base')}.`
  const best = others.find(({ method }) => method !== 'backward-selection')
  if (best === undefined) return own
  const length =
    best.sufficient_median === null
      ? 'is for more than half of them never enough, whatever many bases are kept'
      : `needs ${fixed(best.sufficient_median, 0)}`
  return `${own} Of the other methods, ${best.method} comes nearest: it ${length}; as many of its bases as the SIS has are enough for ${percent(best.kept_share)} of the sequences.`
}

function percent(share: number): string {
  return `${fixed(100 * share, 1)}\u00a0%`
}

function scoreTable(model: string, { methods, motif }: ScorecardFacts, first: MethodScores): Markup {
  const knows = first.planted_sequences > 0
  // Some methods may have been asked of fewer sequences.
  const same = methods.every(({ sequences }) => sequences === first.sequences)
  const seeds = methods.some(({ seed_correlation: value }) => value !== null)
  const number = (value: number | null, digits: number) =>
    value === null ? { content: '–', sort: -1 } : fixed(value, digits)
  // Darker is better.
  const shared = (value: number) => ({ content: percent(value), sort: value, heat: 0.6 * value })
  return table({
    caption: `${model}: ${count(first.sequences)} sequences${motif === undefined ? '' : `; KL is to ${motif}`}.`,
    save: { formats: 'tsv', name: `${model}-scorecard` },
    columns: [
      { title: 'Method', heads: true },
      ...(same ? [] : [{ title: 'Sequences', numeric: true }]),
      { title: 'Enough, median', numeric: true },
      { title: 'Quartiles', numeric: true },
      {
        title: 'Never',
        numeric: true,
      },
      { title: 'Kept', numeric: true },
      {
        title: 'Insertion',
        numeric: true,
      },
      {
        title: 'Deletion',
        numeric: true,
      },
      ...(knows
        ? [
            {
              title: 'F1',
              numeric: true,
            },
            { title: 'AP', numeric: true },
          ]
        : []),
      ...(motif === undefined ? [] : [{ title: 'KL', numeric: true }]),
      ...(seeds ? [{ title: 'Seeds', numeric: true }] : []),
      { title: 'ms', numeric: true },
    ],
    rows: methods.map((row) => [
      row.method === 'sis' ? markup`<strong>SIS</strong>` : row.method,
      ...(same ? [] : [number(row.sequences, 0)]),
      number(row.sufficient_median, 0),
      row.sufficient_q1 === null
        ? '–'
        : `${fixed(row.sufficient_q1, 0)} to ${row.sufficient_q3 === null ? 'never' : fixed(row.sufficient_q3, 0)}`,
      { content: percent(row.never), sort: row.never },
      shared(row.kept_share),
      number(row.insertion_area, 3),
      number(row.deletion_area, 3),
      ...(knows ? [number(row.f1, 3), number(row.average_precision, 3)] : []),
      ...(motif === undefined ? [] : [number(row.divergence_equal_both, 1)]),
      ...(seeds ? [number(row.seed_correlation, 2)] : []),
      number(row.seconds === null ? null : 1000 * row.seconds, 2),
    ]),
  })
}

/** The part of the bases that two methods' tops share. */
function agreementTable(model: string, { methods, agreement }: ScorecardFacts): Markup {
  const names = methods.map(({ method }) => method)
  const overlapOf = (a: string, b: string): number | undefined =>
    agreement.find(
      ({ method, other_method: other }) => (method === a && other === b) || (method === b && other === a),
    )?.overlap
  return table({
    caption: `${model}: how far methods keep the same bases.`,
    sortable: false,
    save: { formats: 'tsv', name: `${model}-methods` },
    columns: [
      { title: 'Method', heads: true },
      ...names.map((name) => ({ title: shown(name), numeric: true })),
    ],
    rows: names.map((a) => [
      shown(a),
      ...names.map((b) => {
        const overlap = a === b ? undefined : overlapOf(a, b)
        return overlap === undefined
          ? { content: '', sort: 1 }
          : { content: fixed(overlap, 2), sort: overlap, heat: 0.6 * overlap }
      }),
    ]),
  })
}

function shown(method: string): string {
  return method === 'sis' ? 'SIS' : method
}

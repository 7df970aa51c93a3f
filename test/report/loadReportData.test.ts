/** A small database whose every aggregate is known: what the loader says of it, and that the page can show it. */
import { describe, expect, it } from 'vitest'
import { loadReportData } from '../../src/report/loadReportData.ts'
import { renderReport } from '../../src/report/page.ts'
import { withDatabase, type Database } from '../../src/store/duckdb.ts'
import { createTable, tableNames } from '../../src/store/schema.ts'
import { sampleReport } from './sampleReport.ts'
import { parseStrictly } from './wellFormed.ts'

const { run } = sampleReport()

async function withTables<T>(
  statements: readonly string[],
  use: (database: Database) => Promise<T>,
): Promise<T> {
  return withDatabase(undefined, {}, async (database) => {
    for (const name of tableNames) await database.run(createTable(name))
    for (const statement of statements) await database.run(statement)
    return use(database)
  })
}

const model = (id: number, name: string, output = 0): string =>
  `INSERT INTO models SELECT ${id}, '${name}', 'cnn', 100, NULL, NULL, NULL, NULL, 0.9, 0.8, ${output}, 'bound', '>=',
     0.5, 0.9, [0.25, 0.25, 0.25, 0.25], 0.125, '00'`

/** Ten test sequences of 8 bp, ids 0–9, labels 1 and 0 by turns, scores 0.95, 0.85, … with a tie of ids 4 and 5. */
const statements = [
  `INSERT INTO sequences SELECT i, 'seq' || i, NULL, NULL, NULL, NULL, 'ACGTACGT', (i + 1) % 2, [(i + 1) % 2], 'test', NULL
   FROM range(10) r(i)`,
  `INSERT INTO sequences SELECT 10, 'trained', NULL, NULL, NULL, NULL, 'ACGTA', NULL, NULL, 'train', NULL`,
  model(0, 'cnn'),
  model(1, 'fc'),
  `INSERT INTO predictions SELECT m, i, 0, CASE WHEN i = 5 THEN 0.55 ELSE 0.95 - i / 10 END
   FROM range(10) r(i), range(2) s(m)`,
  `INSERT INTO predictions VALUES (0, 10, 0, 0.99)`,
  // The first attempt stayed at chance.
  `INSERT INTO training_history (model_id, attempt, seed, kept, epoch, loss, valid_loss)
   VALUES (0, 2, 8, true, 2, 0.4, NULL), (0, 2, 8, true, 1, 0.6, 0.7), (0, 1, 7, false, 1, 0.69, 0.69)`,
  // cnn: sequence 0 has two SIS, sequences 1 and 2 one; fc: sequence 0 one.
  `INSERT INTO sis VALUES
     (0, 0, 0, [0, 1, 3], 3, 'AC-T', 0.95, 0.7, 0.6, 0.125, true, true, false, false),
     (0, 0, 1, [5, 6], 2, 'CG', 0.95, 0.6, 0.2, 0.125, true, true, false, true),
     (0, 1, 0, [2], 1, 'G', 0.85, 0.6, 0.2, 0.125, true, false, false, false),
     (0, 2, 0, [2, 3], 2, 'GT', 0.75, 0.6, 0.2, 0.125, true, true, false, false),
     (1, 0, 0, [0, 1], 2, 'AC', 0.95, 0.7, 0.2, 0.125, true, true, false, false)`,
  `INSERT INTO truth VALUES (0, 0, 'CTCF', '+', 0, [0, 1, 2, 3])`,
  `INSERT INTO truth_scores VALUES (0, 1, 0.6, 0.75, 0.667)`,
  `INSERT INTO clusterings VALUES (0, 'cnn', 0, 'dbscan', '{}', 5, 2, 1), (1, 'joint', NULL, 'dbscan', '{}', 6, 2, 0)`,
  `INSERT INTO clusters VALUES (0, 0, 3, 'AC', 0.9), (1, 0, 5, 'AC', 0.8)`,
  `INSERT INTO motifs SELECT c, name, model, c, 0, 3, 2, 'AC', 3.5, [[3, 0, 0, 0], [0, 3, 0, 0]], [[1, 0, 0, 0], [0, 1, 0, 0]],
     [[3, 0, 0, 0], [0, 3, 0, 0]], 0, 'AC', 7.5, false, 2, naming
   FROM (VALUES (0, 'cnn_0', 0, 'named'), (1, 'joint_0', NULL, 'not compared')) t(c, name, model, naming)`,
  `INSERT INTO known_motifs VALUES ('MA1', 'best', [[0, 0, 1, 0], [0, 0, 0, 1]]), ('MA2', 'other', [[1, 0, 0, 0]])`,
  `INSERT INTO motif_matches VALUES
     (0, 'MA2', 'other', 1, 0.1, 1, 0.2, 0, 2, 'AC', 'AC', '+'),
     (0, 'MA1', 'best', 0, 0.001, 0.01, 0.02, 0, 2, 'AC', 'GT', '-')`,
  `INSERT INTO motif_enrichment VALUES (0, 'test', 0.0001, 5, 3, 5, 1, 4.2, 0.2)`,
  `INSERT INTO sis_parts VALUES
     (0, 0, 0, 0, 0, 1, 2, 'AC', 0, '+', 0, 2, 3.5), (0, 0, 0, 1, 3, 3, 1, 'T', NULL, NULL, NULL, NULL, NULL),
     (0, 0, 1, 0, 5, 6, 2, 'CG', NULL, NULL, NULL, NULL, NULL), (0, 1, 0, 0, 2, 2, 1, 'G', NULL, NULL, NULL, NULL, NULL),
     (0, 2, 0, 0, 2, 3, 2, 'GT', 0, '-', 2, 4, 3.5), (0, 2, 0, 1, 6, 6, 1, 'G', NULL, NULL, NULL, NULL, NULL), (1, 0, 0, 0, 0, 1, 2, 'AC', NULL, NULL, NULL, NULL, NULL)`,
  `INSERT INTO cluster_members VALUES (0, 0, 0, 0, 0, 0, '+', 0, false), (0, 0, 0, 2, 0, 0, '-', 0, true)`,
  `INSERT INTO cluster_members VALUES
     (1, 0, 0, 0, 0, 0, '+', 0, false), (1, 0, 0, 2, 0, 0, '-', 0, false), (1, 0, 1, 0, 0, 0, '+', 0, false)`,
  `INSERT INTO cross_sufficiency VALUES (0, 0, 0, 1, 0.7, true), (0, 0, 1, 1, 0.1, false), (1, 0, 0, 0, 0.2, false)`,
  `INSERT INTO sis_overlaps VALUES (0, 0, 1, 5, 2, 2, 0.4), (1, 0, 1, 5, 5, 5, 1)`,
]

const logicStatements = [
  `INSERT INTO model_logic VALUES (0, 'parts', 3, 0.75, 4, 2, 2, 1, 2, 'cnn says so.'),
     (1, 'positions', 2, 1, 1, 0, 0, 1, 1, 'fc says so.')`,
  `INSERT INTO part_scores VALUES
     (0, 0, 0, 0, 0.6), (0, 0, 0, 1, 0.1), (0, 0, 1, 0, 0.2), (0, 1, 0, 0, 0.1), (0, 2, 0, 0, 0.3), (0, 2, 0, 1, 0.1), (1, 0, 0, 0, 0.7)`,
  `INSERT INTO motif_sets VALUES (0, 0, '', 'no motif', [], 2, 0.5, 2, 0), (1, 0, 'cnn_0 + cnn_0', 'two', [0, 0], 1, 0.25, 1, 1),
     (2, 0, 'cnn_0', 'one', [0], 1, 0.25, 1, 0), (3, 1, '', 'no motif', [], 1, 1, 1, 0)`,
  `INSERT INTO motif_alternatives VALUES (0, 0, [0, 1], 'no motif OR two', 1, 0.333)`,
  `INSERT INTO motif_pairs VALUES (0, 0, 0, 0, 2, 2, 1, 1, 2, 'free', NULL, 0.04, 1, 1, 'A> A>', 1, 0.5, 0.45, 0.1, 0.75, 0.25)`,
  `INSERT INTO part_pairs VALUES (0, 0, 0, 0, 1, 0, 1, 'A> A>', 0.7), (0, 2, 0, 0, 1, 0, 1, 'A> A>', 0.8)`,
  `INSERT INTO pair_distances VALUES (0, 1, 2, 0.5, 0.04), (0, 2, 0, 0.25, 1)`,
  `INSERT INTO position_clusters VALUES (1, 0, 1, 1)`,
  `INSERT INTO position_profiles VALUES (1, 0, 0, 1, 0, 0, 0), (1, 0, 1, 0, 1, 0, 0)`,
]

describe('loadReportData', () => {
  it('reads what the tables say', async () => {
    const data = await withTables(statements, (database) => loadReportData(database, run, { examples: 1 }))
    expect(data.sequences).toEqual({
      groups: [
        { split: 'train', label: null, count: 1 },
        { split: 'test', label: 1, count: 5 },
        { split: 'test', label: 0, count: 5 },
      ],
      shortest: 5,
      longest: 8,
    })
    const [cnn, fc] = data.models
    expect(cnn).toMatchObject({ modelId: 0, name: 'cnn', threshold: 0.5, quantile: 0.9, scoreMasked: 0.125 })
    expect(cnn!.metrics[2]).toEqual({ split: 'test', auroc: 0.9, auprc: 0.8 })
    // One group a score; ids 4 and 5 share theirs. The training sequence is not among them.
    expect(cnn!.ranking).toEqual(
      [1, 0, 1, 0]
        .map((positive) => ({ positives: positive, negatives: 1 - positive }))
        .concat(
          { positives: 1, negatives: 1 },
          [1, 0, 1, 0].map((positive) => ({ positives: positive, negatives: 1 - positive })),
        ),
    )
    expect(cnn!.scores).toMatchObject({ low: 0, high: 1 })
    expect(cnn!.scores!.positives.reduce((a, b) => a + b, 0)).toBe(5)
    expect(cnn!.scores!.others.reduce((a, b) => a + b, 0)).toBe(5)
    expect(cnn!.history).toEqual([
      { epoch: 1, loss: 0.6, validLoss: 0.7 },
      { epoch: 2, loss: 0.4, validLoss: null },
    ])
    // Five positives and five negatives, from the table of models the auROC of 0.9.
    expect(cnn!.skill).toMatchObject({ split: 'test', auroc: 0.9, skill: 'better' })
    expect(cnn!.subsets).toEqual({
      explained: 3,
      stored: 4,
      certified: 3,
      recomputed: 1,
      decidedByBackground: 0,
      perSequence: [0, 2, 1],
      sizes: [0, 1, 2, 1],
    })
    expect(cnn!.clustering).toMatchObject({ method: 'dbscan', parts: 5, singleBases: 2, noise: 1 })
    expect(cnn!.clustering!.motifs).toMatchObject([
      {
        name: 'cnn_0',
        nsites: 3,
        size: 2,
        sis: 2,
        sequences: 2,
        adopted: 1,
        stability: 0.9,
        clustersMerged: 2,
        label: 'best',
        order: 0,
        alone: undefined,
        information: 3.5,
        siteInformation: 7.5,
        naming: 'named',
        match: { targetId: 'MA1', qValue: 0.02, orientation: '-' },
        siteOffset: 0,
        // Reverse complement of the stored matrix, as the match is on the other strand.
        known: [
          {
            targetId: 'MA1',
            ppm: [
              [1, 0, 0, 0],
              [0, 1, 0, 0],
            ],
          },
          { targetId: 'MA2', orientation: '+', ppm: [[1, 0, 0, 0]] },
        ],
        // Parts at 0–1 and 2–3 of 8 bases: their middles are 0.5 and 2.5, 3 and 1 from the centre.
        places: { binWidth: 1, length: 8, centreDistance: 2, counts: [1, 0, 1, 0, 0, 0, 0, 0] },
        enrichment: {
          splits: 'test',
          positives: 5,
          positivesWith: 3,
          negatives: 5,
          negativesWith: 1,
          pValue: 0.2,
        },
        card: {
          instances: [
            { quantile: 1, name: 'seq0', start: 0, end: 2, strand: '+', letters: 'AC', kept: [true, true] },
            { quantile: 0, name: 'seq2', start: 2, end: 4, strand: '-', letters: 'AC', kept: [true, true] },
          ],
        },
      },
    ])
    // Three of ten test sequences are explained: ids 0 and 2 positive, id 1 negative; scores from 0.95 down, τ 0.5.
    expect(cnn!.explained.splits).toEqual([
      { split: 'test', sequences: 10, called: 6, explained: 3, labelled: 3, negatives: 1, empty: 0 },
    ])
    expect(cnn!.truth).toEqual({ sequences: 1, precision: 0.6, recall: 0.75, f1: 0.667 })
    expect(fc!.clustering).toBeUndefined()
    expect(fc!.truth).toBeUndefined()
    expect(cnn!.logic).toBeUndefined()
    expect(data.comparison).toMatchObject({
      clustering: {
        parts: 6,
        singleBases: 2,
        noise: 0,
        motifs: [
          {
            name: 'joint_0',
            size: 3,
            match: undefined,
            shares: [
              { modelId: 0, parts: 2, sis: 2, ownMotif: 0 },
              { modelId: 1, parts: 1, sis: 1, ownMotif: undefined },
            ],
            ofModels: [
              { modelId: 0, parts: 2 },
              { modelId: 1, parts: 1 },
            ],
          },
        ],
      },
      crossSufficiency: [
        { modelId: 0, otherModelId: 1, tested: 2, sufficient: 1 },
        { modelId: 1, otherModelId: 0, tested: 1, sufficient: 0 },
      ],
      overlaps: [{ modelId: 0, otherModelId: 1, sequences: 2, mean: 0.7, median: 0.7 }],
    })
    // 1 lies in the last bin, not past it.
    expect(data.comparison!.overlaps[0]!.histogram).toEqual([0, 0, 0, 0, 1, 0, 0, 0, 0, 1])
    parseStrictly(renderReport(data))
  })

  it('reads what the parts make together', async () => {
    const data = await withTables([...statements, ...logicStatements], (database) =>
      loadReportData(database, run, { examples: 1 }),
    )
    const [cnn, fc] = data.models
    const motif = { motifId: 0, name: 'cnn_0', label: 'best', order: 0 }
    expect(cnn!.clustering!.motifs[0]!.alone!.median).toBeCloseTo(0.45, 6)
    expect(cnn!.clustering!.motifs[0]!.alone!.sufficient).toBe(1)
    expect(cnn!.logic).toMatchObject({
      view: 'parts',
      summary: 'cnn says so.',
      partGap: 3,
      partGapWithin: 0.75,
      sis: 4,
      sequences: 3,
      sisInMotifs: 2,
      sisInSayingMotifs: 2,
      singleBases: 2,
      partsInNoMotif: 1,
      halfPositions: 2,
      sets: [
        { motifs: [], sis: 2, sequences: 2, complete: 0 },
        { motifs: [motif, motif], sis: 1, sequences: 1, complete: 1 },
        { motifs: [motif], sis: 1, sequences: 1, complete: 0 },
      ],
      setCount: 3,
      alternatives: [{ sets: [[], [motif, motif]], sequences: 1 }],
      alternativeCount: 1,
      severalSis: 1,
      pairCount: 1,
      positionClusters: [],
    })
    const [pair] = cnn!.logic!.pairs
    expect(pair).toMatchObject({
      motifs: [motif, motif],
      palindromes: [false, false],
      pairs: 2,
      spacing: 'free',
      arrangements: [{ arrangement: 'A> A>', pairs: 2 }],
      distances: [
        { gap: 1, observed: 2, expected: 0.5, pValue: 0.04 },
        { gap: 2, observed: 0, expected: 0.25, pValue: 1 },
      ],
      gain: 0.25,
    })
    // Two instances: the medians lie half-way between, the ends are the two.
    const rounded = Object.values(pair!.scores).map(({ least, median, most }) =>
      [least, median, most].map((value) => Number(value.toFixed(3))),
    )
    expect(rounded).toEqual([
      [0.3, 0.45, 0.6],
      [0.1, 0.1, 0.1],
      [0.7, 0.75, 0.8],
    ])
    expect(fc!.logic).toMatchObject({ view: 'positions', pairs: [] })
    expect(fc!.logic!.positionClusters).toEqual([
      {
        sis: 1,
        share: 1,
        profile: [
          [1, 0, 0, 0],
          [0, 1, 0, 0],
        ],
      },
    ])
    parseStrictly(renderReport(data))
  })

  it('chooses the strongest sequences, and one with several SIS besides', async () => {
    const swapped = statements.map((statement) =>
      statement
        .replaceAll('(0, 0, 0, [0, 1, 3], 3', '(0, 3, 0, [0, 1, 3], 3')
        .replaceAll("(0, 0, 1, [5, 6], 2, 'CG', 0.95", "(0, 3, 1, [5, 6], 2, 'CG', 0.65"),
    )
    const fixed = swapped
      .map((statement) => statement.replace("'AC-T', 0.95", "'AC-T', 0.65"))
      .filter((statement) => !/cross_sufficiency|sis_parts|cluster_members/.test(statement))
    const examples = await withTables(fixed, async (database) => {
      const { models } = await loadReportData(database, run, { examples: 2 })
      return models[0]!.examples
    })
    expect(examples.map(({ name, score, subsets }) => [name, score.toFixed(2), subsets.length])).toEqual([
      ['seq1', '0.85', 1],
      ['seq2', '0.75', 1],
      ['seq3', '0.65', 2],
    ])
    const none = await withTables(statements, (database) => loadReportData(database, run, { examples: 0 }))
    expect(none.models[0]!.examples).toEqual([])
  })

  it('gives an example its planted sites and certificates', async () => {
    const data = await withTables(statements, (database) => loadReportData(database, run, { examples: 1 }))
    const [example] = data.models[0]!.examples
    expect(example).toMatchObject({
      name: 'seq0',
      label: 1,
      planted: [{ motif: 'CTCF', positions: [0, 1, 2, 3] }],
    })
    expect(example!.subsets.map(({ rank, positions, certified }) => [rank, positions, certified])).toEqual([
      [0, [0, 1, 3], true],
      [1, [5, 6], true],
    ])
  })

  it('scores each output by its own label, and not where that is unknown', async () => {
    const two = [
      `INSERT INTO sequences SELECT i, 'seq' || i, NULL, NULL, NULL, NULL, 'ACGT', 1, [1, CASE WHEN i < 2 THEN i END], 'test', NULL
       FROM range(3) r(i)`,
      model(0, 'second', 1),
      `INSERT INTO predictions SELECT 0, i, 1, i FROM range(3) r(i)`,
    ]
    const data = await withTables(two, (database) => loadReportData(database, run, { examples: 1 }))
    expect(data.models[0]!.ranking).toEqual([
      { positives: 1, negatives: 0 },
      { positives: 0, negatives: 1 },
    ])
    expect(data.comparison).toBeUndefined()
  })

  it('reads a database with empty tables', async () => {
    const data = await withTables([model(0, 'cnn'), model(1, 'fc')], (database) =>
      loadReportData(database, run, { examples: 3 }),
    )
    expect(data.sequences).toEqual({ groups: [], shortest: 0, longest: 0 })
    expect(data.models[0]).toMatchObject({ ranking: [], scores: undefined, examples: [] })
    const { text } = parseStrictly(renderReport(data))
    expect(text).not.toMatch(/undefined|NaN|null/)
  })
})

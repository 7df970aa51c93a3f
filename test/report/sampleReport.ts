/** Made-up data of a believable run, for the tests of the page: two models, planted sites, a comparison. */
import { Random } from '../../src/base/random.ts'
import { namingOf } from '../../src/motif/naming.ts'
import { baseLetters } from '../../src/sequence/alphabet.ts'
import type { CardFacts } from '../../src/report/cardFacts.ts'
import type {
  ExampleSequence,
  JointMotifFacts,
  ModelFacts,
  MotifFacts,
  RankedGroup,
  ReportData,
} from '../../src/report/reportData.ts'
import { sampleScorecard } from './sampleScorecard.ts'
import { partsLogic, positionsLogic } from './sampleLogic.ts'

const ctcf = 'CCACCAGGGGGCGC'
const ebox = 'GTCACGTGAC'
const gata = 'AGATAAGG'

export function sampleReport(): ReportData {
  const cnn = sampleModel(0, 'cnn', 2.2, [ctcf, ebox, gata])
  const fc = sampleModel(1, 'fc', 0.9, [ctcf, 'CTGCAG'])
  return {
    run: {
      title: 'CTCF peaks, 101 bp',
      dataSet: 'test.fa (FASTA, 19,544 sequences), target file test_target.txt',
      finished: '2026-07-14T09:30:12.123Z',
      seed: 1,
      command: 'sis run pipelines/ctcf.yaml',
      config:
        'out: runs/ctcf\nseed: 1\nmodels:\n  - name: cnn\n    architecture: cnn\n  - name: fc\n    architecture: fc\n',
      versions: {
        sis: '0.1.0',
        node: '22.17.0',
        'onnxruntime-node': '1.30.0',
        '@duckdb/node-api': '1.5.6-r.1',
      },
      backends: { training: 'tfjs-wasm 4.22.0, 2 threads', inference: 'onnxruntime-node 1.30.0, cpu' },
      departures: [],
      feature: 'base',
      stages: [
        { name: 'prepare', seconds: 2.31 },
        { name: 'train.cnn', seconds: 312.4 },
        { name: 'train.fc', seconds: 48.9 },
        { name: 'extract.cnn', seconds: 75.2 },
        { name: 'extract.fc', seconds: 3725 },
        { name: 'cluster', seconds: 9.8 },
        { name: 'compare', seconds: 12 },
      ],
      inputs: [
        { file: 'test.fa', sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08' },
        {
          file: 'JASPAR2022_vertebrates.pfm',
          sha256: '2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae',
        },
      ],
      warnings: ['prepare: 12 sequences were dropped because they occur twice (test.fa:2031 and 11 more)'],
      quantileSplit: 'test',
      partGap: undefined,
      assembly: undefined,
      methods: {
        version: '0.3.0',
        shuffles: 1,
        genomicNegatives: 0,
        splitBy: 'by chromosome (test: chr1, chr8)',
        trained: ['cnn'],
        trainedBy: '@tensorflow/tfjs 4.22.0, wasm SIMD',
        epochs: 20,
        learningRate: 0.001,
        batchSize: 128,
        splits: ['test'],
        maxSequences: undefined,
        maxSis: 10,
        selection: 'exact',
        fill: 'mask',
        blockSize: 1,
        clusterings: [{ name: 'cnn', method: 'dbscan', parameters: 'eps = 3, minSamples = 6' }],
        reverseComplements: true,
        merged: true,
        maxQValue: 0.1,
        knownMotifs: 'JASPAR2022_vertebrates.pfm',
        shippedMotifs: false,
        seed: 1,
        uses: { onnxRuntime: true, tensorFlow: true, deepBind: false },
      },
      knownMotifs: 'JASPAR2022_vertebrates.pfm',
    },
    sequences: {
      groups: [
        { split: 'train', label: 1, count: 7201 },
        { split: 'train', label: 0, count: 7180 },
        { split: 'valid', label: 1, count: 902 },
        { split: 'valid', label: 0, count: 887 },
        { split: 'test', label: 1, count: 1720 },
        { split: 'test', label: 0, count: 1654 },
      ],
      shortest: 101,
      longest: 101,
    },
    models: [cnn, fc],
    comparison: {
      clustering: {
        method: 'dbscan',
        parts: cnn.clustering!.parts + fc.clustering!.parts,
        singleBases: 190,
        noise: 88,
        motifs: [
          joint('joint_0', ctcf, 412, 160),
          joint('joint_1', ebox, 201, 12),
          joint('joint_2', 'CTGCAG', 0, 97),
        ],
      },
      crossSufficiency: [
        { modelId: 0, otherModelId: 1, tested: cnn.subsets.stored, sufficient: 211 },
        { modelId: 1, otherModelId: 0, tested: fc.subsets.stored, sufficient: 95 },
      ],
      overlaps: [
        {
          modelId: 0,
          otherModelId: 1,
          sequences: 311,
          mean: 0.214,
          median: 0.19,
          histogram: [61, 94, 72, 41, 20, 11, 7, 3, 2, 0],
        },
      ],
    },
  }
}

function sampleModel(
  modelId: number,
  name: string,
  separation: number,
  motifs: readonly string[],
): ModelFacts {
  const random = new Random(modelId, 'report')
  const sizes = new Array<number>(30).fill(0)
  const perSequence = new Array<number>(5).fill(0)
  for (let i = 0; i < 500; i++) perSequence[1 + Math.min(3, Math.floor(random.uniform() ** 3 * 4))]!++
  const stored = perSequence.reduce((sum, n, k) => sum + n * k, 0)
  for (let i = 0; i < stored; i++)
    sizes[Math.max(3, Math.min(29, Math.round(9 + 6 * modelId + 3 * random.normal())))]!++
  const found = motifs.map((consensus, i) =>
    motif(`${name}_${i}`, consensus, Math.round(412 / (i + 1)), i, 10 * modelId + i),
  )
  const scored = Array.from({ length: 3000 }, (_, i) => {
    const label = i % 2
    return { label, score: 1 / (1 + Math.exp(-(2 * random.normal() + (label - 0.5) * 2 * separation))) }
  })
  return {
    scorecard: name === 'cnn' ? sampleScorecard : undefined,
    modelId,
    name,
    architecture: name === 'cnn' ? 'conv1d 128×24 → max → dense 32 → 1' : 'dense 512 → 1',
    parameters: name === 'cnn' ? 16577 : 207873,
    outputName: 'bound',
    direction: '>=',
    threshold: 0.9312,
    quantile: 0.9,
    background: [0.25, 0.25, 0.25, 0.25],
    scoreMasked: 0.0412,
    metrics: [
      { split: 'train', auroc: 0.982 - 0.1 * modelId, auprc: 0.98 - 0.1 * modelId },
      { split: 'valid', auroc: 0.969 - 0.2 * modelId, auprc: 0.966 - 0.2 * modelId },
      { split: 'test', auroc: 0.964 - 0.24 * modelId, auprc: 0.961 - 0.23 * modelId },
    ],
    skill: {
      split: 'test',
      auroc: 0.964 - 0.24 * modelId,
      low: 0.957 - 0.24 * modelId,
      high: 0.971 - 0.24 * modelId,
      skill: 'better',
    },
    ranking: rank(scored),
    scores: {
      low: 0,
      high: 1,
      positives: bins(scored.filter(({ label }) => label === 1).map(({ score }) => score)),
      others: bins(scored.filter(({ label }) => label === 0).map(({ score }) => score)),
    },
    history: Array.from({ length: 8 }, (_, i) => ({
      epoch: i + 1,
      loss: 0.2 + 0.5 * Math.exp(-i / 2),
      validLoss: 0.26 + 0.1 * modelId + 0.4 * Math.exp(-i / 2) + 0.004 * i,
    })),
    explained: {
      splits: [
        {
          split: 'test',
          sequences: 3374,
          called: 512,
          explained: 500,
          labelled: 490,
          negatives: 12 + modelId,
          empty: 3,
        },
      ],
    },
    subsets: {
      explained: 500,
      stored,
      certified: stored,
      recomputed: 0,
      decidedByBackground: 0,
      perSequence,
      sizes,
    },
    reach: undefined,
    clustering: { method: 'dbscan', parts: stored + 400, singleBases: 90, noise: 61, motifs: found },
    logic: modelId === 0 ? partsLogic(name, stored, found) : positionsLogic(name, stored),
    examples: [
      example(random, 'chr3:1027411-1027512', found, [{ letters: ctcf, at: 42, strand: '+' }]),
      example(random, 'chr17:7571720-7571821', found, [
        { letters: ebox, at: 12, strand: '-' },
        { letters: ctcf, at: 70, strand: '+' },
      ]),
    ],
    truth: {
      sequences: 500,
      precision: 0.91 - 0.4 * modelId,
      recall: 0.83 - 0.4 * modelId,
      f1: 0.868 - 0.4 * modelId,
    },
  }
}

function motif(name: string, consensus: string, size: number, index: number, motifId: number): MotifFacts {
  const random = new Random(index, name)
  const ppm = Array.from(consensus).map((letter) => {
    const sure = 0.6 + 0.39 * random.uniform()
    return Array.from(baseLetters).map((base) => (base === letter ? sure : (1 - sure) / 3))
  })
  const match = {
    targetId: ['MA0139.1', 'MA0093.3', 'MA0036.3'][index]!,
    targetName: ['CTCF', 'USF1', 'GATA2'][index]!,
    pValue: [3.7e-12, 2e-6, 0.004][index]!,
    eValue: [3.1e-9, 0.0017, 3.3][index]!,
    qValue: [3.1e-9, 0.0011, 0.31][index]!,
    orientation: index === 1 ? ('-' as const) : ('+' as const),
    offset: index - 1,
    overlap: ppm.length - 1,
    ppm: ppm.slice(1),
  }
  return {
    motifId,
    name,
    label: match.targetName,
    order: index,
    nsites: size,
    size,
    sis: size - 10 * index,
    sequences: size - 20 * index,
    adopted: index === 0 ? 31 : 0,
    stability: 0.93 - 0.2 * index,
    clustersMerged: index === 0 ? 3 : 1,
    palindrome: index === 1,
    alone: { median: 0.81 - 0.2 * index, sufficient: index === 0 ? 300 : 0 },
    consensus,
    information: 1.4 * consensus.length,
    ppm,
    sitePpm: ppm,
    siteOffset: 0,
    siteConsensus: consensus,
    siteInformation: 1.4 * consensus.length,
    naming: namingOf(1.4 * consensus.length, match.qValue),
    match,
    known: [match, { ...match, targetId: 'MA9999.1', targetName: 'MA9999.1', qValue: 0.09, offset: 2 }],
    places: {
      binWidth: 5,
      length: 101,
      centreDistance: 12.5,
      counts: Array.from({ length: 21 }, (_, i) => (i * (index + 3)) % 7),
    },
    enrichment: {
      splits: 'test',
      siteP: 1e-4,
      positives: 1720,
      positivesWith: 1200,
      negatives: 1654,
      negativesWith: 0,
      oddsRatio: 7600.4,
      pValue: 0,
    },
    card: name.startsWith('joint') ? undefined : sampleCard(index),
  }
}

function sampleCard(index: number): CardFacts {
  const instance = {
    quantile: 1,
    bits: 17.2,
    sequenceId: 31,
    name: 'chr3:1027411-1027512',
    split: 'test',
    label: 1,
    start: 42,
    end: 50,
    strand: '-',
    genome: { chrom: 'chr3', start: 1027453, end: 1027461, strand: '-' },
    letters: 'CCACCAGG',
    kept: [true, true, false, true, true, false, true, true],
    rank: 0,
    scoreSis: 0.9411,
  } as const
  return {
    margins: {
      low: -0.9,
      high: 0.06,
      sis: Array.from({ length: 24 }, (_, i) => (i === 23 ? 40 : 0)),
      parts: index === 0 ? Array.from({ length: 24 }, (_, i) => i) : [],
    },
    instances: [
      instance,
      { ...instance, quantile: 0, label: null, genome: undefined, strand: '+', bits: -1.25 },
    ],
  }
}

function joint(name: string, consensus: string, first: number, second: number): JointMotifFacts {
  const index = consensus === ctcf ? 0 : consensus === ebox ? 1 : 2
  const found = motif(name, consensus, first + second, index, 90 + index)
  return {
    ...found,
    shares: [
      { modelId: 0, parts: first, sis: first, ownMotif: index },
      { modelId: 1, parts: second, sis: Math.round(second / 2), ownMotif: undefined },
    ],
    ofModels: [
      { modelId: 0, parts: first, sitePpm: found.sitePpm, keptPpm: found.ppm },
      { modelId: 1, parts: second, sitePpm: found.sitePpm, keptPpm: found.ppm },
    ].filter(({ parts }) => parts > 0),
  }
}

function example(
  random: Random,
  name: string,
  motifs: readonly MotifFacts[],
  sites: readonly { letters: string; at: number; strand: string }[],
): ExampleSequence {
  const letters = Array.from({ length: 101 }, () => baseLetters[random.below(4)]!)
  const planted = sites.map(({ letters: site, at, strand }) => {
    for (const [i, letter] of Array.from(site).entries()) letters[at + i] = letter
    return {
      motif: site === ctcf ? 'CTCF' : 'USF1',
      strand,
      positions: Array.from(site).map((_, i) => at + i),
    }
  })
  return {
    name,
    sequence: letters.join(''),
    split: 'test',
    label: 1,
    score: 0.99871,
    planted,
    attributions: [
      { method: 'saliency', importance: letters.map((_, at) => (at % 8 === 0 ? 1 : 0.05) * Math.sin(at)) },
      { method: 'occlusion', importance: letters.map((_, at) => (at % 10 === 0 ? at : 0)) },
    ],
    subsets: planted.map(({ positions }, rank) => {
      const kept = positions.filter((_, i) => i % 4 !== 3)
      const pattern = positions
        .slice(0, kept.at(-1)! - positions[0]! + 1)
        .map((position) => (kept.includes(position) ? letters[position] : '-'))
        .join('')
      return {
        rank,
        positions: kept,
        pattern,
        scoreSis: 0.9377 + 0.01 * rank,
        scoreResidual: rank === planted.length - 1 ? 0.31 : 0.9521,
        minimal: true,
        certified: true,
        // All but the last base, and that as a single one.
        parts: [
          {
            first: kept[0]!,
            last: kept.at(-2)!,
            size: kept.length - 1,
            motif: rank === 0 ? motifs[0] : undefined,
            strand: rank === 0 ? '+' : null,
          },
          { first: kept.at(-1)!, last: kept.at(-1)!, size: 1, motif: undefined, strand: null },
        ],
      }
    }),
  }
}

function rank(scored: { label: number; score: number }[]): RankedGroup[] {
  const sorted = scored.toSorted((a, b) => b.score - a.score)
  const groups: RankedGroup[] = []
  for (let i = 0; i < sorted.length; i += 10) {
    const part = sorted.slice(i, i + 10)
    const positives = part.filter(({ label }) => label === 1).length
    groups.push({ positives, negatives: part.length - positives })
  }
  return groups
}

function bins(scores: readonly number[]): number[] {
  const counts = new Array<number>(25).fill(0)
  for (const score of scores) counts[Math.min(24, Math.floor(score * 25))]!++
  return counts
}

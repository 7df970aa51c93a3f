/** Made-up figures of two methods beside SIS. */
import type { MethodScores, ScorecardFacts } from '../../src/report/scorecardFacts.ts'

const sis: MethodScores = {
  method: 'sis',
  sequences: 1204,
  sufficient_q1: 7,
  sufficient_median: 9,
  sufficient_q3: 12,
  never: 0,
  kept_score: 0.96,
  kept_share: 1,
  insertion_area: null,
  deletion_area: null,
  planted_sequences: 900,
  precision: 0.93,
  recall: 0.81,
  f1: 0.866,
  average_precision: 0.9,
  target_id: 'MA0139.2',
  divergence_sufficient: 22.1,
  divergence_sufficient_both: 18.4,
  divergence_equal: 22.1,
  divergence_equal_both: 18.4,
  seed_correlation: null,
  incompleteness: null,
  seconds: 0.0014,
}

export const sampleScorecard: ScorecardFacts = {
  methods: [
    sis,
    {
      ...sis,
      method: 'occlusion',
      sufficient_median: 14,
      never: 0.021,
      kept_share: 0.634,
      insertion_area: 0.88,
      deletion_area: 0.06,
      f1: 0.71,
    },
    {
      ...sis,
      method: 'saliency',
      sufficient_q1: 30,
      sufficient_median: null,
      sufficient_q3: null,
      never: 0.58,
      kept_share: 0.1,
      insertion_area: 0.3,
      deletion_area: 0.5,
      f1: 0.31,
      seed_correlation: 0.97,
    },
  ],
  agreement: [
    { method: 'occlusion', other_method: 'saliency', sequences: 1204, correlation: 0.31, overlap: 0.25 },
    { method: 'occlusion', other_method: 'sis', sequences: 1204, correlation: null, overlap: 0.66 },
    { method: 'saliency', other_method: 'sis', sequences: 1204, correlation: null, overlap: 0.19 },
  ],
  motif: 'CTCF (MA0139.2)',
}

/** Tables of other explanation methods, and of the scorecard on which they and SIS are judged. */
import {
  boolean,
  double,
  integer,
  ofModel,
  ofSequence,
  optional,
  real,
  reals,
  table,
  text,
} from './tableParts.ts'

export const evaluationTables = {
  attributions: table(
    {
      model_id: integer,
      sequence_id: integer,
      method: text, // as sis explain --methods names it; of a file, as --attributions does
      replicate: integer, // 0-based; more than one where a method that samples was asked again from another seed
      importance: reals, // [L]: what each base is worth to the explained number, positive where it raises it
      contributions: optional(reals), // [L × 4], position by position: what each of A C G T would be worth there
      standard_errors: optional(reals), // [L]: of the importance, where it was sampled
      incompleteness: optional(double), // by how much the importances miss f(x) - f(baseline), that being 1
      fidelity: optional(double), // LIME: weighted R² of its linear model
      acceptance: optional(double), // maximum entropy: share of proposals accepted
      effective_samples: optional(double), // maximum entropy: independent samples that the chain is worth
      seconds: optional(double), // wall time, of the batch it was in, divided by its sequences; none where it was made elsewhere
    },
    ['model_id', 'method', 'replicate', 'sequence_id'],
    [ofModel, ofSequence],
  ),
  attribution_scores: table(
    {
      model_id: integer,
      method: text, // 'sis', or as in attributions, of replicate 0
      sequence_id: integer,
      sis_size: integer, // bases of the first SIS
      sufficient_length: optional(integer), // fewest top-ranked bases that give the decision; null where none do
      kept_score: real, // of as many top-ranked bases as the first SIS has, all else masked
      kept_holds: boolean, // they give the decision
      insertion_area: optional(double), // mean score while bases are put in from the top; null for sets
      deletion_area: optional(double), // mean score while bases are masked from the top
      planted: optional(integer), // planted positions; null where there are none
      chosen: optional(integer), // as many top-ranked bases as all SIS of the sequence have
      hits: optional(integer), // of the chosen, those that were planted
      average_precision: optional(double), // area under the precision-recall curve of the ranking, by base
      divergence_sufficient: optional(double), // nats, to the known motif, of the sufficient bases; see docs/evaluation.md
      divergence_sufficient_both: optional(double), // the lower one of both strands
      divergence_equal: optional(double), // of as many bases as the first SIS has
      divergence_equal_both: optional(double),
    },
    ['model_id', 'method', 'sequence_id'],
    [ofModel, ofSequence],
  ),
  scorecard: table(
    {
      model_id: integer,
      method: text, // 'sis', or as in attributions
      sequences: integer,
      sufficient_q1: optional(double), // quartiles of the sufficient length; null where they are of those never sufficient
      sufficient_median: optional(double),
      sufficient_q3: optional(double),
      never: double, // share of sequences that no top of the ranking is enough for
      kept_score: double, // median
      kept_share: double, // of sequences, those whose decision as many bases as the first SIS has give
      insertion_area: optional(double), // means
      deletion_area: optional(double),
      planted_sequences: integer,
      precision: optional(double), // over all sequences with planted sites together
      recall: optional(double),
      f1: optional(double),
      average_precision: optional(double), // mean
      target_id: optional(text), // the known motif that divergences are to
      divergence_sufficient: optional(double), // medians
      divergence_sufficient_both: optional(double),
      divergence_equal: optional(double),
      divergence_equal_both: optional(double),
      seed_correlation: optional(double), // mean rank correlation of replicates
      incompleteness: optional(double), // largest absolute
      seconds: optional(double), // a sequence, median; none where it was made elsewhere
    },
    ['model_id', 'method'],
    [ofModel],
  ),
  method_agreement: table(
    {
      model_id: integer,
      method: text, // method < other_method
      other_method: text,
      sequences: integer,
      correlation: optional(double), // mean rank correlation; null for sets
      overlap: double, // mean Jaccard index of the tops, as many bases as the first SIS has
    },
    ['model_id', 'method', 'other_method'],
    [ofModel],
  ),
} as const

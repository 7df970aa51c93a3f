/** The tables of what models make of SIS in real contexts, and of how few bases end their decisions. */
import {
  boolean,
  double,
  integer,
  integers,
  ofModel,
  ofSequence,
  ofSis,
  optional,
  real,
  table,
  text,
} from './tableParts.ts'

export const completionTables = {
  sis_completions: table(
    {
      model_id: integer,
      sequence_id: integer,
      rank: integer,
      fill: text, // where the completions' bases come from: shuffled, others, background
      completions: integer, // real bases in the place of all that the SIS does not keep
      held: integer, // completions under which the decision holds
      share: double,
      share_low: double, // Clopper-Pearson, 95 %
      share_high: double,
      held_without: integer, // the same completions with the SIS masked: what they give by themselves
      score_mean: real,
      score_worst: real, // the furthest from the decision
    },
    ['model_id', 'sequence_id', 'rank', 'fill'],
    [ofSis],
  ),
  sis_contexts: table(
    {
      model_id: integer,
      sequence_id: integer,
      rank: integer,
      worst: text, // of all completions drawn or sought the one that is furthest from the decision
      score_worst: real, // its score
      refuted: boolean, // the decision ends under it
      score_bound: optional(real), // no completion is further from the decision; null where no bound is known of the network
      proved: optional(boolean), // the bound keeps the decision, so every completion does
    },
    ['model_id', 'sequence_id', 'rank'],
    [ofSis],
  ),
  decision_losses: table(
    {
      model_id: integer,
      sequence_id: integer,
      positions: integers, // in the order masked, each taking the score furthest from the decision, until it ends
      size: integer,
      score_left: real, // with all of them masked
      in_sis: integer, // of them, those in an SIS of the sequence
    },
    ['model_id', 'sequence_id'],
    [ofModel, ofSequence],
  ),
} as const

/** Tables of logic: which motifs make up the SIS, how they lie to each other, what each part scores alone. */
import {
  double,
  integer,
  integers,
  ofModel,
  ofPair,
  ofPart,
  ofSet,
  ofSis,
  optional,
  real,
  table,
  text,
} from './tableParts.ts'

export const logicTables = {
  model_logic: table(
    {
      model_id: integer,
      view: text, // 'parts', or 'positions' where parts say little of what the model needs
      part_gap: integer, // most masked bases between neighbours of one part
      part_gap_within: double, // of all gaps between kept bases, the share within parts, as estimated
      sis: integer, // but empty ones
      sis_in_motifs: integer, // with a part in a motif
      single_bases: integer,
      parts_in_no_motif: integer,
      half_positions: integer, // fewest positions that hold half of all kept bases
      summary: text, // one sentence
    },
    ['model_id'],
    [ofModel],
  ),
  part_scores: table(
    {
      model_id: integer,
      sequence_id: integer,
      rank: integer,
      part: integer,
      score_alone: real, // of the part with all else masked
    },
    ['model_id', 'sequence_id', 'rank', 'part'],
    [ofPart],
  ),
  motif_sets: table(
    {
      set_id: integer,
      model_id: integer,
      name: text, // e.g. cnn_1 + cnn_2; empty where no part is in a motif
      label: text, // the same by the names of known motifs, where they are named
      motifs: integers, // motif_id, ascending, each as often as an SIS has it
      sis: integer,
      share: double, // of the model's SIS
      sequences: integer,
      complete: integer, // SIS that have nothing else
    },
    ['set_id'],
    [ofModel],
  ),
  sis_sets: table(
    {
      model_id: integer,
      sequence_id: integer,
      rank: integer,
      set_id: integer,
      single_bases: integer,
      parts_in_no_motif: integer,
    },
    ['model_id', 'sequence_id', 'rank'],
    [ofSis, ofSet],
  ),
  motif_alternatives: table(
    {
      model_id: integer,
      alternative_id: integer, // 0-based; 0 is the most frequent
      sets: integers, // set_id of each of the disjoint SIS of a sequence, ascending
      name: text, // e.g. cnn_1 OR cnn_2
      sequences: integer,
      share: double, // of the sequences explained
    },
    ['model_id', 'alternative_id'],
    [ofModel],
  ),
  motif_pairs: table(
    {
      pair_id: integer,
      model_id: integer,
      motif_a: integer, // motif_id, motif_a <= motif_b
      motif_b: integer,
      pairs: integer, // in SIS, counted once each
      sequences: integer,
      gap_least: integer, // bases between the sites; negative where they overlap
      gap_median: double,
      gap_most: integer,
      spacing: text, // fixed, preferred, periodic, close or free
      spacing_gap: optional(integer), // the most frequent of the gaps that are preferred
      spacing_p: double, // corrected for the distances tried; of the most frequent gap
      period_p: double, // of a period of a helical turn, 10.5 bases
      close_p: double, // of a mean gap smaller than by chance
      arrangement: text, // the most frequent
      arrangement_share: double,
      arrangement_p: double, // corrected for the arrangements there are
      score_a: real, // medians: of the first part alone,
      score_b: real, // of the second alone,
      score_pair: real, // of both,
      gain: real, // of what both have over the better part alone, on the decision's side
    },
    ['pair_id'],
    [ofModel],
  ),
  part_pairs: table(
    {
      model_id: integer,
      sequence_id: integer,
      rank: integer,
      part: integer, // of motif_a
      other_part: integer, // of motif_b
      pair_id: integer,
      gap: integer,
      arrangement: text, // e.g. 'A> B>', as the first motif reads (named: as the known one that names it); see docs/files.md
      score_pair: real, // of both parts with all else masked
    },
    ['model_id', 'sequence_id', 'rank', 'part', 'other_part'],
    [ofPart, ofPair],
  ),
  pair_distances: table(
    {
      pair_id: integer,
      gap: integer,
      observed: integer,
      expected: double, // where sites lie anywhere in the sequences
      p_value: double, // corrected for the distances tried
    },
    ['pair_id', 'gap'],
    [ofPair],
  ),
  position_clusters: table(
    {
      model_id: integer,
      position_cluster: integer, // 0 is the largest
      sis: integer,
      share: double,
    },
    ['model_id', 'position_cluster'],
    [ofModel],
  ),
  position_profiles: table(
    {
      model_id: integer,
      position_cluster: integer,
      position: integer, // 0-based
      a: integer, // SIS of the cluster that keep an A here
      c: integer,
      g: integer,
      t: integer,
    },
    ['model_id', 'position_cluster', 'position'],
    [{ columns: ['model_id', 'position_cluster'], table: 'position_clusters' }],
  ),
} as const

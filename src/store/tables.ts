/**
 * The tables of a run, column by column: the one definition from which the DuckDB schema, the Parquet files and the row
 * types come. Order matters: a table follows the tables it refers to. Every integer fits 32 bits, so none reads as BigInt.
 */

import { completionTables } from './completionTables.ts'
import { evaluationTables } from './evaluationTables.ts'
import { logicTables } from './logicTables.ts'
import {
  boolean,
  double,
  doubles,
  integer,
  integers,
  labelList,
  matrix,
  ofCluster,
  ofKnownMotif,
  ofModel,
  ofMotif,
  ofPart,
  ofSequence,
  ofSis,
  optional,
  real,
  table,
  text,
  type Column,
  type Value,
} from './tableParts.ts'

export const tables = {
  sequences: table(
    {
      sequence_id: integer, // 0-based, in the order prepared
      name: text,
      chrom: optional(text),
      start: optional(integer), // 0-based
      end: optional(integer), // half-open
      strand: optional(text), // '+' or '-'
      sequence: text, // upper case, A C G T N
      label: optional(integer), // the first label
      labels: labelList, // all of them, in the order of run.json's label names
      split: text, // train, valid, test
      parent_id: optional(integer), // the sequence that this one is a shuffle of
    },
    ['sequence_id'],
  ),
  truth: table(
    {
      sequence_id: integer,
      site: integer, // 0-based, in the order planted
      motif: text,
      strand: text,
      start: integer, // 0-based, in the sequence
      positions: integers, // the planted positions, ascending, 0-based
    },
    ['sequence_id', 'site'],
    [ofSequence],
  ),
  models: table(
    {
      model_id: integer, // 0-based, in the order of the config
      name: text,
      architecture: text,
      parameters: optional(integer), // null where the layers are not known
      auroc_train: optional(double),
      auprc_train: optional(double),
      auroc_valid: optional(double),
      auprc_valid: optional(double),
      auroc_test: optional(double),
      auprc_test: optional(double),
      output: integer,
      output_name: text,
      direction: text, // '>=' or '<='
      threshold: double,
      quantile: optional(double), // null where the threshold was given
      background: doubles, // [4], what a masked base becomes
      score_masked: real, // f(all masked)
      model_hash: text, // SHA-256 of the model's file
    },
    ['model_id'],
  ),
  training_history: table(
    {
      model_id: integer,
      attempt: integer, // 1-based; more than one where training began again from another seed
      seed: integer, // of the attempt
      kept: boolean, // whether the model's weights are of this attempt
      epoch: integer, // 1-based
      loss: double,
      valid_loss: optional(double),
      valid_auroc: optional(double),
    },
    ['model_id', 'attempt', 'epoch'],
    [ofModel],
  ),
  predictions: table(
    { model_id: integer, sequence_id: integer, output: integer, score: real },
    ['model_id', 'sequence_id', 'output'],
    [ofModel, ofSequence],
  ),
  sis: table(
    {
      model_id: integer,
      sequence_id: integer,
      rank: integer,
      positions: integers, // ascending, 0-based in the sequence
      size: integer,
      pattern: text, // first to last kept base, gaps as '-'; empty where vacuous
      score_full: real,
      score_sis: real,
      score_residual: real,
      score_masked: real,
      minimal: boolean,
      certified: boolean,
      vacuous: boolean,
      recomputed: boolean,
    },
    ['model_id', 'sequence_id', 'rank'],
    [ofModel, ofSequence],
  ),
  ...completionTables,
  clusterings: table(
    {
      clustering_id: integer,
      name: text, // e.g. cnn, joint
      model_id: optional(integer), // null: all models jointly
      method: text, // dbscan or kmeans
      parameters: text, // JSON
      parts: integer, // of all SIS, single bases included
      single_bases: integer, // of them, in no motif by definition
      noise: integer, // of the others, those in no motif
    },
    ['clustering_id'],
    [ofModel],
  ),
  clusters: table(
    {
      clustering_id: integer,
      cluster_id: integer, // 0 is the largest
      size: integer, // parts
      medoid: text, // the member pattern nearest to all others
      stability: double, // in [0, 1]: mean Jaccard index over resamples of the parts; adopted parts do not count
    },
    ['clustering_id', 'cluster_id'],
    [{ columns: ['clustering_id'], table: 'clusterings' }],
  ),
  motifs: table(
    {
      motif_id: integer,
      name: text, // unique; the id in motifs.meme
      model_id: optional(integer), // null: from the joint clustering
      clustering_id: integer,
      cluster_id: integer,
      nsites: integer, // parts that the matrices count; see src/motif/countedParts.ts
      width: integer,
      consensus: text, // IUPAC
      information: double, // bits, summed over columns
      pfm: matrix, // [width][4], true counts of kept bases
      ppm: matrix, // [width][4], rows sum to 1
      site_pfm: matrix, // [columns][4], counts of the sequences' own bases at the sites, masked ones included
      site_offset: integer, // motif column of the first row of site_pfm
      site_consensus: text, // IUPAC
      site_information: double, // bits over the sequences' composition, summed over the informative site columns
      palindrome: boolean, // one with its own reverse complement: its strand says nothing
      clusters_merged: integer, // clusters of nearly equal parts that it was made of
      naming: text, // whether the best match names it: named, vague, unlike, not compared; see src/motif/naming.ts
    },
    ['motif_id'],
    [ofModel, ofCluster],
  ),
  sis_parts: table(
    {
      model_id: integer,
      sequence_id: integer,
      rank: integer,
      part: integer, // 0-based, from left to right
      first: integer, // position of the first kept base, 0-based in the sequence
      last: integer, // and of the last
      size: integer, // bases kept; 1: a single base
      pattern: text, // first to last kept base, gaps as '-'
      motif_id: optional(integer), // of the model's own clustering; null where the part is in no motif
      strand: optional(text), // of the motif, '+' or '-'
      site_start: optional(integer), // the motif's site in the sequence, 0-based; may begin before it
      site_end: optional(integer), // half-open; may end beyond it
      site_score: optional(double), // bits: log-odds of the site's bases in the motif's sites, over the composition
    },
    ['model_id', 'sequence_id', 'rank', 'part'],
    [ofSis, ofMotif],
  ),
  cluster_members: table(
    {
      clustering_id: integer,
      cluster_id: integer,
      model_id: integer,
      sequence_id: integer,
      rank: integer,
      part: integer,
      strand: text, // '-' where the reverse complement was aligned
      motif_offset: integer, // motif column of the part's first base (as aligned; may be negative after trimming)
      adopted: boolean, // in no cluster of nearly equal parts, but on a site of the motif
    },
    ['clustering_id', 'model_id', 'sequence_id', 'rank', 'part'],
    [ofCluster, ofPart],
  ),
  known_motifs: table(
    {
      target_id: text, // as the file of known motifs has it
      target_name: text,
      ppm: matrix, // [width][4], rows sum to 1
    },
    ['target_id'],
  ),
  motif_matches: table(
    {
      motif_id: integer,
      target_id: text,
      target_name: text,
      match_rank: integer, // 0 is the best
      p_value: double,
      e_value: double,
      q_value: double,
      optimal_offset: integer, // as Tomtom: query start relative to target start, negated where the query hangs over
      overlap: integer,
      query_consensus: text,
      target_consensus: text,
      orientation: text, // '+' or '-'
    },
    ['motif_id', 'target_id'],
    [ofMotif, ofKnownMotif],
  ),
  motif_enrichment: table(
    {
      motif_id: integer,
      splits: text, // whose sequences are counted, e.g. test
      site_p: double, // highest p-value of a site that counts: 1e-4, or that of the best site a short motif can have
      positives: integer, // sequences of label 1
      positives_with: integer, // of them, those with a site of the motif by a scan of its site matrix
      negatives: integer, // sequences of label 0
      negatives_with: integer,
      odds_ratio: double, // half a sequence added to each count, so that it is finite
      p_value: double, // Fisher's exact test, one-sided: as many positives with the motif or more
    },
    ['motif_id'],
    [ofMotif],
  ),
  ...logicTables,
  cluster_shares: table(
    { clustering_id: integer, cluster_id: integer, model_id: integer, members: integer, share: double },
    ['clustering_id', 'cluster_id', 'model_id'],
    [ofCluster, ofModel],
  ),
  cross_sufficiency: table(
    {
      model_id: integer, // whose SIS
      sequence_id: integer,
      rank: integer,
      other_model_id: integer, // whose score
      score: real,
      sufficient: boolean, // the other model's own decision holds
    },
    ['model_id', 'sequence_id', 'rank', 'other_model_id'],
    [ofSis],
  ),
  sis_overlaps: table(
    {
      sequence_id: integer,
      model_id: integer,
      other_model_id: integer, // model_id < other_model_id
      positions: integer, // in the union of model_id's SIS
      other_positions: integer,
      shared: integer,
      jaccard: double,
    },
    ['sequence_id', 'model_id', 'other_model_id'],
    [ofSequence, ofModel],
  ),
  truth_scores: table(
    {
      model_id: integer,
      sequences: integer, // explained sequences with planted sites
      precision: double, // SIS positions that were planted
      recall: double, // planted positions that are in an SIS
      f1: double,
    },
    ['model_id'],
    [ofModel],
  ),
  ...evaluationTables,
} as const

/** The name of a table of a run, see docs/files.md. */
export type TableName = keyof typeof tables

/** A row of a table, keyed by column name as in the database. */
export type Row<T extends TableName> = {
  -readonly [K in keyof (typeof tables)[T]['columns']]: (typeof tables)[T]['columns'][K] extends Column
    ? Value<(typeof tables)[T]['columns'][K]>
    : never
}

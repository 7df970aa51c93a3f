/** The commands there are, each loaded only when it is typed. */
import { closest, distance } from 'fastest-levenshtein'
import type { Command } from './command.ts'

export const commands: Readonly<Record<string, { summary: string; load: () => Promise<Command> }>> = {
  demo: {
    summary: 'run the whole chain on simulated sequences whose motifs are known',
    load: async () => (await import('./commands/demo.ts')).demoCommand,
  },
  run: {
    summary: 'do all that a config file says; skip what is up to date',
    load: async () => (await import('./commands/run.ts')).runCommand,
  },
  batch: {
    summary: 'check many samples at once and write their configs, for jobs of a cluster',
    load: async () => (await import('./commands/batch.ts')).batchCommand,
  },
  prepare: {
    summary: 'read sequences into a run directory: labels, splits, negatives',
    load: async () => (await import('./commands/prepare.ts')).prepareCommand,
  },
  train: {
    summary: 'train the models of a run',
    load: async () => (await import('./commands/train.ts')).trainCommand,
  },
  predict: {
    summary: 'score the sequences of a run and decide the threshold τ; or any file with any model',
    load: async () => (await import('./commands/predict.ts')).predictCommand,
  },
  extract: {
    summary: 'find and certify sufficient input subsets',
    load: async () => (await import('./commands/extract.ts')).extractCommand,
  },
  completions: {
    summary: 'try subsets in real contexts: how often, and whether always, they keep the decision',
    load: async () => (await import('./commands/completions.ts')).completionsCommand,
  },
  merge: {
    summary: 'build sis.duckdb from the tables of a run, e.g. after all shards are there',
    load: async () => (await import('./commands/merge.ts')).mergeCommand,
  },
  cluster: {
    summary: "cluster the subsets' parts into motifs and name them",
    load: async () => (await import('./commands/cluster.ts')).clusterCommand,
  },
  logic: {
    summary: 'which motifs together are enough, how they lie to each other, what each scores alone',
    load: async () => (await import('./commands/logic.ts')).logicCommand,
  },
  compare: {
    summary: 'compare what the models of a run have learnt',
    load: async () => (await import('./commands/compare.ts')).compareCommand,
  },
  explain: {
    summary: 'what other explanation methods say of the same sequences, beside SIS',
    load: async () => (await import('./commands/explain.ts')).explainCommand,
  },
  evaluate: {
    summary: 'judge SIS and other methods by what their bases are enough for, and by the truth',
    load: async () => (await import('./commands/evaluate.ts')).evaluateCommand,
  },
  report: {
    summary: 'write report.html',
    load: async () => (await import('./commands/report.ts')).reportCommand,
  },
  show: {
    summary: 'show a run in the terminal: models, motifs, what decisions rest on; or one of them',
    load: async () => (await import('./commands/show.ts')).showCommand,
  },
  export: {
    summary: 'write where the motifs lie (BED, GFF3, TSV, FASTA), or the motifs (MEME, JASPAR, TRANSFAC)',
    load: async () => (await import('./commands/export.ts')).exportCommand,
  },
  list: {
    summary: 'list the runs in a directory: their models, how many SIS, what is still to be done',
    load: async () => (await import('./commands/list.ts')).listCommand,
  },
  status: {
    summary: 'how far a run or a batch is: stages done, running, failed, missing; time left; last error',
    load: async () => (await import('./commands/status.ts')).statusCommand,
  },
  scan: {
    summary: 'where motifs occur in sequences or a genome, with exact p-values, as BED',
    load: async () => (await import('./commands/scan.ts')).scanCommand,
  },
  match: {
    summary: "which motifs of two sets are alike, runs or motif files: a table with Tomtom's columns",
    load: async () => (await import('./commands/match.ts')).matchCommand,
  },
  query: {
    summary: "ask a run's database in SQL",
    load: async () => (await import('./commands/query.ts')).queryCommand,
  },
  model: {
    summary: 'show a model, or export it to another format',
    load: async () => (await import('./commands/model.ts')).modelCommand,
  },
  completion: {
    summary: 'print what makes a shell complete commands, flags and names of a run',
    load: async () => (await import('./commands/completion.ts')).completionCommand,
  },
  doctor: {
    summary: 'show what this machine offers and whether it works',
    load: async () => (await import('./commands/doctor.ts')).doctorCommand,
  },
}

/** What is said after a word that is none of those known. */
export function suggest(word: string, known: readonly string[], prefix = ''): string {
  const nearest = closest(word, known)
  return distance(word, nearest) <= Math.max(2, word.length / 3)
    ? `did you mean '${prefix}${nearest}'?`
    : "see 'sis --help'"
}

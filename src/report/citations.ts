/** The works that a run builds on, with what is needed to cite them. Details as the publishers have them. */
import type { MethodsFacts } from './methodsFacts.ts'
import type { ReportData } from './reportData.ts'

export interface Citation {
  /** Of the BibTeX entry, and how the methods paragraph refers to it: "Carter et al. 2019". */
  readonly key: string
  readonly short: string
  /** What it was used for. */
  readonly used: string
  readonly type: 'article' | 'inproceedings' | 'misc'
  readonly fields: Readonly<Record<string, string>>
}

type CitationName =
  | 'sis'
  | 'batchedGradient'
  | 'shuffles'
  | 'interval'
  | 'linearBounds'
  | 'dbscan'
  | 'kmeans'
  | 'tomtom'
  | 'tomtomScores'
  | 'jaspar2022'
  | 'jaspar2024'
  | 'jaspar2026'
  | 'fdr'
  | 'scan'
  | 'fisher'
  | 'scaling'
  | 'logos'
  | 'duckdb'
  | 'tensorFlow'
  | 'onnxRuntime'
  | 'deepBind'

export const citations: Readonly<Record<CitationName, Citation>> = {
  sis: {
    key: 'carter2019sis',
    short: 'Carter et al. 2019',
    used: 'sufficient input subsets',
    type: 'inproceedings',
    fields: {
      author: 'Carter, Brandon and Mueller, Jonas and Jain, Siddhartha and Gifford, David',
      title: 'What made you do this? {U}nderstanding black-box decisions with sufficient input subsets',
      booktitle:
        'Proceedings of the 22nd International Conference on Artificial Intelligence and Statistics (AISTATS)',
      series: 'Proceedings of Machine Learning Research',
      volume: '89',
      pages: '567--576',
      year: '2019',
    },
  },
  batchedGradient: {
    key: 'carter2021overinterpretation',
    short: 'Carter et al. 2021',
    used: 'the approximate selection by gradients',
    type: 'inproceedings',
    fields: {
      author: 'Carter, Brandon and Jain, Siddhartha and Mueller, Jonas and Gifford, David',
      title: 'Overinterpretation reveals image classification model pathologies',
      booktitle: 'Advances in Neural Information Processing Systems',
      volume: '34',
      year: '2021',
    },
  },
  shuffles: {
    key: 'altschul1985shuffle',
    short: 'Altschul and Erickson 1985',
    used: 'shuffles that keep dinucleotides',
    type: 'article',
    fields: {
      author: 'Altschul, Stephen F. and Erickson, Bruce W.',
      title:
        'Significance of nucleotide sequence alignments: a method for random sequence permutation that preserves dinucleotide and codon usage',
      journal: 'Molecular Biology and Evolution',
      volume: '2',
      number: '6',
      pages: '526--538',
      year: '1985',
      doi: '10.1093/oxfordjournals.molbev.a040370',
    },
  },
  interval: {
    key: 'clopper1934limits',
    short: 'Clopper and Pearson 1934',
    used: 'confidence intervals of shares',
    type: 'article',
    fields: {
      author: 'Clopper, C. J. and Pearson, E. S.',
      title: 'The use of confidence or fiducial limits illustrated in the case of the binomial',
      journal: 'Biometrika',
      volume: '26',
      number: '4',
      pages: '404--413',
      year: '1934',
      doi: '10.1093/biomet/26.4.404',
    },
  },
  linearBounds: {
    key: 'zhang2018crown',
    short: 'Zhang et al. 2018',
    used: 'bounds over all contexts',
    type: 'inproceedings',
    fields: {
      author: 'Zhang, Huan and Weng, Tsui-Wei and Chen, Pin-Yu and Hsieh, Cho-Jui and Daniel, Luca',
      title: 'Efficient neural network robustness certification with general activation functions',
      booktitle: 'Advances in Neural Information Processing Systems',
      volume: '31',
      year: '2018',
    },
  },
  dbscan: {
    key: 'ester1996dbscan',
    short: 'Ester et al. 1996',
    used: 'clustering of parts',
    type: 'inproceedings',
    fields: {
      author: 'Ester, Martin and Kriegel, Hans-Peter and Sander, J{\\"o}rg and Xu, Xiaowei',
      title: 'A density-based algorithm for discovering clusters in large spatial databases with noise',
      booktitle:
        'Proceedings of the Second International Conference on Knowledge Discovery and Data Mining (KDD-96)',
      pages: '226--231',
      publisher: 'AAAI Press',
      year: '1996',
    },
  },
  kmeans: {
    key: 'lloyd1982kmeans',
    short: 'Lloyd 1982',
    used: 'clustering of parts',
    type: 'article',
    fields: {
      author: 'Lloyd, Stuart P.',
      title: 'Least squares quantization in {PCM}',
      journal: 'IEEE Transactions on Information Theory',
      volume: '28',
      number: '2',
      pages: '129--137',
      year: '1982',
      doi: '10.1109/TIT.1982.1056489',
    },
  },
  tomtom: {
    key: 'gupta2007tomtom',
    short: 'Gupta et al. 2007',
    used: 'comparison with known motifs',
    type: 'article',
    fields: {
      author:
        'Gupta, Shobhit and Stamatoyannopoulos, John A. and Bailey, Timothy L. and Noble, William Stafford',
      title: 'Quantifying similarity between motifs',
      journal: 'Genome Biology',
      volume: '8',
      number: '2',
      pages: 'R24',
      year: '2007',
      doi: '10.1186/gb-2007-8-2-r24',
    },
  },
  tomtomScores: {
    key: 'tanaka2011scores',
    short: 'Tanaka et al. 2011',
    used: 'complete scores of that comparison',
    type: 'article',
    fields: {
      author:
        'Tanaka, Emi and Bailey, Timothy and Grant, Charles E. and Noble, William Stafford and Keich, Uri',
      title: 'Improved similarity scores for comparing motifs',
      journal: 'Bioinformatics',
      volume: '27',
      number: '12',
      pages: '1603--1609',
      year: '2011',
      doi: '10.1093/bioinformatics/btr257',
    },
  },
  jaspar2022: {
    key: 'castro2022jaspar',
    short: 'Castro-Mondragon et al. 2022',
    used: 'known motifs',
    type: 'article',
    fields: {
      author: 'Castro-Mondragon, Jaime A. and Riudavets-Puig, Rafael and Rauluseviciute, Ieva and others',
      title:
        '{JASPAR} 2022: the 9th release of the open-access database of transcription factor binding profiles',
      journal: 'Nucleic Acids Research',
      volume: '50',
      number: 'D1',
      pages: 'D165--D173',
      year: '2022',
      doi: '10.1093/nar/gkab1113',
    },
  },
  jaspar2024: {
    key: 'rauluseviciute2024jaspar',
    short: 'Rauluseviciute et al. 2024',
    used: 'known motifs',
    type: 'article',
    fields: {
      author: 'Rauluseviciute, Ieva and Riudavets-Puig, Rafael and Blanc-Mathieu, Romain and others',
      title:
        '{JASPAR} 2024: 20th anniversary of the open-access database of transcription factor binding profiles',
      journal: 'Nucleic Acids Research',
      volume: '52',
      number: 'D1',
      pages: 'D174--D182',
      year: '2024',
      doi: '10.1093/nar/gkad1059',
    },
  },
  jaspar2026: {
    key: 'ovekbaydar2026jaspar',
    short: 'Ovek Baydar et al. 2026',
    used: 'known motifs',
    type: 'article',
    fields: {
      author: 'Ovek Baydar, Damla and Rauluseviciute, Ieva and Aronsen, Dina R. and others',
      title:
        '{JASPAR} 2026: expansion of transcription factor binding profiles and integration of deep learning models',
      journal: 'Nucleic Acids Research',
      volume: '54',
      number: 'D1',
      pages: 'D184--D193',
      year: '2026',
      doi: '10.1093/nar/gkaf1209',
    },
  },
  fdr: {
    key: 'benjamini1995fdr',
    short: 'Benjamini and Hochberg 1995',
    used: 'q-values',
    type: 'article',
    fields: {
      author: 'Benjamini, Yoav and Hochberg, Yosef',
      title: 'Controlling the false discovery rate: a practical and powerful approach to multiple testing',
      journal: 'Journal of the Royal Statistical Society: Series B (Methodological)',
      volume: '57',
      number: '1',
      pages: '289--300',
      year: '1995',
      doi: '10.1111/j.2517-6161.1995.tb02031.x',
    },
  },
  scan: {
    key: 'staden1989probabilities',
    short: 'Staden 1989',
    used: 'p-values of sites',
    type: 'article',
    fields: {
      author: 'Staden, Rodger',
      title: 'Methods for calculating the probabilities of finding patterns in sequences',
      journal: 'Computer Applications in the Biosciences (CABIOS)',
      volume: '5',
      number: '2',
      pages: '89--96',
      year: '1989',
      doi: '10.1093/bioinformatics/5.2.89',
    },
  },
  fisher: {
    key: 'fisher1922contingency',
    short: 'Fisher 1922',
    used: 'enrichment',
    type: 'article',
    fields: {
      author: 'Fisher, R. A.',
      title: 'On the interpretation of $\\chi^2$ from contingency tables, and the calculation of {P}',
      journal: 'Journal of the Royal Statistical Society',
      volume: '85',
      number: '1',
      pages: '87--94',
      year: '1922',
      doi: '10.2307/2340521',
    },
  },
  scaling: {
    key: 'torgerson1952scaling',
    short: 'Torgerson 1952',
    used: 'the map of the motifs',
    type: 'article',
    fields: {
      author: 'Torgerson, Warren S.',
      title: 'Multidimensional scaling: {I}. {T}heory and method',
      journal: 'Psychometrika',
      volume: '17',
      number: '4',
      pages: '401--419',
      year: '1952',
      doi: '10.1007/BF02288916',
    },
  },
  logos: {
    key: 'schneider1990logos',
    short: 'Schneider and Stephens 1990',
    used: 'sequence logos',
    type: 'article',
    fields: {
      author: 'Schneider, Thomas D. and Stephens, R. Michael',
      title: 'Sequence logos: a new way to display consensus sequences',
      journal: 'Nucleic Acids Research',
      volume: '18',
      number: '20',
      pages: '6097--6100',
      year: '1990',
      doi: '10.1093/nar/18.20.6097',
    },
  },
  duckdb: {
    key: 'raasveldt2019duckdb',
    short: 'Raasveldt and Mühleisen 2019',
    used: 'the database',
    type: 'inproceedings',
    fields: {
      author: 'Raasveldt, Mark and M{\\"u}hleisen, Hannes',
      title: '{DuckDB}: an embeddable analytical database',
      booktitle: 'Proceedings of the 2019 International Conference on Management of Data (SIGMOD)',
      pages: '1981--1984',
      publisher: 'ACM',
      year: '2019',
      doi: '10.1145/3299869.3320212',
    },
  },
  tensorFlow: {
    key: 'smilkov2019tensorflowjs',
    short: 'Smilkov et al. 2019',
    used: 'TensorFlow.js',
    type: 'inproceedings',
    fields: {
      author: 'Smilkov, Daniel and Thorat, Nikhil and Assogba, Yannick and others',
      title: '{TensorFlow.js}: machine learning for the web and beyond',
      booktitle: 'Proceedings of Machine Learning and Systems',
      volume: '1',
      pages: '309--321',
      year: '2019',
    },
  },
  onnxRuntime: {
    key: 'onnxruntime',
    short: 'ONNX Runtime developers',
    used: 'scores of the models',
    type: 'misc',
    fields: {
      author: '{ONNX Runtime developers}',
      title: '{ONNX} {R}untime',
      howpublished: 'onnxruntime.ai',
      year: '2021',
    },
  },
  deepBind: {
    key: 'alipanahi2015deepbind',
    short: 'Alipanahi et al. 2015',
    used: 'the DeepBind architecture',
    type: 'article',
    fields: {
      author: 'Alipanahi, Babak and Delong, Andrew and Weirauch, Matthew T. and Frey, Brendan J.',
      title: 'Predicting the sequence specificities of {DNA}- and {RNA}-binding proteins by deep learning',
      journal: 'Nature Biotechnology',
      volume: '33',
      number: '8',
      pages: '831--838',
      year: '2015',
      doi: '10.1038/nbt.3300',
    },
  },
}

/** @returns what this run used, in the order in which the methods tell of it */
export function usedCitations({ run: { methods }, models }: ReportData): Citation[] {
  const { uses, selection, shuffles } = methods
  const motifs = models.flatMap(({ clustering }) => clustering?.motifs ?? [])
  const compared = motifs.some(({ match }) => match !== undefined)
  const names: (CitationName | false)[] = [
    'sis',
    selection === 'batched-gradient' && 'batchedGradient',
    (shuffles > 0 || shufflesContexts({ methods, models })) && 'shuffles',
    models.some(({ reach }) => (reach?.fills.length ?? 0) > 0) && 'interval',
    models.some(({ reach }) => reach?.proved !== undefined) && 'linearBounds',
    uses.deepBind && 'deepBind',
    methods.clusterings.some(({ method }) => method === 'dbscan') && 'dbscan',
    methods.clusterings.some(({ method }) => method === 'kmeans') && 'kmeans',
    compared && 'tomtom',
    compared && 'tomtomScores',
    compared && jasparRelease(methods),
    compared && 'fdr',
    motifs.some(({ enrichment }) => enrichment !== undefined) && 'scan',
    motifs.some(({ enrichment }) => enrichment !== undefined) && 'fisher',
    motifs.length > 0 && 'logos',
    motifs.length > 2 && 'scaling',
    uses.onnxRuntime && 'onnxRuntime',
    uses.tensorFlow && 'tensorFlow',
    'duckdb',
  ]
  return names.filter((name) => name !== false).map((name) => citations[name])
}

/** Whether shuffles stand in the place of masks, in the search for SIS or after it. */
function shufflesContexts({
  methods,
  models,
}: Pick<ReportData, 'models'> & { methods: MethodsFacts }): boolean {
  const tried = models.flatMap(({ reach }) => reach?.fills ?? [])
  return methods.fill.startsWith('shuffled') || tried.some(({ fill }) => fill === 'shuffled')
}

/** Told by the file's name; one that does not name a release is not cited. */
function jasparRelease({ knownMotifs, shippedMotifs }: MethodsFacts): CitationName | false {
  const year = /jaspar[^0-9]*(2022|2024|2026)/i.exec(knownMotifs)?.[1]
  return !shippedMotifs && year !== undefined && `jaspar${year as '2022' | '2024' | '2026'}`
}

export function bibtex({ type, key, fields }: Citation): string {
  const lines = Object.entries(fields).map(([name, value]) => `  ${name} = {${value}}`)
  return `@${type}{${key},\n${lines.join(',\n')}\n}`
}

/** A paragraph for a paper's methods with all parameters, and the works to cite, both ready to copy. */
import { count, counted, listed, percent, score } from '../../base/format.ts'
import { namingLevel } from '../../motif/naming.ts'
import { bibtex, citations, usedCitations, type Citation } from '../citations.ts'
import { thresholdText } from '../headlines.ts'
import { markup, type Markup } from '../markup.ts'
import type { Section } from '../parts.ts'
import { fillNames } from '../reachFacts.ts'
import type { ModelFacts, ReportData } from '../reportData.ts'

export function methodsSection(data: ReportData): Section {
  const used = usedCitations(data)
  return {
    id: 'methods',
    title: 'Methods and citations',
    body: markup`<h3>Methods, ready to paste</h3>
      <div class="copyable" data-copy="methods text" data-name="methods">
        ${methodsParagraphs(data).map((paragraph) => markup`<p>${paragraph}</p>`)}
      </div>
      <h3>References</h3>
      <ol class="references">
        ${used.map((citation) => markup`<li>${reference(citation)} <span class="quiet">(${citation.used})</span></li>`)}
      </ol>
      <details>
        <summary>BibTeX</summary>
        <pre class="copyable" tabindex="0" data-copy="BibTeX" data-name="references.bib">${used.map(bibtex).join('\n\n')}
</pre>
      </details>`,
  }
}

/** Plain text, a paragraph each. */
export function methodsParagraphs(data: ReportData): string[] {
  return [dataText(data), modelText(data), sisText(data), motifText(data)].filter((text) => text !== '')
}

function dataText({ run, sequences }: ReportData): string {
  const { methods } = run
  const total = sequences.groups.reduce((sum, group) => sum + group.count, 0)
  const of = (split: string): number =>
    sequences.groups.filter((group) => group.split === split).reduce((sum, group) => sum + group.count, 0)
  const splits = ['train', 'valid', 'test']
    .filter((split) => of(split) > 0)
    .map((split) => `${count(of(split))} ${{ train: 'training', valid: 'validation' }[split] ?? split}`)
  const length =
    sequences.shortest === sequences.longest
      ? `${count(sequences.longest)} bp`
      : `${count(sequences.shortest)} to ${count(sequences.longest)} bp`
  const shuffled =
    methods.shuffles === 0
      ? ''
      : ` Negatives include ${counted(methods.shuffles, 'shuffle')} of each positive that keep its dinucleotides (${citations.shuffles.short}).`
  const drawn =
    methods.genomicNegatives === 0
      ? ''
      : ` Negatives include ${counted(methods.genomicNegatives, 'window')} of the genome for each positive, of its length and GC content (within bins of 5 %), that overlap${methods.genomicNegatives === 1 ? 's' : ''} no interval of the positives.`
  return `We analysed ${counted(total, 'sequence')} of ${length} (${run.dataSet}), split ${methods.splitBy} into ${listed(splits)} sequences.${shuffled}${drawn}`
}

function modelText({ run: { methods }, models }: ReportData): string {
  const trained = models.filter(({ name }) => methods.trained.includes(name))
  const others = models.filter(({ name }) => !methods.trained.includes(name))
  const described = ({ name, architecture }: ModelFacts): string =>
    architecture === name ? name : `${name} (${architecture})`
  const quality = models.flatMap(({ name, metrics }) => {
    const test = metrics.find(({ split }) => split === 'test')
    return test?.auroc == null ? [] : [`${name} ${test.auroc.toFixed(3)}`]
  })
  return [
    trained.length === 0
      ? ''
      : `We trained ${listed(trained.map(described))} for at most ${count(methods.epochs)} epochs with Adam (learning rate ${methods.learningRate}, batches of ${count(methods.batchSize)}; seed ${methods.seed}${methods.trainedBy === '' ? '' : `; ${methods.trainedBy}`}) and kept the weights of the lowest validation loss.`,
    others.length === 0
      ? ''
      : `${listed(others.map(described))} ${others.length === 1 ? 'was' : 'were'} trained elsewhere and taken over as ${others.length === 1 ? 'it is' : 'they are'}.`,
    quality.length === 0 ? '' : `Test auROC: ${listed(quality)}.`,
  ]
    .filter((text) => text !== '')
    .join(' ')
}

function sisText({ run, models }: ReportData): string {
  const { methods } = run
  const decisions = models.map(
    (model) =>
      `${model.name}: ${model.outputName} ${model.direction === '>=' ? '≥' : '≤'} τ, ${thresholdText(model, run.quantileSplit)}`,
  )
  const background = [
    ...new Set(models.map((model) => model.background.map((share) => score(share)).join(', '))),
  ]
  const stored = models.reduce((sum, { subsets }) => sum + subsets.stored, 0)
  const certified = models.reduce((sum, { subsets }) => sum + subsets.certified, 0)
  const chosen =
    methods.maxSequences === undefined ? 'all' : `the ${count(methods.maxSequences)} most confident`
  const selection =
    methods.selection === 'exact'
      ? 'by backward selection (exact'
      : `by the approximate batched-gradient selection (${citations.batchedGradient.short}`
  const block = methods.blockSize === 1 ? '' : `, blocks of ${methods.blockSize} bases`
  const kept =
    methods.fill === 'mask'
      ? `A masked base is replaced by the background (A, C, G, T: ${background.join('; ')}).`
      : filledText(methods.fill)
  return `We explained ${chosen} sequences of split ${methods.splits.join(', ')} that a model calls (${decisions.join('; ')}) by sufficient input subsets (SIS; ${citations.sis.short}) with sis ${methods.version}: minimal sets of bases that alone keep the decision. ${kept} Subsets were found ${selection}${block}), at most ${counted(methods.maxSis, 'disjoint SIS', 'disjoint SIS')} a sequence, and certified by the full model: f(x_S) reaches τ and no single ${run.feature} can be dropped. Of ${counted(stored, 'SIS', 'SIS')} that keep a base, ${percent(certified, stored)} are certified.${contextsText(models)}`
}

/** @param fill e.g. shuffled:20 */
function filledText(fill: string): string {
  const [kind, completions] = fill.split(':') as [string, string]
  const from =
    kind === 'shuffled'
      ? `shuffles of the sequence that keep its dinucleotides (${citations.shuffles.short})`
      : (fillNames[kind] ?? kind)
  return `A base that is not kept is replaced by real ones: the score is the mean over ${counted(Number(completions), 'completion')} (${from}), the same for all subsets of a sequence.`
}

function contextsText(models: readonly ModelFacts[]): string {
  const tried = models.flatMap(({ reach }) => (reach === undefined ? [] : [reach]))
  const [first] = tried.flatMap(({ fills }) => fills)
  if (first === undefined) return ''
  const kinds = [...new Set(tried.flatMap(({ fills }) => fills.map(({ fill }) => fillNames[fill] ?? fill)))]
  const bound = tried.some(({ proved }) => proved !== undefined)
    ? ` For networks of one convolution and the global maximum a lower bound over all contexts was computed by interval arithmetic and linear bounds (${citations.linearBounds.short}), less what float32 can be off by.`
    : ''
  return ` Each SIS was then tried in ${counted(first.completions, 'context')} of each kind (${kinds.join('; ')}), with the confidence intervals of ${citations.interval.short}.${bound}`
}

function motifText({ run, models }: ReportData): string {
  const { methods } = run
  if (methods.clusterings.length === 0) return ''
  const gaps = models.flatMap(({ name, logic }) =>
    logic === undefined ? [] : [`${name} ${counted(logic.partGap, 'base')}`],
  )
  const parts = `SIS were cut into parts where more masked bases than the part gap lie between neighbours (${run.partGap === undefined ? 'learnt from the gaps of each model' : 'as given'}${gaps.length === 0 ? '' : `: ${gaps.join(', ')}`})`
  const methodNames = [...new Set(methods.clusterings.map(({ method }) => method))]
  const cited = methodNames.map((method) =>
    method === 'dbscan' ? `DBSCAN (${citations.dbscan.short})` : `k-means (${citations.kmeans.short})`,
  )
  const parameters = methods.clusterings.map(({ name, parameters: text }) => `${name}: ${text}`)
  const motifs = models.flatMap(({ clustering }) => clustering?.motifs ?? [])
  const compared = motifs.some(({ match }) => match !== undefined)
  const jaspar = usedCitations({ run, models } as ReportData).find(({ key }) => /jaspar/.test(key))
  const enrichment = motifs.find((motif) => motif.enrichment !== undefined)?.enrichment
  return [
    `${parts}, and parts of at least two bases were clustered by edit distance with ${listed(cited)} (${parameters.join('; ')}; ${methods.reverseComplements ? 'a part and its reverse complement are one' : 'strands apart'}${methods.merged ? '; motifs that are the same within noise were merged' : ''}; seed ${methods.seed}).`,
    compared
      ? `Motifs were compared with ${methods.shippedMotifs ? 'the consensus motifs that ship with sis' : methods.knownMotifs}${jaspar === undefined ? '' : ` (${jaspar.short})`} by the informative columns of their sites, as Tomtom does (${citations.tomtom.short}; ${citations.tomtomScores.short}); they are named at q ≤ ${namingLevel} (${citations.fdr.short}), and matches at q ≤ ${methods.maxQValue} are kept.`
      : '',
    enrichment === undefined
      ? ''
      : `For enrichment, labelled sequences of split ${enrichment.splits} were scanned with each site matrix on both strands (sites at p ≤ ${enrichment.siteP.toExponential().replace('e-', 'e−')}; ${citations.scan.short}), and positives compared with negatives by Fisher’s exact test, one-sided (${citations.fisher.short}); the motifs come from sequences of the same split, so these p-values describe and do not test anew.`,
    `Results were stored and queried with DuckDB (${citations.duckdb.short}).`,
  ]
    .filter((text) => text !== '')
    .join(' ')
}

function reference({ fields }: Citation): Markup {
  const plain = (text: string): string =>
    text
      .replaceAll('{\\"o}', 'ö')
      .replaceAll('{\\"u}', 'ü')
      .replaceAll('$\\chi^2$', 'χ²')
      .replaceAll('--', '–')
      .replace(/[{}]/g, '')
  const authors = plain(fields['author']!)
    .split(' and ')
    .map((author) => (author === 'others' ? 'et al.' : author))
    .join('; ')
    .replace('; et al.', ' et al.')
  const place = fields['journal'] ?? fields['booktitle'] ?? fields['howpublished'] ?? ''
  const { volume, number, pages, year, doi, note } = fields
  const issue = number === undefined ? '' : `(${number})`
  const where = [
    volume === undefined ? '' : ` ${volume}${issue}`,
    pages === undefined ? '' : `${volume === undefined ? ' ' : ':'}${plain(pages)}`,
  ].join('')
  return markup`${authors} (${year}). ${plain(fields['title']!)}. <cite>${plain(place)}</cite>${where}.${doi === undefined ? undefined : ` doi:${doi}.`}${note === undefined ? undefined : ` ${note}.`}`
}

/** The page of a batch: one row for each model of each sample, with a link to the sample's own page. */
import { count, duration, fixed, shortenRuns, significance } from '../base/format.ts'
import { toolVersion } from '../base/toolVersion.ts'
import type { Matrix } from '../sequence/matrix.ts'
import { readClientScript } from './clientScript.ts'
import { markup, trusted, type Markup } from './markup.ts'
import { style } from './style.ts'
import { letterOutlines, logo } from './svg/logo.ts'
import { table } from './table.ts'

/** What a model of a sample has come to. */
export interface BatchRow {
  readonly sample: string
  readonly model: string
  /** Of the test split; null where it has no labels. */
  readonly auroc: number | null
  readonly explained: number
  readonly sis: number
  readonly motifs: number
  /** The motif of most sites; null where there is none. */
  readonly leading: {
    readonly consensus: string
    readonly nsites: number
    readonly ppm: Matrix // [width][4]
    /** Of the known motif that names it, or null. */
    readonly factor: string | null
    readonly q: number | null
  } | null
  /** Of all stages of the model, however many machines did them. */
  readonly seconds: number
}

export interface BatchPageData {
  readonly title: string
  readonly rows: readonly BatchRow[]
  /** Samples that are not finished, and why. */
  readonly unfinished: readonly { readonly sample: string; readonly why: string }[]
  /** Of a sample's own page, from this one. */
  readonly reportOf: (sample: string) => string
}

const logoWidth = 165
const policy =
  "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

/** @returns the whole file, to be written as UTF-8 */
export function renderBatch({ title, rows, unfinished, reportOf }: BatchPageData): string {
  const samples = [...new Set(rows.map(({ sample }) => sample))]
  return markup`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
        <style>
          ${trusted(style)}
        </style>
      </head>
      <body>
        ${letterOutlines()}
        <header>
          <p class="kicker">Sufficient input subsets</p>
          <h1>${title}</h1>
          <p class="quiet">${count(samples.length)} of ${count(samples.length + unfinished.length)} samples are finished</p>
        </header>
        <nav aria-label="Samples">
          <ol>
            ${samples.map((sample) => markup`<li><a href="${reportOf(sample)}">${sample}</a></li>`)}
          </ol>
        </nav>
        <main>
          ${table({
            caption: 'What each model decides by: its motif of most sites, and the known motif that names it',
            columns: [
              { title: 'Sample', heads: true },
              { title: 'Model' },
              { title: markup`Test<br>auROC`, numeric: true },
              { title: 'Explained', numeric: true, hint: 'Sequences with at least one SIS' },
              { title: 'SIS', numeric: true },
              { title: 'Motifs', numeric: true },
              { title: 'Leading motif' },
              { title: 'Sites', numeric: true },
              { title: 'Known factor' },
              { title: 'q', numeric: true },
              { title: 'Time', numeric: true, hint: 'Of all its jobs together' },
            ],
            rows: rows.map((row) => cellsOf(row, reportOf(row.sample))),
          })}
          ${unfinished.length === 0 ? undefined : unfinishedList(unfinished)}
        </main>
        <footer><p>Made by sis ${toolVersion()}</p></footer>
        <script>
          ${trusted(readClientScript())}
        </script>
      </body>
    </html>`.text
}

function cellsOf(row: BatchRow, report: string): Parameters<typeof table>[0]['rows'][number] {
  const { sample, model, auroc, explained, sis, motifs, leading, seconds } = row
  const number = (value: number, text = count(value)) => ({ content: text, sort: value })
  return [
    { content: markup`<a href="${report}">${sample}</a>`, sort: sample },
    model,
    number(auroc ?? -1, fixed(auroc)),
    number(explained),
    number(sis),
    number(motifs),
    leading === null ? '–' : { content: logoOf(leading), sort: leading.consensus },
    number(leading?.nsites ?? 0),
    leading?.factor ?? '–',
    number(leading?.q ?? 2, leading?.q == null ? '–' : significance(leading.q)),
    number(seconds, duration(seconds)),
  ]
}

function logoOf({ consensus, ppm }: NonNullable<BatchRow['leading']>): Markup {
  const drawn = logo({
    label: consensus,
    lanes: [{ ppm, at: 0 }],
    columnWidth: Math.min(12, logoWidth / ppm.length),
    height: 32,
  })
  return markup`${drawn}<br><code>${shortenRuns(consensus)}</code>`
}

function unfinishedList(unfinished: BatchPageData['unfinished']): Markup {
  return markup`<h2>Not finished</h2>
    <ul>
      ${unfinished.map(({ sample, why }) => markup`<li><b>${sample}</b>: ${why}</li>`)}
    </ul>`
}

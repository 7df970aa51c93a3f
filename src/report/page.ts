/** The page of a run: one HTML text with style, drawings and script inside, that needs neither network nor script. */
import { count, moment } from '../base/format.ts'
import { readClientScript } from './clientScript.ts'
import type { ExplorerData } from './columns/loadExplorer.ts'
import { explorerColumns, explorerSection } from './explorerSection.ts'
import { markup, trusted } from './markup.ts'
import { motifTexts } from './motifTexts.ts'
import type { ReportData } from './reportData.ts'
import { comparisonSection } from './sections/comparison.ts'
import { evaluationSection } from './sections/evaluation.ts'
import { examplesSection } from './sections/examples.ts'
import { logicSection } from './sections/logic.ts'
import { modelsSection } from './sections/models.ts'
import { motifsSection } from './sections/motifs.ts'
import { methodsSection } from './sections/methods.ts'
import { provenanceSection } from './sections/provenance.ts'
import { reachSection } from './sections/reach.ts'
import { subsetsSection } from './sections/subsets.ts'
import { summarySection } from './sections/summary.ts'
import { truthSection } from './sections/truth.ts'
import { style } from './style.ts'
import { explorerStyle } from './style/explorer.ts'
import { letterOutlines } from './svg/logo.ts'

/** The browser itself refuses whatever would leave the page; pictures are those that the script draws to save them. */
const policy =
  "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src blob:; base-uri 'none'; form-action 'none'"

/**
 * @param explorer what the page's script draws; undefined where no SIS keeps a base
 * @returns the whole file, to be written as UTF-8
 */
export function renderReport(data: ReportData, explorer?: ExplorerData): string {
  const { run, sequences, models } = data
  const sections = [
    summarySection(data),
    modelsSection(data),
    subsetsSection(data),
    reachSection(data),
    motifsSection(data),
    logicSection(data),
    examplesSection(data),
    ...(explorer === undefined ? [] : [explorerSection(explorer)]),
    comparisonSection(data),
    truthSection(data),
    evaluationSection(data),
    methodsSection(data),
    provenanceSection(data),
  ].filter((section) => section !== undefined)
  const total = sequences.groups.reduce((sum, group) => sum + group.count, 0)
  return markup`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${run.title}</title>
        <style>
          ${trusted(style)}${trusted(explorer === undefined ? '' : explorerStyle)}
        </style>
      </head>
      <body>
        <a class="to-content" href="#summary">Skip to the summary</a>
        ${letterOutlines()}
        <header>
          <p class="kicker">Sufficient input subsets</p>
          <h1>${run.title}</h1>
          <p class="quiet">
            ${count(total)} sequences · ${models.map(({ name }) => name).join(', ')} · ${moment(run.finished)}
          </p>
        </header>
        <nav aria-label="Contents">
          <ol>
            ${sections.map(({ id, title }) => markup`<li><a href="#${id}">${title}</a></li>`)}
          </ol>
        </nav>
        <main>
          ${sections.map(
            ({ id, title, body }) =>
              markup`<section id="${id}" aria-labelledby="${id}-title">
                <h2 id="${id}-title">${title}</h2>
                ${body}
              </section> `,
          )}
        </main>
        <footer><p>Made by sis ${run.versions['sis']}</p></footer>
        ${motifTexts(data)}${explorer === undefined ? undefined : explorerColumns(explorer)}
        <script>
          ${trusted(readClientScript())}
        </script>
      </body>
    </html>`.text
}

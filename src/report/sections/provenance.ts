/** How the run was made, so that it can be repeated, queried and cited. */
import { duration, moment } from '../../base/format.ts'
import { markup } from '../markup.ts'
import { factEntries, nothing, type Section } from '../parts.ts'
import type { ReportData } from '../reportData.ts'
import { table } from '../table.ts'

export function provenanceSection({ run }: ReportData): Section {
  const { stages, inputs } = run
  return {
    id: 'provenance',
    title: 'How it was made',
    body: markup`<dl class="facts">
        <div>
          <dt>Command</dt>
          <dd><code>${run.command}</code></dd>
        </div>
        <div>
          <dt>Seed</dt>
          <dd>${run.seed}</dd>
        </div>
        <div>
          <dt>Finished</dt>
          <dd>${moment(run.finished)}</dd>
        </div>
        ${factEntries(Object.entries(run.backends))}${factEntries(Object.entries(run.versions))}
      </dl>
      ${
        stages.length === 0
          ? nothing('No stage recorded its time.')
          : table({
              caption: `Stages and their time, ${duration(stages.reduce((sum, { seconds }) => sum + seconds, 0))} in all.`,
              sortable: false,
              columns: [
                { title: 'Stage', heads: true },
                { title: 'Time', numeric: true },
              ],
              rows: stages.map(({ name, seconds }) => [name, duration(seconds)]),
            })
      }
      ${
        inputs.length === 0
          ? nothing('The run read no input files.')
          : table({
              caption: 'Input files and their SHA-256.',
              sortable: false,
              columns: [{ title: 'File', heads: true }, { title: 'SHA-256' }],
              rows: inputs.map(({ file, sha256 }) => [file, markup`<code class="hash">${sha256}</code>`]),
            })
      }
      <details>
        <summary>Resolved config</summary>
        <pre tabindex="0">${run.config}</pre>
      </details>
      <h3>Query the database</h3>
      <p>Everything on this page is read from <code>sis.duckdb</code> in the run directory. For example:</p>
      <pre tabindex="0">
sis query DIR "SELECT m.name, count(*) AS sis, median(size) AS bases FROM sis s JOIN models m USING (model_id) GROUP BY m.name"
sis query DIR --format csv "SELECT * FROM motif_best_matches"</pre>`,
  }
}

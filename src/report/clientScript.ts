/** The script that the page holds: what the build bundled from client/. The page is whole without it. */
import { readFileSync } from 'node:fs'
import { BackendError } from '../base/errors.ts'

/**
 * @returns the script, which nothing in it can end early
 * @throws BackendError where it has not been built
 */
export function readClientScript(): string {
  // Two levels up from this room are the same place for src/ and for dist/.
  const url = new URL('../../dist/report/client.js', import.meta.url)
  try {
    return inScript(readFileSync(url, 'utf8').trim())
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause
    throw new BackendError("the report's script has not been built; run: npm run build", { cause })
  }
}

/**
 * Text for inside of `<script>`, where HTML knows no escapes: what would end the element, or hide its end, is written as
 * JavaScript and JSON write it within strings.
 */
export function inScript(text: string): string {
  return text.replace(/<(?=\/script|script|!--)/gi, '\\u003c')
}

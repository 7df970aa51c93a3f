/** Whether a stream takes colours, how wide it is, and the colours there are. */
import type { Writable } from 'node:stream'
import { styleText } from 'node:util'

/** A stream as far as its look goes; `process.stdout` is one. */
export type Screen = Writable & { readonly isTTY?: boolean; readonly columns?: number }

type Format = Parameters<typeof styleText>[0]
export type Paint = (format: Format, text: string) => string

/** Where nothing tells how wide a terminal is, and where there is none. */
const usualWidth = 100
/** Narrower ones are written for as if they had this many columns. */
const leastWidth = 20

/**
 * FORCE_COLOR decides (`0` or `false`: none), then NO_COLOR (any text but the empty one), then TERM=dumb, then whether it is
 * a terminal: as Node itself has it.
 */
export function takesColours(stream: Screen, environment: NodeJS.ProcessEnv): boolean {
  const forced = environment['FORCE_COLOR']
  if (forced !== undefined) return !['0', 'false'].includes(forced)
  if ((environment['NO_COLOR'] ?? '') !== '' || environment['TERM'] === 'dumb') return false
  return stream.isTTY === true
}

export function paintOf(coloured: boolean): Paint {
  // Decided for the stream that is written to, which need not be this process's own.
  return coloured ? (format, text) => styleText(format, text, { validateStream: false }) : (_, text) => text
}

/** Columns of a stream; COLUMNS says it where the stream is no terminal. */
export function widthOf(stream: Screen, environment: NodeJS.ProcessEnv): number {
  const said = Number(environment['COLUMNS'])
  const width =
    stream.isTTY === true && (stream.columns ?? 0) > 0
      ? stream.columns!
      : Number.isInteger(said) && said > 0
        ? said
        : usualWidth
  return Math.max(leastWidth, width)
}

/** As in logos: A green, C blue, G orange (a terminal's yellow), T red. */
const baseFormats: Readonly<Record<string, Format>> = { A: 'green', C: 'blueBright', G: 'yellow', T: 'red' }

/** Letters of bases in their colours; any other text stays. */
export function paintBases(text: string, paint: Paint): string {
  return text.replace(/A+|C+|G+|T+|a+|c+|g+|t+/g, (run) => paint(baseFormats[run[0]!.toUpperCase()]!, run))
}

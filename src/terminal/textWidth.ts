/** Text by the columns that a terminal gives it: what it takes, cut to fit, filled up, wrapped; and none that a terminal obeys. */
import { stripVTControlCharacters } from 'node:util'

const ellipsis = '…'

/** Terminal columns that a text takes: East Asian wide characters and emoji take two, colours none. */
export function textWidth(text: string): number {
  if (/^[\u0020-\u007e…]*$/.test(text)) return text.length
  let width = 0
  for (const { segment } of graphemes(stripVTControlCharacters(text))) {
    width += wide.test(segment) ? 2 : 1
  }
  return width
}

const wide =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\uff01-\uff60]/u

/** @param text without colours */
export function elide(text: string, width: number): string {
  if (textWidth(text) <= width) return text
  let kept = ''
  for (const { segment } of graphemes(text)) {
    if (textWidth(kept + segment) > width - 1) break
    kept += segment
  }
  return kept + ellipsis
}

/** @param right whether the text stands at the right end */
export function fill(text: string, width: number, right = false): string {
  const padding = ' '.repeat(Math.max(0, width - textWidth(text)))
  return right ? padding + text : text + padding
}

/** What a file holds, as a terminal may show it: no control character, no escape sequence, nothing that turns the line around. */
export function harmless(text: string): string {
  return text.replace(obeyed, ' ')
}

// C0, DEL and C1; marks of direction; line and paragraph separators.
const obeyed =
  // eslint-disable-next-line no-control-regex -- a terminal must not obey what a name holds
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

/** @returns lines of at most `width` columns, broken at spaces where there are any; the first keeps its own indent, the others have `indent` */
export function wrap(text: string, width: number, indent = ''): string[] {
  const lines: string[] = []
  let line = /^ */.exec(text)![0]
  for (const word of text.trim().split(/ +/)) {
    for (const piece of pieces(word, Math.max(1, width - textWidth(indent)))) {
      if (line.trim() !== '' && textWidth(line) + 1 + textWidth(piece) > width) {
        lines.push(line)
        line = indent + piece
      } else line += line.trim() === '' ? piece : ` ${piece}`
    }
  }
  return [...lines, line]
}

/** A word that is longer than a line, cut. */
function pieces(word: string, width: number): string[] {
  const found: string[] = []
  let piece = ''
  for (const { segment } of graphemes(word)) {
    if (piece !== '' && textWidth(piece + segment) > width) {
      found.push(piece)
      piece = ''
    }
    piece += segment
  }
  return [...found, piece]
}

function graphemes(text: string): Iterable<{ segment: string }> {
  return new Intl.Segmenter().segment(text)
}

/** Numbers as people read them, on the page and in the log. One that is not finite is an en dash: it was not measured. */

const dash = '–'
const noBreakSpace = '\u00a0'

/** 19544 → 19,544 */
export function count(value: number): string {
  return Number.isFinite(value) ? Math.round(value).toLocaleString('en-US') : dash
}

/** A number with its noun: 1 → "1 sequence", 2000 → "2,000 sequences". */
export function counted(value: number, noun: string, plural = `${noun}s`): string {
  return `${count(value)} ${value === 1 ? noun : plural}`
}

/** A share of a whole as per cent, e.g. 82 %. Never "0 %" or "100 %" of something that is not none or all. */
export function percent(part: number, whole: number): string {
  if (!(whole > 0)) return dash
  const value = (100 * part) / whole
  let text: string
  if (part > 0 && value < 0.1) text = '< 0.1'
  else if (part < whole && value > 99.9) text = '> 99.9'
  else if (value < 10 || (value > 99 && value < 100)) text = value.toFixed(1).replace(/\.0$/, '')
  else text = value.toFixed(0)
  return `${text.replace(' ', noBreakSpace)}${noBreakSpace}%`
}

/** Fixed decimals with a true minus sign, e.g. a score or an auROC. */
export function fixed(value: number | null, digits = 3): string {
  if (value === null || !Number.isFinite(value)) return dash
  return minus(value.toFixed(digits).replace(/^-(0\.?0*)$/, '$1'))
}

/**
 * A score of unknown scale: four significant digits, in scientific notation when tiny or huge; just below 1, where those would be
 * "1.0000", as many as tell a probability from 1, e.g. 0.999957.
 */
export function score(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return dash
  if (value === 0) return '0'
  const size = Math.abs(value)
  if (size < 1e-4 || size >= 1e6) return minus(value.toExponential(2))
  if (size > 0.99995 && size < 1)
    return minus(value.toFixed(Math.min(8, 1 - Math.floor(Math.log10(1 - size)))))
  return minus(size >= 1000 ? value.toFixed(1) : value.toFixed(Math.max(0, 3 - Math.floor(Math.log10(size)))))
}

/** The shortest decimal number that is the same float32: 0.1 where a REAL holds 0.10000000149011612. */
export function shortestReal(value: number): number {
  if (!Number.isFinite(value)) return value
  for (let digits = 6; digits < 9; digits++) {
    const shorter = Number(value.toPrecision(digits))
    if (Math.fround(shorter) === value) return shorter
  }
  return Number(value.toPrecision(9))
}

/** A p-, E- or q-value: 3.1e-9, 0.012, 0.31. */
export function significance(value: number): string {
  if (!Number.isFinite(value)) return dash
  if (value === 0) return '0'
  if (value < 0.001 || value >= 1e4) return minus(value.toExponential(1))
  return String(Number(value.toPrecision(2)))
}

/** 4.2 → "4.2 s", 312 → "5 min 12 s". */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return dash
  if (seconds < 59.5) return `${seconds < 10 ? seconds.toFixed(1) : seconds.toFixed(0)}${noBreakSpace}s`
  const whole = Math.round(seconds)
  const hours = Math.floor(whole / 3600)
  const minutes = Math.floor((whole % 3600) / 60)
  const parts = hours > 0 ? [`${hours} h`, `${minutes} min`] : [`${minutes} min`, `${whole % 60} s`]
  return parts.join(' ').replace(/ /g, noBreakSpace)
}

/** 2026-07-14T09:30:12.123Z → "14 July 2026, 09:30 UTC"; any other text is shown as it is. */
export function moment(iso: string): string {
  const time = new Date(iso)
  if (Number.isNaN(time.getTime())) return iso
  const day = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' }).format(time)
  return `${day}, ${time.toISOString().slice(11, 16)} UTC`
}

/** Long runs of gaps or any-base letters by their length: CNNNNNNNNT → CN(8)T. */
export function shortenRuns(pattern: string): string {
  return pattern.replace(/([N-])\1{7,}/g, (run, letter: string) => `${letter}(${run.length})`)
}

/** a, b and c */
export function listed(items: readonly string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)!}`
}

function minus(text: string): string {
  return text.startsWith('-') ? `−${text.slice(1)}` : text
}

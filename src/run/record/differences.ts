/** What differs between two settings, for people. */

/** @returns e.g. `epochs: 20 → 3` for each value that differs, by its dotted key; `none` where there is no value */
export function differences(before: unknown, after: unknown, key = ''): string[] {
  if (isObject(before) && isObject(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])]
    return keys.flatMap((name) =>
      differences(before[name], after[name], key === '' ? name : `${key}.${name}`),
    )
  }
  const [was, is] = [textOf(before), textOf(after)]
  if (was === is) return []
  return [`${key === '' ? 'settings' : key}: ${short(was)} → ${short(is)}`]
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function textOf(value: unknown): string {
  return value === undefined ? 'none' : typeof value === 'string' ? value : JSON.stringify(value)
}

function short(text: string): string {
  return text.length > 60 ? `${text.slice(0, 59)}…` : text
}

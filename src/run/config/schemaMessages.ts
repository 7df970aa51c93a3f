/** What a schema holds against a value, in words for those who typed it. */
import type { z } from 'zod'

type RawIssue = z.core.$ZodRawIssue

const nouns: Readonly<Record<string, string>> = {
  number: 'a number',
  int: 'a whole number',
  string: 'text',
  boolean: 'true or false',
  array: 'a list',
  object: 'keys and values',
}

/** The `error` of a parse: what should stand there and what does; undefined leaves the library's own words. */
export function schemaMessage(issue: RawIssue): string | undefined {
  if (issue.code === 'invalid_type') {
    if (issue.input === undefined) return 'is missing'
    return `must be ${nouns[issue.expected] ?? issue.expected}, not ${shown(issue.input)}`
  }
  if (issue.code === 'invalid_value') {
    const values = issue.values.map(String)
    const choices = values.length === 1 ? values[0]! : `one of ${values.join(', ')}`
    return `must be ${choices}, not ${shown(issue.input)}`
  }
  if (issue.code === 'too_small') {
    return limited(issue, Number(issue.minimum), issue.inclusive === false ? 'above' : 'at least')
  }
  if (issue.code === 'too_big') {
    return limited(issue, Number(issue.maximum), issue.inclusive === false ? 'below' : 'at most')
  }
  return issue.code === 'invalid_union' ? `cannot be ${shown(issue.input)}` : undefined
}

function limited(
  issue: Extract<RawIssue, { code: 'too_small' | 'too_big' }>,
  limit: number,
  relation: string,
): string {
  if (issue.origin !== 'array') return `must be ${relation} ${limit}, not ${shown(issue.input)}`
  const count = `${limit} ${limit === 1 ? 'value' : 'values'}`
  const given = (issue.input as readonly unknown[]).length
  return issue.exact === true ? `needs ${count}, has ${given}` : `needs ${relation} ${count}, has ${given}`
}

function shown(value: unknown): string {
  if (Number.isNaN(value)) return 'NaN'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object' && value !== null) return 'keys and values'
  return typeof value === 'string' ? `'${value}'` : String(value)
}

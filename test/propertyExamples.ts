/** How many examples a costly property is tried on: twice as many where they are drawn anew (properties.slow.test.ts). */
export function costlyExamples(count: number): number {
  return process.env['SIS_PROPERTY_SEED'] === undefined ? count : 2 * count
}

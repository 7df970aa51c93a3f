/** A grammar for small runs: as many positives, with a RUNX1 site, as negatives. */
export function runx1Grammar(length: number, count: number): string {
  return `
length: ${length}
labels: [bound]
motifs:
  RUNX1: { consensus: TGTGGTTT }
classes:
  - name: positive
    count: ${count}
    labels: [1]
    elements: [{ motif: RUNX1 }]
  - name: negative
    count: ${count}
    labels: [0]
`
}

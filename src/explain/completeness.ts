/** Whether importances add up to what the sequence gains over its baseline. */

/**
 * @param gained f(x) − f(baseline)
 * @returns by how much they do not, as a share of it; undefined where nothing was gained
 */
export function incompletenessOf(importance: Float32Array, gained: number): number | undefined {
  const sum = importance.reduce((total, value) => total + value, 0)
  return gained === 0 ? undefined : Math.abs(sum - gained) / Math.abs(gained)
}

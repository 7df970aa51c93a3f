/** The names of a model's scores: the user's, else the file's, else numbers. */
import { ConfigError } from '../../base/errors.ts'

/**
 * @param tensor the output's name, for the error
 * @param count numbers that the output has; undefined where the file does not tell
 * @param given the user's
 * @param own the file's, which count where there are as many
 * @returns none where neither the user nor the file tells how many there are
 * @throws ConfigError where the user names more or fewer
 */
export function outputNames(
  tensor: string,
  count: number | undefined,
  given: readonly string[] | undefined,
  own?: readonly string[],
): readonly string[] {
  if (given !== undefined && count !== undefined && given.length !== count) {
    const names = given.length === 1 ? '1 name' : `${given.length} names`
    const numbers = count === 1 ? '1 number' : `${count} numbers`
    throw new ConfigError(`output-names gives ${names}, but the output '${tensor}' holds ${numbers}`)
  }
  return given ?? (own?.length === count ? own : undefined) ?? defaultOutputNames(count ?? 0)
}

/** `output`, or `output 0`, `output 1`, … */
export function defaultOutputNames(count: number): string[] {
  return count === 1 ? ['output'] : Array.from({ length: count }, (_, i) => `output ${i}`)
}

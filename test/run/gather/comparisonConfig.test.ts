/** What compared runs are called: as their directories, and always apart. */
import { expect, it } from 'vitest'
import { namesOf } from '../../../src/run/gather/comparisonConfig.ts'

it.each([
  [
    ['/x/a', '/x/b'],
    ['a', 'b'],
  ],
  [
    ['/x/run', '/y/run'],
    ['x-run', 'y-run'],
  ],
  [
    ['/x/run', '/y/run', '/z/other'],
    ['x-run', 'y-run', 'other'],
  ],
  [
    ['/p/x/run', '/q/x/run', '/q/y/run'],
    ['p-x-run', 'q-x-run', 'y-run'],
  ],
  [
    ['/x/run', '/run'],
    ['x-run', 'run'],
  ],
  [
    ['/x/.my run (2)', '/x/βeta'],
    ['my-run-2-', 'eta'],
  ],
  [
    ['/x/a b', '/x/a+b'],
    ['x-a-b-1', 'x-a-b-2'],
  ],
  [
    ['/', '/x/a'],
    ['run', 'a'],
  ],
])('%j', (paths, names) => {
  expect(namesOf(paths)).toEqual(names)
})

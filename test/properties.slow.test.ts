/** Every property test once more, with examples that no run before has drawn. */
import { spawnSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')

const files = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.ts') && !file.endsWith('.slow.test.ts'))
  .filter((file) => /from 'fast-check'/.test(readFileSync(join(import.meta.dirname, file), 'utf8')))
  .map((file) => `test/${file}`)

it('properties hold for new examples', () => {
  expect(files.length).toBeGreaterThan(20)
  const seed = randomInt(2 ** 31)
  const again = `SIS_PROPERTY_SEED=${seed} npx vitest run --project fast`
  process.stdout.write(`properties with ${again}\n`)
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    // Time is no property: examples drawn anew can be larger.
    ['node_modules/vitest/vitest.mjs', 'run', '--project', 'fast', '--testTimeout', '300000', ...files],
    { cwd: root, encoding: 'utf8', env: { ...process.env, SIS_PROPERTY_SEED: String(seed), NO_COLOR: '1' } },
  )
  const failures = stdout.slice(stdout.indexOf('Failed Tests'))
  expect(status, `${again}\n${failures}\n${stderr}`.slice(0, 20_000)).toBe(0)
})

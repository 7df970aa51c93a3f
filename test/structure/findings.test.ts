/** Every finding is in the list, and every entry of the list is there. */
import { readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, it } from 'vitest'

const folder = resolve(import.meta.dirname, '../../findings')

it('findings/README.md names each script once, in order', () => {
  const scripts = readdirSync(folder).filter((name) => name.endsWith('.sh'))
  const listed = [...readFileSync(`${folder}/README.md`, 'utf8').matchAll(/^\| \[([\w-]+)\]\(([\w.-]+)\)/gm)]
  expect(listed.map(([, , file]) => file)).toEqual(scripts.sort())
  for (const [, name, file] of listed) expect(`${name!}.sh`).toBe(file)
})

/** The page's script is there, is a program, and nothing in it or in data can end its element. */
import { Script } from 'node:vm'
import { expect, it } from 'vitest'
import { inScript, readClientScript } from '../../src/report/clientScript.ts'

it('the script is one that runs, and small', () => {
  const script = readClientScript()
  expect(() => new Script(script)).not.toThrow()
  expect(script).not.toMatch(/<\/script|<!--|<script/i)
  expect(script.length).toBeLessThan(100_000)
})

it.each(['</script>', '</SCRIPT >', '<script', '<!--', 'a < b </ScRiPt><img onerror=alert(1)>'])(
  'JSON of %j cannot end the element, and reads as before',
  (text) => {
    const written = inScript(JSON.stringify({ text }))
    expect(written).not.toMatch(/<\/script|<!--|<script/i)
    expect(JSON.parse(written)).toEqual({ text })
  },
)

/**
 * The package as somebody else has it: packed, installed into an empty folder, its README's program and `npx sis demo` run there,
 * its declarations held by a strict TypeScript program, and node_modules pruned as in the container.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { temporaryDirectory } from './runSis.ts'

const root = resolve(import.meta.dirname, '../..')
const folder = temporaryDirectory()

/** @returns what it printed; fails with that where the command fails */
function run(command: string, args: readonly string[], cwd = folder): string {
  // npm must not take the settings of the one that runs the tests.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('npm_')))
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, env, encoding: 'utf8' })
  expect(status, `${command} ${args.join(' ')}\n${stdout}\n${stderr}`).toBe(0)
  return stdout
}

const program = /^```mjs\n([^]*?)^```$/m.exec(readFileSync(join(root, 'README.md'), 'utf8'))![1]!
const motifsHash = () =>
  createHash('sha256')
    .update(readFileSync(join(folder, 'sis-demo/motifs.meme')))
    .digest('hex')
const megabytes = () => Number(/^\d+/.exec(run('du', ['-sm', 'node_modules']))![0])

beforeAll(() => {
  const packed = JSON.parse(
    run('npm', ['pack', '--json', '--silent', '--pack-destination', folder], root).replace(/^[^[]*/, ''),
  ) as { filename: string }[]
  // What docs/install.md says of scripts.
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ private: true, type: 'module', allowScripts: { 'onnxruntime-node': false } }),
  )
  process.env['ONNXRUNTIME_NODE_INSTALL'] = 'skip' // for an npm that knows nothing of allowScripts
  run('npm', ['install', '--omit=dev', '--no-audit', '--no-fund', `./${packed[0]!.filename}`])
  run('npx', ['sis', 'demo'])
})

it('holds what it needs and nothing besides: kernels, the script of the page, no sources, no maps', () => {
  const installed = join(folder, 'node_modules/sis')
  for (const kernel of ['scanner', 'dense', 'differences', 'scanTraining', 'tomtom']) {
    expect(existsSync(join(installed, `dist/kernels/${kernel}.wasm`)), kernel).toBe(true)
  }
  expect(existsSync(join(installed, 'dist/report/client.js'))).toBe(true)
  expect(existsSync(join(installed, 'src'))).toBe(false)
  expect(run('find', [join(installed, 'dist'), '-name', '*.map'])).toBe('')
})

it("the README's program runs as it stands and prints what the README says", () => {
  writeFileSync(join(folder, 'program.mjs'), program)
  const lines = run('node', ['program.mjs']).trim().split('\n')
  const said = [...readFileSync(join(root, 'README.md'), 'utf8').matchAll(/`(\S+ \d+ named \S+)`/g)]
  expect(said).toHaveLength(2)
  expect(lines).toEqual(said.map(([, line]) => line))
})

it('a module that is not the entry is not to be had', () => {
  writeFileSync(join(folder, 'inside.mjs'), "await import('sis/dist/sis/extract.js')\n")
  const { status, stderr } = spawnSync('node', ['inside.mjs'], { cwd: folder, encoding: 'utf8' })
  expect(status).not.toBe(0)
  expect(stderr).toContain('ERR_PACKAGE_PATH_NOT_EXPORTED')
})

it('its declarations satisfy a strict program, and hold it to the types', () => {
  writeFileSync(join(folder, 'use.ts'), readFileSync(join(import.meta.dirname, 'libraryUse.ts.txt'), 'utf8'))
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: {
        target: 'es2023',
        module: 'nodenext',
        strict: true,
        exactOptionalPropertyTypes: true,
        noUncheckedIndexedAccess: true,
        noEmit: true,
        types: ['node'],
        typeRoots: [join(root, 'node_modules/@types')],
      },
      files: ['use.ts'],
    }),
  )
  run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '--project', folder])
})

it('pruned, it is small and gives the same motifs', () => {
  const before = motifsHash()
  const whole = megabytes()
  run('node', ['node_modules/sis/install/prune.js'])
  expect(whole).toBeLessThan(560)
  expect(megabytes()).toBeLessThan(230)
  run('npx', ['sis', 'demo', 'pruned'])
  const after = createHash('sha256')
    .update(readFileSync(join(folder, 'pruned/motifs.meme')))
    .digest('hex')
  expect(after).toBe(before)
  run('node', ['program.mjs'])
})

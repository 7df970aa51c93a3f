/** A process that works, however deaf it is, ends with the one that watches it; signals told twice are one wish. */
import { spawn } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { performance } from 'node:perf_hooks'
import { setTimeout } from 'node:timers/promises'
import ts from 'typescript'
import { afterAll, describe, expect, it } from 'vitest'

const directory = mkdtempSync(join(tmpdir(), 'sis-supervise-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

/** Compiled here: a process that compiles what it imports is slow to start. */
function compile(...files: string[]): void {
  for (const file of files) {
    const text = readFileSync(resolve(import.meta.dirname, '../../src', `${file}.ts`), 'utf8')
    const { outputText } = ts.transpileModule(text, {
      compilerOptions: {
        module: ts.ModuleKind.ESNext,
        target: ts.ScriptTarget.ES2023,
        rewriteRelativeImportExtensions: true,
      },
    })
    mkdirSync(dirname(join(directory, file)), { recursive: true })
    writeFileSync(join(directory, `${file}.js`), outputText)
  }
}

const watcher = join(directory, 'watcher.js')
writeFileSync(join(directory, 'package.json'), '{ "type": "module" }')
compile('base/errors', 'cli/lastWords', 'cli/supervise')
copyFileSync(
  resolve(import.meta.dirname, '../../src/cli/orphanWatch.js'),
  join(directory, 'cli/orphanWatch.js'),
)
writeFileSync(
  watcher,
  `import { supervise } from './cli/supervise.js'
   process.exitCode = await supervise(process.argv[2], process.argv.slice(3))`,
)

interface Watched {
  /** Of the process that works, as it told. */
  readonly worker: number
  readonly signal: (name: NodeJS.Signals) => void
  /** How it ended; milliseconds since the first signal. */
  readonly end: Promise<{ code: number | null; output: string; milliseconds: number }>
}

/** @param work what the working process does, after it has told that it runs */
async function watch(work: string, ...args: string[]): Promise<Watched> {
  const script = join(directory, `${Math.random()}.mjs`)
  writeFileSync(script, `process.stdout.write(process.pid + ' runs\\n')\n${work}`)
  const child = spawn(process.execPath, [watcher, script, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  let first: number | undefined
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text))
  }
  const end = new Promise<Awaited<Watched['end']>>((done) => {
    child.on('close', (code) => done({ code, output, milliseconds: performance.now() - first! }))
  })
  while (!output.includes(' runs\n')) {
    if (child.exitCode !== null) throw new Error(output)
    await setTimeout(5)
  }
  return {
    worker: Number(output.split(' ', 1)[0]),
    signal: (name) => {
      first ??= performance.now()
      child.kill(name)
    },
    end,
  }
}

function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

const deaf = 'for (;;);'
const saving = `process.on('message', (message) => {
  if (message === 'stop') setTimeout(() => process.stdout.write('saved\\n', () => process.exit(130)), 300)
})`
/** More than these tests need, and less than a grace that never ends. */
const soon = 5000

describe.concurrent('the process that watches', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    'ends a deaf one for %s, and says what became of it',
    async (name) => {
      const { worker, signal, end } = await watch(deaf)
      signal(name)
      const { code, output, milliseconds } = await end
      expect(code).toBe(130)
      expect(output).toMatch(/^\d+ runs\nsis: interrupted; what was finished is kept, .*\n$/)
      expect(milliseconds).toBeLessThan(soon)
      expect(lives(worker)).toBe(false)
    },
  )

  it('says so as JSON where messages are JSON', async () => {
    const { signal, end } = await watch(deaf, '--log-format', 'json')
    signal('SIGTERM')
    const line = (await end).output.split('\n')[1]!
    expect(JSON.parse(line)).toMatchObject({
      level: 'error',
      message: expect.stringMatching(/^interrupted/) as string,
    })
  })

  it('gives one that hears the time to save', async () => {
    const { signal, end } = await watch(saving)
    signal('SIGINT')
    signal('SIGTERM') // at once: the same wish
    expect(await end).toMatchObject({
      code: 130,
      output: expect.stringMatching(/ runs\nsaved\nsis: interrupted; .*\n$/) as string,
    })
  })

  it('ends it at once when asked again', async () => {
    const { signal, end } = await watch(saving.replace('300', '60_000'))
    signal('SIGINT')
    await setTimeout(300)
    signal('SIGINT')
    const { code, milliseconds } = await end
    expect(code).toBe(130)
    expect(milliseconds).toBeLessThan(soon)
  })

  it('passes its exit code on', async () => {
    const { end } = await watch('process.exitCode = 3')
    expect(await end).toMatchObject({ code: 3 })
  })

  it('passes it on where a signal comes when the work is done', async () => {
    const late = join(directory, 'late.js')
    writeFileSync(
      late,
      `import { supervise } from './cli/supervise.js'
       process.exitCode = await supervise(process.argv[2], [])
       process.kill(process.pid, 'SIGINT')
       await new Promise((heard) => setTimeout(heard, 100))`,
    )
    const script = join(directory, 'done.mjs')
    writeFileSync(script, 'process.exitCode = 3')
    const child = spawn(process.execPath, [late, script], { stdio: 'ignore' })
    const code = await new Promise((done) => child.on('close', done))
    expect(code).toBe(3)
  })

  it('tells when it was ended by somebody else', async () => {
    const { worker, end } = await watch(deaf)
    process.kill(worker, 'SIGKILL')
    const { code, output } = await end
    expect(code).toBe(4)
    expect(output).toContain(
      'sis: the process that worked was ended by SIGKILL; unless somebody did that, memory was short',
    )
  })

  it('is not outlived by one that is deaf, even if it was killed before that one looked', async () => {
    const { worker, signal, end } = await watch(`import { Worker } from 'node:worker_threads'
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400)
      const parent = Number(process.env.SIS_WATCHED_BY)
      new Worker(new URL('./cli/orphanWatch.js', import.meta.url), { workerData: { parent, milliseconds: 50 } })
      ${deaf}`)
    signal('SIGKILL')
    await end
    const start = performance.now()
    while (lives(worker) && performance.now() - start < soon) await setTimeout(20)
    expect(lives(worker)).toBe(false)
  })
})

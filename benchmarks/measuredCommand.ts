/** Runs a command of `sis`, as built, in a process of its own, and tells how long it took and what memory it had. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'

const root = resolve(import.meta.dirname, '..')

/** Tells the parent, through file descriptor 3, what memory the child had at its peak (KiB). */
const tellPeak = `data:text/javascript,${encodeURIComponent(
  "import { writeSync } from 'node:fs'; process.on('exit', () => writeSync(3, String(process.resourceUsage().maxRSS)))",
)}`

export interface CommandMeasure {
  readonly seconds: number
  /** Largest resident memory. */
  readonly peakBytes: number
  readonly stdout: string
}

/** @throws Error where the command does not end well; what it says goes to stderr */
export async function measureCommand(args: readonly string[]): Promise<CommandMeasure> {
  const begin = performance.now()
  const child = spawn(
    process.execPath,
    ['--import', tellPeak, join(root, 'bin/sis.js'), ...args, '--quiet'],
    {
      stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
    },
  )
  const exit = once(child, 'exit') as Promise<[number | null]>
  const [stdout, peak, [code]] = await Promise.all([
    text(child.stdout!),
    text(child.stdio[3] as Readable),
    exit,
  ])
  const seconds = (performance.now() - begin) / 1000
  if (code !== 0) throw new Error(`sis ${args.join(' ')} ended with ${String(code)}`)
  return { seconds, peakBytes: Number(peak) * 1024, stdout }
}

/** A note where the sources were changed after the last build, so that figures are not taken for theirs. */
export function staleBuild(): string | undefined {
  const built = statSync(join(root, 'dist/cli/process.js')).mtimeMs
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  const newest = Math.max(...sources.map((file) => statSync(join(root, 'src', file)).mtimeMs))
  return newest > built ? 'The build is older than the sources (npm run build).' : undefined
}

/**
 * Messages and progress on stderr: a bar that redraws on a terminal, a line now and then elsewhere, or one JSON object a
 * line with `--log-format json`.
 */
import type { Writable } from 'node:stream'
import type { ProgressTask, Reporter } from '../base/reporter.ts'
import { takesColours } from '../terminal/palette.ts'

export type LogFormat = 'text' | 'json'

export interface TerminalReporterOptions {
  readonly format: LogFormat
  readonly stream: Writable & { readonly isTTY?: boolean; readonly columns?: number }
  readonly environment: NodeJS.ProcessEnv
  readonly quiet?: boolean
}

export interface TerminalReporter extends Reporter {
  readonly warnings: readonly string[]
  /** Ends all tasks that something has kept from their end, so that nothing is drawn any more. */
  close(): void
}

const redrawMilliseconds = 100
/** While nothing is finished a bar is redrawn all the same, at least every second, so that it is seen to be alive. */
const idleMilliseconds = 500
/** Between two lines of one task where no bar can be drawn. */
const lineMilliseconds = 15_000
const barWidth = 24
const shortestBar = 8

export function createTerminalReporter(options: TerminalReporterOptions): TerminalReporter {
  const { format, stream, environment, quiet = false } = options
  const terminal = format === 'text' && stream.isTTY === true
  const coloured = format === 'text' && takesColours(stream, environment)
  const paint = (code: number, text: string): string => (coloured ? `\u001b[${code}m${text}\u001b[0m` : text)
  const warnings: string[] = []
  const underWay = new Set<NodeJS.Timeout>()
  let bar = ''

  const clear = (): void => {
    if (bar !== '') stream.write('\r\u001b[K')
  }
  const line = (level: 'info' | 'warning' | 'progress', message: string, fields: object = {}): void => {
    if (format === 'json') {
      stream.write(`${JSON.stringify({ time: new Date().toISOString(), level, message, ...fields })}\n`)
      return
    }
    clear()
    stream.write(`${level === 'warning' ? paint(33, 'warning: ') : ''}${message}\n`)
    stream.write(bar)
  }

  const task = (label: string, total?: number, before = 0): ProgressTask => {
    const began = performance.now()
    let drawn = began
    let done = before
    let note: string | undefined
    let updated = false
    const draw = (now: number): void => {
      drawn = now
      const seconds = (now - began) / 1000
      const rate = seconds > 0 ? (done - before) / seconds : 0
      const left = total !== undefined && rate > 0 ? (total - done) / rate : undefined
      const count = done > 0 ? formatCount(done) : undefined
      const figures = [
        total === undefined ? count : `${formatCount(done)}/${formatCount(total)}`,
        rate > 0 ? `${formatRate(rate)}/s` : formatDuration(seconds),
        left === undefined ? undefined : `${formatDuration(left)} left`,
        note,
      ].filter((figure) => figure !== undefined)
      if (format === 'json') {
        line('progress', label, { done, total, rate: Number(rate.toPrecision(3)), secondsLeft: left, note })
      } else if (terminal) {
        clear()
        const room = (stream.columns ?? 100) - 1
        const text = ` ${figures.join(' · ')}`
        // A bar that wraps could not be redrawn in place.
        const width = Math.min(barWidth, room - label.length - text.length - 1)
        if (total === undefined || width < shortestBar) bar = `${label}${text}`.slice(0, room)
        else {
          const filled = Math.round((width * Math.min(done, total)) / Math.max(total, 1))
          bar = `${label} ${paint(36, '━'.repeat(filled))}${paint(90, '─'.repeat(width - filled))}${text}`
        }
        stream.write(bar)
      } else {
        line('progress', `${label}: ${figures.join(', ')}`)
      }
    }
    const drawAfter = (milliseconds: number): void => {
      const now = performance.now()
      if (!quiet && now - drawn >= milliseconds) draw(now)
    }
    const timer = setInterval(() => {
      drawAfter(terminal ? idleMilliseconds : lineMilliseconds)
    }, idleMilliseconds).unref()
    underWay.add(timer)
    return {
      update(now, what) {
        updated = true
        done = now
        note = what
        drawAfter(terminal ? redrawMilliseconds : lineMilliseconds)
      },
      end(last) {
        clearInterval(timer)
        underWay.delete(timer)
        clear()
        bar = ''
        if (quiet) return
        const seconds = (performance.now() - began) / 1000
        const what = updated ? done : (total ?? 0)
        const figures = [what > 0 ? formatCount(what) : undefined, formatDuration(seconds), last]
        line('info', `${label}: ${figures.filter((figure) => figure !== undefined).join(', ')}`, { seconds })
      },
    }
  }

  return {
    warnings,
    info: (message) => {
      if (!quiet) line('info', message)
    },
    warn: (message) => {
      warnings.push(message)
      line('warning', message)
    },
    task,
    close() {
      for (const timer of underWay) clearInterval(timer)
      underWay.clear()
      clear()
      bar = ''
    },
  }
}

export function formatDuration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`
  if (seconds < 60) return `${Math.round(seconds)} s`
  const whole = Math.round(seconds)
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)]
  return hours > 0 ? `${hours} h ${minutes} min` : `${minutes} min ${whole % 60} s`
}

function formatCount(count: number): string {
  return count.toLocaleString('en-US')
}

function formatRate(rate: number): string {
  return rate >= 10 ? formatCount(Math.round(rate)) : rate.toPrecision(2)
}

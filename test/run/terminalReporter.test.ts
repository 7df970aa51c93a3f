/** Messages as text, as a bar, and as JSON lines. */
import { PassThrough } from 'node:stream'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createTerminalReporter, formatDuration } from '../../src/run/terminalReporter.ts'

function reporterOn(options: {
  format?: 'text' | 'json'
  isTTY?: boolean
  environment?: NodeJS.ProcessEnv
  quiet?: boolean
}) {
  let text = ''
  const stream = Object.assign(new PassThrough(), { isTTY: options.isTTY ?? false, columns: 60 })
  stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  const { format = 'text', environment = {}, quiet = false } = options
  let seen = 0
  /** What was written since it was last asked for. */
  const news = (): string => {
    const from = seen
    seen = text.length
    return text.slice(from)
  }
  return {
    reporter: createTerminalReporter({ format, stream, environment, quiet }),
    written: () => text,
    news,
  }
}

afterEach(() => {
  vi.useRealTimers()
})

describe('createTerminalReporter', () => {
  it('writes plain lines where there is no terminal', () => {
    const { reporter, written } = reporterOn({})
    reporter.info('hello')
    reporter.warn('careful')
    const task = reporter.task('work', 10)
    task.update(5)
    task.end('all well')
    expect(written()).toMatch(/^hello\nwarning: careful\nwork: 5, 0\.0 s, all well\n$/)
    expect(reporter.warnings).toEqual(['careful'])
  })

  it('writes one JSON object a line', () => {
    const { reporter, written } = reporterOn({ format: 'json', isTTY: true })
    reporter.warn('careful')
    reporter.task('work', 10).end()
    const lines = written()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(lines).toMatchObject([
      { level: 'warning', message: 'careful' },
      { level: 'info', message: 'work: 10, 0.0 s' },
    ])
  })

  it('draws at least once a second, also while nothing is finished', () => {
    vi.useFakeTimers()
    const { reporter, news } = reporterOn({ isTTY: true, environment: { NO_COLOR: '1' } })
    const drawn = (): string => news().replaceAll('\r\u001b[K', '\n')
    const task = reporter.task('work', 10, 4)
    for (let second = 1; second <= 3; second++) {
      vi.advanceTimersByTime(1000)
      expect(drawn()).toMatch(new RegExp(`work ━+─+ 4/10 · ${second}\\.0 s$`))
    }
    task.update(5, '7 SIS')
    vi.advanceTimersByTime(1000)
    // Of the six that were left one took four seconds.
    expect(drawn()).toContain('5/10 · 0.25/s · 20 s left · 7 SIS')
    task.end()
    drawn()
    vi.advanceTimersByTime(5000)
    expect(drawn()).toBe('')
  })

  it('draws in one line, however long the label', () => {
    vi.useFakeTimers()
    for (const [label, bar] of [
      ['a label', 24],
      ['a label that leaves some room', 16],
      ['a label that leaves no room for a bar at all', 0],
    ] as const) {
      const { reporter, news } = reporterOn({ isTTY: true, environment: { NO_COLOR: '1' } })
      const task = reporter.task(label, 10)
      vi.advanceTimersByTime(500)
      const drawn = news()
      task.end()
      expect(drawn).toMatch(/ 0\/10 · 0\.5/)
      expect(drawn.length).toBeLessThan(60)
      expect(drawn.replace(/[^━─]/g, '')).toHaveLength(bar)
    }
  })

  it('writes a line every 15 s where there is no terminal', () => {
    vi.useFakeTimers()
    const { reporter, news } = reporterOn({})
    const lines = (): string[] => news().split('\n').slice(0, -1)
    reporter.task('work', 10)
    vi.advanceTimersByTime(14_000)
    expect(lines()).toEqual([])
    vi.advanceTimersByTime(1000)
    expect(lines()).toEqual(['work: 0/10, 15 s'])
    vi.advanceTimersByTime(60_000)
    expect(lines()).toHaveLength(4)
    reporter.close()
    vi.advanceTimersByTime(60_000)
    expect(lines()).toEqual([])
  })

  it('honours NO_COLOR and quiet', () => {
    const coloured = reporterOn({ isTTY: true })
    coloured.reporter.warn('careful')
    expect(coloured.written()).toContain('\u001b[33m')
    const plain = reporterOn({ isTTY: true, environment: { NO_COLOR: '1' } })
    plain.reporter.warn('careful')
    expect(plain.written()).toBe('warning: careful\n')
    const quiet = reporterOn({ quiet: true })
    quiet.reporter.info('hello')
    quiet.reporter.task('work').end()
    quiet.reporter.warn('careful')
    expect(quiet.written()).toBe('warning: careful\n')
  })
})

it.each([
  [0.04, '0.0 s'],
  [42.4, '42 s'],
  [125, '2 min 5 s'],
  [7300, '2 h 1 min'],
])('formatDuration(%d) is %s', (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text)
})

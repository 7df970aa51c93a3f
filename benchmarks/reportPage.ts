/**
 * The page in a browser: the demo's, and that of a run with 100,000 SIS (the demo's grammar with 50 times the sequences,
 * explained by the demo's net). Size, time until it can be used, memory; while it is scrolled, filtered and sorted the longest
 * frame and the processor time of the page's thread (on a busy machine only that means something). In Debian's chromium.
 * Goals: 1 MB and 1 s; 12 MB, 2 s and no frame above 100 ms.
 *
 *     npm run build && npx tsx benchmarks/reportPage.ts [directory]      # a directory is kept, and its runs used again
 */
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium, type CDPSession, type Page } from 'playwright-core'
import { stringify } from 'yaml'
import { measureCommand } from './measuredCommand.ts'

/** What the page gathers of itself. */
interface Gathered {
  readyAt: number
  frames: number[]
}

const kept = process.argv[2]
const folder = resolve(kept ?? (await mkdtemp(join(tmpdir(), 'report-page-'))))
const [demo, large] = ['demo', 'large'].map((name) => join(folder, name)) as [string, string]
const data = resolve(import.meta.dirname, '../data')

async function makeRuns(): Promise<void> {
  if (!existsSync(join(demo, 'report.html'))) await measureCommand(['demo', demo])
  if (existsSync(join(large, 'report.html'))) return
  const grammar = join(folder, 'large.grammar.yaml')
  const text = readFileSync(join(data, 'grammars/demo.yaml'), 'utf8')
  writeFileSync(
    grammar,
    text.replace(/count: (\d+)/g, (_, count: string) => `count: ${50 * Number(count)}`),
  )
  const config = join(folder, 'large.yaml')
  writeFileSync(
    config,
    stringify({
      sequences: { sources: [{ simulate: grammar }], 'split-by': 'hash' },
      models: [{ name: 'cnn', artifact: join(demo, 'models/cnn') }],
      extract: { splits: ['train', 'valid', 'test'], 'quantile-split': 'all', quantile: 0.5, 'max-sis': 4 },
      cluster: { 'known-motifs': join(data, 'motifs/consensus.meme') },
      report: { title: '100,000 SIS' },
    }),
  )
  await measureCommand(['run', config, '--out', large])
}

/** @returns the longest frame while `work` is done and a little after, and the processor time that it took, in words */
async function measured(page: Page, devTools: CDPSession, work: () => Promise<unknown>): Promise<string> {
  await page.evaluate('gathered.frames = []')
  const before = await processorTime(devTools)
  await work()
  await page.waitForTimeout(300)
  const frames = await page.evaluate<number[]>('gathered.frames')
  const busy = (await processorTime(devTools)) - before
  return `${Math.max(...frames).toFixed(0)} (${busy.toFixed(0)})`
}

/** Of the page's thread, ms. */
async function processorTime(devTools: CDPSession): Promise<number> {
  const { metrics } = await devTools.send('Performance.getMetrics')
  return 1000 * metrics.find(({ name }) => name === 'TaskDuration')!.value
}

/** Before the page's own script: when it is ready, and how long each frame takes. */
const watch = `
  globalThis.gathered = { readyAt: NaN, frames: [] }
  new MutationObserver((_, observer) => {
    if (document.documentElement?.dataset.explorer !== 'ready') return
    gathered.readyAt = performance.now()
    observer.disconnect()
  }).observe(document, { attributes: true, subtree: true, childList: true })
  let last = performance.now()
  requestAnimationFrame(function frame(now) { gathered.frames.push(now - last); last = now; requestAnimationFrame(frame) })`

/** One turn of the wheel after the other. */
const scroll = `(async () => {
  const scroller = document.querySelector('#sequence-list .list-scroll')
  for (let i = 0; i < 120; i++) {
    scroller.scrollTop += i % 2 === 0 ? 300 : scroller.scrollHeight / 60
    await new Promise((resolve) => requestAnimationFrame(resolve))
  }
})()`

async function measurePage(name: string, run: string): Promise<void> {
  const file = join(run, 'report.html')
  const { seconds } = await measureCommand(['report', run])
  const executablePath = process.env['SIS_CHROMIUM'] ?? '/usr/bin/chromium'
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
    const devTools = await page.context().newCDPSession(page)
    await devTools.send('Performance.enable', { timeDomain: 'threadTicks' })
    await page.addInitScript(watch)
    await page.goto(pathToFileURL(file).href)
    await page.waitForSelector('html[data-explorer=ready]')
    const { readyAt } = await page.evaluate<Gathered>('gathered')
    const loading = await processorTime(devTools)
    await page.locator('#sequence-list').scrollIntoViewIfNeeded()
    const row = '#sequence-list .list-scroll [role=row] >> nth=9'
    const frames: [string, string][] = [
      ['scroll', await measured(page, devTools, () => page.evaluate(scroll))],
      ['details', await measured(page, devTools, () => page.click(row))],
      ['motif', await measured(page, devTools, () => page.selectOption('[name=motif]', { index: 1 }))],
      ['sites', await measured(page, devTools, () => page.click('#tab-sites'))],
      ['clear', await measured(page, devTools, () => page.click('.filters [name=clear]'))],
      ['name', await measured(page, devTools, () => page.fill('[name=name]', '77'))],
      ['clear', await measured(page, devTools, () => page.click('.filters [name=clear]'))],
      ['sort', await measured(page, devTools, () => page.click('[data-key=bases] button'))],
    ]
    const heap = await page.evaluate<number>('performance.memory.usedJSHeapSize')
    console.log(
      `${name}: ${(statSync(file).size / 1e6).toFixed(2)} MB, usable after ${readyAt.toFixed(0)} ms (processor ${loading.toFixed(0)}), heap ${(heap / 2 ** 20).toFixed(0)} MiB; written in ${seconds.toFixed(1)} s`,
    )
    console.log(
      `  longest frame (processor time of all), ms: ${frames.map((pair) => pair.join(' ')).join(', ')}`,
    )
  } finally {
    await browser.close()
  }
}

try {
  await makeRuns()
  await measurePage('demo', demo)
  await measurePage('large', large)
} finally {
  if (kept === undefined) await rm(folder, { recursive: true, force: true })
}

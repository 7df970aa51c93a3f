/** The page in a real browser: opens without a fault, filters, sorts, downloads; by keyboard, in light and dark, on a phone. */
import { readFileSync } from 'node:fs'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadExplorer } from '../../src/report/columns/loadExplorer.ts'
import { loadReportData } from '../../src/report/loadReportData.ts'
import { renderReport } from '../../src/report/page.ts'
import { hostileNames, madeRun, modelNames, threshold, withMadeRun } from '../report/explorerDatabase.ts'
import { sampleReport } from '../report/sampleReport.ts'
import { chromiumPath, launchChromium, openPage, pageAddress } from './browser.ts'
import { poorContrast } from './contrast.ts'

const run = madeRun(400)
const having = (motif: number) => run.sis.filter(({ parts }) => parts.some((part) => part.motif === motif))
const sequencesOf = (sis: typeof run.sis): number => new Set(sis.map(({ sequence }) => sequence)).size
const number = (text: string): number => Number(text.replaceAll(',', ''))

let address: string
let browser: Browser

/** The numbers that the explorer tells: sequences, SIS. */
async function counts(page: Page): Promise<number[]> {
  const text = await page.locator('.counts').innerText()
  return [...text.matchAll(/\d[\d,]*/g)].slice(0, 2).map(([digits]) => number(digits))
}

const names = (page: Page): Promise<string[]> =>
  page.locator('#sequence-list .list-scroll .wide').allInnerTexts()
const rowsInOrder = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll('#sequence-list .list-scroll [role=row]')]
      .sort((a, b) => Number(a.getAttribute('aria-rowindex')) - Number(b.getAttribute('aria-rowindex')))
      .map((row) => row.querySelector('.wide')!.textContent),
  )

describe.skipIf(chromiumPath === undefined)('the page in chromium', () => {
  beforeAll(async () => {
    const page = await withMadeRun(run, async (database) => {
      const data = await loadReportData(database, sampleReport().run, { examples: 3 })
      const curves = [0, 1].map((sequenceId) => ({
        modelId: 0,
        sequenceId,
        positions: Int32Array.from({ length: 40 }, (_, i) => 39 - i),
        scores: Float32Array.from({ length: 40 }, (_, i) => 1 - i / 40),
      }))
      return renderReport(data, await loadExplorer(database, { curves, genome: 'hg38' }))
    })
    address = pageAddress(page)
    browser = await launchChromium()
  })
  afterAll(() => browser.close())

  it('opens without a fault, and tells what the run holds', async () => {
    const { page, faults } = await openPage(browser, address)
    expect(await counts(page)).toEqual([sequencesOf(run.sis), run.sis.length])
    const wrong = run.sis.filter(({ sequence }) => run.sequences[sequence]!.label === 0)
    expect(await page.locator('.counts').innerText()).toContain(
      `${new Set(wrong.map(({ model, sequence }) => `${model} ${sequence}`)).size} false positives`,
    )
    expect(faults).toEqual([])
  })

  it('shows hostile names as text', async () => {
    const { page, faults } = await openPage(browser, address)
    const title = await page.title()
    for (const name of hostileNames) {
      await page.fill('[name=name]', name)
      await expect
        .poll(() => page.evaluate(() => document.querySelector('.list-scroll .wide')?.textContent))
        .toBe(name)
      await page.locator('#sequence-list .list-scroll [role=row]').first().click()
      await expect.poll(() => page.locator('.details h4').textContent()).toBe(name)
    }
    await page.reload()
    await page.waitForSelector('.details h4')
    expect(await page.title()).toBe(title)
    expect(await page.locator('main img, main script, main svg[onload], main u').count()).toBe(0)
    expect(faults).toEqual([])
  })

  it('filters by motif, says so in the address, and opens as it was from there', async () => {
    const { page, faults } = await openPage(browser, address)
    const expected = having(0)
    await page.selectOption('[name=motif]', '0')
    expect(await counts(page)).toEqual([sequencesOf(expected), expected.length])
    await page.selectOption('[name=label]', 'false')
    const wrong = expected.filter(
      ({ sequence, scoreFull }) => run.sequences[sequence]!.label === 0 && scoreFull >= threshold,
    )
    expect(await counts(page)).toEqual([sequencesOf(wrong), wrong.length])
    const other = await openPage(browser, page.url())
    expect(await counts(other.page)).toEqual([sequencesOf(wrong), wrong.length])
    expect(await other.page.inputValue('[name=motif]')).toBe('0')
    await other.page.click('.filters [name=clear]')
    expect(await counts(other.page)).toEqual([sequencesOf(run.sis), run.sis.length])
    expect(other.page.url()).toBe(address)
    expect([...faults, ...other.faults]).toEqual([])
  })

  it('is filtered from its motif cards, by mouse and by keyboard, and says which are', async () => {
    const { page, faults } = await openPage(browser, address)
    const link = page.locator('[data-filter-motif="1"]').first()
    const button = link.locator('xpath=descendant-or-self::*[@role="button" or self::button]').first()
    await button.focus()
    await page.keyboard.press('Enter')
    const expected = having(1)
    expect(await counts(page)).toEqual([sequencesOf(expected), expected.length])
    expect(await button.getAttribute('aria-pressed')).toBe('true')
    await button.click()
    expect(await counts(page)).toEqual([sequencesOf(run.sis), run.sis.length])
    expect(await button.getAttribute('aria-pressed')).toBe('false')
    expect(faults).toEqual([])
  })

  it('opens the closed part of the page that a link leads to', async () => {
    const { page, faults } = await openPage(browser, address)
    const id = await page.evaluate(() => {
      const card = document.querySelector('main .card[id], main .cards [id]')!
      const closed = document.createElement('details')
      card.replaceWith(closed)
      closed.append(card)
      return card.id
    })
    expect(await page.locator(`[id="${id}"]`).isVisible()).toBe(false)
    await page.locator(`a[href="#${id}"]`).first().click()
    await expect.poll(() => page.locator(`[id="${id}"]`).isVisible()).toBe(true)
    expect(faults).toEqual([])
  })

  it('sorts by each heading, both ways, and scrolls to the end', async () => {
    const { page, faults } = await openPage(browser, address)
    await page.selectOption('[name=model]', '0')
    const own = [...new Set(run.sis.filter(({ model }) => model === 0).map(({ sequence }) => sequence))].map(
      (id) => run.sequences[id]!.name,
    )
    const sorted = own.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    await page.click('[data-key=name] button')
    expect((await rowsInOrder(page))[0]).toBe(sorted[0])
    expect(await page.getAttribute('[data-key=name]', 'aria-sort')).toBe('ascending')
    await page.locator('#sequence-list').focus()
    await page.keyboard.press('End')
    await expect.poll(async () => (await rowsInOrder(page)).at(-1)).toBe(sorted.at(-1))
    await page.click('[data-key=name] button')
    expect((await rowsInOrder(page))[0]).toBe(sorted.at(-1))
    expect(faults).toEqual([])
  })

  it('is used by keyboard alone: list, details, and back', async () => {
    const { page, faults } = await openPage(browser, address)
    await page.locator('[name=name]').focus()
    const focused = (): Promise<string | null> => page.evaluate(() => document.activeElement!.id)
    for (let i = 0; i < 60 && (await focused()) !== 'sequence-list'; i++) await page.keyboard.press('Tab')
    expect(await focused()).toBe('sequence-list')
    for (const key of ['ArrowDown', 'ArrowDown', 'PageDown', 'ArrowUp', 'Home', 'ArrowDown'])
      await page.keyboard.press(key)
    const active = await page.getAttribute('#sequence-list', 'aria-activedescendant')
    expect(active).toBe('sequence-list-1')
    expect(await page.getAttribute(`#${active!}`, 'aria-selected')).toBe('true')
    await page.keyboard.press('Enter')
    await expect.poll(() => page.evaluate(() => document.activeElement?.matches('.details h4'))).toBe(true)
    expect(await page.locator('.details h4').textContent()).toBe((await rowsInOrder(page))[1])
    await page.keyboard.press('Escape')
    expect(await focused()).toBe('sequence-list')
    expect(faults).toEqual([])
  })

  it('shows a sequence: bases, parts, certificates in words, links, the ordering where it is held', async () => {
    const { page, faults } = await openPage(browser, address)
    await page.fill('[name=name]', 'seq7')
    await page.selectOption('[name=model]', '0')
    await page
      .locator('#sequence-list .list-scroll [role=row]')
      .filter({ has: page.locator('.wide', { hasText: /^seq7$/ }) })
      .click()
    const details = page.locator('.details')
    await expect.poll(() => details.locator('h4').innerText()).toBe('seq7')
    const own = run.sis.filter(({ model, sequence }) => model === 0 && sequence === 7)
    expect(await details.locator('.subsets li').count()).toBe(own.length)
    expect(await details.locator('.letters b').count()).toBe(own.flatMap(({ positions }) => positions).length)
    expect(await details.innerText()).toContain('Planted: <u>GATA</u> (−) at 4–9')
    const links = await details
      .locator('a')
      .evaluateAll((all) => all.map((a) => [(a as HTMLAnchorElement).href, a.getAttribute('rel')]))
    expect(links.map(([href]) => href)).toEqual([
      expect.stringMatching(/^https:\/\/genome\.ucsc\.edu\/.*db=hg38&position=chr2%3A\d+-\d+$/),
      expect.stringMatching(/^https:\/\/www\.ensembl\.org\//),
    ])
    for (const [, rel] of links) expect(rel).toContain('noopener')
    await page.fill('[name=name]', hostileNames[0]!)
    await expect.poll(() => names(page)).toContain(hostileNames[0])
    await page.locator('#sequence-list .list-scroll [role=row]').first().click()
    await page.waitForSelector('.details svg.plot[aria-label*="as its bases are masked"]')
    expect(faults).toEqual([])
  })

  it('lists the sites of a motif by their score', async () => {
    const { page, faults } = await openPage(browser, address)
    await page.selectOption('[name=motif]', '2')
    await page.click('#tab-sites')
    const sites = run.sis.flatMap(({ parts }) => parts.filter(({ motif }) => motif === 2))
    expect(await page.getAttribute('#site-list', 'aria-rowcount')).toBe(String(sites.length + 1))
    const best = Math.max(...sites.map(({ score }) => score!))
    const first = page.locator('#site-list .list-scroll [role=row]').first()
    await expect.poll(() => first.locator('.few').nth(1).innerText()).toBe(best.toFixed(1))
    await expect.poll(() => first.locator('code').innerText()).toMatch(/^[ACGTN·]{8}$/)
    expect(faults).toEqual([])
  })

  it.each([
    ['tsv', having(2).length + 1],
    ['bed', having(2).flatMap(({ parts }) => parts.filter(({ motif }) => motif !== null)).length],
    ['fasta', 2 * sequencesOf(having(2))],
  ])('gives the selection as %s', async (kind, lines) => {
    const { page, faults } = await openPage(browser, address, { acceptDownloads: true })
    await page.selectOption('[name=motif]', '2')
    const waiting = page.waitForEvent('download')
    await page.click(`[data-file=${kind}]`)
    const download = await waiting
    expect(download.suggestedFilename()).toMatch(/^selection\.(tsv|bed|fa)$/)
    const text = readFileSync(await download.path(), 'utf8')
    expect(text.trimEnd().split('\n')).toHaveLength(lines)
    if (kind !== 'fasta') expect(text).toContain(modelNames[1])
    expect(faults).toEqual([])
  })

  it.each(['light', 'dark'] as const)('has contrast enough in %s', async (colorScheme) => {
    const { page } = await openPage(browser, address, { colorScheme })
    await page.selectOption('[name=motif]', '0')
    await page.locator('#sequence-list .list-scroll [role=row]').first().click()
    await page.waitForSelector('.details h4')
    await page.evaluate(() => {
      for (const details of document.querySelectorAll('details')) details.open = true
    })
    const { looked, poor } = await page.evaluate(poorContrast)
    expect(looked).toBeGreaterThan(300)
    expect(poor).toEqual([])
  })

  it('fits a phone, and prints without what needs script', async () => {
    const { page, faults } = await openPage(browser, address, { viewport: { width: 390, height: 800 } })
    await page.selectOption('[name=motif]', '0')
    const width = await page.evaluate(() => document.documentElement.scrollWidth)
    expect(width).toBeLessThanOrEqual(390)
    expect((await names(page)).length).toBeGreaterThan(5)
    await page.emulateMedia({ media: 'print' })
    expect(await page.locator('.explorer').isVisible()).toBe(false)
    expect(await page.locator('#motifs').isVisible()).toBe(true)
    expect(faults).toEqual([])
  })

  it('is whole without script', async () => {
    const { page } = await openPage(browser, address, { javaScriptEnabled: false })
    for (const id of ['summary', 'models', 'motifs', 'examples']) {
      expect((await page.locator(`#${id}`).innerText()).length).toBeGreaterThan(50)
    }
    expect(await page.locator('#explorer-app').innerText()).toContain('need a browser that runs script')
  })

  it('marks the section that is read in its navigation, one at a time', async () => {
    const { page, faults } = await openPage(browser, address, { reducedMotion: 'reduce' })
    const hashes = (selector: string): Promise<string[]> =>
      page.locator(selector).evaluateAll((links) => links.map((link) => (link as HTMLAnchorElement).hash))
    const sections = await hashes('nav a[href^="#"]')
    expect(sections.length).toBeGreaterThan(5)
    for (const hash of [sections[3]!, sections[1]!, sections[5]!]) {
      await page.click(`nav a[href="${hash}"]`)
      await expect.poll(() => hashes('nav a[aria-current]'), { timeout: 10_000 }).toEqual([hash])
    }
    // By scrolling, too.
    await page.evaluate(() => {
      scrollTo(0, 0)
    })
    await expect.poll(() => hashes('nav a[aria-current]'), { timeout: 10_000 }).toEqual([sections[0]!])
    expect(faults).toEqual([])
  })
})

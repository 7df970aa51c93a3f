/** Debian's chromium for the tests of the page: pages opened from files, and all that goes wrong in them kept. */
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core'
import { temporaryDirectory } from '../cli/runSis.ts'

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
/** Undefined where there is none: what needs it is skipped. */
export const chromiumPath = process.env['SIS_CHROMIUM'] ?? places.find((place) => existsSync(place))

export function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: chromiumPath!, args: ['--no-sandbox'] })
}

export interface OpenedPage {
  readonly page: Page
  /** Errors, complaints of the console, what the policy refused, requests that left the file. */
  readonly faults: string[]
}

/** @returns the address of a file with this text */
export function pageAddress(text: string): string {
  const file = join(temporaryDirectory(), 'report.html')
  writeFileSync(file, text)
  return pathToFileURL(file).href
}

/** Opens a page and waits until its explorer is ready. */
export async function openPage(
  browser: Browser,
  address: string,
  options: BrowserContextOptions = {},
): Promise<OpenedPage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options })
  const page = await context.newPage()
  const faults: string[] = []
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) faults.push(message.text())
  })
  page.on('pageerror', (error) => faults.push(String(error)))
  page.on('request', (request) => {
    if (!/^(file|blob|data):/.test(request.url())) faults.push(request.url())
  })
  page.on('dialog', (dialog) => {
    faults.push(dialog.message())
    void dialog.dismiss()
  })
  await page.goto(address)
  if (options.javaScriptEnabled !== false) await page.waitForSelector('html[data-explorer=ready]')
  return { page, faults }
}

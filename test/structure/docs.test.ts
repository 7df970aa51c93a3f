/** Every link of the documentation leads somewhere. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const inFolder = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file))
const pages = [...readdirSync(root), ...['data', 'docs', 'findings', 'src'].flatMap(inFolder)].filter(
  (file) => file.endsWith('.md') && !file.startsWith('docs/api'),
)

/** As GitHub makes anchors of headings. */
function anchors(page: string): string[] {
  return [...page.matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replace(/ /g, '-'),
  )
}

describe('links of', () => {
  it.each(pages)('%s', (page) => {
    const text = readFileSync(join(root, page), 'utf8')
    const links = [...text.matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)]
    const broken = links.filter(([, file, anchor]) => {
      const target = file === '' ? join(root, page) : resolve(root, dirname(page), file!)
      if (!existsSync(target)) return true
      return anchor !== undefined && !anchors(readFileSync(target, 'utf8')).includes(anchor)
    })
    expect(broken.map(([link]) => link)).toEqual([])
  })

  it('README.md lead to every page of docs', () => {
    const readme = readFileSync(join(root, 'README.md'), 'utf8')
    const missing = pages
      .filter((page) => /^docs\/[^/]+\.md$/.test(page))
      .filter((page) => !readme.includes(page) && !readme.includes(`(${page})`))
    expect(missing).toEqual([])
  })
})

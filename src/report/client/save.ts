/**
 * Buttons that save or copy what the page shows. Elements ask for them:
 *
 * - `<figure data-save="svg png">`: its drawings, colours and letters inside, so that each file stands alone;
 * - `<table data-save="tsv meme bed" data-name="…" data-motifs="1 2">`: its cells (as they sort, where they sort by a number),
 *   the motifs' matrices, the places of `[data-bed]` within it;
 * - `[data-copy="what it is"][data-name="file"]`: its text, to the clipboard.
 */
import { motifTextsId, type MotifTexts } from '../motifTextsFormat.ts'
import { copyText, downloadBlob, downloadText } from './download.ts'

/** Pixels of a saved picture to one of the page. */
const pngScale = 3

export function addSaveButtons(): void {
  for (const figure of document.querySelectorAll<HTMLElement>('figure[data-save]')) addToFigure(figure)
  for (const table of document.querySelectorAll<HTMLTableElement>('table[data-save]')) addToTable(table)
  for (const element of document.querySelectorAll<HTMLElement>('[data-copy]')) addToText(element)
}

function addToFigure(figure: HTMLElement): void {
  const drawings = [...figure.querySelectorAll<SVGSVGElement>('svg')]
  const caption = figure.querySelector('figcaption strong')?.textContent ?? 'figure'
  const owner = figure.closest('.card')?.querySelector('h4')?.textContent ?? ''
  if (drawings.length === 0) return
  const name = fileName(`${owner} ${caption}`)
  const each = (save: (drawing: SVGSVGElement, name: string) => void): void => {
    for (const [i, drawing] of drawings.entries())
      save(drawing, drawings.length > 1 ? `${name}-${i + 1}` : name)
  }
  figure.append(
    toolbar(caption, [
      [
        'SVG',
        () => {
          each((drawing, own) => {
            downloadText(`${own}.svg`, [standAlone(drawing).text])
          })
        },
      ],
      [
        'PNG',
        () => {
          each((drawing, own) => {
            void savePng(drawing, `${own}.png`)
          })
        },
      ],
    ]),
  )
}

function addToTable(table: HTMLTableElement): void {
  const formats = (table.dataset['save'] ?? '').split(' ')
  const title = table.dataset['name'] ?? table.closest('.scroll')?.getAttribute('aria-label') ?? 'table'
  const name = fileName(title)
  const buttons: [string, () => void][] = []
  if (formats.includes('tsv'))
    buttons.push([
      'TSV',
      () => {
        downloadText(`${name}.tsv`, [tableText(table)])
      },
    ])
  const texts = formats.includes('meme') ? readMotifTexts() : undefined
  if (texts !== undefined) {
    const ids = (table.dataset['motifs'] ?? '').split(' ')
    const meme = (kind: 'sites' | 'kept') => () => {
      downloadText(`${name}-${kind}.meme`, [texts.head, ...ids.map((id) => texts.motifs[id]?.[kind] ?? '')])
    }
    buttons.push(['MEME (sites)', meme('sites')], ['MEME (kept bases)', meme('kept')])
  }
  if (formats.includes('bed')) {
    buttons.push([
      'BED',
      () => {
        downloadText(`${name}.bed`, bedLines(table))
      },
    ])
  }
  table.closest('.scroll')?.after(toolbar(title, buttons))
}

function addToText(element: HTMLElement): void {
  const what = element.dataset['copy'] ?? 'text'
  const button = document.createElement('button')
  button.type = 'button'
  button.className = 'save'
  button.textContent = `Copy ${what}`
  button.addEventListener('click', () => {
    void copyText(textOf(element)).then((copied) => {
      button.textContent = copied ? `Copied ${what}` : 'This browser forbids copying; select the text instead'
    })
  })
  const bar = document.createElement('p')
  bar.className = 'save-bar'
  bar.append(button)
  element.before(bar)
}

/** Paragraphs apart, as they will be pasted. */
function textOf(element: HTMLElement): string {
  const paragraphs = [...element.querySelectorAll('p')]
  if (paragraphs.length === 0) return element.textContent
  return paragraphs.map((paragraph) => paragraph.textContent.trim()).join('\n\n')
}

function toolbar(what: string, buttons: readonly (readonly [string, () => void])[]): HTMLElement {
  const bar = document.createElement('p')
  bar.className = 'save-bar'
  for (const [label, work] of buttons) {
    const button = document.createElement('button')
    button.type = 'button'
    button.className = 'save'
    button.textContent = label
    button.setAttribute('aria-label', `Save ${what} as ${label}`)
    button.addEventListener('click', work)
    bar.append(button)
  }
  return bar
}

function tableText(table: HTMLTableElement): string {
  const rows = [...table.rows].map((row) =>
    [...row.cells].map((cell) => cellText(cell, row.parentElement?.tagName === 'THEAD')).join('\t'),
  )
  return `${rows.join('\n')}\n`
}

function cellText(cell: HTMLTableCellElement, isHead: boolean): string {
  const sort = cell.dataset['sort']
  const text = sort !== undefined && !isHead && isOneNumber(cell) ? sort : cell.innerText
  return text.replace(/\s+/g, ' ').trim()
}

/** A cell that shows one number, perhaps rounded: what it sorts by is that number. */
function isOneNumber(cell: HTMLTableCellElement): boolean {
  return /^[<>\s−-]*[\d.,]+(?:e[+−-]?\d+)?\s*%?$/.test(cell.innerText.trim()) && cell.dataset['sort'] !== ''
}

function bedLines(table: HTMLTableElement): string[] {
  return [...table.querySelectorAll<HTMLElement>('[data-bed]')].map((place, i) => {
    const [chrom, start, end, strand] = (place.dataset['bed'] ?? '').split('\t')
    return `${[chrom, start, end, `${fileName(table.dataset['name'] ?? 'site')}_${i + 1}`, '0', strand].join('\t')}\n`
  })
}

function readMotifTexts(): MotifTexts | undefined {
  const element = document.getElementById(motifTextsId)
  return element === null ? undefined : (JSON.parse(element.textContent) as MotifTexts)
}

/** Properties that the page's style gives its drawings. */
const drawnBy = [
  'fill',
  'fill-opacity',
  'fill-rule',
  'stroke',
  'stroke-width',
  'stroke-dasharray',
  'stroke-linecap',
  'stroke-linejoin',
  'paint-order',
  'font-size',
  'font-family',
  'font-weight',
  'text-anchor',
]

/** @returns a copy that needs neither the page's style nor its outlines, on the page's paper; its size in pixels */
function standAlone(drawing: SVGSVGElement): { text: string; width: number; height: number } {
  const copy = drawing.cloneNode(true) as SVGSVGElement
  const originals = [drawing, ...drawing.querySelectorAll<SVGElement>('*')]
  const copies = [copy, ...copy.querySelectorAll<SVGElement>('*')]
  const outlines = new Set<string>()
  for (const [i, original] of originals.entries()) {
    const own = copies[i]!
    const href = original.getAttribute('href')
    if (original.tagName === 'use' && href !== null) outlines.add(href.slice(1))
    if (!/^(svg|g|title|defs|a)$/i.test(original.tagName)) {
      const style = getComputedStyle(original)
      for (const property of drawnBy) {
        const value = style.getPropertyValue(property)
        if (value !== '') own.setAttribute(property, value)
      }
    }
    own.removeAttribute('class')
  }
  // Links lead into the page.
  for (const link of copy.querySelectorAll('a')) link.replaceWith(...link.childNodes)
  const { width, height } = drawing.viewBox.baseVal
  const definitions = document.createElementNS(copy.namespaceURI, 'defs')
  for (const id of outlines) {
    const outline = document.getElementById(id)?.cloneNode(true)
    if (outline !== undefined) definitions.append(outline)
  }
  const paper = document.createElementNS(copy.namespaceURI, 'rect')
  paper.setAttribute('width', String(width))
  paper.setAttribute('height', String(height))
  paper.setAttribute('fill', getComputedStyle(document.body).backgroundColor)
  copy.prepend(definitions, paper)
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg')
  copy.setAttribute('width', String(width))
  copy.setAttribute('height', String(height))
  return { text: new XMLSerializer().serializeToString(copy), width, height }
}

async function savePng(drawing: SVGSVGElement, name: string): Promise<void> {
  const { text, width, height } = standAlone(drawing)
  const address = URL.createObjectURL(new Blob([text], { type: 'image/svg+xml' }))
  try {
    const picture = new Image()
    picture.src = address
    await picture.decode()
    const canvas = document.createElement('canvas')
    canvas.width = Math.ceil(width * pngScale)
    canvas.height = Math.ceil(height * pngScale)
    canvas.getContext('2d')?.drawImage(picture, 0, 0, canvas.width, canvas.height)
    canvas.toBlob((blob) => {
      if (blob !== null) downloadBlob(name, blob)
    }, 'image/png')
  } finally {
    URL.revokeObjectURL(address)
  }
}

function fileName(text: string): string {
  return (
    text
      .replace(/[^A-Za-z0-9]+/g, '-')
      .replace(/^-|-$/g, '')
      .toLowerCase()
      .slice(0, 60) || 'sis'
  )
}

/** Contrast of all text in view, as WCAG 2 counts it. Runs in the page. */

export interface PoorContrast {
  readonly text: string
  readonly element: string
  readonly ratio: number
}

/** @returns texts below 4.5 (3 where they are large), each style once, and how many were looked at */
export function poorContrast(): { looked: number; poor: PoorContrast[] } {
  type Colour = readonly [number, number, number, number]
  const parse = (text: string): Colour => {
    const [r = 0, g = 0, b = 0, a = 1] = (text.match(/[\d.]+/g) ?? []).map(Number)
    // What color-mix() makes is given in shares of one.
    const scale = text.startsWith('color(srgb') ? 255 : 1
    return [r * scale, g * scale, b * scale, a]
  }
  const over = ([r, g, b, a]: Colour, [R, G, B]: Colour): Colour => [
    r * a + R * (1 - a),
    g * a + G * (1 - a),
    b * a + B * (1 - a),
    1,
  ]
  const luminance = ([r, g, b]: Colour): number => {
    const [x, y, z] = [r, g, b].map((value) => {
      const v = value / 255
      return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4
    }) as [number, number, number]
    return 0.2126 * x + 0.7152 * y + 0.0722 * z
  }
  const backgroundOf = (element: Element): Colour => {
    const layers: Colour[] = []
    for (let one: Element | null = element; one !== null; one = one.parentElement) {
      const colour = parse(getComputedStyle(one).backgroundColor)
      if (colour[3] > 0) layers.push(colour)
      if (colour[3] === 1) break
    }
    return layers.reduceRight<Colour>((below, layer) => over(layer, below), [255, 255, 255, 1])
  }
  const seen = new Set<string>()
  const poor: PoorContrast[] = []
  let looked = 0
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (texts.nextNode() !== null) {
    const text = texts.currentNode.textContent!.trim()
    const element = texts.currentNode.parentElement!
    if (text === '' || !element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue
    if (element.closest('script, style, title') !== null) continue
    const style = getComputedStyle(element)
    const isDrawn = element instanceof SVGElement
    const background = backgroundOf(element)
    const front = over(parse(isDrawn ? style.fill : style.color), background)
    const [high, low] = [luminance(front), luminance(background)].sort((a, b) => b - a) as [number, number]
    const ratio = (high + 0.05) / (low + 0.05)
    const size = parseFloat(style.fontSize)
    const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700)
    looked++
    const kind = `${element.tagName}.${element.getAttribute('class') ?? ''} in ${element.parentElement?.getAttribute('class') ?? ''}`
    if (ratio >= (isLarge ? 3 : 4.5) - 0.005 || seen.has(kind)) continue
    seen.add(kind)
    poor.push({ text: text.slice(0, 40), element: kind, ratio: Math.round(ratio * 100) / 100 })
  }
  return { looked, poor }
}

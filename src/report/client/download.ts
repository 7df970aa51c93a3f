/** Text given to the reader: as a file, or to the clipboard. Nothing leaves the page. */

/** @param parts of the text */
export function downloadText(name: string, parts: readonly string[]): void {
  downloadBlob(name, new Blob([...parts], { type: 'text/plain;charset=utf-8' }))
}

export function downloadBlob(name: string, blob: Blob): void {
  const address = URL.createObjectURL(blob)
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  // The browser has begun to read it by then.
  setTimeout(() => URL.revokeObjectURL(address), 60_000)
}

/** @returns whether the browser let us */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    // A browser may forbid it; the reader is told, and the buttons for files remain.
    return false
  }
}

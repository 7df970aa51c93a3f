/** A button that switches between light and dark, which else follow the reader's system. */

export function addThemeButton(): void {
  const root = document.documentElement
  const button = document.createElement('button')
  button.type = 'button'
  button.className = 'theme'
  button.textContent = 'Light / dark'
  button.addEventListener('click', () => {
    const isDark =
      root.dataset['theme'] === undefined
        ? matchMedia('(prefers-color-scheme: dark)').matches
        : root.dataset['theme'] === 'dark'
    root.dataset['theme'] = isDark ? 'light' : 'dark'
  })
  document.querySelector('header')?.append(button)
}

/** The element with this id, which is in the page. */
export function byId<Kind extends HTMLElement = HTMLElement>(id: string): Kind {
  return document.getElementById(id) as Kind
}

/** An element with properties and children. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  properties: Partial<HTMLElementTagNameMap[Tag]> = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const made = Object.assign(document.createElement(tag), properties)
  made.append(...children)
  return made
}

/** Sets the options of a select, and which of them is chosen; one that is not among them is added. */
export function setOptions(
  select: HTMLSelectElement,
  options: readonly (readonly [value: string, text: string])[],
  chosen: string,
): void {
  const all = options.some(([value]) => value === chosen) ? options : [...options, [chosen, chosen] as const]
  select.replaceChildren(...all.map(([value, text]) => element('option', { value, textContent: text })))
  select.value = chosen
}

/** Colours of lines, apart for most eyes, and light or dark as the page is. */
const LIGHT = ['#0b5cad', '#b54708', '#0f7b3f', '#a3268c', '#6b4bc4', '#8a6100', '#0a7d8c', '#b0243f']
const DARK = ['#6cb2ff', '#ffab70', '#6fdd8b', '#f598e2', '#b99cff', '#e3c15f', '#5fd6e3', '#ff8b92']

export function isDark(): boolean {
  return matchMedia('(prefers-color-scheme: dark)').matches
}

export function colourOf(index: number): string {
  const colours = isDark() ? DARK : LIGHT
  return colours[index % colours.length]!
}

/** A colour of the style sheet, as a canvas takes it. */
export function styleColour(name: string): string {
  const probe = element('span')
  probe.style.color = `var(${name})`
  document.body.append(probe)
  const { color } = getComputedStyle(probe)
  probe.remove()
  return color
}

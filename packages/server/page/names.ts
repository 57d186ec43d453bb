import { ask, type NamesPage } from './api.ts'
import { byId, colourOf, element } from './dom.ts'
import { type Pick, samePick } from './state.ts'

/** Names of a page of the list. */
const PAGE = 50
/** Milliseconds after the last key. */
const PAUSE = 150

/** What the list of names does. */
export interface NamesEvents {
  toggle(pick: Pick): void
  searched(text: string): void
  failed(error: unknown): void
}

/** The search field with the names that it finds. */
export class NameList {
  readonly #search = byId<HTMLInputElement>('search')
  readonly #found = byId('found')
  readonly #more = byId('more')
  readonly #events: NamesEvents
  #next: string | null = null
  #timer = 0
  #searching = new AbortController()

  constructor(events: NamesEvents) {
    this.#events = events
    this.#search.addEventListener('input', () => {
      clearTimeout(this.#timer)
      this.#timer = setTimeout(() => {
        events.searched(this.#search.value)
        void this.find()
      }, PAUSE)
    })
    this.#search.addEventListener('keydown', (event) => {
      if (event.key === 'Enter') this.#boxes()[0]?.click()
      if (event.key === 'ArrowDown') this.#move(event, 0)
    })
    this.#found.addEventListener('keydown', (event) => {
      const at = this.#boxes().indexOf(event.target as HTMLInputElement)
      if (event.key === 'ArrowDown') this.#move(event, at + 1)
      if (event.key === 'ArrowUp') this.#move(event, at - 1)
    })
    this.#more.addEventListener('click', () => void this.find(this.#next))
  }

  set text(text: string) {
    this.#search.value = text
  }

  /** Looks for names: from the first on, or those after the ones that are shown. */
  async find(after: string | null = null): Promise<void> {
    this.#searching.abort()
    this.#searching = new AbortController()
    const text = this.#search.value.trim()
    const wanted = /[*?[{]/.test(text) ? { match: text } : { prefix: text }
    try {
      const page = await ask<NamesPage>(
        'api/names',
        { ...wanted, after: after ?? '', limit: PAGE },
        this.#searching.signal,
      )
      if (after === null) this.#found.replaceChildren()
      for (const { name, timeseries } of page.names)
        for (const own of timeseries) this.#found.append(this.#item({ name, timeseries: own }))
      if (page.names.length === 0 && after === null)
        this.#found.append(element('li', { className: 'quiet', textContent: 'No names with data.' }))
      this.#next = page.next
      this.#more.hidden = page.next === null
      this.mark(this.#picks)
    } catch (error) {
      if ((error as Error).name !== 'AbortError') this.#events.failed(error)
    }
  }

  #picks: readonly Pick[] = []

  /** Shows which names are picked. */
  mark(picks: readonly Pick[]): void {
    this.#picks = picks
    for (const box of this.#boxes())
      box.checked = picks.some((pick) => samePick(pick, { timeseries: box.dataset.timeseries!, name: box.value }))
  }

  #item(pick: Pick): HTMLLIElement {
    const box = element('input', { type: 'checkbox', value: pick.name })
    box.dataset.timeseries = pick.timeseries
    box.addEventListener('change', () => this.#events.toggle(pick))
    return element('li', {}, element('label', {}, box, pick.name, element('small', { textContent: pick.timeseries })))
  }

  #boxes(): HTMLInputElement[] {
    return [...this.#found.querySelectorAll('input')]
  }

  #move(event: KeyboardEvent, to: number): void {
    event.preventDefault()
    if (to < 0) this.#search.focus()
    else this.#boxes()[to]?.focus()
  }
}

/** The names that are shown, each with a button that takes it away. */
export function showPicks(picks: readonly Pick[], remove: (pick: Pick) => void): void {
  byId('picked').replaceChildren(
    ...picks.map((pick, index) => {
      const button = element('button', { type: 'button', textContent: '×', ariaLabel: `Remove ${pick.name}` })
      button.addEventListener('click', () => remove(pick))
      const item = element('li', { title: pick.timeseries }, pick.name, button)
      item.style.setProperty('--own', colourOf(index))
      return item
    }),
  )
}

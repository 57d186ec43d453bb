import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Timeseries } from '@kairos/core'
import { type RunningServer, serveHttp } from '@kairos/events/node'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { bundlePage } from '../../../scripts/bundle-page.ts'
import { apiRoutes } from '../src/api/routes.ts'
import type { ServerConfig } from '../src/index.ts'
import { pageRoutes } from '../src/page/routes.ts'
import { handlerOf } from './fixtures/answers.ts'
import { type Browser, type BrowserContext, connectBrowser, type Page } from './fixtures/browser.ts'

const CHROMIUM_URL = process.env.KAIROS_TEST_CHROMIUM_URL
/** Where pictures of the page go, for people to look at; empty: nowhere. */
const PICTURES = process.env.KAIROS_TEST_PICTURES ?? ''

const intervals = { minute: { step: '1min', steps: 3 * 1440 }, hour: { step: '1h', steps: 400 * 24 } } as const

/** Waits for what is shown. */
const eventually = <T>(look: () => T) => expect.poll(look, { timeout: 60_000 })

describe.skipIf(CHROMIUM_URL === undefined)('the page', () => {
  let folder: string
  let server: RunningServer
  let browser: Browser
  let context: BrowserContext
  let page: Page
  /** What the page asked for, and of whom. */
  let asked: URL[]
  let problems: string[]

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kairos-page-'))
    await bundlePage(folder)
    server = await serve()
    browser = await connectBrowser(CHROMIUM_URL!)
  })
  afterAll(async () => {
    await browser?.close()
    await server?.stop(0)
    await rm(folder, { recursive: true, force: true })
  })

  async function serve(token?: string): Promise<RunningServer> {
    const config: ServerConfig = {
      stores: { main: 'memory:' },
      timeseries: { hits: { type: 'count', intervals }, times: { type: 'distribution', intervals } },
      ...(token !== undefined && { server: { token } }),
    }
    const now = (): number => Date.now() / 1000
    const routes = [...apiRoutes, ...pageRoutes(() => pathToFileURL(`${folder}/`))]
    const { registry, answer } = handlerOf(config, now, routes)
    const [hits, times] = ['hits', 'times'].map((name) => registry.served.get(name)!.timeseries)
    await fill(hits!, times!, Math.floor(now()))
    return await serveHttp(answer, { host: '127.0.0.1', port: 0, maxConnections: 100 })
  }

  async function fill(hits: Timeseries, times: Timeseries, now: number): Promise<void> {
    const minutes = Array.from({ length: 180 }, (_, back) => now - back * 60)
    const wave = (timestamp: number, height: number) => Math.round(height * (2 + Math.sin(timestamp / 900)))
    await hits.bulkInsert([
      ...minutes.flatMap((timestamp) => [
        { name: 'web.a.hits', value: wave(timestamp, 20), timestamp },
        { name: 'web.b.hits', value: wave(timestamp, 7), timestamp },
      ]),
      ...minutes.map((timestamp) => ({ name: 'web.a.hits', value: 30, timestamp: timestamp - 7 * 86_400 })),
      { name: '<img src=x onerror=alert(1)>', value: 3, timestamp: now - 60 },
    ])
    await times.bulkInsert([
      ...minutes.flatMap((timestamp) =>
        [1, 2, 3, 4, 5].map((value) => ({ name: 'web.a.time', value: value * wave(timestamp, 1), timestamp })),
      ),
      { name: 'web.a.time', value: 5, timestamp: now - 100 * 86_400 },
    ])
  }

  beforeEach(async () => {
    asked = []
    problems = []
    context = await browser.newContext({
      viewport: { width: 1100, height: 800 },
      timezoneId: 'Europe/Berlin',
      acceptDownloads: true,
    })
    page = await context.newPage()
    page.setDefaultTimeout(60_000)
    page.on('request', (request) => asked.push(new URL(request.url())))
    page.on('pageerror', (error) => problems.push(error.message))
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()))
  })
  afterEach(async () => {
    await context.close()
    const hosts = new Set(asked.filter(({ protocol }) => protocol.startsWith('http')).map(({ origin }) => origin))
    expect([...hosts].filter((host) => host !== server.url)).toEqual([])
  })

  const pressed = (range: string) => page.getByRole('button', { name: range, exact: true }).getAttribute('aria-pressed')
  const shown = () => page.locator('#chart .u-over')
  const picture = async (name: string) => {
    if (PICTURES !== '') await page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: true })
  }
  const lastQuery = () => asked.findLast(({ pathname }) => pathname === '/api/query')!.searchParams

  it('finds names, shows them, zooms, and is the same again from its address', async () => {
    await page.goto(server.url)
    await page.getByLabel('Search names').fill('web.*.hits')
    await page.getByRole('checkbox', { name: /^web\.b\.hits/ }).check()
    await page.getByRole('checkbox', { name: /^web\.a\.hits/ }).check()
    await shown().waitFor()
    await eventually(() => page.locator('#chart .u-legend').textContent()).toContain('web.a.hits')
    await picture('chart')

    await page.getByRole('button', { name: '6h', exact: true }).click()
    await eventually(() => pressed('6h')).toBe('true')
    await page.getByLabel('Zone').fill('Asia/Tokyo')
    await page.getByLabel('Zone').press('Enter')
    await page.getByLabel('Transform').selectOption('rate')
    await page.getByLabel('Without data').selectOption('0')
    await page.getByLabel('Compare with last week').check()
    await eventually(() => page.locator('#chart .u-legend').textContent()).toContain('a week before')
    expect([...lastQuery().entries()]).toEqual(
      expect.arrayContaining([
        ['zone', 'Asia/Tokyo'],
        ['transform', 'rate'],
        ['fill', '0'],
      ]),
    )

    const area = (await shown().boundingBox())!
    await page.mouse.move(area.x + area.width * 0.6, area.y + 100)
    await page.mouse.down()
    await page.mouse.move(area.x + area.width * 0.8, area.y + 120, { steps: 3 })
    await page.mouse.up()
    await eventually(() => new URL(page.url()).searchParams.get('from')).toMatch(/^\d+$/)
    const fields = new URL(page.url()).searchParams
    expect(Number(fields.get('to')) - Number(fields.get('from'))).toBeCloseTo(0.2 * 6 * 3600, -3)

    const address = page.url()
    await page.goBack()
    await eventually(() => pressed('6h')).toBe('true')
    await page.goto('about:blank')
    await page.goto(address)
    await eventually(() => page.locator('#chart .u-legend').textContent()).toContain('web.b.hits (rate), a week before')
    expect([await page.getByLabel('Zone').inputValue(), page.url()]).toEqual(['Asia/Tokyo', address])
    expect(problems).toEqual([])
  })

  it('saves a table as CSV and the chart as a picture', async () => {
    await page.goto(`${server.url}/?n=hits/web.a.hits&n=hits/web.b.hits&from=-15min&interval=minute&zone=UTC`)
    await shown().waitFor()
    await page.getByRole('button', { name: 'Table' }).click()
    await eventually(() => page.locator('#table tr').count()).toBe(17)
    expect(await page.locator('#table thead th').allTextContents()).toEqual(['Time (UTC)', 'web.a.hits', 'web.b.hits'])
    const saved = async (button: string) => {
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: button, exact: true }).click(),
      ])
      return { name: download.suggestedFilename(), contents: await readFile(await download.path()) }
    }
    const csv = await saved('CSV')
    expect([csv.name, csv.contents.toString().split('\r\n').length]).toEqual(['kairos.csv', 18])
    expect(csv.contents.toString()).toMatch(
      /^time,"web\.a\.hits","web\.b\.hits"\r\n\d{4}-\d\d-\d\dT\d\d:\d\d:00\.000Z,\d+,\d+\r\n/,
    )
    const png = await saved('PNG')
    expect([png.name, png.contents.subarray(1, 4).toString()]).toEqual(['kairos.png', 'PNG'])
  })

  it('works by keyboard, at the width of a phone, and in the dark', async () => {
    await page.setViewportSize({ width: 380, height: 760 })
    await page.emulateMedia({ colorScheme: 'dark' })
    await page.goto(server.url)
    await page.getByLabel('Search names').focus()
    await page.keyboard.type('web.a.time')
    await eventually(() => page.locator('#found input').count()).toBe(1)
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Space')
    await shown().waitFor()
    expect(await page.getByLabel('Transform').locator('option').first().textContent()).toBe('spread')
    await picture('phone')
    await page.locator('#chart').focus()
    await page.keyboard.press('-')
    await eventually(
      () => Number(new URL(page.url()).searchParams.get('to')) - Number(new URL(page.url()).searchParams.get('from')),
    ).toBe(7200)
    await page.getByLabel('Transform').selectOption('p95')
    await eventually(() => page.locator('#chart .u-legend').textContent()).toContain('web.a.time (p95)')
    expect(await page.evaluate('document.documentElement.scrollWidth <= document.documentElement.clientWidth')).toBe(
      true,
    )
    expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(22, 24, 29)')
    expect(problems).toEqual([])
  })

  it('draws the spread of a bucket as wide as the bucket is long', async () => {
    await page.setViewportSize({ width: 600, height: 800 })
    await page.goto(`${server.url}/?n=times/web.a.time&from=-365d&zone=UTC`)
    await shown().waitFor()
    await eventually(() => page.locator('#chosen').textContent()).toContain('every iso-weekly')
    // Blue columns without those of the last weeks: of one week that has a value.
    const columns = await page.evaluate(`(() => {
      const canvas = document.querySelector('#chart canvas')
      const width = Math.floor(canvas.width * 0.9)
      const { data } = canvas.getContext('2d').getImageData(0, 0, width, canvas.height)
      const isBlue = (pixel) => data[pixel * 4 + 2] > data[pixel * 4] + 60
      return [...Array(width).keys()].filter((x) => [...Array(canvas.height).keys()].some((y) => isBlue(y * width + x))).length
    })()`)
    const { width } = (await shown().boundingBox())!
    expect(Math.abs((columns as number) - (width * 7) / 365)).toBeLessThan(3)
  })

  it('shows hostile names as text, and what the server says of mistakes', async () => {
    await page.goto(`${server.url}/?search=%3C`)
    await page.getByRole('checkbox', { name: /^<img/ }).check()
    await eventually(() => page.locator('#chart .u-legend').textContent()).toContain('<img src=x')
    expect([await page.locator('#chart img').count(), problems]).toEqual([0, []])
    await page.getByLabel('Zone').fill('Mars')
    await page.getByLabel('Zone').press('Enter')
    await eventually(() => page.getByRole('alert').textContent()).toContain('must be a time zone')
    problems = []
    await page.goto(`${server.url}/?n=%25zz/x&n=gone/web.a.hits`)
    await eventually(() => page.getByRole('alert').textContent()).toBe('There is no timeseries gone.')
    expect(problems).toEqual([])
  })

  it('is answered with the password that a browser asks for where the server has a token', async () => {
    const guarded = await serve('secret')
    const known = await browser.newContext({ httpCredentials: { username: 'anybody', password: 'secret' } })
    try {
      const other = await known.newPage()
      await other.goto(guarded.url)
      await other.getByRole('checkbox', { name: /^web\.a\.hits/ }).waitFor()
      expect((await fetch(guarded.url)).headers.get('www-authenticate')).toMatch(/^Basic /)
    } finally {
      await known.close()
      await guarded.stop(0)
    }
  })
})

import type { ServerKind } from './kind.ts'
import { findProgram, freePorts, startProcess, untilReady } from './processes.ts'

/** A browser without a window, which tests drive through its debugging port. */
export const chromium: ServerKind = {
  name: 'chromium',
  variable: 'KAIROS_TEST_CHROMIUM_URL',
  debian: ['chromium'],
  prepare: async () => (findProgram('chromium') === null ? 'chromium' : null),
  async start(folder) {
    const [port] = await freePorts(1)
    const url = `http://127.0.0.1:${port}`
    const log = `${folder}/chromium.log`
    const pid = await startProcess({
      command: 'chromium',
      parameters: [
        ...['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run'],
        ...['--disable-background-networking', '--disable-component-update', '--disable-sync', '--mute-audio'],
        // Pages are behind others: they must be drawn all the same, since tests wait for frames.
        ...['--disable-backgrounding-occluded-windows', '--disable-renderer-backgrounding'],
        ...['--disable-background-timer-throttling', '--disable-features=CalculateNativeWinOcclusion'],
        ...[`--remote-debugging-port=${port}`, `--user-data-dir=${folder}/profile`, 'about:blank'],
      ],
      folder,
      log,
      env: { HOME: folder },
    })
    await untilReady('Chromium', log, async () => (await fetch(`${url}/json/version`)).ok)
    return { url, pids: [pid] }
  },
}

import { KairosError } from '@kairos/core'
import { type RunningServer, serveHttp } from '@kairos/events/node'
import { type CheckedConfig, checkConfig } from './check-config.ts'
import type { ServerSettings } from './config/server-settings.ts'
import type { ServerConfig } from './config/types.ts'
import type { KairosServer } from './kairos-server.ts'
import { OpenPorts } from './listen/open-ports.ts'
import { openSite, type Site } from './site.ts'
import { Inbound } from './write/inbound.ts'

const now = (): number => Date.now() / 1_000

/** Opens the stores of a configuration, and listens. */
export async function startServer(checked: CheckedConfig): Promise<KairosServer> {
  const server = new Server()
  await server.begin(checked)
  return server
}

class Server implements KairosServer {
  readonly #inbound = new Inbound(now)
  readonly #ports = new OpenPorts(this.#inbound, () => this.#site!)
  #site: Site | undefined
  #http: RunningServer | undefined
  /** Changes of the configuration, and the end, one after the other. */
  #changing: Promise<void> = Promise.resolve()
  #stopping: Promise<void> | undefined

  get url(): string {
    return this.#http!.url
  }

  get port(): number {
    return this.#http!.port
  }

  get ports(): KairosServer['ports'] {
    return this.#ports.numbers
  }

  async begin(checked: CheckedConfig): Promise<void> {
    try {
      const site = await openSite(checked, this.#inbound, now)
      this.#site = site
      this.#inbound.deadLetters.appendTo(site.settings.deadLetter)
      this.#http = await this.#listen(site.settings)
      await this.#ports.change(site.settings)
    } catch (error) {
      await this.#http?.stop(0)
      await this.#site?.events?.close(0)
      await checked.registry.close(0)
      throw error
    }
  }

  async reload(config: ServerConfig): Promise<void> {
    if (this.#stopping !== undefined) throw new KairosError('KAIROS_CLOSED', 'the server has been stopped')
    return this.#next(() => this.#change(config))
  }

  stop(grace = 10_000): Promise<void> {
    this.#stopping ??= this.#next(async () => {
      const { writer, registry, events } = this.#site!
      await Promise.all([this.#ports.stop(grace), this.#http!.stop(grace)])
      await writer.close()
      await Promise.all([registry.close(grace), events?.close(grace)])
      await this.#inbound.deadLetters.flush()
    })
    return this.#stopping
  }

  async #change(config: ServerConfig): Promise<void> {
    const before = this.#site!
    const checked = checkConfig(config, before.registry)
    const { settings, registry } = checked
    let http = this.#http!
    let site: Site | undefined
    try {
      site = await openSite(checked, this.#inbound, now, before)
      if (!isSamePort(settings, before.settings)) http = await this.#listen(settings)
      await this.#ports.change(settings)
    } catch (error) {
      if (http !== this.#http) await http.stop(0)
      await site?.writer.close()
      if (site?.events !== before.events) await site?.events?.close(0)
      await registry.close(0, before.registry)
      throw error
    }
    this.#site = site
    this.#inbound.deadLetters.appendTo(settings.deadLetter)
    if (http !== this.#http) void this.#http!.stop()
    else http.limitConnections(settings.limits.maxConnections)
    this.#http = http
    await before.writer.close()
    await before.registry.close(10_000, registry)
    if (before.events !== site.events) await before.events?.close(10_000)
  }

  #listen({ host, port, limits: { maxConnections } }: ServerSettings): Promise<RunningServer> {
    return serveHttp((request) => this.#site!.answer(request), { host, port, maxConnections })
  }

  #next(change: () => Promise<void>): Promise<void> {
    const changed = this.#changing.then(change)
    this.#changing = changed.catch(() => {})
    return changed
  }
}

function isSamePort(one: ServerSettings, other: ServerSettings): boolean {
  return one.host === other.host && one.port === other.port
}

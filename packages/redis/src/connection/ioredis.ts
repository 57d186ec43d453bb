import type { Argument, RedisClient, ScriptPipeline } from './client.ts'
import { type CommandClass, type CommandRunner, sendWatched } from './ioredis-command.ts'
import { IoredisConnection, type Probe } from './ioredis-connection.ts'
import { hazardsOf, isCluster } from './ioredis-options.ts'
import type { IoredisLike, IoredisPipelineLike } from './ioredis-types.ts'

/** Methods by the commands that the driver sends; each takes a list of arguments. The types of ioredis leave some out. */
const METHODS: Readonly<Record<string, string>> = { eval: 'evalBuffer', evalsha: 'evalshaBuffer', mget: 'mgetBuffer' }

type Sending = Readonly<Record<string, (list: readonly Argument[]) => Promise<unknown>>>

/** `more` is what is known when the driver has imported the library itself. */
export function ioredisClient(client: IoredisLike, more: { probe?: Probe; Command?: CommandClass } = {}): RedisClient {
  const { probe, Command } = more
  const connection = new IoredisConnection(client, probe)
  return {
    cluster: isCluster(client),
    resends: hazardsOf(client).length > 0,
    get ready() {
      return connection.ready
    },
    get trouble() {
      return connection.trouble
    },
    connect: () => connection.untilReady(),
    send(key, command) {
      if (Command !== undefined) return sendWatched(client as IoredisLike & CommandRunner, Command, key, command)
      const [name, ...rest] = command
      return (client as unknown as Sending)[METHODS[name]!]!(rest)
    },
    async pipeline(_key, queue) {
      const pipeline = client.pipeline()
      queue(pipeline)
      const replies = (await pipeline.exec()) ?? []
      return replies.map(([error, reply]) => error ?? reply)
    },
    async close() {
      // Not quit(), which would wait for a server that does not answer. None of our commands is in flight any more.
      client.disconnect()
    },
  }
}

export function ioredisPipeline(pipeline: IoredisPipelineLike): ScriptPipeline {
  return {
    evaluate(script, keys, parameters) {
      pipeline.eval(script, keys.length, ...([...keys, ...parameters] as never[]))
    },
  }
}

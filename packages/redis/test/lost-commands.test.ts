import { Command } from 'ioredis'
import { describe, expect, it } from 'vitest'
import { type CommandClass, sendWatched } from '../src/connection/ioredis-command.ts'
import { diagnose } from '../src/connection/lost-answers.ts'

type Deed = 'write' | Error

/** A client that handles a command in these steps, as a cluster's client does; the last step is an error. */
function clientThat(...deeds: Deed[]) {
  return {
    sendCommand(command: object): Promise<unknown> {
      const sent = command as InstanceType<typeof Command>
      // Like a cluster's client, it does not pass on a redirection that it can follow.
      const last = sent.reject
      sent.reject = (error) => {
        if (error === deeds.at(-1)) last(error)
      }
      queueMicrotask(() => {
        for (const deed of deeds) {
          if (deed === 'write') sent.toWritable({})
          else sent.reject(deed)
        }
      })
      return sent.promise
    },
  }
}

const moved = () => new Error('MOVED 1 127.0.0.1:1')
const closed = () => new Error('Connection is closed.')

const undoneAfter = async (...deeds: Deed[]) => {
  const reply = sendWatched(clientThat(...deeds), Command as unknown as CommandClass, 'key', [
    'evalsha',
    'x',
    '1',
    'key',
  ])
  return diagnose(await reply.catch((error: unknown) => error)).notApplied
}

describe('a command whose connection a cluster lost', () => {
  it('was not applied if it was never written, or redirected by every node that it was written to', async () => {
    expect(await undoneAfter(closed())).toBe(true)
    expect(await undoneAfter('write', moved(), closed())).toBe(true)
  })

  it('may have been applied if it was written and not refused, whatever happened then', async () => {
    expect(await undoneAfter('write', closed())).toBe(false)
    expect(await undoneAfter('write', moved(), 'write', closed())).toBe(false)
    expect(await undoneAfter('write', closed(), 'write', moved(), closed())).toBe(false)
  })

  it('may still be applied if the client only stopped waiting', async () => {
    expect(await undoneAfter(new Error('Command timed out'))).toBe(false)
  })
})

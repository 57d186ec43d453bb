import type { Argument, Command as Parts } from './client.ts'
import { encodeCommand } from './encode-command.ts'
import { diagnose, NotSent } from './lost-answers.ts'

/** The class `Command` that ioredis exports. */
export type CommandClass = new (name: string, args: readonly Argument[], options: { replyEncoding: null }) => Command

interface Command {
  /** Called each time the command is about to be written to a connection. */
  toWritable(): unknown
  /** Called with every failure; the client may have replaced it with a function that follows the cluster's redirections. */
  reject(error: Error): void
}

/** A client that runs such commands. */
export interface CommandRunner {
  sendCommand(command: object): Promise<unknown>
}

/**
 * Sends a command, and finds out whether it was written to a connection and left unanswered: a cluster's client reports a refused connection and a lost
 * answer with the same words.
 * @param key one of its keys
 * @throws NotSent, or what the client rejects with
 */
export async function sendWatched(
  client: CommandRunner,
  Command: CommandClass,
  key: string,
  parts: Parts,
): Promise<unknown> {
  const [name, script] = parts
  // The client only looks for the node that has its keys. To copy and check the thousands of arguments of a script takes it longer than all the rest.
  const outline = name === 'mget' ? [key] : [script!, '1', key]
  const command = new Command(name, outline, { replyEncoding: null })
  let written = false
  let lost = false
  command.toWritable = () => {
    written = true
    return encodeCommand(parts)
  }
  const reply = client.sendCommand(command)
  const reject = command.reject.bind(command)
  command.reject = (error) => {
    // A node that redirects the client has not run the command; after any other failure, it may have run.
    if (written && !diagnose(error).notApplied) lost = true
    written = false
    reject(error)
  }
  try {
    return await reply
  } catch (error) {
    // This message means that the client has dropped the command from its queue, so it will not be written later.
    if (written || lost || !(error instanceof Error) || error.message !== 'Connection is closed.') throw error
    throw new NotSent('the node could not be reached', 'later', error)
  }
}

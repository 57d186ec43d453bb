import type { Argument } from './client.ts'
import { faultOf, NotSent } from './failures.ts'

/** The class of ioredis' commands, as it is exported. */
export type CommandClass = new (name: string, args: readonly Argument[], options: { replyEncoding: null }) => Command

interface Command {
  /** Called whenever the command is about to be written to a connection. */
  toWritable(socket: object): unknown
  /** Called with every failure; the client may have replaced it by one that follows the cluster's redirections. */
  reject(error: Error): void
}

/** What runs such commands. */
export interface CommandRunner {
  sendCommand(command: object): Promise<unknown>
}

/**
 * Sends a command through a cluster's client, which says of a node that refuses the connection what it says of one whose answer is lost. Which
 * it was shows in whether the command was written, and left without an answer.
 * @throws NotSent, or what the client rejects with
 */
export async function sendWatched(
  client: CommandRunner,
  Command: CommandClass,
  [name, ...args]: readonly Argument[],
): Promise<unknown> {
  const command = new Command(String(name), args, { replyEncoding: null })
  let written = false
  let lost = false
  const toWritable = command.toWritable.bind(command)
  command.toWritable = (socket) => {
    written = true
    return toWritable(socket)
  }
  const reply = client.sendCommand(command)
  const reject = command.reject.bind(command)
  command.reject = (error) => {
    // A node that sends the client elsewhere has run nothing; of any other failure, nobody knows.
    if (written && !faultOf(error).undone) lost = true
    written = false
    reject(error)
  }
  try {
    return await reply
  } catch (error) {
    // With these words the client has dropped the command from its queue: it will not be written any more.
    if (written || lost || !(error instanceof Error) || error.message !== 'Connection is closed.') throw error
    throw new NotSent('the node could not be reached', 'later', error)
  }
}

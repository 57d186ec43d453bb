import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { processPath } from './places.ts'

/** Starts a script of `processes/`, whose request is JSON in its first argument. */
export function startChild(script: string, request: object): ChildProcess {
  return spawn(process.execPath, ['--conditions=@kairos/source', processPath(script), JSON.stringify(request)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

/** Runs a script to its end, and resolves to the JSON that it printed. Rejects with its output if it fails. */
export async function runChild<Answer>(script: string, request: object): Promise<Answer> {
  const child = startChild(script, request)
  let said = ''
  let complaints = ''
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    complaints += text
  })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`${script} ended with ${code}:\n${complaints}`)
  return JSON.parse(said) as Answer
}

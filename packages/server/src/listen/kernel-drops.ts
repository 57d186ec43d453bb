import { readFile } from 'node:fs/promises'

/** What Linux dropped of what was sent to a UDP port of this machine, as its buffer was full. Undefined where the system does not say. */
export async function kernelDrops(port: number): Promise<number | undefined> {
  const ending = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  let drops: number | undefined
  for (const file of ['/proc/net/udp', '/proc/net/udp6']) {
    const text = await readFile(file, 'utf8').catch(() => '')
    for (const line of text.split('\n').slice(1)) {
      const fields = line.trim().split(/\s+/)
      if (fields[1]?.endsWith(ending)) drops = (drops ?? 0) + Number(fields.at(-1))
    }
  }
  return drops
}

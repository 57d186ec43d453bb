import type { Scope } from './scope.ts'

/** What is made of each of a list, one after the other; others have a turn between them. */
export async function eachMade<One, Made>(
  list: readonly One[],
  { turn }: Pick<Scope, 'turn'>,
  make: (one: One, index: number) => readonly Made[] | Promise<readonly Made[]>,
): Promise<Made[]> {
  const made: Made[] = []
  for (const [index, one] of list.entries()) {
    await turn()
    made.push(...(await make(one, index)))
  }
  return made
}

import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The exports of an entry point, from the built declarations. */
export interface EntryPoint {
  /** As it is imported: `@kairos/core/driver`. */
  readonly specifier: string
  readonly names: readonly PublicName[]
}

interface PublicName extends Declaration {
  readonly name: string
}

interface Declaration {
  /** It exists for the compiler only. */
  readonly type: boolean
  readonly callable: boolean
  /** The doc comments of its declarations; empty if it has none. */
  readonly comment: string
}

interface Manifest {
  readonly name: string
  readonly private?: boolean
  readonly exports?: Readonly<Record<string, string | Readonly<Record<string, string>>>>
}

/** The entry points of every published package, from the last build. */
export function entryPoints(): EntryPoint[] {
  return globSync('packages/*/package.json')
    .sort()
    .flatMap((file) => {
      const manifest: Manifest = JSON.parse(readFileSync(file, 'utf8'))
      if (manifest.private) return []
      return Object.entries(manifest.exports ?? {}).flatMap(([path, target]) => {
        const types = typeof target === 'string' ? undefined : target.types
        if (types === undefined) return []
        return [{ specifier: manifest.name + path.slice(1), names: namesIn(join(dirname(file), types)) }]
      })
    })
}

function namesIn(file: string): PublicName[] {
  return Array.from(exportsOf(file), ([name, declaration]) => ({ name, ...declaration })).sort((a, b) =>
    a.name < b.name ? -1 : 1,
  )
}

/** Every export of a declaration file by its name; compilers use only a few forms, and formatters do not touch them. */
function exportsOf(file: string): Map<string, Declaration> {
  const text = readFileSync(file, 'utf8')
  const found = new Map<string, Declaration>()
  for (const [, comment, kind, name] of text.matchAll(DECLARED)) {
    // Overloads, and an interface that is merged with a class, are one name.
    const other = found.get(name!)
    found.set(name!, {
      type: TYPES.includes(kind!) && other?.type !== false,
      callable: kind === 'function',
      comment: (other?.comment ?? '') + (comment ?? ''),
    })
  }
  for (const [, typeOnly, list, from] of text.matchAll(LISTED)) {
    for (const item of list!.split(',').map((each) => each.trim())) {
      const [, own, original, renamed] = /^(type )?(\S+)(?: as (\S+))?$/.exec(item) ?? []
      if (original === undefined) continue
      const declaration =
        from === undefined ? found.get(original) : exportsOf(declarationFile(file, from)).get(original)
      if (declaration === undefined) throw new Error(`${file}: ${original} is exported but not declared`)
      const type = declaration.type || typeOnly !== undefined || own !== undefined
      found.set(renamed ?? original, { ...declaration, type })
    }
  }
  return found
}

const TYPES = ['interface', 'type']
/** A declaration, with the doc comment before it. */
const DECLARED =
  /(\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n)?^export (?:declare )?(?:abstract )?(function|const|let|class|interface|type) ([A-Za-z0-9_$]+)/gm
const LISTED = /^export (type )?\{([^}]*)\}(?: from '([^']+)')?;/gm

function declarationFile(from: string, specifier: string): string {
  const file = join(dirname(from), specifier.replace(/\.ts$|\.js$/, '.d.ts'))
  if (!existsSync(file)) throw new Error(`${from}: ${specifier} has no declarations; is everything built?`)
  return file
}

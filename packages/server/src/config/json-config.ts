import { isRecord } from '@kairos/core/driver'
import { env } from './env.ts'

/** `${NAME}` in a text. */
const VARIABLE = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g

/**
 * A configuration of JSON: `${NAME}` in the texts of `stores` and `server` becomes the variable's text, and `{ "regexp": "^app\\." }` a regular
 * expression, anywhere.
 * @throws SyntaxError; KAIROS_INVALID_CONFIG for a variable that is not set
 */
export function parseJsonConfig(text: string): unknown {
  const config: unknown = JSON.parse(text, (_key, value: unknown) => {
    if (!isRecord(value) || typeof value.regexp !== 'string' || Object.keys(value).length !== 1) return value
    return new RegExp(value.regexp)
  })
  if (!isRecord(config)) return config
  const { stores, server } = config
  return {
    ...config,
    ...(stores !== undefined && { stores: withVariables(stores) }),
    ...(server !== undefined && { server: withVariables(server) }),
  }
}

function withVariables(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(VARIABLE, (_, name: string) => env(name))
  if (Array.isArray(value)) return value.map(withVariables)
  if (!isRecord(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withVariables(each)]))
}

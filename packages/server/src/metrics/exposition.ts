/** A metric of Prometheus' with its samples. */
export interface Metric {
  readonly name: string
  readonly type: 'counter' | 'gauge'
  readonly help: string
  /** The time is when the value was true, in Unix milliseconds; without one: when it is read. */
  readonly samples: readonly (readonly [labels: Readonly<Record<string, string>>, value: number, time?: number])[]
}

/** An answer in Prometheus' text format. */
export function prometheusText(metrics: readonly Metric[]): Response {
  return new Response(exposition(metrics), { headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' } })
}

/** Prometheus' text format, version 0.0.4. */
function exposition(metrics: readonly Metric[]): string {
  return metrics
    .filter(({ samples }) => samples.length > 0)
    .map(({ name, type, help, samples }) => {
      const lines = samples.map(
        ([labels, value, time]) => `${name}${labelled(labels)} ${value}${time === undefined ? '' : ` ${time}`}\n`,
      )
      return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`
    })
    .join('')
}

function labelled(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}="${escaped(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

function escaped(text: string): string {
  return text.replace(/[\\"\n]/g, (found) => (found === '\n' ? '\\n' : `\\${found}`))
}

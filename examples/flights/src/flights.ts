import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** One flight inside the United States, in the first quarter of 2001. */
export interface Flight {
  /** Departure, in Unix seconds; the data has no time zone and is read as UTC. */
  readonly timestamp: number
  /** Minutes; negative: early. */
  readonly delay: number
  /** Miles. */
  readonly distance: number
  /** Airports, by their codes. */
  readonly origin: string
  readonly destination: string
}

/** The first and last day of the data. */
export const FIRST_DAY: number = Date.UTC(2001, 0, 1) / 1000
export const LAST_DAY: number = Date.UTC(2001, 2, 31) / 1000

interface Row extends Omit<Flight, 'timestamp'> {
  /** `2001/01/01 00:47` */
  readonly date: string
}

/** The flights of the npm package vega-datasets, in order of departure. */
export function readFlights(): Flight[] {
  const file = new URL('../data/flights-20k.json', import.meta.resolve('vega-datasets'))
  const rows: readonly Row[] = JSON.parse(readFileSync(fileURLToPath(file), 'utf8'))
  return rows.map(({ date, ...flight }) => ({ ...flight, timestamp: secondsOf(date) }))
}

function secondsOf(date: string): number {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = date.split(/[/ :]/).map(Number)
  return Date.UTC(year, month - 1, day, hour, minute) / 1000
}

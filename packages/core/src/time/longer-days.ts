const SECONDS_IN_HOUR = 3_600
/** More than clocks were set back anywhere but in the zones below: 3 hours, in Casey in 2010. */
const USUAL = 3 * SECONDS_IN_HOUR
const SECONDS_IN_DAY = 24 * SECONDS_IN_HOUR

/** Zones whose clocks were set back by more: most crossed the date line and had a day twice, some moved while nobody lived there. */
const FAR: ReadonlySet<string> = new Set([
  'America/Adak',
  'America/Anchorage',
  'America/Cambridge_Bay',
  'America/Inuvik',
  'America/Iqaluit',
  'America/Juneau',
  'America/Metlakatla',
  'America/Nome',
  'America/Rankin_Inlet',
  'America/Resolute',
  'America/Sitka',
  'America/Yakutat',
  'Antarctica/Davis',
  'Antarctica/Macquarie',
  'Antarctica/Vostok',
  'Pacific/Apia',
  'Pacific/Kanton',
  'Pacific/Kwajalein',
  'Pacific/Midway',
  'Pacific/Pago_Pago',
  'Pacific/Rarotonga',
])

/** How many seconds longer than 24 hours the days of a zone are at most. A canonical name. */
export function longerDays(zone: string): number {
  if (zone === 'UTC') return 0
  return FAR.has(zone) ? SECONDS_IN_DAY : USUAL
}

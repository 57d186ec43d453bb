/** Series, histogram, count, gauge and set: what every driver has that does not list its own. */
export { ORIGINAL_TYPES as TYPES } from '@kairos/core/driver'

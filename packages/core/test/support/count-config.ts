/** A configuration in a separate module. */
export const type = 'count'
export const intervals = { minute: { step: 60 } }

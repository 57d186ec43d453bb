/** A configuration as a module of its own. */
export const type = 'count'
export const intervals = { minute: { step: 60 } }

/** All valueTypes that a driver built against this contract stores. It never grows: a later core may have more, which the driver then refuses by name. */
export const VALUE_TYPES_OF_SPEC_1: readonly string[] =
  'float int int64 decimal string text boolean blob date time datetime inet'.split(' ')

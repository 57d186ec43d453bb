import type { Style } from '../terminal/terminal.ts'

/** The colours of lines on a terminal, and their marks where there are no colours. */
export const STYLES: readonly Style[] = ['cyan', 'yellow', 'magenta', 'green', 'blue', 'red']
export const MARKS: readonly string[] = ['●', '+', 'x', 'o', '*', '#']
/** The same colours on paper, which people with colour blindness tell apart. */
export const COLOURS: readonly string[] = ['#0072b2', '#e69f00', '#cc79a7', '#009e73', '#56b4e9', '#d55e00']

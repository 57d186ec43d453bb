import type { Terminal } from '../terminal/terminal.ts'
import { drawBars } from './draw-bars.ts'
import { drawHeat } from './draw-heat.ts'
import { drawLines } from './draw-lines.ts'
import { drawSparks } from './draw-sparks.ts'
import type { Picture, Size } from './picture.ts'

/** A picture as text, without the title. */
export function draw(picture: Picture, size: Size, terminal: Terminal): string[] {
  switch (picture.kind) {
    case 'line':
      return drawLines(picture.lines, picture.zone, size, terminal)
    case 'bar':
      return drawBars(picture.lines, picture.zone, size, terminal)
    case 'spark':
      return drawSparks(picture.lines, size, terminal)
    case 'heat':
      return drawHeat(picture.heat, picture.zone, size)
  }
}

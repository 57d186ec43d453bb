import type uPlot from 'uplot'
import { isDark } from './dom.ts'
import type { Bin } from './lines.ts'

type Heat = ReadonlyMap<number, readonly Bin[]>

/** How dark the rarest and the commonest bins are. */
const PALEST = 0.15

/** For the axes: times, and the highest value of each. */
export function heatData(heat: Heat): uPlot.AlignedData {
  const tops = [...heat.values()].map((bins) => (bins.length === 0 ? null : bins.at(-1)!.to))
  return [[...heat.keys()], tops]
}

/** Draws bins as boxes, darker the more values they have. */
export function heatOptions(shared: uPlot.Options, heat: Heat): uPlot.Options {
  const times = [...heat.keys()]
  // Where the last bucket ends is not said: as long as the one before, or a day.
  const length = times.length < 2 ? 86_400 : times.at(-1)! - times.at(-2)!
  const all = [...heat.values()].flat()
  const most = all.reduce((highest, { count }) => Math.max(highest, count), 0)
  // From 0, if nothing is below it.
  const least = all.reduce((lowest, { from }) => Math.min(lowest, from), 0)
  const top = all.reduce((highest, { to }) => Math.max(highest, to), Number.NEGATIVE_INFINITY)
  return {
    ...shared,
    scales: { ...shared.scales, y: { range: all.length === 0 ? [0, 1] : [least, top] } },
    series: [shared.series[0]!, { label: 'up to', stroke: 'transparent', points: { show: false } }],
    hooks: {
      ...shared.hooks,
      draw: [
        (plot) => {
          const { ctx } = plot
          ctx.save()
          ctx.beginPath()
          ctx.rect(plot.bbox.left, plot.bbox.top, plot.bbox.width, plot.bbox.height)
          ctx.clip()
          for (const [at, [time, bins]] of [...heat].entries()) {
            const left = plot.valToPos(time, 'x', true)
            const width = Math.max(1, plot.valToPos(times[at + 1] ?? time + length, 'x', true) - left)
            for (const { from, to, count } of bins) {
              const [high, low] = [plot.valToPos(to, 'y', true), plot.valToPos(from, 'y', true)]
              const share = PALEST + (1 - PALEST) * (Math.log1p(count) / Math.log1p(most))
              ctx.fillStyle = isDark() ? `rgb(108 178 255 / ${share})` : `rgb(11 92 173 / ${share})`
              ctx.fillRect(left, high, width, Math.max(1, low - high))
            }
          }
          ctx.restore()
        },
      ],
    },
  }
}

import { type Family, graphiteFunction } from '../graphite-function.ts'
import { float, oneOf, optional, type Param, series, string } from '../params.ts'
import { CONSOLIDATIONS, made } from '../series.ts'

/** How a chart draws series is the chart's own matter: accepted, and without effect on the numbers. */
function drawing(description: string, params: Readonly<Record<string, Param<unknown>>> = {}) {
  return graphiteFunction({
    group: 'Graph',
    description: `${description} It affects only Graphite's images: Grafana has its own setting for it.`,
    params: { seriesList: series, ...params },
    anyStep: true,
    run: ({ seriesList }) => seriesList as never,
  })
}

const consolidation = oneOf(...Object.keys(CONSOLIDATIONS))

const setXFilesFactor = graphiteFunction({
  group: 'Special',
  description: 'The share of values that must be present to make one of several; otherwise it is left out.',
  params: { seriesList: series, xFilesFactor: float },
  run: ({ seriesList, xFilesFactor }) => seriesList.map((series) => ({ ...series, xFilesFactor })),
})

export const graphFunctions: Family = {
  consolidateBy: graphiteFunction({
    group: 'Special',
    description: 'How several points become one if there are more than a chart can show.',
    params: { seriesList: series, consolidationFunc: consolidation },
    run: ({ seriesList, consolidationFunc }) =>
      seriesList.map((series) =>
        made(series, `consolidateBy(${series.name},"${consolidationFunc}")`, {
          consolidation: CONSOLIDATIONS[consolidationFunc]!,
        }),
      ),
  }),
  cumulative: graphiteFunction({
    group: 'Special',
    description: 'Shows several points as their sum if there are more than a chart can show.',
    params: { seriesList: series },
    run: ({ seriesList }) =>
      seriesList.map((series) => made(series, `consolidateBy(${series.name},"sum")`, { consolidation: 'sum' })),
  }),
  setXFilesFactor,
  xFilesFactor: setXFilesFactor,
  alpha: drawing('Draws series translucent.', { alpha: float }),
  color: drawing('Draws series in a colour.', { theColor: string }),
  dashed: drawing('Draws series as dashed lines.', { dashLength: optional(float, 5) }),
  drawAsInfinite: drawing('Draws series as vertical lines.'),
  lineWidth: drawing('Draws series in a width.', { width: float }),
  secondYAxis: drawing('Draws series by a second axis.'),
  stacked: drawing('Draws series on top of each other.', { stackName: optional(string, null) }),
}

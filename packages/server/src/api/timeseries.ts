import { configOf } from '@kairos/core/calls'
import { numberTransforms } from '../graphite/statistics.ts'
import { type Operation, operation } from './operation.ts'

const step = { type: ['integer', 'string', 'null'], description: 'Seconds, or a word such as daily.' }

/** What there is. */
export const timeseriesOperation: Operation = operation({
  path: '/api/timeseries',
  summary: 'The timeseries of the server, in the order of its configuration.',
  fields: {},
  posts: false,
  answer: {
    type: 'object',
    required: ['timeseries'],
    properties: {
      timeseries: {
        type: 'array',
        items: {
          type: 'object',
          required: ['name', 'type', 'intervals', 'transforms'],
          properties: {
            name: { type: 'string' },
            type: { type: 'string' },
            valueType: { type: ['string', 'null'] },
            zone: { type: 'string', description: 'Whose days its calendar follows.' },
            transforms: {
              type: 'array',
              items: { type: 'string' },
              description: 'What makes a number of a bucket; percentiles: every p0 to p100.',
            },
            intervals: {
              type: 'array',
              items: {
                type: 'object',
                required: ['name', 'step', 'resolution', 'steps'],
                properties: {
                  name: { type: 'string' },
                  step,
                  resolution: step,
                  steps: { type: ['integer', 'null'], description: 'How many buckets are kept; null: all.' },
                },
              },
            },
          },
        },
      },
    },
  },
  run: (_, { registry }) => ({
    timeseries: [...registry.served.values()].map(({ name, timeseries }) => {
      const config = configOf(timeseries)
      const { type, valueType, zone = 'UTC', intervals } = config
      return {
        name,
        type,
        valueType,
        zone,
        transforms: numberTransforms(config),
        intervals: intervals.map(({ name, step, resolution, steps }) => ({ name, step, resolution, steps })),
      }
    }),
  }),
})

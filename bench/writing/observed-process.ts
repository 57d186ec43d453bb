import diagnostics from 'node:diagnostics_channel'

// node observed-process.ts MODE: prints the microseconds of processor time of an insert, where there are no channels ('absent'), nobody listens
// ('silent'), or somebody does ('heard').
const [, , mode] = process.argv
if (mode === 'absent') Object.assign(process, { getBuiltinModule: undefined })
const { createTimeseries, memoryDriver } = await import('@kairos/core')
const INSERTS = 300_000
if (mode === 'heard') {
  for (const name of ['kairos:call', 'kairos:store'])
    diagnostics.tracingChannel(name).subscribe({ asyncEnd() {} } as never)
}
const counts = await createTimeseries(memoryDriver(), {
  name: 'observed',
  type: 'count',
  intervals: { minute: { step: 60 }, hour: { step: 3600 } },
}).open()
let before = process.cpuUsage()
for (let insert = -INSERTS / 3; insert < INSERTS; insert++) {
  if (insert === 0) before = process.cpuUsage()
  await counts.insert('home')
}
const { user, system } = process.cpuUsage(before)
console.log((user + system) / INSERTS)

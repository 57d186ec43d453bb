import { NAMES_OF, SCORE_OF, UNESCAPE } from './script.ts'

/**
 * Lists the chunks of a run: of a name and interval, in its index, registry and names. Needs `name`, `base` (what the keys of its shard begin with), `part` (the
 * interval as keys spell it), EXPIRY and `failure`.
 */
export const RUNS: string = `
-- What the index, the registry and the names of a run need is done once for all of its chunks: at the first that they must list, and in "endRun" after the last.
local run
-- Most calls find their chunks: to make functions that they do not need takes a server longer than to add to a cell.
local enlist, endRun
local function prepareRuns()
  ${SCORE_OF}
  ${NAMES_OF}
  ${UNESCAPE}
  -- Drops the first dead chunks from an index: those that have expired, and those that never would, since their interval had no expiry when they
  -- were written.
  local function dropDead(index, live)
    for _, chunk in ipairs(redis.call('ZRANGEBYSCORE', index, '-inf', '(' .. live, 'LIMIT', 0, 16)) do
      local left = redis.call('PTTL', index .. ':' .. chunk)
      if left == -1 then redis.call('UNLINK', index .. ':' .. chunk) end
      if left < 0 then redis.call('ZREM', index, chunk) end
    end
  end
  -- Called with each new chunk: a few dead chunks of this name, and of names that are no longer written.
  local function tidy(index, registry, live)
    dropDead(index, live)
    for _, name in ipairs(redis.call('ZRANGEBYSCORE', registry, '-inf', '(' .. live, 'LIMIT', 0, 8)) do
      dropDead(registry .. ':' .. name, live)
      if redis.call('EXISTS', registry .. ':' .. name) == 0 then
        redis.call('ZREM', registry, name)
        redis.call('ZREM', namesOf(registry), unescape(name))
      end
    end
  end
  function enlist(chunk, expiry, live)
    run = run or { keys = { base .. part .. ':' .. name, base .. part, namesOf(base .. part) }, live = live }
    local index, registry, names = unpack(run.keys)
    local score = scoreOf(chunk)
    if not run.listed then
      run.left = { redis.call('PTTL', index), redis.call('PTTL', registry), redis.call('PTTL', names) }
    end
    local fault = failure(redis.pcall('ZADD', index, score, chunk))
    if not run.listed and not fault then
      fault = failure(redis.pcall('ZADD', registry, 'GT', score, name))
        or failure(redis.pcall('ZADD', names, 0, unescape(name)))
      if not fault then run.listed, run.expiry = score, expiry end
    end
    if fault then return fault end
    run.newest = score
    if run.expiry and (not expiry or expiry > run.expiry) then run.expiry = expiry end
  end
  function endRun()
    local index, registry = run.keys[1], run.keys[2]
    if run.listed then
      if run.newest > run.listed then redis.call('ZADD', registry, 'GT', run.newest, name) end
      for at, key in ipairs(run.keys) do extend(key, run.left[at], run.expiry) end
    end
    -- The chunks have been written, whether tidying succeeds or not.
    if run.isNew then pcall(tidy, index, registry, run.live) end
    run = nil
  end
end`

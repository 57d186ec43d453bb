/**
 * Whether a key is new, or expires before it should, by `left` and `expiry`. It is written in place, since a call of a function in Lua takes as long as a tenth
 * of a command.
 */
export const ENDS_TOO_SOON: string = 'left == -2 or left >= 0 and (not expiry or now + left < expiry * 1000 - 500)'

/**
 * How keys get their expiry, in Unix seconds, or false for never: `setExpiry` for a chunk that has just been written, `extend` for the index, the registry and
 * the names that lead to it. Needs `now`, the server's clock in milliseconds. "left" comes from PTTL before the write: -2 if the key did not exist, -1 if it
 * does not expire.
 */
export const EXPIRY: string = `
-- An expiry is only ever extended.
local function extend(key, left, expiry)
  if ${ENDS_TOO_SOON} then
    if expiry then redis.call('EXPIREAT', key, expiry) else redis.call('PERSIST', key) end
  end
end
-- A chunk that does not expire was written before its interval had an expiry.
local function setExpiry(key, left, expiry)
  if left ~= -1 then extend(key, left, expiry) elseif expiry then redis.call('EXPIREAT', key, expiry) end
end`

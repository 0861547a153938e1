local data, entries, most_bytes, age = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local time = redis.call('TIME')
local now = millis(time)
local found = redis.call('HMGET', stream, 'first', 'last', 'bytes', 'at')
local first, last, bytes = tonumber(found[1]), tonumber(found[2]), tonumber(found[3])
if not last then
  -- In microseconds: a stream that is made again begins beyond all offsets it had before.
  local born = time[1] * 1000000 + time[2]
  first, last, bytes = born + 1, born, 0
  redis.call('HSET', stream, 'born', text(born))
end
-- Times within a stream never run back, even if the server's clock does.
local at = math.max(now, tonumber(found[4]) or 0)
last = last + 1
redis.call('HSET', stream, 'd' .. text(last), data, 't' .. text(last), text(at), 'last', text(last), 'at', text(at))
keep(first, last, bytes + #data, at, entries, most_bytes, age)
return text(last)

local entries, most_bytes, age = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local found = redis.call('HMGET', stream, 'first', 'last', 'bytes', 'at')
if found[2] then
  local now = math.max(millis(redis.call('TIME')), tonumber(found[4]))
  keep(tonumber(found[1]), tonumber(found[2]), tonumber(found[3]), now, entries, most_bytes, age)
end
return 1

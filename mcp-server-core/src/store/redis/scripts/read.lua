-- Returns nothing if there is no stream, else: born, first (of those not too old), last, where the entries begin, entries.
local stream, after, most = KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2])
local found = redis.call('HMGET', stream, 'born', 'first', 'last', 'age')
if not found[3] then
  return false
end

local function text(number)
  return string.format('%.0f', number)
end

local time = redis.call('TIME')
local dead = time[1] * 1000 + math.floor(time[2] / 1000) - tonumber(found[4])
local first, last = tonumber(found[2]), tonumber(found[3])
-- Times grow along the stream: the first entry that is not too old is found by halves.
local low, high = first, last + 1
while low < high do
  local middle = math.floor((low + high) / 2)
  if tonumber(redis.call('HGET', stream, 't' .. text(middle))) > dead then
    high = middle
  else
    low = middle + 1
  end
end
first = low

local from = math.max(first, after + 1)
local fields = {}
for offset = from, math.min(last, from + most - 1) do
  fields[#fields + 1] = 'd' .. text(offset)
end
local entries = {}
if #fields > 0 then
  entries = redis.call('HMGET', stream, unpack(fields))
end
return { found[1], text(first), found[3], text(from), entries }

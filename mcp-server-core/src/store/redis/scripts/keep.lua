-- What the scripts that write to a stream share. A stream is one hash: `d<offset>` has the data of an entry and
-- `t<offset>` its time; `born`, `first`, `last`, `bytes`, `at` and `age` tell of the whole.
local stream = KEYS[1]

local function text(number)
  return string.format('%.0f', number)
end

local function millis(time)
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- Removes what is over the bounds, oldest first, and counts the stream's age anew.
local function keep(first, last, bytes, now, most_entries, most_bytes, age)
  local gone = {}
  while first <= last do
    local over = last - first >= most_entries or bytes > most_bytes
    if not over and redis.call('HGET', stream, 't' .. text(first)) + age > now then
      break
    end
    bytes = bytes - redis.call('HSTRLEN', stream, 'd' .. text(first))
    gone[#gone + 1] = 'd' .. text(first)
    gone[#gone + 1] = 't' .. text(first)
    if #gone == 1000 then
      redis.call('HDEL', stream, unpack(gone))
      gone = {}
    end
    first = first + 1
  end
  if #gone > 0 then
    redis.call('HDEL', stream, unpack(gone))
  end
  redis.call('HSET', stream, 'first', text(first), 'bytes', text(bytes), 'age', text(age))
  redis.call('PEXPIRE', stream, text(age))
end


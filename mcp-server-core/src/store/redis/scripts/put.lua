-- A value is kept behind the eight bytes of its version. ARGV: both, what is expected ('any', 'absent' or eight bytes),
-- the life in milliseconds ('' for no end). Returns 1 if it was stored, else what is there.
local expected, life = ARGV[2], ARGV[3]
if expected ~= 'any' then
  local version = redis.call('GETRANGE', KEYS[1], 0, 7)
  local fits = version == expected
  if expected == 'absent' then
    fits = version == ''
  end
  if not fits then
    return redis.call('GET', KEYS[1])
  end
end
if life == '' then
  redis.call('SET', KEYS[1], ARGV[1])
elseif life == '0' then
  redis.call('DEL', KEYS[1])
else
  redis.call('SET', KEYS[1], ARGV[1], 'PX', life)
end
return 1

-- Deletes a value if it has this version.
if redis.call('GETRANGE', KEYS[1], 0, 7) == ARGV[1] then
  return redis.call('DEL', KEYS[1])
end
return 0

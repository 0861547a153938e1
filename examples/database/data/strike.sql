INSERT INTO strike
  (date, place, aircraft, operator, phase, wildlife_size, species, time_of_day, damage, cost_other, cost_repair, speed)
VALUES (
  substr(?1, 1, 4) || '-' || substr(?1, 5, 2) || '-' || substr(?1, 7, 2), ?2, ?3, ?4,
  CASE ?5 WHEN 'A' THEN 'Approach' WHEN 'C' THEN 'Climb' WHEN 'T' THEN 'Take-off run' WHEN 'L' THEN 'Landing roll'
    WHEN 'D' THEN 'Descent' WHEN 'X' THEN 'Taxi' WHEN 'P' THEN 'Parked' END,
  CASE ?6 WHEN 'S' THEN 'Small' WHEN 'M' THEN 'Medium' WHEN 'L' THEN 'Large' END, ?7,
  CASE ?8 WHEN 'N' THEN 'Night' WHEN 'K' THEN 'Dusk' WHEN 'D' THEN 'Dawn' ELSE 'Day' END,
  CASE ?9 WHEN 'M' THEN 'Minor' WHEN 'S' THEN 'Substantial' WHEN 'U' THEN 'Medium' WHEN 'B' THEN 'B' WHEN 'C' THEN 'C'
    ELSE 'None' END,
  coalesce(?10, 0), coalesce(?11, 0), ?12)

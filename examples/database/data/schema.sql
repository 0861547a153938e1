CREATE TABLE airport ( -- Airports of the United States and some beyond (FAA).
  code TEXT PRIMARY KEY, -- three or four letters, as the FAA or IATA gives them
  name TEXT NOT NULL,
  city TEXT,
  state TEXT, -- two letters
  country TEXT NOT NULL,
  latitude REAL NOT NULL, -- degrees north
  longitude REAL NOT NULL -- degrees east
) WITHOUT ROWID;

CREATE TABLE route ( -- Scheduled flights of the year 2008 between two airports (Bureau of Transportation Statistics).
  origin TEXT NOT NULL REFERENCES airport (code),
  destination TEXT NOT NULL REFERENCES airport (code),
  flights INTEGER NOT NULL, -- in the whole year
  PRIMARY KEY (origin, destination)
) WITHOUT ROWID;

CREATE TABLE place ( -- Airfields as the reports of strikes name them.
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  state TEXT NOT NULL, -- in full
  airport TEXT REFERENCES airport (code) -- none for a military field
);

CREATE TABLE aircraft ( -- Makes and models of aircraft.
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
);

CREATE TABLE operator ( -- Airlines and other operators of aircraft.
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
);

CREATE TABLE species ( -- Birds and other animals that were struck, as far as they could be told.
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
);

CREATE TABLE strike ( -- Reports of strikes of wildlife by aircraft, 1990 to 2002 (FAA Wildlife Strike Database).
  id INTEGER PRIMARY KEY,
  date DATE NOT NULL, -- year-month-day
  place INTEGER NOT NULL REFERENCES place (id),
  aircraft INTEGER NOT NULL REFERENCES aircraft (id),
  operator INTEGER NOT NULL REFERENCES operator (id),
  species INTEGER NOT NULL REFERENCES species (id),
  phase TEXT NOT NULL, -- of the flight: Approach, Climb, Descent, Landing roll, Parked, Take-off run, Taxi
  time_of_day TEXT NOT NULL, -- Dawn, Day, Dusk, Night
  wildlife_size TEXT NOT NULL, -- Small, Medium, Large
  damage TEXT NOT NULL, -- None, Minor, Medium, Substantial, B, C (as reported)
  cost_repair INTEGER NOT NULL, -- US dollars
  cost_other INTEGER NOT NULL, -- US dollars
  speed INTEGER -- indicated, in knots
);

CREATE INDEX strike_date ON strike (date);
CREATE INDEX strike_place ON strike (place);
CREATE INDEX strike_species ON strike (species);

CREATE VIEW strike_report AS -- Strikes in words, one row a report.
  SELECT s.id, s.date, p.name AS place, p.state, p.airport, a.name AS aircraft, o.name AS operator, w.name AS species,
    s.phase, s.time_of_day, s.wildlife_size, s.damage, s.cost_repair + s.cost_other AS cost, s.speed
  FROM strike s
  JOIN place p ON p.id = s.place
  JOIN aircraft a ON a.id = s.aircraft
  JOIN operator o ON o.id = s.operator
  JOIN species w ON w.id = s.species;

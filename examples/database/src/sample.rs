//! The sample: bird strikes at airports of the United States, unpacked into a SQLite file of its own at start.
//!
//! The data are works of the United States Government and in the public domain there (17 U.S.C. 105):
//! the FAA's Wildlife Strike Database (a selection of 10 000 reports, 1990 to 2002), the FAA's list of airports, and
//! the Bureau of Transportation Statistics' count of flights of 2008 by route.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use rusqlite::{Connection, params_from_iter};

use crate::csv;

/// What the server says about the data.
pub const ABOUT: &str = "The data are a sample in the public domain, works of the United States Government: \
    bird strikes (FAA Wildlife Strike Database, 10 000 reports of 1990 to 2002), airports (FAA), and flights of 2008 \
    by route (Bureau of Transportation Statistics). Say so when you quote them.";

const SCHEMA: &str = include_str!("../data/schema.sql");

/// Each file with the statement that takes its columns.
const FILES: [(&str, &str); 7] = [
    (include_str!("../data/airports.csv"), "INSERT INTO airport VALUES (?1, ?2, ?3, ?4, coalesce(?5, 'USA'), ?6, ?7)"),
    (include_str!("../data/routes.csv"), "INSERT INTO route VALUES (?1, ?2, ?3)"),
    (include_str!("../data/places.csv"), "INSERT INTO place VALUES (?1, ?2, ?3, ?4)"),
    (include_str!("../data/aircraft.csv"), "INSERT INTO aircraft VALUES (?1, ?2)"),
    (include_str!("../data/operators.csv"), "INSERT INTO operator VALUES (?1, ?2)"),
    (include_str!("../data/species.csv"), "INSERT INTO species VALUES (?1, ?2)"),
    (include_str!("../data/strikes.csv"), include_str!("../data/strike.sql")),
];

/// The sample as a file; the file goes when this is dropped.
#[derive(Debug)]
pub struct Sample {
    folder: PathBuf,
}

impl Sample {
    /// Unpacks the sample.
    ///
    /// # Errors
    /// If the folder for temporary files cannot be written to.
    pub fn unpack() -> anyhow::Result<Self> {
        let sample = Self { folder: private_folder()? };
        let path = sample.path();
        fill(&path).with_context(|| format!("the sample cannot be unpacked to {}", path.display()))?;
        Ok(sample)
    }

    /// Where the database is.
    pub fn path(&self) -> PathBuf {
        self.folder.join("sample.sqlite")
    }

    /// The same as a URL.
    pub fn url(&self) -> String {
        format!("sqlite:{}", self.path().display())
    }
}

impl Drop for Sample {
    fn drop(&mut self) {
        // A folder that stays is a nuisance in a folder for temporary files, and nothing more.
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

/// A new folder that nobody else can enter.
fn private_folder() -> anyhow::Result<PathBuf> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    let parent = std::env::temp_dir();
    for attempt in 0..100_u32 {
        let folder = parent.join(format!("mcp-database-{}-{attempt}", std::process::id()));
        match builder.create(&folder) {
            Ok(()) => return Ok(folder),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error).with_context(|| format!("cannot make {}", folder.display())),
        }
    }
    bail!("there is no room for the sample in {}", parent.display())
}

fn fill(path: &Path) -> anyhow::Result<()> {
    let mut connection = Connection::open(path)?;
    // Nobody needs the file after a crash: it is made anew at each start.
    connection.pragma_update_and_check(None, "journal_mode", "off", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "off")?;
    connection.execute_batch(SCHEMA)?;
    let writing = connection.transaction()?;
    for (text, insert) in FILES {
        let mut statement = writing.prepare(insert)?;
        for record in csv::records(text).skip(1) {
            let fields = record.iter().map(|field| Some(field.as_str()).filter(|field| !field.is_empty()));
            statement.execute(params_from_iter(fields))?;
        }
    }
    writing.commit()?;
    connection.execute_batch("ANALYZE")?;
    connection.close().map_err(|(_, error)| error)?;
    Ok(())
}

//! The spool's file: batches by number, results by command, positions in logs, all in one transactional database.

use std::{fs::OpenOptions, os::unix::fs::OpenOptionsExt, path::Path};

use redb::{Builder, Database, Durability, ReadableDatabase, ReadableTable, TableDefinition};

/// Number → how many lines (four bytes, little endian), then the encoded batch.
const BATCHES: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("batches");
/// Command id → state, a line end, text.
const RESULTS: TableDefinition<'_, &str, &str> = TableDefinition::new("results");
/// Log → where to read on.
const POSITIONS: TableDefinition<'_, &str, &str> = TableDefinition::new("positions");
const NUMBERS: TableDefinition<'_, &str, u64> = TableDefinition::new("numbers");
const WORDS: TableDefinition<'_, &str, &str> = TableDefinition::new("words");

/// The agent must stay small; the spool is written in order and read once.
const CACHE_BYTES: usize = 256 * 1024;
/// A file this large that holds little is made small again when it is opened.
const COMPACT_BYTES: u64 = 8 * 1024 * 1024;

pub(super) type Result<T> = std::result::Result<T, redb::Error>;

/// What the file knew when it was opened.
#[derive(Debug, Default)]
pub(super) struct Opened {
    pub(super) id: Option<String>,
    pub(super) next: u64,
    pub(super) dropped: u64,
    pub(super) results: Vec<(String, String)>,
    pub(super) highest: Option<u64>,
}

/// A batch on its way into the file.
pub(super) struct Entry {
    pub(super) number: u64,
    pub(super) lines: u32,
    pub(super) encoded: Vec<u8>,
    pub(super) positions: Vec<(String, String)>,
}

pub(super) struct Store {
    database: Database,
    bytes: u64,
    max_bytes: u64,
}

impl Store {
    pub(super) fn open(path: &Path, max_bytes: u64) -> Result<(Self, Opened)> {
        // Logs are for this user alone, whoever may read the folder.
        OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path)?;
        let mut database = Builder::new().set_cache_size(CACHE_BYTES).create(path)?;
        let file_bytes = std::fs::metadata(path).map_or(0, |file| file.len());
        let write = database.begin_write()?;
        let mut opened = Opened::default();
        let mut bytes = 0_u64;
        {
            let batches = write.open_table(BATCHES)?;
            for entry in batches.iter()? {
                let (number, value) = entry?;
                bytes = bytes.saturating_add(value.value().len() as u64);
                opened.highest = Some(number.value());
            }
            let numbers = write.open_table(NUMBERS)?;
            opened.next = numbers.get("next")?.map_or(1, |next| next.value());
            opened.dropped = numbers.get("dropped")?.map_or(0, |dropped| dropped.value());
            opened.id = write.open_table(WORDS)?.get("id")?.map(|id| id.value().to_owned());
            for entry in write.open_table(RESULTS)?.iter()? {
                let (id, value) = entry?;
                opened.results.push((id.value().to_owned(), value.value().to_owned()));
            }
            write.open_table(POSITIONS)?;
        }
        write.commit()?;
        if file_bytes > COMPACT_BYTES && bytes < file_bytes / 4 {
            database.compact()?;
        }
        Ok((Self { database, bytes, max_bytes }, opened))
    }

    /// Bytes of the batches kept.
    pub(super) const fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(super) fn set_id(&self, id: &str) -> Result<()> {
        let write = self.database.begin_write()?;
        write.open_table(WORDS)?.insert("id", id)?;
        write.commit()?;
        Ok(())
    }

    /// Appends batches, dropping the oldest where they would not fit; returns how many lines were dropped for it.
    ///
    /// `dropped` is how many dropped lines no batch has told of yet, before this.
    pub(super) fn append(&mut self, entries: &[Entry], dropped: u64) -> Result<u64> {
        let write = self.database.begin_write()?;
        let mut bytes = self.bytes;
        let mut lost = 0_u64;
        {
            let mut batches = write.open_table(BATCHES)?;
            let mut positions = write.open_table(POSITIONS)?;
            let mut next = 0;
            for entry in entries {
                let size = entry.encoded.len() as u64 + 4;
                while bytes.saturating_add(size) > self.max_bytes {
                    let Some((_, oldest)) = batches.pop_first()? else { break };
                    bytes = bytes.saturating_sub(oldest.value().len() as u64);
                    lost = lost.saturating_add(u64::from(line_count(oldest.value())));
                }
                let mut value = entry.lines.to_le_bytes().to_vec();
                value.extend_from_slice(&entry.encoded);
                batches.insert(entry.number, value.as_slice())?;
                bytes = bytes.saturating_add(size);
                next = entry.number.saturating_add(1);
                for (log, position) in &entry.positions {
                    positions.insert(log.as_str(), position.as_str())?;
                }
            }
            let mut numbers = write.open_table(NUMBERS)?;
            numbers.insert("next", next)?;
            numbers.insert("dropped", dropped.saturating_add(lost))?;
        }
        write.commit()?;
        self.bytes = bytes;
        Ok(lost)
    }

    /// The first batch after `number`, with its number.
    pub(super) fn after(&self, number: u64) -> Result<Option<(u64, Vec<u8>)>> {
        let read = self.database.begin_read()?;
        let batches = read.open_table(BATCHES)?;
        let first = batches.range(number.saturating_add(1)..)?.next().transpose()?;
        Ok(first.map(|(number, value)| (number.value(), value.value().get(4..).unwrap_or_default().to_vec())))
    }

    /// Forgets the batches from the first to `last`.
    ///
    /// Not waited for on the disk: what comes back after a crash is forgotten again at central's next welcome.
    pub(super) fn remove_through(&mut self, last: u64) -> Result<()> {
        let mut write = self.database.begin_write()?;
        write.set_durability(Durability::None)?;
        let mut bytes = self.bytes;
        {
            let mut batches = write.open_table(BATCHES)?;
            while batches.first()?.is_some_and(|(number, _)| number.value() <= last) {
                if let Some((_, value)) = batches.pop_first()? {
                    bytes = bytes.saturating_sub(value.value().len() as u64);
                }
            }
        }
        write.commit()?;
        self.bytes = bytes;
        Ok(())
    }

    pub(super) fn put_result(&self, id: &str, value: &str) -> Result<()> {
        let write = self.database.begin_write()?;
        write.open_table(RESULTS)?.insert(id, value)?;
        write.commit()?;
        Ok(())
    }

    pub(super) fn remove_result(&self, id: &str) -> Result<()> {
        let write = self.database.begin_write()?;
        write.open_table(RESULTS)?.remove(id)?;
        write.commit()?;
        Ok(())
    }

    pub(super) fn position(&self, log: &str) -> Result<Option<String>> {
        let read = self.database.begin_read()?;
        Ok(read.open_table(POSITIONS)?.get(log)?.map(|position| position.value().to_owned()))
    }
}

fn line_count(value: &[u8]) -> u32 {
    value.first_chunk::<4>().map_or(0, |bytes| u32::from_le_bytes(*bytes))
}

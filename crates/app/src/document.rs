//! A document on its way in: in memory where it is ours, in a temporary file where somebody sends it, so that the memory
//! of the server does not grow with what people send.

use std::fs::File;
use std::io::{self, Cursor, Read, Seek as _, SeekFrom, Write as _};
use std::sync::Arc;

use crate::Context;

/// A document as received. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Document {
    held: Held,
    length: u64,
}

#[derive(Debug, Clone)]
enum Held {
    Memory(Arc<[u8]>),
    /// A file without a name: it is gone when nobody holds it any more, however this process ends.
    File(Arc<File>),
}

impl Document {
    /// Its length in bytes.
    pub const fn length(&self) -> u64 {
        self.length
    }

    /// Reads it from its beginning. One reader at a time: those of a file share its position.
    pub(crate) fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        Ok(match &self.held {
            Held::Memory(bytes) => Box::new(Cursor::new(bytes.clone())),
            Held::File(file) => {
                let mut file = file.try_clone()?;
                file.seek(SeekFrom::Start(0))?;
                Box::new(file)
            }
        })
    }

    /// All of it.
    pub(crate) fn bytes(&self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::with_capacity(usize::try_from(self.length).unwrap_or_default());
        self.open()?.read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

impl From<Vec<u8>> for Document {
    fn from(bytes: Vec<u8>) -> Document {
        Document { length: bytes.len() as u64, held: Held::Memory(bytes.into()) }
    }
}

impl From<&str> for Document {
    fn from(text: &str) -> Document {
        Document::from(text.as_bytes().to_vec())
    }
}

/// A document that is being received.
#[derive(Debug)]
pub struct Arrival {
    file: File,
    length: u64,
}

impl Arrival {
    /// Makes room for it in the data folder, where it will stay.
    ///
    /// # Errors
    /// When no file can be made there.
    pub fn begin(ctx: &Context) -> io::Result<Arrival> {
        Ok(Arrival { file: tempfile::tempfile_in(&ctx.data_dir)?, length: 0 })
    }

    /// Takes over the next part.
    ///
    /// # Errors
    /// When it cannot be written, as on a full disk.
    pub fn take(&mut self, part: &[u8]) -> io::Result<()> {
        self.file.write_all(part)?;
        self.length += part.len() as u64;
        Ok(())
    }

    /// The whole document.
    pub fn end(self) -> Document {
        Document { held: Held::File(Arc::new(self.file)), length: self.length }
    }
}

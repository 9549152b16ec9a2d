//! A document on its way in: in memory where it is ours, in a temporary file where somebody sends it, so that the memory
//! of the server does not grow with what people send.

use std::fs::File;
use std::io::{self, Cursor, Read, Write as _};
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

/// Bytes of the beginning: the first block of every kind of compression unpacks from it.
const HEAD: u64 = 2 << 20;

impl Document {
    /// Its length in bytes.
    pub const fn length(&self) -> u64 {
        self.length
    }

    /// A file that is there already.
    pub(crate) fn of_file(file: File) -> io::Result<Document> {
        let length = file.metadata()?.len();
        Ok(Document { held: Held::File(Arc::new(file)), length })
    }

    /// Whether it is compressed, told by the first bytes: then it is several times larger than its length.
    pub fn is_compressed(&self) -> bool {
        let mut head = [0; 6];
        let length = self.open().read(&mut head).unwrap_or_default();
        bedrail_formats::limits::is_compressed(&head[..length])
    }

    /// Reads it from its beginning. Any number of readers at once: each has a position of its own.
    pub(crate) fn open(&self) -> Box<dyn Read + Send> {
        match &self.held {
            Held::Memory(bytes) => Box::new(Cursor::new(bytes.clone())),
            Held::File(file) => Box::new(Reader { file: file.clone(), at: 0 }),
        }
    }

    /// Its beginning, by which its kind is told.
    pub(crate) fn head(&self) -> io::Result<Cursor<Vec<u8>>> {
        let mut head = Vec::new();
        self.open().take(HEAD).read_to_end(&mut head)?;
        Ok(Cursor::new(head))
    }

    /// All of it.
    pub(crate) fn bytes(&self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::with_capacity(usize::try_from(self.length).unwrap_or_default());
        self.open().read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

/// Reads a held file without moving the file's own position, which all who hold it share: a list that waits is read by two
/// requests at once where somebody presses twice.
struct Reader {
    file: Arc<File>,
    at: u64,
}

impl Read for Reader {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        #[cfg(unix)]
        let length = std::os::unix::fs::FileExt::read_at(&*self.file, into, self.at)?;
        #[cfg(windows)]
        let length = std::os::windows::fs::FileExt::seek_read(&*self.file, into, self.at)?;
        self.at += length as u64;
        Ok(length)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_who_read_a_held_file_at_once_each_read_all_of_it() {
        let mut arrival = Arrival { file: tempfile::tempfile().unwrap(), length: 0 };
        arrival.take(b"one list of devices").unwrap();
        let document = arrival.end();
        let (mut one, mut start) = (document.open(), [0; 4]);
        one.read_exact(&mut start).unwrap();
        assert_eq!(document.bytes().unwrap(), b"one list of devices");
        let mut rest = Vec::new();
        one.read_to_end(&mut rest).unwrap();
        assert_eq!((&start, rest.as_slice()), (b"one ", &b"list of devices"[..]));
    }
}

//! Small numbers and texts as bytes: the alphabet that the compiled form and the index files are written in.
//!
//! A number is a LEB128 variable-length integer, at most ten bytes; a text or a key is its length as such a number and
//! then its bytes. Reading never trusts a length: whatever does not fit is [`Malformed`].

/// Bytes that are not what was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the packed bytes are malformed")]
pub struct Malformed;

/// Writes a number.
pub fn put_number(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push((number as u8) | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Writes bytes with their length.
pub fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_number(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Writes a moment in microseconds since 1970, zigzag, plus one; zero is "none".
pub fn put_moment(out: &mut Vec<u8>, moment: Option<jiff::Timestamp>) {
    let number = moment.map_or(0, |moment| {
        let micros = moment.as_microsecond();
        (((micros << 1) ^ (micros >> 63)) as u64).wrapping_add(1)
    });
    put_number(out, number);
}

/// Reads what the `put_` functions wrote.
#[derive(Debug, Clone, Copy)]
pub struct Unpack<'a> {
    bytes: &'a [u8],
}

impl<'a> Unpack<'a> {
    /// A reader at the first of these bytes.
    pub const fn new(bytes: &'a [u8]) -> Unpack<'a> {
        Unpack { bytes }
    }

    /// What has not been read.
    pub const fn rest(&self) -> &'a [u8] {
        self.bytes
    }

    /// Whether everything has been read.
    pub const fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The next byte.
    ///
    /// # Errors
    /// At the end.
    #[inline]
    pub fn byte(&mut self) -> Result<u8, Malformed> {
        let (&first, rest) = self.bytes.split_first().ok_or(Malformed)?;
        self.bytes = rest;
        Ok(first)
    }

    /// The next number.
    ///
    /// # Errors
    /// When it is cut off or longer than 64 bits.
    #[inline]
    pub fn number(&mut self) -> Result<u64, Malformed> {
        let first = self.byte()?;
        if first < 0x80 {
            return Ok(u64::from(first));
        }
        let mut number = u64::from(first & 0x7f);
        for shift in (7..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(Malformed)
    }

    /// The next number as a count or an index.
    ///
    /// # Errors
    /// When it is malformed or larger than 32 bits.
    #[inline]
    pub fn index(&mut self) -> Result<u32, Malformed> {
        u32::try_from(self.number()?).map_err(|_| Malformed)
    }

    /// The next bytes with a length.
    ///
    /// # Errors
    /// When fewer bytes are left than the length says.
    #[inline]
    pub fn bytes(&mut self) -> Result<&'a [u8], Malformed> {
        let length = usize::try_from(self.number()?).map_err(|_| Malformed)?;
        self.take(length)
    }

    /// So many of the next bytes.
    ///
    /// # Errors
    /// When fewer are left.
    #[inline]
    pub fn take(&mut self, length: usize) -> Result<&'a [u8], Malformed> {
        let (head, rest) = self.bytes.split_at_checked(length).ok_or(Malformed)?;
        self.bytes = rest;
        Ok(head)
    }

    /// The next text.
    ///
    /// # Errors
    /// When it is cut off or not UTF-8.
    #[inline]
    pub fn text(&mut self) -> Result<&'a str, Malformed> {
        std::str::from_utf8(self.bytes()?).map_err(|_| Malformed)
    }

    /// The next moment.
    ///
    /// # Errors
    /// When it is cut off or outside the calendar.
    pub fn moment(&mut self) -> Result<Option<jiff::Timestamp>, Malformed> {
        let number = self.number()?;
        if number == 0 {
            return Ok(None);
        }
        let number = number - 1;
        let micros = ((number >> 1) as i64) ^ -((number & 1) as i64);
        jiff::Timestamp::from_microsecond(micros).map(Some).map_err(|_| Malformed)
    }
}

//! Class files of the Java virtual machine (JVMS 21, chapter 4), as far as a scanner needs them: the class's own name, the
//! texts of its constant pool, and a hash over its instructions alone.
//!
//! The hash leaves out everything that a shader or an obfuscator changes: names, constant pool indices, line numbers, the
//! order of methods. Two classes that were compiled from the same source by the same compiler have the same hash whatever
//! they are called.

use sha2::{Digest, Sha256};

/// The first four bytes (JVMS §4.1).
pub const MAGIC: [u8; 4] = [0xca, 0xfe, 0xba, 0xbe];

/// A class file that cannot be read: where, and what was expected there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a class file at byte {at}: {what}")]
pub struct Malformed {
    /// The byte from the start.
    pub at: usize,
    /// What is wrong there.
    pub what: &'static str,
}

/// What was read of a class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassFile<'b> {
    /// Its name as the constant pool has it: `org/apache/logging/log4j/core/lookup/JndiLookup`.
    pub name: &'b [u8],
    /// Every text of the constant pool (`CONSTANT_Utf8`), modified UTF-8.
    pub texts: Vec<&'b [u8]>,
    /// SHA-256 over the instructions, the first 16 bytes; `None` where no method has any.
    pub code: Option<[u8; 16]>,
}

impl<'b> ClassFile<'b> {
    /// Reads a class file.
    ///
    /// # Errors
    /// [`Malformed`] at the first byte that cannot be right.
    pub fn parse(bytes: &'b [u8]) -> Result<ClassFile<'b>, Malformed> {
        let mut cursor = Cursor { bytes, at: 0 };
        if cursor.take(4)? != MAGIC {
            return Err(cursor.wrong("the magic number is missing"));
        }
        cursor.take(4)?; // minor and major version
        let pool = Pool::parse(&mut cursor)?;
        cursor.take(2)?; // access flags
        let name = pool.class_name(cursor.u16()?).ok_or(cursor.wrong("the class has no name"))?;
        cursor.take(2)?; // super class
        let interfaces = usize::from(cursor.u16()?);
        cursor.take(interfaces * 2)?;
        for _ in 0..cursor.u16()? {
            cursor.take(6)?; // a field: flags, name, descriptor
            for _ in 0..cursor.u16()? {
                attribute(&mut cursor)?;
            }
        }
        let (mut methods, mut kept) = (Vec::new(), Vec::new());
        for _ in 0..cursor.u16()? {
            cursor.take(6)?; // a method: flags, name, descriptor
            for _ in 0..cursor.u16()? {
                let (name, body) = attribute(&mut cursor)?;
                if pool.text(name) == Some(b"Code") {
                    methods.push(instructions(body, &mut kept)?);
                }
            }
        }
        Ok(ClassFile { name, texts: pool.texts, code: combine(methods) })
    }

    /// Whether the constant pool holds exactly this text.
    pub fn has_text(&self, text: &str) -> bool {
        self.texts.contains(&text.as_bytes())
    }

    /// Whether a text of the constant pool contains this.
    pub fn mentions(&self, text: &str) -> bool {
        self.texts.iter().any(|it| memchr::memmem::find(it, text.as_bytes()).is_some())
    }
}

struct Cursor<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl<'b> Cursor<'b> {
    fn wrong(&self, what: &'static str) -> Malformed {
        Malformed { at: self.at, what }
    }

    fn take(&mut self, count: usize) -> Result<&'b [u8], Malformed> {
        let end = self.at.checked_add(count).filter(|end| *end <= self.bytes.len());
        let end = end.ok_or(self.wrong("the file ends too early"))?;
        let taken = &self.bytes[self.at..end];
        self.at = end;
        Ok(taken)
    }

    fn u8(&mut self) -> Result<u8, Malformed> {
        Ok(self.take(1)?[0])
    }

    fn u16(&mut self) -> Result<u16, Malformed> {
        let taken = self.take(2)?;
        Ok(u16::from_be_bytes([taken[0], taken[1]]))
    }

    fn u32(&mut self) -> Result<u32, Malformed> {
        let taken = self.take(4)?;
        Ok(u32::from_be_bytes([taken[0], taken[1], taken[2], taken[3]]))
    }
}

/// One attribute (JVMS §4.7): the index of its name and its body.
fn attribute<'b>(cursor: &mut Cursor<'b>) -> Result<(u16, &'b [u8]), Malformed> {
    let name = cursor.u16()?;
    let length = cursor.u32()? as usize;
    Ok((name, cursor.take(length)?))
}

/// What an index of the constant pool stands for, as far as it is needed.
#[derive(Clone, Copy)]
enum Constant {
    /// The text at this place of [`Pool::texts`].
    Text(usize),
    /// A class whose name is the text at this index.
    Class(u16),
    /// Anything else.
    Other,
}

struct Pool<'b> {
    constants: Vec<Constant>,
    texts: Vec<&'b [u8]>,
}

impl<'b> Pool<'b> {
    /// JVMS §4.4.
    fn parse(cursor: &mut Cursor<'b>) -> Result<Pool<'b>, Malformed> {
        let count = usize::from(cursor.u16()?);
        let mut pool =
            Pool { constants: Vec::with_capacity(count + 1), texts: Vec::with_capacity(count / 2) };
        pool.constants.push(Constant::Other);
        while pool.constants.len() < count {
            let constant = match cursor.u8()? {
                1 => {
                    let length = usize::from(cursor.u16()?);
                    pool.texts.push(cursor.take(length)?);
                    Constant::Text(pool.texts.len() - 1)
                }
                7 => Constant::Class(cursor.u16()?),
                // Integer, float, references, name and type, dynamic ones.
                3 | 4 | 9..=12 | 17 | 18 => other(cursor, 4)?,
                // Long and double take two places.
                5 | 6 => {
                    pool.constants.push(Constant::Other);
                    other(cursor, 8)?
                }
                // String, method type, module, package.
                8 | 16 | 19 | 20 => other(cursor, 2)?,
                15 => other(cursor, 3)?,
                _ => return Err(cursor.wrong("a constant of no known kind")),
            };
            pool.constants.push(constant);
        }
        Ok(pool)
    }

    fn text(&self, index: u16) -> Option<&'b [u8]> {
        match self.constants.get(usize::from(index))? {
            Constant::Text(at) => self.texts.get(*at).copied(),
            Constant::Class(_) | Constant::Other => None,
        }
    }

    fn class_name(&self, index: u16) -> Option<&'b [u8]> {
        match self.constants.get(usize::from(index))? {
            Constant::Class(name) => self.text(*name),
            Constant::Text(_) | Constant::Other => None,
        }
    }
}

fn other(cursor: &mut Cursor<'_>, bytes: usize) -> Result<Constant, Malformed> {
    cursor.take(bytes)?;
    Ok(Constant::Other)
}

/// The hash of one `Code` attribute (JVMS §4.7.3): opcodes, local variables and small numbers; no index, no jump.
fn instructions(body: &[u8], kept: &mut Vec<u8>) -> Result<[u8; 32], Malformed> {
    let mut cursor = Cursor { bytes: body, at: 0 };
    cursor.take(4)?; // stack and locals
    let length = cursor.u32()? as usize;
    let mut code = Cursor { bytes: cursor.take(length)?, at: 0 };
    kept.clear();
    while code.at < code.bytes.len() {
        instruction(&mut code, kept)?;
    }
    Ok(Sha256::digest(kept).into())
}

/// One instruction (JVMS §6.5).
fn instruction(code: &mut Cursor<'_>, kept: &mut Vec<u8>) -> Result<(), Malformed> {
    const LDC: u8 = 18;
    let opcode = code.u8()?;
    match opcode {
        // `ldc` and `ldc_w` differ only by how far down the pool the constant stands.
        LDC => {
            kept.push(LDC);
            code.take(1)?;
        }
        19 => {
            kept.push(LDC);
            code.take(2)?;
        }
        // bipush, loads, stores, ret, newarray: what follows is the meaning.
        16 | 21..=25 | 54..=58 | 169 | 188 => kept.extend([opcode, code.u8()?]),
        // sipush, iinc.
        17 | 132 => {
            kept.push(opcode);
            kept.extend(code.take(2)?);
        }
        // ldc2_w, jumps, fields, methods, classes: indices and offsets.
        20 | 153..=168 | 178..=184 | 187 | 189 | 192 | 193 | 198 | 199 => {
            kept.push(opcode);
            code.take(2)?;
        }
        185 | 186 | 200 | 201 => {
            kept.push(opcode);
            code.take(4)?;
        }
        197 => {
            kept.push(opcode);
            code.take(2)?;
            kept.push(code.u8()?);
        }
        170 | 171 => {
            kept.push(opcode);
            switch(opcode, code)?;
        }
        196 => {
            let widened = code.u8()?;
            kept.extend([opcode, widened]);
            kept.extend(code.take(if widened == 132 { 4 } else { 2 })?);
        }
        0..=201 => kept.push(opcode),
        _ => return Err(code.wrong("an instruction of no known kind")),
    }
    Ok(())
}

/// `tableswitch` and `lookupswitch`: padded to four bytes, a default, then a table.
fn switch(opcode: u8, code: &mut Cursor<'_>) -> Result<(), Malformed> {
    code.take((4 - code.at % 4) % 4)?;
    code.take(4)?;
    let entries = if opcode == 170 {
        let (low, high) = (code.u32()?.cast_signed(), code.u32()?.cast_signed());
        (i64::from(high) - i64::from(low) + 1).max(0) * 4
    } else {
        i64::from(code.u32()?) * 8
    };
    code.take(usize::try_from(entries).map_err(|_| code.wrong("a switch without end"))?)?;
    Ok(())
}

/// One hash for all methods, whatever their order.
fn combine(mut methods: Vec<[u8; 32]>) -> Option<[u8; 16]> {
    if methods.is_empty() {
        return None;
    }
    methods.sort_unstable();
    let digest = Sha256::digest(methods.concat());
    let mut short = [0; 16];
    short.copy_from_slice(&digest[..16]);
    Some(short)
}

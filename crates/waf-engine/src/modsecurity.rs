//! libmodsecurity, safely: an engine with its rules, transactions on it.

#![expect(unsafe_code, reason = "calls of a C++ library; each says why it is sound")]

use std::ffi::{CString, c_char, c_int};
use std::path::Path;
use std::ptr::NonNull;

mod sys;

/// Bytes kept of a compiler's message.
const ERROR_LENGTH: usize = 4096;

/// The library and one compiled rule set. Shared by all threads once its rules are loaded.
#[derive(Debug)]
pub(crate) struct Engine {
    engine: NonNull<sys::Engine>,
    rules: u32,
}

// SAFETY: the library's rule set is read only while transactions run, which is how threaded servers use it; loading
// takes `&mut self`. What it changes at run time (persistent collections) it guards with locks of its own.
unsafe impl Send for Engine {}
// SAFETY: as above.
unsafe impl Sync for Engine {}

/// The library failed: no memory, or an exception within.
#[derive(Debug, thiserror::Error)]
#[error("libmodsecurity failed in {0}")]
pub(crate) struct EngineFailed(&'static str);

/// A rule set that does not compile.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct DoesNotCompile(pub(crate) String);

/// Why there is no engine.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoEngine {
    /// Header and library differ.
    #[error(
        "this program was built with another version of libmodsecurity than the one it finds: build it again"
    )]
    Version,
    /// Something within failed.
    #[error("libmodsecurity cannot start")]
    Start,
}

impl Engine {
    /// The library without rules.
    pub(crate) fn new() -> Result<Engine, NoEngine> {
        // SAFETY: no arguments; the function catches what the library throws.
        if unsafe { sys::bw_same_version() } != 1 {
            return Err(NoEngine::Version);
        }
        // SAFETY: as above; null means failed.
        let engine = NonNull::new(unsafe { sys::bw_engine_new() }).ok_or(NoEngine::Start)?;
        Ok(Engine { engine, rules: 0 })
    }

    /// Name and version of the library.
    pub(crate) fn name(&self) -> String {
        let mut name = [0_u8; 200];
        // SAFETY: the engine lives; the buffer is as long as said, and the function ends it with a zero.
        unsafe { sys::bw_engine_name(self.engine.as_ptr(), name.as_mut_ptr().cast::<c_char>(), name.len()) };
        text_before_zero(&name)
    }

    /// Rules loaded so far.
    pub(crate) const fn rules(&self) -> u32 {
        self.rules
    }

    /// Compile the rules of a file. Data files are found beside it.
    pub(crate) fn load_file(&mut self, path: &Path) -> Result<(), DoesNotCompile> {
        let name = CString::new(path.as_os_str().as_encoded_bytes())
            .map_err(|_| DoesNotCompile("a path with a zero byte".to_owned()))?;
        let mut error = [0_u8; ERROR_LENGTH];
        // SAFETY: the engine lives and `&mut self` excludes transactions; the path ends with a zero; the buffer is as long as said.
        let rules = unsafe {
            sys::bw_load_file(
                self.engine.as_ptr(),
                name.as_ptr(),
                error.as_mut_ptr().cast::<c_char>(),
                error.len(),
            )
        };
        self.loaded(rules, &error)
    }

    /// Compile rules given as text; `name` stands for the file in messages.
    pub(crate) fn load_text(&mut self, text: &str, name: &str) -> Result<(), DoesNotCompile> {
        let zero = |_| DoesNotCompile("rules with a zero byte".to_owned());
        let (text, name) = (CString::new(text).map_err(zero)?, CString::new(name).map_err(zero)?);
        let mut error = [0_u8; ERROR_LENGTH];
        // SAFETY: as in `load_file`.
        let rules = unsafe {
            sys::bw_load_text(
                self.engine.as_ptr(),
                text.as_ptr(),
                name.as_ptr(),
                error.as_mut_ptr().cast::<c_char>(),
                error.len(),
            )
        };
        self.loaded(rules, &error)
    }

    fn loaded(&mut self, rules: c_int, error: &[u8]) -> Result<(), DoesNotCompile> {
        match u32::try_from(rules) {
            Ok(rules) => {
                self.rules += rules;
                Ok(())
            }
            Err(_) => Err(DoesNotCompile(text_before_zero(error))),
        }
    }

    /// A new transaction.
    pub(crate) fn transaction(&self) -> Result<Transaction<'_>, EngineFailed> {
        // SAFETY: the engine outlives the transaction by its lifetime.
        let work =
            NonNull::new(unsafe { sys::bw_work_new(self.engine.as_ptr()) }).ok_or(EngineFailed("new"))?;
        Ok(Transaction { work, _engine: self })
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // SAFETY: made by `bw_engine_new`, freed once; no transaction is left, since they borrow the engine.
        unsafe { sys::bw_engine_free(self.engine.as_ptr()) };
    }
}

/// One request and its answer in the library.
#[derive(Debug)]
pub(crate) struct Transaction<'e> {
    work: NonNull<sys::Work>,
    _engine: &'e Engine,
}

/// A rule that fired; the texts are as the library gives them.
#[derive(Debug)]
pub(crate) struct Fired {
    pub(crate) id: u32,
    pub(crate) phase: u8,
    pub(crate) severity: u8,
    pub(crate) disruptive: bool,
    pub(crate) message: String,
    pub(crate) matched: String,
    pub(crate) tags: Vec<String>,
}

/// What a phase ends with: `None`, or the status of a rule that wants to interrupt.
pub(crate) type Phase = Result<Option<u16>, EngineFailed>;

impl Transaction<'_> {
    /// Set a variable of the collection `TX`.
    pub(crate) fn set(&mut self, name: &str, value: &str) -> Result<(), EngineFailed> {
        // SAFETY: the transaction lives; pointers and lengths are those of the texts.
        let done = unsafe {
            sys::bw_set(
                self.work.as_ptr(),
                pointer(name.as_bytes()),
                name.len(),
                pointer(value.as_bytes()),
                value.len(),
            )
        };
        check(done, "a variable")
    }

    /// A variable of the collection `TX` as a number; 0 where it is not there.
    pub(crate) fn number(&mut self, name: &str) -> u32 {
        // SAFETY: as in `set`.
        let number = unsafe { sys::bw_number(self.work.as_ptr(), pointer(name.as_bytes()), name.len()) };
        u32::try_from(number).unwrap_or(0)
    }

    /// Both ends of the connection.
    pub(crate) fn connection(&mut self, client: (&str, u16), server: (&str, u16)) -> Phase {
        let (from, to) = (zero_ended(client.0.as_bytes())?, zero_ended(server.0.as_bytes())?);
        // SAFETY: the transaction lives; both texts end with a zero and are copied by the library.
        phase(
            unsafe {
                sys::bw_connection(
                    self.work.as_ptr(),
                    from.as_ptr(),
                    c_int::from(client.1),
                    to.as_ptr(),
                    c_int::from(server.1),
                )
            },
            "the connection",
        )
    }

    /// The request line.
    pub(crate) fn line(&mut self, target: &[u8], method: &[u8], version: &str) -> Phase {
        let (target, method, version) =
            (zero_ended(target)?, zero_ended(method)?, zero_ended(version.as_bytes())?);
        // SAFETY: as in `connection`.
        phase(
            unsafe { sys::bw_line(self.work.as_ptr(), target.as_ptr(), method.as_ptr(), version.as_ptr()) },
            "the request line",
        )
    }

    /// A header of the request.
    pub(crate) fn request_header(&mut self, name: &[u8], value: &[u8]) -> Result<(), EngineFailed> {
        // SAFETY: the transaction lives; pointers and lengths are those of the slices, which the library copies.
        let done = unsafe {
            sys::bw_request_header(self.work.as_ptr(), pointer(name), name.len(), pointer(value), value.len())
        };
        check(done, "a header")
    }

    /// Phase 1.
    pub(crate) fn request_head(&mut self) -> Phase {
        // SAFETY: the transaction lives.
        phase(unsafe { sys::bw_request_head(self.work.as_ptr()) }, "phase 1")
    }

    /// Phase 2.
    pub(crate) fn request_body(&mut self, body: &[u8]) -> Phase {
        // SAFETY: as in `request_header`.
        phase(unsafe { sys::bw_request_body(self.work.as_ptr(), pointer(body), body.len()) }, "phase 2")
    }

    /// A header of the answer.
    pub(crate) fn answer_header(&mut self, name: &[u8], value: &[u8]) -> Result<(), EngineFailed> {
        // SAFETY: as in `request_header`.
        let done = unsafe {
            sys::bw_answer_header(self.work.as_ptr(), pointer(name), name.len(), pointer(value), value.len())
        };
        check(done, "a header")
    }

    /// Phase 3.
    pub(crate) fn answer_head(&mut self, status: u16, protocol: &str) -> Phase {
        let protocol = zero_ended(protocol.as_bytes())?;
        // SAFETY: as in `connection`.
        phase(
            unsafe { sys::bw_answer_head(self.work.as_ptr(), c_int::from(status), protocol.as_ptr()) },
            "phase 3",
        )
    }

    /// Phase 4.
    pub(crate) fn answer_body(&mut self, body: &[u8]) -> Phase {
        // SAFETY: as in `request_header`.
        phase(unsafe { sys::bw_answer_body(self.work.as_ptr(), pointer(body), body.len()) }, "phase 4")
    }

    /// Phase 5.
    pub(crate) fn logging(&mut self) -> Result<(), EngineFailed> {
        // SAFETY: the transaction lives.
        check(unsafe { sys::bw_logging(self.work.as_ptr()) }, "phase 5")
    }

    /// The rules that fired, in their order, and how many beyond those.
    pub(crate) fn fired(&mut self) -> Result<(Vec<Fired>, u32), EngineFailed> {
        // SAFETY: the transaction lives.
        let count = unsafe { sys::bw_fired(self.work.as_ptr()) };
        let count = usize::try_from(count).map_err(|_| EngineFailed("the list of what fired"))?;
        // SAFETY: the transaction lives.
        let more = u32::try_from(unsafe { sys::bw_more(self.work.as_ptr()) }).unwrap_or(u32::MAX);
        Ok(((0..count).filter_map(|at| self.fired_at(at)).collect(), more))
    }

    fn fired_at(&self, at: usize) -> Option<Fired> {
        let mut view = sys::View {
            id: 0,
            phase: 0,
            severity: 0,
            disruptive: 0,
            message: std::ptr::null(),
            message_length: 0,
            matched: std::ptr::null(),
            matched_length: 0,
            tags: std::ptr::null(),
            tags_length: 0,
        };
        // SAFETY: the transaction lives, the view is ours.
        if unsafe { sys::bw_fired_at(self.work.as_ptr(), at, &raw mut view) } != 0 {
            return None;
        }
        // SAFETY: the texts live until what fired is gathered again, and are copied here.
        let (message, matched, tags) = unsafe {
            (
                copied(view.message, view.message_length),
                copied(view.matched, view.matched_length),
                copied(view.tags, view.tags_length),
            )
        };
        Some(Fired {
            id: u32::try_from(view.id).unwrap_or(0),
            phase: u8::try_from(view.phase).unwrap_or(0),
            severity: u8::try_from(view.severity).unwrap_or(u8::MAX),
            disruptive: view.disruptive != 0,
            message,
            matched,
            tags: tags.lines().map(str::to_owned).collect(),
        })
    }
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        // SAFETY: made by `bw_work_new`, freed once.
        unsafe { sys::bw_work_free(self.work.as_ptr()) };
    }
}

const fn pointer(bytes: &[u8]) -> *const c_char {
    bytes.as_ptr().cast::<c_char>()
}

/// # Safety
/// `text` is null or points at `length` readable bytes.
unsafe fn copied(text: *const c_char, length: usize) -> String {
    if text.is_null() {
        return String::new();
    }
    // SAFETY: the caller's word.
    let bytes = unsafe { std::slice::from_raw_parts(text.cast::<u8>(), length) };
    String::from_utf8_lossy(bytes).into_owned()
}

fn zero_ended(bytes: &[u8]) -> Result<CString, EngineFailed> {
    CString::new(bytes).map_err(|_| EngineFailed("a text with a zero byte"))
}

fn text_before_zero(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    String::from_utf8_lossy(&bytes[..end]).trim().to_owned()
}

const fn check(done: c_int, what: &'static str) -> Result<(), EngineFailed> {
    if done < 0 { Err(EngineFailed(what)) } else { Ok(()) }
}

fn phase(status: c_int, what: &'static str) -> Phase {
    match status {
        0 => Ok(None),
        status => u16::try_from(status).map(Some).map_err(|_| EngineFailed(what)),
    }
}

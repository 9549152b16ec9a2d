//! Reading an upload: in a child process under limits, so that this process never holds a hostile document's tree.

use std::io::Read as _;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use bedrail_formats::device_list::DeviceList;
use bedrail_formats::exposure::{self, ExposureList};
use bedrail_formats::limits::Limits;
use bedrail_formats::{device_list, sbom, sra_tool, transfer, vex};
use bedrail_model::component::Inventory;
use bedrail_model::exposure::Vantage;
use bedrail_words::Words;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, Command};

use crate::scan::upload;
use crate::{Context, Document, Error, intake, spool};

/// Address space of the child: four times what the largest document allowed needs, with room for thread stacks.
const MEMORY_BYTES: u64 = 4 << 30;
/// Processor seconds of the child; the largest document allowed takes under ten.
const CPU_SECONDS: u64 = 60;
/// Seconds on the wall: the same again for a busy machine.
const WALL: Duration = Duration::from_secs(120);
/// How a Rust program ends that has panicked.
const PANICKED: i32 = 101;
/// Bytes of the answer, and of what it says on its error output.
const ANSWER_BYTES: u64 = 1 << 30;
const MESSAGE_BYTES: u64 = 8 << 10;

/// What the child is asked to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Sbom,
    Devices,
    Vex,
    Exposure,
    Words,
    Sra,
    Files,
}

impl Kind {
    /// As `bedrail parse-upload` takes it.
    const fn code(self) -> &'static str {
        match self {
            Kind::Sbom => "sbom",
            Kind::Devices => "devices",
            Kind::Vex => "vex",
            Kind::Exposure => "exposure",
            Kind::Words => "words",
            Kind::Sra => "sra",
            Kind::Files => "files",
        }
    }

    /// What to do with a document that costs too much.
    const fn hint(self) -> &'static str {
        match self {
            Kind::Sbom => "a bill of materials of this size is usually several in one: split it",
            Kind::Devices => "split the list: each part is taken over by itself",
            Kind::Vex => "a document of this size is usually several in one: ask its issuer for them apart",
            Kind::Exposure => "split the file: each part is taken in by itself",
            Kind::Words => "print it to a new PDF, or bring its words as a text file",
            Kind::Sra => "save the workbook of the SRA tool anew, without pictures and other sheets",
            Kind::Files => {
                "scan it at a terminal: `bedrail scan FILE --to-server ADDRESS` sends what it finds"
            }
        }
    }

    /// What it may cost.
    const fn price(self) -> Price {
        match self {
            // It reads one pipe and writes two; it needs to make no file.
            Kind::Sbom | Kind::Devices | Kind::Vex | Kind::Exposure | Kind::Words | Kind::Sra => {
                Price { cpu_seconds: CPU_SECONDS, wall: WALL, file_bytes: 0 }
            }
            // The file itself, and what does not fit into memory of what is nested in it.
            Kind::Files => Price { cpu_seconds: 240, wall: Duration::from_secs(240), file_bytes: 8 << 30 },
        }
    }
}

/// What a child may cost: processor seconds, seconds on the wall, bytes of each file that it makes.
#[derive(Debug, Clone, Copy)]
struct Price {
    cpu_seconds: u64,
    wall: Duration,
    file_bytes: u64,
}

/// What is inside of a file that is no document.
pub(crate) async fn files(ctx: &Context, document: Document, name: String) -> Result<Inventory, Error> {
    // Ours, so that it is gone however the child ends.
    let folder = spool::scratch(ctx)?;
    match &ctx.inner.parser {
        Some(program) => {
            let mut order = serde_json::to_vec(&(name, folder.path())).map_err(internal)?;
            order.push(b'\n');
            let answer = in_child((program, Some(folder.path())), Kind::Files, order, document).await?;
            here(move || transfer::read(answer.as_slice(), &Limits::default())).await?.map_err(internal)
        }
        None => {
            let scan = move || upload::scan(&name, folder.path(), document.open());
            here(scan).await?.map_err(internal)
        }
    }
}

/// What was understood of a bill of materials.
pub(crate) async fn inventory(ctx: &Context, document: Document) -> Result<Inventory, Error> {
    match &ctx.inner.parser {
        Some(program) => {
            let answer = in_child((program, None), Kind::Sbom, Vec::new(), document).await?;
            here(move || transfer::read(answer.as_slice(), &Limits::default())).await?.map_err(internal)
        }
        None => {
            let read =
                move || -> std::io::Result<_> { Ok(sbom::read(&document.bytes()?, &Limits::default())) };
            here(read).await?.map_err(internal)?.map_err(|error| Error::refused(&error.to_string()))
        }
    }
}

/// What was understood of a device list; `mapping` are texts `HEADER=FIELD`.
pub(crate) async fn devices(
    ctx: &Context,
    document: Document,
    mapping: Vec<String>,
) -> Result<DeviceList, Error> {
    // What is wrong with the mapping is said before anything is read.
    let columns = intake::mapping(&mapping).map_err(|error| Error::refused(&error.to_string()))?;
    match &ctx.inner.parser {
        Some(program) => {
            let mut order = serde_json::to_vec(&mapping).map_err(internal)?;
            order.push(b'\n');
            let answer = in_child((program, None), Kind::Devices, order, document).await?;
            let read = move || device_list::transfer::read(answer.as_slice(), &Limits::default());
            here(read).await?.map_err(internal)
        }
        None => {
            let limits = Limits::default();
            let read = move || -> std::io::Result<_> {
                Ok(device_list::read(&document.bytes()?, &columns, &limits))
            };
            here(read).await?.map_err(internal)?.map_err(|error| Error::refused(&error.to_string()))
        }
    }
}

/// What was understood of statements on weaknesses.
pub(crate) async fn vex(ctx: &Context, document: Document) -> Result<bedrail_model::vex::Document, Error> {
    match &ctx.inner.parser {
        Some(program) => {
            let answer = in_child((program, None), Kind::Vex, Vec::new(), document).await?;
            here(move || vex::transfer::document(&answer)).await?.map_err(internal)
        }
        None => {
            let read =
                move || -> std::io::Result<_> { Ok(vex::read(&document.bytes()?, &Limits::default())) };
            here(read).await?.map_err(internal)?.map_err(|error| Error::refused(&error.to_string()))
        }
    }
}

/// What was understood of evidence of exposure, looked at from a place.
pub(crate) async fn exposure(
    ctx: &Context,
    document: Document,
    vantage: Vantage,
) -> Result<ExposureList, Error> {
    let (limits, received) = (intake::evidence_limits(), ctx.clock.now());
    match &ctx.inner.parser {
        Some(program) => {
            let mut order = serde_json::to_vec(&(vantage.code(), received.to_string())).map_err(internal)?;
            order.push(b'\n');
            let answer = in_child((program, None), Kind::Exposure, order, document).await?;
            here(move || exposure::transfer::read(answer.as_slice(), &limits)).await?.map_err(internal)
        }
        None => {
            let read = move || -> std::io::Result<_> {
                Ok(exposure::read(&document.bytes()?, vantage, received, &limits))
            };
            here(read).await?.map_err(internal)?.map_err(|error| Error::refused(&error.to_string()))
        }
    }
}

/// The words of a PDF or a DOCX.
pub(crate) async fn words(ctx: &Context, document: Document) -> Result<Words, Error> {
    match &ctx.inner.parser {
        Some(program) => {
            let answer = in_child((program, None), Kind::Words, Vec::new(), document).await?;
            let (text, left_out) = serde_json::from_slice(&answer).map_err(internal)?;
            Ok(Words { text, left_out })
        }
        None => {
            let read = move || -> std::io::Result<_> { Ok(bedrail_words::read(&document.bytes()?)) };
            here(read).await?.map_err(internal)?.map_err(|error| Error::refused(&error.to_string()))
        }
    }
}

/// What was understood of a workbook of the SRA tool.
pub(crate) async fn sra(ctx: &Context, document: Document) -> Result<sra_tool::Workbook, Error> {
    match &ctx.inner.parser {
        Some(program) => {
            let answer = in_child((program, None), Kind::Sra, Vec::new(), document).await?;
            here(move || sra_tool::transfer::read(&answer)).await?.map_err(internal)
        }
        None => {
            let read =
                move || -> std::io::Result<_> { Ok(sra_tool::read(&document.bytes()?, &sra_tool::LIMITS)) };
            here(read).await?.map_err(internal)?.map_err(|error| Error::refused(&error.to_string()))
        }
    }
}

/// Runs work that takes long on a thread that nobody waits on.
async fn here<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    tokio::task::spawn_blocking(work).await.map_err(internal)
}

fn internal(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::Internal(Box::new(error))
}

/// Has a child process read a document, after an order on a line of its own; what it answers.
///
/// What it has to put down goes to the folder, where it has one.
async fn in_child(
    (program, folder): (&Path, Option<&Path>),
    kind: Kind,
    order: Vec<u8>,
    document: Document,
) -> Result<Vec<u8>, Error> {
    let mut child = Command::new(program)
        .args(["parse-upload", kind.code()])
        .env_clear()
        .envs(folder.map(|folder| ("TMPDIR", folder)))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(internal)?;
    limit(&child, kind.price()).map_err(internal)?;
    let Ok(done) = tokio::time::timeout(kind.price().wall, talk(&mut child, order, document)).await else {
        let minutes = kind.price().wall.as_secs() / 60;
        return Err(too_costly(kind, &format!("longer than {minutes} minutes")));
    };
    let (answer, message) = done.map_err(internal)?;
    let status = child.wait().await.map_err(internal)?;
    if status.code() == Some(0) {
        return Ok(answer);
    }
    // A signal is a limit of the kernel; so is a refused allocation, by which Rust aborts.
    if status.code().is_none() {
        return Err(too_costly(kind, "more memory or time than any honest document"));
    }
    // A reader that stumbles over its own feet says where in the program, which helps nobody who brought a document.
    if status.code() == Some(PANICKED) {
        return Err(Error::refused("the document cannot be read: it is not built as it should be"));
    }
    let message = bedrail_model::text::harmless_lines(message.trim()).into_owned();
    let message = message.strip_prefix("error: ").unwrap_or(&message);
    Err(Error::refused(if message.is_empty() { "the document cannot be read" } else { message }))
}

fn too_costly(kind: Kind, what: &str) -> Error {
    Error::Invalid {
        message: format!("reading the document would take {what}; it was stopped"),
        hint: Some(kind.hint().into()),
    }
}

/// Hands the document over and takes the answer, both at once, so that neither pipe fills up.
async fn talk(child: &mut Child, order: Vec<u8>, document: Document) -> std::io::Result<(Vec<u8>, String)> {
    let (input, output, errors) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let (Some(mut input), Some(output), Some(errors)) = (input, output, errors) else {
        return Err(std::io::Error::other("the child has no pipes"));
    };
    let mut parts = parts_of(document);
    let give = async move {
        // A child that refuses early closes its end; what it says then counts, not the broken pipe.
        let _ = input.write_all(&order).await;
        while let Some(part) = parts.recv().await {
            if input.write_all(&part?).await.is_err() {
                break;
            }
        }
        drop(input);
        Ok::<_, std::io::Error>(())
    };
    let mut answer = Vec::new();
    let mut message = Vec::new();
    let mut output = output.take(ANSWER_BYTES);
    let mut errors = errors.take(MESSAGE_BYTES);
    let (given, answered, said) =
        tokio::join!(give, output.read_to_end(&mut answer), errors.read_to_end(&mut message));
    given?;
    answered?;
    said?;
    Ok((answer, String::from_utf8_lossy(&message).into_owned()))
}

/// Reads a document part by part beside the threads that serve, a few parts ahead of who takes them.
fn parts_of(document: Document) -> tokio::sync::mpsc::Receiver<std::io::Result<Vec<u8>>> {
    let (give, take) = tokio::sync::mpsc::channel(4);
    tokio::task::spawn_blocking(move || {
        let read = || -> std::io::Result<()> {
            let mut reader = document.open();
            loop {
                let mut part = vec![0; 256 << 10];
                let length = reader.read(&mut part)?;
                part.truncate(length);
                if length == 0 || give.blocking_send(Ok(part)).is_err() {
                    return Ok(());
                }
            }
        };
        if let Err(error) = read() {
            let _ = give.blocking_send(Err(error));
        }
    });
    take
}

/// Sets the child's limits before it has read a byte of the document.
#[cfg(target_os = "linux")]
fn limit(child: &Child, price: Price) -> std::io::Result<()> {
    use rustix::process::{Pid, Resource, Rlimit, prlimit};
    let pid = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
    let both = |value: u64| Rlimit { current: Some(value), maximum: Some(value) };
    prlimit(pid, Resource::As, both(MEMORY_BYTES))?;
    prlimit(pid, Resource::Cpu, both(price.cpu_seconds))?;
    prlimit(pid, Resource::Core, both(0))?;
    prlimit(pid, Resource::Fsize, both(price.file_bytes))?;
    Ok(())
}

/// Elsewhere the wall time and the limits of the readers themselves hold.
#[cfg(not(target_os = "linux"))]
fn limit(_child: &Child, price: Price) -> std::io::Result<()> {
    let _ = (MEMORY_BYTES, price.cpu_seconds, price.file_bytes);
    Ok(())
}

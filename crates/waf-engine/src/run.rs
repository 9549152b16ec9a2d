//! The tasks.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use crate::arguments::{Arguments, Task};
use crate::check::{self, Budget};
use crate::modsecurity::{DoesNotCompile, Engine};
use crate::preamble::PREAMBLE;
use crate::rule_files::{self, NoFiles};
use crate::{UNAVAILABLE, complain, serve, show};

/// The rules cannot be used (`EX_DATAERR`).
const RULES: u8 = 65;
/// The socket cannot be made (`EX_NOINPUT`).
const SOCKET: u8 = 66;
/// The library failed (`EX_SOFTWARE`).
const SOFTWARE: u8 = 70;
/// The budget of time is used up (`EX_TEMPFAIL`).
const BUDGET: u8 = 75;

/// Rules that cannot be loaded.
#[derive(Debug, thiserror::Error)]
enum NotLoaded {
    #[error(transparent)]
    Files(#[from] NoFiles),
    #[error("{path}: does not compile")]
    Rules { path: PathBuf, source: DoesNotCompile },
}

/// Do what was asked.
pub(crate) fn run(arguments: Arguments) -> ExitCode {
    if arguments.task == Task::Check {
        let budget = Budget { memory_mib: arguments.memory_mib, seconds: arguments.seconds };
        if let Err(error) = check::limit(budget, i32::from(BUDGET)) {
            return failed(&error, SOFTWARE);
        }
    }
    if arguments.until_stdin_ends {
        serve::end_with_standard_input();
    }
    let mut engine = match Engine::new() {
        Ok(engine) => engine,
        Err(error) => return failed(&error, UNAVAILABLE),
    };
    let start = Instant::now();
    if let Err(error) = load(&mut engine, &arguments) {
        return failed(&error, RULES);
    }
    match arguments.task {
        Task::Serve { socket } => {
            let last = || arguments.rules.last().map(|it| it.display().to_string()).unwrap_or_default();
            let name = arguments.name.unwrap_or_else(last);
            match serve::serve(engine, &name, &socket, arguments.connections) {
                Ok(never) => match never {},
                Err(error) => failed(&error, SOCKET),
            }
        }
        Task::Check => match check::try_out(&engine, start.elapsed()) {
            Ok(report) => {
                show(&format!("{}\n", serde_json::json!(report)));
                ExitCode::SUCCESS
            }
            Err(error) => failed(&error, SOFTWARE),
        },
        Task::Version | Task::Help => {
            show(&format!("{}\n", engine.name()));
            ExitCode::SUCCESS
        }
    }
}

fn load(engine: &mut Engine, arguments: &Arguments) -> Result<(), NotLoaded> {
    let at = |path: &Path| {
        let path = path.to_owned();
        move |source| NotLoaded::Rules { path, source }
    };
    if !arguments.bare {
        let name = "the engine's own settings";
        engine.load_text(PREAMBLE, name).map_err(at(Path::new(name)))?;
    }
    for path in &arguments.rules {
        for file in rule_files::of(path)? {
            engine.load_file(&file).map_err(at(&file))?;
        }
    }
    Ok(())
}

fn failed(error: &dyn std::error::Error, code: u8) -> ExitCode {
    complain(error);
    ExitCode::from(code)
}

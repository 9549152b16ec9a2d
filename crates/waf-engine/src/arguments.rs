//! What was typed.

use std::ffi::OsString;
use std::path::PathBuf;

/// The help.
pub(crate) const HELP: &str = "\
A judge of Bedrail's web application firewall. `bedrail waf run` starts it.

bedrail-waf-engine --serve SOCKET --rules PATH...   judge requests behind a socket
bedrail-waf-engine --check --rules PATH...          compile, try harmless requests, print what happened as JSON
bedrail-waf-engine --version                        say which engine this is

  --rules PATH          a file, a folder of *.conf, or a tree of the Core Rule Set; may be given several times, loaded in this order
  --name NAME           what the rule set is called (default: the last PATH)
  --bare                without the engine's own settings; the rules bring theirs
  --connections N       most connections at one time (default 512)
  --until-stdin-ends    end when standard input does
  --memory MIB          --check: most address space (default 1024)
  --seconds N           --check: most time (default 30)
";

/// What to do.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Task {
    Help,
    Version,
    Serve { socket: PathBuf },
    Check,
}

/// Everything that was typed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Arguments {
    pub(crate) task: Task,
    pub(crate) rules: Vec<PathBuf>,
    pub(crate) name: Option<String>,
    pub(crate) bare: bool,
    pub(crate) connections: usize,
    pub(crate) until_stdin_ends: bool,
    pub(crate) memory_mib: u64,
    pub(crate) seconds: u64,
}

/// Words that are no command line of ours.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}\nhint: --help shows what can be said")]
pub(crate) struct Usage(String);

/// Understand the words after the program's name.
pub(crate) fn parse(words: impl IntoIterator<Item = OsString>) -> Result<Arguments, Usage> {
    let mut words = words.into_iter();
    let mut task = None;
    let mut found = Arguments {
        task: Task::Help,
        rules: Vec::new(),
        name: None,
        bare: false,
        connections: 512,
        until_stdin_ends: false,
        memory_mib: 1024,
        seconds: 30,
    };
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or_else(|| Usage(format!("{} needs a value", word.display())));
        match word.to_str() {
            Some("--help" | "-h") => task = Some(Task::Help),
            Some("--version") => task = Some(Task::Version),
            Some("--serve") => task = Some(Task::Serve { socket: value()?.into() }),
            Some("--check") => task = Some(Task::Check),
            Some("--rules") => found.rules.push(value()?.into()),
            Some("--name") => found.name = Some(value()?.to_string_lossy().into_owned()),
            Some("--bare") => found.bare = true,
            Some("--until-stdin-ends") => found.until_stdin_ends = true,
            Some("--connections") => found.connections = number(&value()?)?,
            Some("--memory") => found.memory_mib = number(&value()?)?,
            Some("--seconds") => found.seconds = number(&value()?)?,
            _ => return Err(Usage(format!("not understood: {}", word.display()))),
        }
    }
    found.task = task.ok_or_else(|| Usage("nothing to do".to_owned()))?;
    let needs_rules = matches!(found.task, Task::Serve { .. } | Task::Check);
    if needs_rules && found.rules.is_empty() {
        return Err(Usage("--rules is missing".to_owned()));
    }
    Ok(found)
}

fn number<T: std::str::FromStr>(word: &OsString) -> Result<T, Usage> {
    word.to_str()
        .and_then(|it| it.parse().ok())
        .ok_or_else(|| Usage(format!("{} is no number that fits", word.display())))
}

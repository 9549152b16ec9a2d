//! Libraries that are told by their code, whatever they are called and wherever they were moved to.
//!
//! `data/log4j.csv` has a row for every class that tells versions apart and every form of its instructions: artifact, class, hash
//! ([`crate::class_file::ClassFile::code`]), marks, and the versions that have it. It was made from the jars of Maven Central by
//! `examples/classes.rs`; `docs/scanner.md` says how it is renewed.

use std::collections::{BTreeSet, HashMap};
use std::sync::OnceLock;

use memchr::memmem::Finder;

use crate::class_file::ClassFile;

/// A text in a class by which its behaviour is told, and the name that we give it.
pub(crate) const MARKS: &[(&str, &str)] = &[
    ("unsupported", "JNDI is not supported"),
    ("lookup_switch", "isJndiLookupEnabled"),
    ("initial_context", "javax/naming/InitialContext"),
    ("old_constructor", "(Ljava/lang/String;Ljavax/naming/Context;)V"),
    ("uri_check", "Invalid JNDI URI - {}"),
    ("jndi_switch", "isJndiEnabled"),
    ("jdbc_switch", "isJndiJdbcEnabled"),
    ("allowed_hosts", "allowedHosts"),
    ("no_message_lookups", "Message Lookups are no longer supported"),
];

/// One library, or several that share their package.
pub(crate) struct Library {
    /// The package as published.
    pub(crate) package: &'static str,
    /// How the package ends where somebody moved it: `com/example/shaded/log4j/core`.
    pub(crate) ending: &'static str,
    /// The artifacts that have this package, each with its group; the first is meant where nothing tells them apart.
    pub(crate) artifacts: &'static [(&'static str, &'static str)],
    /// The classes that are looked for, below the package.
    pub(crate) classes: &'static [&'static str],
    /// Classes of which one must be there before code of no known form counts: others imitate the rest of the package.
    pub(crate) telling: &'static [&'static str],
    /// Classes that weaknesses lie in: where one is not there, that means something, so it is looked for under every other name.
    pub(crate) missed: &'static [&'static str],
}

impl Library {
    /// The classes that are told by their instructions alone, whatever they are called.
    pub(crate) fn by_instructions(&self) -> impl Iterator<Item = &'static str> {
        self.telling.iter().chain(self.missed.iter().filter(|it| !self.telling.contains(it))).copied()
    }
}

/// Every library. A new one is a row here and rows in `data/log4j.csv`.
pub(crate) const LIBRARIES: &[Library] = &[
    Library {
        package: "org/apache/logging/log4j/core",
        ending: "log4j/core",
        artifacts: &[("org.apache.logging.log4j", "log4j-core")],
        classes: &[
            "lookup/JndiLookup",
            "net/JndiManager",
            "lookup/StrSubstitutor",
            "lookup/Interpolator",
            "pattern/MessagePatternConverter",
            "appender/rolling/RollingFileManager",
            "LoggerContext",
            "layout/Rfc5424Layout",
            "config/LoggerConfig",
            "async/RingBufferLogEvent",
            "appender/OutputStreamManager",
            "pattern/ExtendedThrowablePatternConverter",
            "net/SslSocketManager",
        ],
        telling: &["lookup/JndiLookup", "net/JndiManager", "lookup/StrSubstitutor", "lookup/Interpolator"],
        missed: &["lookup/JndiLookup"],
    },
    Library {
        package: "org/apache/log4j",
        ending: "log4j",
        artifacts: &[
            ("log4j", "log4j"),
            ("ch.qos.reload4j", "reload4j"),
            ("org.apache.logging.log4j", "log4j-1.2-api"),
        ],
        classes: &[
            "net/JMSAppender",
            "net/SocketServer",
            "net/SocketNode",
            "net/JMSSink",
            "jdbc/JDBCAppender",
            "net/SMTPAppender",
            "chainsaw/Main",
            "helpers/AppenderAttachableImpl",
            "helpers/Loader",
            "Category",
            "chainsaw/LoadXMLAction",
            "xml/DOMConfigurator",
            "NewAsyncAppender",
            "LogManager",
            "MDC",
        ],
        telling: &["net/SocketServer", "net/JMSSink", "net/JMSAppender", "jdbc/JDBCAppender"],
        missed: &[
            "net/JMSAppender",
            "net/SocketServer",
            "net/SocketNode",
            "net/JMSSink",
            "jdbc/JDBCAppender",
            "chainsaw/Main",
            "chainsaw/LoadXMLAction",
        ],
    },
];

/// One form of a class: who has it.
pub(crate) struct Form {
    pub(crate) artifact: &'static str,
    pub(crate) class: &'static str,
    pub(crate) code: [u8; 16],
    pub(crate) marks: Vec<&'static str>,
    pub(crate) versions: Vec<&'static str>,
}

/// All forms, and where each is by its class and code.
pub(crate) struct Forms {
    pub(crate) all: Vec<Form>,
    by_code: HashMap<(&'static str, [u8; 16]), Vec<usize>>,
    /// The classes that have some instructions, each once.
    classes: HashMap<[u8; 16], Vec<&'static str>>,
}

impl Forms {
    /// The table, read once.
    pub(crate) fn get() -> &'static Forms {
        static FORMS: OnceLock<Forms> = OnceLock::new();
        FORMS.get_or_init(|| {
            let lines = include_str!("../data/log4j.csv").lines().skip(1);
            let all: Vec<Form> = lines.filter_map(form).collect();
            let mut by_code: HashMap<_, Vec<usize>> = HashMap::new();
            let mut classes: HashMap<_, Vec<&str>> = HashMap::new();
            for (at, form) in all.iter().enumerate() {
                by_code.entry((form.class, form.code)).or_default().push(at);
                let classes = classes.entry(form.code).or_default();
                if !classes.contains(&form.class) {
                    classes.push(form.class);
                }
            }
            Forms { all, by_code, classes }
        })
    }

    /// The forms of a class that have these instructions.
    pub(crate) fn of(&self, class: &'static str, code: [u8; 16]) -> impl Iterator<Item = &Form> {
        self.by_code.get(&(class, code)).into_iter().flatten().map(|at| &self.all[*at])
    }

    /// The classes of a release, of those that are looked for.
    pub(crate) fn classes_in(&self, artifact: &str, version: &str) -> BTreeSet<&'static str> {
        let of_release = |form: &&Form| form.artifact == artifact && form.versions.contains(&version);
        self.all.iter().filter(of_release).map(|form| form.class).collect()
    }

    /// The classes that have these instructions, whatever they are called here.
    pub(crate) fn classes_of(&self, code: [u8; 16]) -> &[&'static str] {
        self.classes.get(&code).map_or(&[], Vec::as_slice)
    }
}

fn form(line: &'static str) -> Option<Form> {
    let mut cells = line.split(',');
    let (artifact, class, code, marks, versions) =
        (cells.next()?, cells.next()?, cells.next()?, cells.next()?, cells.next()?);
    Some(Form {
        artifact,
        class,
        code: hex::decode(code).ok()?.try_into().ok()?,
        marks: marks.split('+').filter(|mark| !mark.is_empty()).collect(),
        versions: versions.split(' ').collect(),
    })
}

/// The marks in a class, and in its bytes: texts are looked at one by one only where the bytes have the mark at all.
pub(crate) fn marks(class: &ClassFile<'_>, bytes: &[u8]) -> Vec<&'static str> {
    static FINDERS: OnceLock<Vec<(&'static str, Finder<'static>)>> = OnceLock::new();
    let finders =
        FINDERS.get_or_init(|| MARKS.iter().map(|(name, text)| (*name, Finder::new(text))).collect());
    let is_there = |finder: &Finder<'_>| {
        finder.find(bytes).is_some() && class.texts.iter().any(|text| finder.find(text).is_some())
    };
    finders.iter().filter(|(_, finder)| is_there(finder)).map(|(name, _)| *name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_read_and_names_what_the_tables_name() {
        let forms = Forms::get();
        assert_eq!(forms.all.len(), include_str!("../data/log4j.csv").lines().count() - 1);
        for form in &forms.all {
            let library = LIBRARIES.iter().find(|library| library.classes.contains(&form.class));
            let library = library.unwrap_or_else(|| panic!("{} is looked for by no library", form.class));
            assert!(library.artifacts.iter().any(|(_, artifact)| *artifact == form.artifact));
            assert!(form.marks.iter().all(|mark| MARKS.iter().any(|(name, _)| name == mark)));
        }
    }

    #[test]
    fn no_class_of_one_library_ends_like_one_of_another() {
        let mut all: Vec<&str> = LIBRARIES.iter().flat_map(|library| library.classes).copied().collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}

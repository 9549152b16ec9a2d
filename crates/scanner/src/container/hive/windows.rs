//! What a hive says of Windows: the hive `SOFTWARE` of the system and of its programs, that of a user (`NTUSER.DAT`) of programs
//! that only they have.

use std::collections::BTreeSet;

use super::{Hive, Key, Value, damaged};
use crate::detect::package;
use crate::examine::Examiner;
use crate::report::{Confidence, Evidence, Reason};

/// Names of updates that are kept of one system.
const MAX_UPDATES: usize = 2000;

/// The keys below which the keys stand that are looked for: in `SOFTWARE` the root itself, in a user's hive `Software`.
const ROOTS: &[&str] = &["", "Software\\"];
/// Where programs are listed: those of the system's own width and, on 64 bits, those of 32.
const UNINSTALL: &[&str] = &[
    "Microsoft\\Windows\\CurrentVersion\\Uninstall",
    "Wow6432Node\\Microsoft\\Windows\\CurrentVersion\\Uninstall",
];
const SYSTEM: &str = "Microsoft\\Windows NT\\CurrentVersion";
/// What was installed by Windows' own servicing, and, up to Windows XP and Server 2003, by hotfixes.
const PACKAGES: &str = "Microsoft\\Windows\\CurrentVersion\\Component Based Servicing\\Packages";
const HOT_FIXES: &str = "Microsoft\\Windows NT\\CurrentVersion\\HotFix";
/// `CurrentState` of a package that is installed.
const INSTALLED: u32 = 0x70;

/// The names that NVD has for a system of this build, for workstations and for servers; empty where there is none. Microsoft, Windows
/// release information and Windows Server release information.
#[rustfmt::skip]
const BUILDS: &[(u32, &str, &str)] = &[
    (2600, "windows_xp", ""),
    (3790, "windows_xp", "windows_server_2003"),
    (6002, "windows_vista", "windows_server_2008"),
    (7601, "windows_7", "windows_server_2008"),
    (9200, "windows_8", "windows_server_2012"),
    (9600, "windows_8.1", "windows_server_2012"),
    (10240, "windows_10_1507", ""),
    (10586, "windows_10_1511", ""),
    (14393, "windows_10_1607", "windows_server_2016"),
    (15063, "windows_10_1703", ""),
    (16299, "windows_10_1709", ""),
    (17134, "windows_10_1803", ""),
    (17763, "windows_10_1809", "windows_server_2019"),
    (18362, "windows_10_1903", ""),
    (18363, "windows_10_1909", ""),
    (19041, "windows_10_2004", ""),
    (19042, "windows_10_20h2", ""),
    (19043, "windows_10_21h1", ""),
    (19044, "windows_10_21h2", ""),
    (19045, "windows_10_22h2", ""),
    (20348, "", "windows_server_2022"),
    (22000, "windows_11_21h2", ""),
    (22621, "windows_11_22h2", ""),
    (22631, "windows_11_23h2", ""),
    (26100, "windows_11_24h2", "windows_server_2025"),
];

pub(super) fn look<'s>(hive: &Hive<'_, 's>, root: &Key, examiner: &mut Examiner<'s>) -> Result<(), Reason> {
    // What is damaged hides nothing beside it.
    let mut read = system(hive, root, examiner);
    for prefix in ROOTS {
        for path in UNINSTALL {
            let path = format!("{prefix}{path}");
            let list = hive.path(root, &path).and_then(|key| match key {
                Some(key) => programs(hive, &key, &path, examiner),
                None => Ok(()),
            });
            read = read.and(list);
        }
    }
    read
}

/// What `CurrentVersion` says.
#[derive(Default)]
struct System {
    texts: Vec<(&'static str, String)>,
    revision: Option<u32>,
}

impl System {
    fn text(&self, name: &str) -> Option<&str> {
        self.texts.iter().find(|(it, _)| *it == name).map(|(_, text)| text.as_str())
    }

    fn build(&self) -> Option<u32> {
        self.text("CurrentBuildNumber").or_else(|| self.text("CurrentBuild"))?.parse().ok()
    }

    fn is_server(&self) -> bool {
        self.text("InstallationType").is_some_and(|it| it.starts_with("Server"))
            || self.text("ProductName").is_some_and(|it| it.contains("Server"))
    }

    /// Windows 11 still calls itself 10 here; its build is 22000 or later (Microsoft, Windows 11 release information).
    fn name(&self) -> Option<String> {
        let name = self.text("ProductName")?;
        let is_eleven = self.build().is_some_and(|build| build >= 22000) && !self.is_server();
        let name = if is_eleven { name.replacen("Windows 10", "Windows 11", 1) } else { name.to_owned() };
        // The feature update, where the name has none.
        Some(match self.text("DisplayVersion").or_else(|| self.text("ReleaseId")) {
            Some(update) if !name.contains(update) => format!("{name} {update}"),
            _ => name,
        })
    }

    /// `10.0.19045.4046`, `6.1.7601`.
    fn version(&self) -> Option<String> {
        let build = self.build()?;
        let kernel = if build >= 10240 { "10.0" } else { self.text("CurrentVersion")? };
        let revision = self.revision.map(|it| format!(".{it}")).unwrap_or_default();
        Some(format!("{kernel}.{build}{revision}"))
    }

    /// The name in NVD's dictionary (NISTIR 7695 §6.2); none where the build is of no known release.
    fn cpe(&self) -> Option<String> {
        let build = self.build()?;
        let (_, workstation, server) = BUILDS.iter().find(|(it, ..)| *it == build)?;
        let product = if self.is_server() { server } else { workstation };
        if product.is_empty() {
            return None;
        }
        let pack = self.text("CSDVersion").and_then(|it| it.strip_prefix("Service Pack "));
        let pack = pack.map_or("*".to_owned(), |it| format!("sp{}", it.to_ascii_lowercase()));
        let is_plain = pack.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'*');
        let pack = if is_plain { pack } else { "*".to_owned() };
        let is_second = self.is_server() && matches!(build, 7601 | 9600);
        let version = match self.version().filter(|_| build >= 10240) {
            Some(version) => version,
            None if is_second => "r2".to_owned(),
            None => "-".to_owned(),
        };
        Some(format!("cpe:2.3:o:microsoft:{product}:{version}:{pack}:*:*:*:*:*:*"))
    }
}

fn system<'s>(hive: &Hive<'_, 's>, root: &Key, examiner: &mut Examiner<'s>) -> Result<(), Reason> {
    const NAMES: &[&str] = &[
        "ProductName",
        "EditionID",
        "InstallationType",
        "CurrentVersion",
        "CurrentBuild",
        "CurrentBuildNumber",
        "DisplayVersion",
        "ReleaseId",
        "CSDVersion",
        "UBR",
    ];
    let Some(key) = hive.path(root, SYSTEM)? else { return Ok(()) };
    let mut system = System::default();
    for (name, value) in hive.values(&key, NAMES)? {
        match value {
            Value::Text(text) => system.texts.push((name, text)),
            Value::Number(number) if name == "UBR" => system.revision = Some(number),
            Value::Number(_) => {}
        }
    }
    let Some(name) = system.name() else { return Ok(()) };
    let said: Vec<String> =
        system.texts.iter().map(|(name, text)| format!("{name} \"{}\"", text.escape_debug())).collect();
    let revision = system.revision.map(|it| format!(", UBR {it}")).unwrap_or_default();
    let shows = format!("rule registry: {SYSTEM} says {}{revision}", said.join(", "));
    let place = examiner.container_place();
    let mut found = package("generic", &name, system.version().as_deref(), place.clone(), &shows);
    found.is_system = true;
    found.confidence = Confidence::High;
    found.cpes.extend(system.cpe());
    let (updates, read) = updates(hive, root);
    if !updates.is_empty() {
        let all = updates.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        let shows = format!("rule registry: these updates are installed: {all}");
        found.evidence.push(Evidence { place, shows, sha256: None });
        found.remarks.push(format!("the registry names {} updates as installed: {all}", updates.len()));
    }
    examiner.facts.packages.push(found);
    read
}

/// The updates that are in, by their numbers (`KB5005112`), and whether all of them could be read.
fn updates(hive: &Hive<'_, '_>, root: &Key) -> (BTreeSet<String>, Result<(), Reason>) {
    let mut all = BTreeSet::new();
    let read = add_updates(hive, root, &mut all);
    (all, read)
}

fn add_updates(hive: &Hive<'_, '_>, root: &Key, all: &mut BTreeSet<String>) -> Result<(), Reason> {
    for path in [PACKAGES, HOT_FIXES] {
        let Some(key) = hive.path(root, path)? else { continue };
        for at in hive.below(&key)? {
            let package = hive.key(at)?;
            let Some(number) = number(&package.name) else { continue };
            let state = hive.values(&package, &["CurrentState"])?;
            let is_in = path == HOT_FIXES || state.contains(&("CurrentState", Value::Number(INSTALLED)));
            if is_in && all.len() < MAX_UPDATES {
                all.insert(number);
            }
        }
    }
    Ok(())
}

/// `KB5005112` of `Package_for_KB5005112~31bf3856ad364e35~amd64~~17763.2111.1.1`.
fn number(name: &str) -> Option<String> {
    let at = name.find("KB")?;
    let digits: String = name.get(at + 2..)?.chars().take_while(char::is_ascii_digit).collect();
    (4..=8).contains(&digits.len()).then(|| format!("KB{digits}"))
}

/// The programs of one list. What of it cannot be read is said; the others go on.
fn programs<'s>(
    hive: &Hive<'_, 's>,
    list: &Key,
    path: &str,
    examiner: &mut Examiner<'s>,
) -> Result<(), Reason> {
    let mut unread = 0;
    for at in hive.below(list)? {
        match program(hive, at, path, examiner) {
            Err(reason) if reason.ends_file() => return Err(reason),
            Err(_) => unread += 1,
            Ok(()) => {}
        }
    }
    match unread {
        0 => Ok(()),
        _ => Err(damaged(&format!("{unread} of the programs below {path} cannot be read"))),
    }
}

fn program<'s>(hive: &Hive<'_, 's>, at: u32, path: &str, examiner: &mut Examiner<'s>) -> Result<(), Reason> {
    let key = hive.key(at)?;
    let values = hive.values(&key, &["DisplayName", "DisplayVersion", "Publisher"])?;
    let text = |name: &str| {
        values.iter().find_map(|(it, value)| match value {
            Value::Text(text) if *it == name => Some(text.as_str()),
            _ => None,
        })
    };
    // A key without a name to show is a part of something else.
    let Some(name) = text("DisplayName") else { return Ok(()) };
    let shows = format!("rule registry: listed as installed below {path}\\{}", key.name.escape_debug());
    let mut found = package("generic", name, text("DisplayVersion"), examiner.container_place(), &shows);
    found.namespace = text("Publisher").map(str::to_owned);
    examiner.facts.packages.push(found);
    Ok(())
}

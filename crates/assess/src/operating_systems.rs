//! Names that stand for any system of a family: NVD says "running on Windows" by `o:microsoft:windows` as well as by
//! `o:microsoft:windows_7`, and a device that is known to run Windows 7 runs the first.
//!
//! The other way round nothing is concluded. A device of which only a Linux is known may have a Windows in it, too: a list of
//! parts says what is there, not what is not.

use bedrail_model::cpe::Cpe;

/// The product that stands for a family, and how the products of its systems begin.
pub const FAMILIES: &[(&str, &[&str])] = &[
    ("o:microsoft:windows", &["o:microsoft:windows_"]),
    (
        "o:linux:linux_kernel",
        &[
            "o:alpinelinux:",
            "o:amazon:linux",
            "o:canonical:ubuntu_linux",
            "o:centos:centos",
            "o:debian:debian_linux",
            "o:fedoraproject:fedora",
            "o:google:android",
            "o:novell:suse",
            "o:opensuse:",
            "o:oracle:linux",
            "o:redhat:enterprise_linux",
            "o:redhat:linux",
            "o:suse:linux",
            "o:yoctoproject:",
        ],
    ),
];

/// Whether a product is of the family that another stands for.
pub fn is_of(product: &str, family: &str) -> bool {
    let row = FAMILIES.iter().find(|(name, _)| *name == family);
    row.is_some_and(|(_, beginnings)| beginnings.iter().any(|beginning| product.starts_with(beginning)))
}

/// Parts of a system that NVD has records of under a name of their own, and that no list names beside it: the system's family,
/// what people call the part, its product. Which version is there, and whether it is on, the system does not say.
///
/// NVD has CVE-2017-0144 (EternalBlue) as SMB 1.0 on Windows.
pub const PARTS: &[(&str, &str, &str)] =
    &[("o:microsoft:windows", "Server Message Block", "a:microsoft:server_message_block")];

/// The parts of a system of these names: what they are called, and their names.
pub fn parts_of(names: &[Cpe]) -> Vec<(&'static str, Cpe)> {
    let products: Vec<String> = names.iter().filter_map(|name| name.fields().product()).collect();
    let is = |family: &str| products.iter().any(|product| product == family || is_of(product, family));
    let parts = PARTS.iter().filter(|(family, ..)| is(family));
    parts
        .filter_map(|(_, called, of)| Some((*called, format!("cpe:2.3:{of}:*:*:*:*:*:*:*:*").parse().ok()?)))
        .collect()
}

/// An operating system as people write it in a device list: words that all stand in the text, and the product that NVD calls it.
/// The first row that fits is taken. A system is not in this table where its name in NVD is not certain.
#[rustfmt::skip]
const WRITTEN: &[(&[&str], Written)] = &[
    (&["windows", "ce"], Written::Plain("microsoft:windows_ce")),
    (&["windows", "2000"], Written::Packs("microsoft:windows_2000")),
    (&["windows", "server"], Written::Server),
    (&["windows", "8.1"], Written::Packs("microsoft:windows_8.1")),
    (&["windows", "8"], Written::Packs("microsoft:windows_8")),
    (&["windows", "7"], Written::Packs("microsoft:windows_7")),
    (&["windows", "vista"], Written::Packs("microsoft:windows_vista")),
    (&["windows", "xp"], Written::Packs("microsoft:windows_xp")),
    (&["windows", "10"], Written::Features("microsoft:windows_10")),
    (&["windows", "11"], Written::Features("microsoft:windows_11")),
    (&["windows"], Written::Plain("microsoft:windows")),
    (&["ubuntu"], Written::Numbered("canonical:ubuntu_linux", Release::Month)),
    (&["debian"], Written::Numbered("debian:debian_linux", Release::Major)),
    (&["red", "hat"], Written::Numbered("redhat:enterprise_linux", Release::MajorOrBare)),
    (&["rhel"], Written::Numbered("redhat:enterprise_linux", Release::MajorOrBare)),
    (&["centos"], Written::Numbered("centos:centos", Release::MajorOrBare)),
    (&["android"], Written::Numbered("google:android", Release::Whole)),
    (&["vxworks"], Written::Plain("windriver:vxworks")),
    (&["yocto"], Written::Plain("linux:linux_kernel")),
    (&["linux"], Written::Plain("linux:linux_kernel")),
];

/// How a name of NVD has the version that stands in the text.
#[derive(Debug, Clone, Copy)]
enum Written {
    /// It is not taken over: people write `Linux 2.6` and mean one of hundreds.
    Plain(&'static str),
    /// As the number behind the name, with a point: Debian 11 is `11.0`.
    Numbered(&'static str, Release),
    /// As a service pack: `windows_7:-:sp1`.
    Packs(&'static str),
    /// As the feature update, in both of NVD's spellings: `windows_10:1809` and `windows_10_1809`.
    Features(&'static str),
    /// Windows Server: `windows_server_2008:r2:sp1`.
    Server,
}

/// By how much of a number NVD calls a release, beside the whole of it: its records list Debian 9 as `9.0`, whichever of 9.1 to 9.13
/// a device has.
#[derive(Debug, Clone, Copy)]
enum Release {
    /// By the whole: Android 7.1.2 is a release of its own.
    Whole,
    /// By year and month: Ubuntu 20.04.6 is of `20.04`.
    Month,
    /// By the first number: Debian 9.13 is of `9.0`.
    Major,
    /// By the first number, which is written in two ways: Red Hat Enterprise Linux 5.11 is of `5.0` and of `5`.
    MajorOrBare,
}

/// Numbers beside a system that are no version of it: "64-bit", "x86".
const BITS: &[&str] = &["32", "64", "86"];

/// Feature updates of Windows 10 and 11, and the long-term releases that are the same.
const FEATURES: &[(&str, &str)] = &[
    ("1507", "1507"),
    ("1511", "1511"),
    ("1607", "1607"),
    ("1703", "1703"),
    ("1709", "1709"),
    ("1803", "1803"),
    ("1809", "1809"),
    ("1903", "1903"),
    ("1909", "1909"),
    ("2004", "2004"),
    ("20h2", "20h2"),
    ("21h1", "21h1"),
    ("21h2", "21h2"),
    ("22h2", "22h2"),
    ("23h2", "23h2"),
    ("24h2", "24h2"),
    // Microsoft's long-term servicing channel, by its year.
    ("2016", "1607"),
    ("2019", "1809"),
    ("2021", "21h2"),
    ("2024", "24h2"),
];

/// The names in NVD of an operating system as people write it; none where the text is not certain to mean one. They say that the
/// system is there, for what is weak only together with it.
pub fn names_of(text: &str) -> Vec<Cpe> {
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower
        .split(|letter: char| !(letter.is_alphanumeric() || letter == '.'))
        .filter(|word| !word.is_empty())
        .collect();
    let has = |wanted: &str| words.contains(&wanted);
    let Some((all, written)) = WRITTEN.iter().find(|(all, _)| all.iter().all(|word| has(word))) else {
        return Vec::new();
    };
    let name = |product: &str, version: &str, update: &str| {
        format!("cpe:2.3:o:{product}:{version}:{update}:*:*:*:*:*:*").parse::<Cpe>().ok()
    };
    let is_pack = |word: &&&str| matches!(word.as_bytes(), [b's', b'p', b'0'..=b'9']);
    let pack = words.iter().find(is_pack).copied().unwrap_or("*");
    let names =
        match written {
            Written::Plain(product) => vec![name(product, "*", "*")],
            Written::Numbered(product, release) => {
                let from = words.iter().rposition(|word| all.contains(word)).unwrap_or_default();
                let versions = releases(&words[from..], *release);
                let names = versions.iter().map(|version| name(product, version, "*"));
                if versions.is_empty() { vec![name(product, "*", "*")] } else { names.collect() }
            }
            Written::Packs(product) => vec![name(product, "-", pack)],
            Written::Features(product) => match FEATURES.iter().find(|(word, _)| has(word)) {
                Some((_, feature)) => {
                    vec![name(product, feature, "*"), name(&format!("{product}_{feature}"), "*", "*")]
                }
                None => vec![name(product, "*", "*")],
            },
            Written::Server => {
                let year = words.iter().find(|word| word.len() == 4 && word.starts_with("20"));
                let product = year.map(|year| format!("microsoft:windows_server_{year}"));
                let release = if has("r2") { "r2" } else { "-" };
                vec![product.map_or_else(
                    || name("microsoft:windows", "*", "*"),
                    |product| name(&product, release, pack),
                )]
            }
        };
    names.into_iter().flatten().collect()
}

/// What NVD calls a release by, out of a system's name and the words behind it: the first number as written, and by its release. None
/// where there is no number, or not enough of it.
fn releases<'w>(words: &[&'w str], release: Release) -> Vec<String> {
    let number = |word: &&'w str| -> &'w str {
        let end = word.find(|letter: char| !(letter.is_ascii_digit() || letter == '.'));
        word[..end.unwrap_or(word.len())].trim_matches('.')
    };
    let mut numbers = words.iter().map(number);
    let Some(number) = numbers.find(|number| !number.is_empty() && !BITS.contains(number)) else {
        return Vec::new();
    };
    let whole = if number.contains('.') { number.to_owned() } else { format!("{number}.0") };
    let mut parts = number.split('.');
    let (major, minor) = (parts.next().unwrap_or(number), parts.next());
    let mut versions = match (release, minor) {
        (Release::Whole, _) => vec![whole],
        // "Ubuntu 20" may be 20.04 or 20.10.
        (Release::Month, None) => Vec::new(),
        (Release::Month, Some(minor)) => vec![whole, format!("{major}.{minor}")],
        (Release::Major, _) => vec![whole, format!("{major}.0")],
        (Release::MajorOrBare, _) => vec![whole, format!("{major}.0"), major.to_owned()],
    };
    versions.dedup();
    versions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_is_what_nvd_calls_it() {
        for (written, names) in [
            ("Windows 7", &["o:microsoft:windows_7:-:*"][..]),
            ("Microsoft Windows 7 Professional SP1", &["o:microsoft:windows_7:-:sp1"]),
            ("Windows 10 LTSC 1809", &["o:microsoft:windows_10:1809:*", "o:microsoft:windows_10_1809:*:*"]),
            (
                "Windows 10 Enterprise LTSC 2019",
                &["o:microsoft:windows_10:1809:*", "o:microsoft:windows_10_1809:*:*"],
            ),
            ("Windows 10", &["o:microsoft:windows_10:*:*"]),
            ("Windows Server 2008 R2", &["o:microsoft:windows_server_2008:r2:*"]),
            ("Windows XP Embedded", &["o:microsoft:windows_xp:-:*"]),
            ("Windows CE 6.0", &["o:microsoft:windows_ce:*:*"]),
            ("Windows XP SP3 SPA", &["o:microsoft:windows_xp:-:sp3"]),
            ("Windows XP (spa)", &["o:microsoft:windows_xp:-:*"]),
            ("Windows 8.1 Pro", &["o:microsoft:windows_8.1:-:*"]),
            ("Windows Vista SP2", &["o:microsoft:windows_vista:-:sp2"]),
            ("Windows 2000 Server SP4", &["o:microsoft:windows_2000:-:sp4"]),
            ("Windows Server 2019", &["o:microsoft:windows_server_2019:-:*"]),
            ("Windows Server Core 2016", &["o:microsoft:windows_server_2016:-:*"]),
            ("Windows Server", &["o:microsoft:windows:*:*"]),
            ("Windows 11 22H2", &["o:microsoft:windows_11:22h2:*", "o:microsoft:windows_11_22h2:*:*"]),
            ("Windows NT 4.0", &["o:microsoft:windows:*:*"]),
            ("Debian 11", &["o:debian:debian_linux:11.0:*"]),
            ("Debian 11.", &["o:debian:debian_linux:11.0:*"]),
            ("Ubuntu 20.04 LTS", &["o:canonical:ubuntu_linux:20.04:*"]),
            ("VxWorks 6.9", &["o:windriver:vxworks:*:*"]),
            ("Linux 2.6", &["o:linux:linux_kernel:*:*"]),
            ("Linux (Yocto 3.1)", &["o:linux:linux_kernel:*:*"]),
            ("QNX 7.1", &[]),
            ("unknown", &[]),
            ("", &[]),
        ] {
            assert_eq!(read(written), names, "{written}");
        }
    }

    /// Part, vendor, product, version and update of each name.
    fn read(written: &str) -> Vec<String> {
        let name = |name: &Cpe| {
            let name = name.to_string();
            let name = name.strip_prefix("cpe:2.3:").unwrap().strip_suffix(":*:*:*:*:*:*").unwrap();
            name.to_owned()
        };
        names_of(written).iter().map(name).collect()
    }

    /// NVD lists Debian and Red Hat by the first number and Ubuntu by two (CVE-2016-5195: `debian_linux:8.0`,
    /// `enterprise_linux:5`, `enterprise_linux:7.0`, `ubuntu_linux:16.04`): a point release is of its release.
    #[test]
    fn a_point_release_goes_by_the_name_of_its_release() {
        for (written, product, versions) in [
            ("Debian GNU/Linux 9.13 (stretch)", "o:debian:debian_linux", &["9.13", "9.0"][..]),
            ("Linux 5.10, Debian 11", "o:debian:debian_linux", &["11.0"]),
            ("Ubuntu 20.04.6 LTS", "o:canonical:ubuntu_linux", &["20.04.6", "20.04"]),
            ("Ubuntu 64-bit 18.04", "o:canonical:ubuntu_linux", &["18.04"]),
            ("64bit Ubuntu 18.04lts", "o:canonical:ubuntu_linux", &["18.04"]),
            ("Ubuntu x86_64", "o:canonical:ubuntu_linux", &["*"]),
            ("Ubuntu 20", "o:canonical:ubuntu_linux", &["*"]),
            ("Red Hat Enterprise Linux 7.9", "o:redhat:enterprise_linux", &["7.9", "7.0", "7"]),
            ("RHEL 5", "o:redhat:enterprise_linux", &["5.0", "5"]),
            ("RHEL", "o:redhat:enterprise_linux", &["*"]),
            ("CentOS Linux release 7.9.2009 (Core)", "o:centos:centos", &["7.9.2009", "7.0", "7"]),
            ("Android 8", "o:google:android", &["8.0"]),
            ("Android 7.1.2", "o:google:android", &["7.1.2"]),
        ] {
            let wanted: Vec<String> =
                versions.iter().map(|version| format!("{product}:{version}:*")).collect();
            assert_eq!(read(written), wanted, "{written}");
        }
    }

    #[test]
    fn parts_and_families_are_those_of_their_systems() {
        let parts = |written: &str| -> Vec<String> {
            parts_of(&names_of(written)).iter().map(|(called, name)| format!("{called} {name}")).collect()
        };
        let block = "Server Message Block cpe:2.3:a:microsoft:server_message_block:*:*:*:*:*:*:*:*";
        for (written, wanted) in [("Windows", &[block][..]), ("Windows 7", &[block]), ("Debian 11", &[])] {
            assert_eq!(parts(written), wanted, "{written}");
        }
        assert!(is_of("o:microsoft:windows_7", "o:microsoft:windows"));
        assert!(!is_of("o:microsoft:windows", "o:microsoft:windows"), "a family is none of its systems");
        assert!(!is_of("o:debian:debian_linux", "o:microsoft:windows"));
    }
}

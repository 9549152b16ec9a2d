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
    (&["windows", "server"], Written::Server),
    (&["windows", "8.1"], Written::Packs("microsoft:windows_8.1")),
    (&["windows", "8"], Written::Packs("microsoft:windows_8")),
    (&["windows", "7"], Written::Packs("microsoft:windows_7")),
    (&["windows", "vista"], Written::Packs("microsoft:windows_vista")),
    (&["windows", "xp"], Written::Packs("microsoft:windows_xp")),
    (&["windows", "2000"], Written::Packs("microsoft:windows_2000")),
    (&["windows", "10"], Written::Features("microsoft:windows_10")),
    (&["windows", "11"], Written::Features("microsoft:windows_11")),
    (&["windows"], Written::Plain("microsoft:windows")),
    (&["ubuntu"], Written::Numbered("canonical:ubuntu_linux")),
    (&["debian"], Written::Numbered("debian:debian_linux")),
    (&["red", "hat"], Written::Numbered("redhat:enterprise_linux")),
    (&["rhel"], Written::Numbered("redhat:enterprise_linux")),
    (&["centos"], Written::Numbered("centos:centos")),
    (&["android"], Written::Numbered("google:android")),
    (&["vxworks"], Written::Plain("windriver:vxworks")),
    (&["yocto"], Written::Plain("linux:linux_kernel")),
    (&["linux"], Written::Plain("linux:linux_kernel")),
];

/// How a name of NVD has the version that stands in the text.
#[derive(Debug, Clone, Copy)]
enum Written {
    /// It is not taken over: people write `Linux 2.6` and mean one of hundreds.
    Plain(&'static str),
    /// As the first number with a point: Debian 11 is `11.0`.
    Numbered(&'static str),
    /// As a service pack: `windows_7:-:sp1`.
    Packs(&'static str),
    /// As the feature update, in both of NVD's spellings: `windows_10:1809` and `windows_10_1809`.
    Features(&'static str),
    /// Windows Server: `windows_server_2008:r2:sp1`.
    Server,
}

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
    let Some((_, written)) = WRITTEN.iter().find(|(all, _)| all.iter().all(|word| has(word))) else {
        return Vec::new();
    };
    let name = |product: &str, version: &str, update: &str| {
        format!("cpe:2.3:o:{product}:{version}:{update}:*:*:*:*:*:*").parse::<Cpe>().ok()
    };
    let pack = words.iter().find(|word| word.len() == 3 && word.starts_with("sp")).copied().unwrap_or("*");
    let names = match written {
        Written::Plain(product) => vec![name(product, "*", "*")],
        Written::Numbered(product) => {
            let number = words.iter().find(|word| word.starts_with(|letter: char| letter.is_ascii_digit()));
            let version =
                number.map(|word| if word.contains('.') { (*word).to_owned() } else { format!("{word}.0") });
            vec![name(product, version.as_deref().unwrap_or("*"), "*")]
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
            vec![
                product.map_or_else(
                    || name("microsoft:windows", "*", "*"),
                    |product| name(&product, release, pack),
                ),
            ]
        }
    };
    names.into_iter().flatten().collect()
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
            ("Debian 11", &["o:debian:debian_linux:11.0:*"]),
            ("Ubuntu 20.04 LTS", &["o:canonical:ubuntu_linux:20.04:*"]),
            ("Linux 2.6", &["o:linux:linux_kernel:*:*"]),
            ("Linux (Yocto 3.1)", &["o:linux:linux_kernel:*:*"]),
            ("QNX 7.1", &[]),
            ("unknown", &[]),
            ("", &[]),
        ] {
            let read: Vec<String> = names_of(written).iter().map(|name| name.to_string()).collect();
            let wanted: Vec<String> =
                names.iter().map(|name| format!("cpe:2.3:{name}:*:*:*:*:*:*")).collect();
            assert_eq!(read, wanted, "{written}");
        }
    }
}

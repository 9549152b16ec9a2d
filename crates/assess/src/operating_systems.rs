//! Names that stand for any system of a family: NVD says "running on Windows" by `o:microsoft:windows` as well as by
//! `o:microsoft:windows_7`, and a device that is known to run Windows 7 runs the first.
//!
//! The other way round nothing is concluded. A device of which only a Linux is known may have a Windows in it, too: a list of
//! parts says what is there, not what is not.

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

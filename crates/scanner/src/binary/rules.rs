//! Version strings of what devices are made of. A new one is a row here and a line in the tests.

/// What stands behind a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Behind {
    /// Anything.
    Any,
    /// These bytes.
    Text(&'static str),
    /// Blanks and a day of the month, as OpenSSL has it: ` 11 Sep 2023`.
    Date,
    /// The end of the text.
    End,
    /// Anything, if the version ends with a patch, as that of OpenSSH does (`9.2p1`): it names all its old versions in a list.
    Patch,
}

/// Where the version is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    /// Directly behind the mark.
    Here(Behind),
    /// Behind this, in the same text.
    Further(&'static str),
    /// In a text of its own, that begins like this and has so many numbers, if the file has but one.
    Elsewhere(&'static str, usize),
    /// Nowhere: that it is there is all that is known.
    Unknown,
}

/// One rule.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rule {
    /// What it is; also the name of a generic package URL.
    pub(crate) component: &'static str,
    /// Vendor and product in NVD's dictionary, and what kind of thing it is there: `a` application, `o` operating system.
    pub(crate) cpe: &'static str,
    /// The bytes by which it is told.
    pub(crate) mark: &'static str,
    pub(crate) version: Version,
}

const fn rule(component: &'static str, cpe: &'static str, mark: &'static str, version: Version) -> Rule {
    Rule { component, cpe, mark, version }
}

use Behind::{Any, Date, End, Patch, Text};
use Version::{Elsewhere, Further, Here, Unknown};

/// Every rule. Sources: the projects' own code that prints the text.
#[rustfmt::skip]
pub(crate) const RULES: &[Rule] = &[
    rule("busybox", "a:busybox:busybox", "BusyBox v", Here(Text(" ("))),
    rule("openssl", "a:openssl:openssl", "OpenSSL ", Here(Date)),
    rule("linux", "o:linux:linux_kernel", "Linux version ", Here(Text(" ("))),
    rule("dropbear", "a:dropbear_ssh_project:dropbear_ssh", "SSH-2.0-dropbear_", Here(Any)),
    rule("dropbear", "a:dropbear_ssh_project:dropbear_ssh", "Dropbear SSH client v", Here(Any)),
    rule("dropbear", "a:dropbear_ssh_project:dropbear_ssh", "Dropbear server v", Here(Any)),
    rule("musl", "a:musl-libc:musl", "musl libc (", Elsewhere("1.", 3)),
    rule("uclibc", "a:uclibc:uclibc", "libuClibc-0", Further("libuClibc-")),
    rule("uclibc-ng", "a:uclibc-ng_project:uclibc-ng", "libuClibc-1", Further("libuClibc-")),
    rule("glibc", "a:gnu:glibc", "GNU C Library (", Further("release version ")),
    rule("u-boot", "a:denx:u-boot", "U-Boot ", Here(Text(" ("))),
    rule("u-boot", "a:denx:u-boot", "U-Boot SPL ", Here(Text(" ("))),
    rule("zlib", "a:zlib:zlib", " deflate ", Here(Text(" Copyright 1995"))),
    rule("zlib", "a:zlib:zlib", " inflate ", Here(Text(" Copyright 1995"))),
    rule("dnsmasq", "a:thekelleys:dnsmasq", "dnsmasq-", Here(End)),
    rule("lighttpd", "a:lighttpd:lighttpd", "lighttpd/", Here(Any)),
    rule("nginx", "a:f5:nginx", "nginx/", Here(End)),
    rule("vxworks", "o:windriver:vxworks", "VxWorks ", Here(Any)),
    rule("vxworks", "o:windriver:vxworks", "VxWorks version ", Here(Any)),
    rule("vxworks", "o:windriver:vxworks", "Wind River Systems, Inc.", Unknown),
    rule("threadx", "a:eclipse:threadx", "ThreadX ", Further("Version ")),
    rule("freertos", "a:amazon:freertos", "FreeRTOS V", Here(Any)),
    rule("freertos", "a:amazon:freertos", "FreeRTOS Kernel V", Here(Any)),
    rule("lwip", "a:lwip_project:lwip", "lwIP/", Here(Any)),
    rule("treck", "a:treck:tcp\\/ip", "Treck, Inc", Unknown),
    rule("treck", "a:treck:tcp\\/ip", "Treck TCP/IP", Further("ersion ")),
    rule("nucleus", "o:siemens:nucleus_rtos", "Nucleus PLUS", Further("ersion ")),
    rule("nucleus", "a:siemens:nucleus_net", "Nucleus NET", Further("ersion ")),
    rule("qnx", "o:blackberry:qnx_neutrino_real-time_operating_system", "QNX Neutrino ", Here(Any)),
    rule("qnx", "o:blackberry:qnx_neutrino_real-time_operating_system", "QNX Software Systems", Unknown),
    rule("curl", "a:haxx:curl", "libcurl/", Here(Any)),
    rule("openssh", "a:openbsd:openssh", "OpenSSH_", Here(Patch)),
    rule("mosquitto", "a:eclipse:mosquitto", "mosquitto version ", Elsewhere("", 3)),
    rule("sqlite", "a:sqlite:sqlite", "SQLite format 3", Elsewhere("3.", 3)),
    rule("libpng", "a:libpng:libpng", "libpng version ", Here(Any)),
    rule("wpa_supplicant", "a:w1.fi:wpa_supplicant", "wpa_supplicant v", Here(Any)),
    rule("hostapd", "a:w1.fi:hostapd", "hostapd v%s", Elsewhere("2.", 2)),
    rule("expat", "a:libexpat_project:libexpat", "expat_", Here(End)),
    rule("mbedtls", "a:arm:mbed_tls", "mbed TLS ", Here(End)),
    rule("mbedtls", "a:arm:mbed_tls", "Mbed TLS ", Here(End)),
    rule("libssh2", "a:libssh2:libssh2", "SSH-2.0-libssh2_", Here(Any)),
    rule("libssh", "a:libssh:libssh", "SSH-2.0-libssh_", Here(Any)),
    rule("miniupnpd", "a:miniupnp_project:miniupnpd", "MiniUPnPd/", Here(Any)),
    rule("vsftpd", "a:vsftpd_project:vsftpd", "vsftpd: version ", Here(Any)),
    rule("libjpeg-turbo", "a:libjpeg-turbo:libjpeg-turbo", "libjpeg-turbo version ", Here(Any)),
];

/// Libraries that a program may need: where it does, what it says of one of these is only what it was built with, and the library says
/// itself what it is.
#[rustfmt::skip]
pub(super) const LIBRARIES: &[(&str, &str)] = &[
    ("openssl", "libcrypto.so"),
    ("openssl", "libssl.so"),
    ("zlib", "libz.so"),
    ("libpng", "libpng"),
    ("sqlite", "libsqlite3.so"),
    ("curl", "libcurl"),
    ("expat", "libexpat"),
    ("libjpeg-turbo", "libjpeg"),
    ("mbedtls", "libmbedcrypto"),
    ("libssh", "libssh.so"),
    ("libssh2", "libssh2.so"),
];

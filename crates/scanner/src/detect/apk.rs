//! Alpine's database of installed packages (apk-package(5)): paragraphs of `X:value`.

use super::package;
use crate::examine::Examiner;
use crate::fields::text_of;
use crate::report::Confidence;

pub(super) fn installed(path: &str, bytes: &[u8], examiner: &mut Examiner<'_>) {
    let text = text_of(bytes);
    let (mut name, mut version, mut arch, mut origin) = (None, None, None, None);
    for line in text.lines().chain([""]) {
        match line.split_once(':') {
            Some(("P", value)) => name = Some(value),
            Some(("V", value)) => version = Some(value),
            Some(("A", value)) => arch = Some(value),
            Some(("o", value)) => origin = Some(value),
            Some(_) => {}
            None => {
                if let (Some(name), Some(version)) = (name.take(), version.take()) {
                    let mut found = package(
                        "apk",
                        name,
                        Some(version),
                        examiner.place(path),
                        "Alpine's package database",
                    );
                    found.confidence = Confidence::High;
                    found.namespace = Some("alpine".to_owned());
                    found.qualifiers.extend(arch.map(|arch| ("arch", arch.to_owned())));
                    let upstream = origin.filter(|origin| *origin != name);
                    found.qualifiers.extend(upstream.map(|origin| ("upstream", origin.to_owned())));
                    examiner.facts.packages.push(found);
                }
                (arch, origin) = (None, None);
            }
        }
    }
}

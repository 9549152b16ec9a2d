//! The names that the press gave to weaknesses, and the ids that are meant.
//!
//! A row is here only where the names are beyond doubt: the finder's own page, CISA's advisory or the record itself.

use std::collections::HashMap;
use std::sync::LazyLock;

/// A name that the press gave to one or more weaknesses.
#[derive(Debug, PartialEq, Eq)]
pub struct Nickname {
    /// As its inventors write it.
    pub name: &'static str,
    /// The weaknesses.
    pub ids: &'static [&'static str],
    /// Whether it is an ordinary word or the name of a product as well; then it means the weakness only where it stands
    /// alone and no component here bears it.
    ordinary: bool,
    /// Whether there are more weaknesses of this name than these.
    pub more: bool,
}

/// A name that means nothing else.
const fn named(name: &'static str, ids: &'static [&'static str]) -> Nickname {
    Nickname { name, ids, ordinary: false, more: false }
}

/// A name that is a word or a product as well.
const fn word(name: &'static str, ids: &'static [&'static str]) -> Nickname {
    Nickname { name, ids, ordinary: true, more: false }
}

/// Some of the weaknesses of a name.
const fn among(name: &'static str, ids: &'static [&'static str]) -> Nickname {
    Nickname { name, ids, ordinary: false, more: true }
}

#[rustfmt::skip]
const RIPPLE20: &[&str] = &[
    "CVE-2020-11896", "CVE-2020-11897", "CVE-2020-11898", "CVE-2020-11899", "CVE-2020-11900", "CVE-2020-11901", "CVE-2020-11902",
    "CVE-2020-11903", "CVE-2020-11904", "CVE-2020-11905", "CVE-2020-11906", "CVE-2020-11907", "CVE-2020-11908", "CVE-2020-11909",
    "CVE-2020-11910", "CVE-2020-11911", "CVE-2020-11912", "CVE-2020-11913", "CVE-2020-11914",
];

/// The names known here.
#[rustfmt::skip]
pub const NICKNAMES: &[Nickname] = &[
    // Libraries and servers.
    named("Log4Shell", &["CVE-2021-44228"]),
    named("Text4Shell", &["CVE-2022-42889"]),
    named("Spring4Shell", &["CVE-2022-22965"]),
    named("SpringShell", &["CVE-2022-22965"]),
    named("React2Shell", &["CVE-2025-55182"]),
    named("Ghostcat", &["CVE-2020-1938"]),
    named("ImageTragick", &["CVE-2016-3714", "CVE-2016-3715", "CVE-2016-3716", "CVE-2016-3717", "CVE-2016-3718"]),
    named("Rapid Reset", &["CVE-2023-44487"]),
    named("XZ backdoor", &["CVE-2024-3094"]),
    named("Leaky Vessels", &["CVE-2024-21626", "CVE-2024-23651", "CVE-2024-23652", "CVE-2024-23653"]),
    named("KeyTrap", &["CVE-2023-50387"]),
    named("DNSpooq", &["CVE-2020-25681", "CVE-2020-25682", "CVE-2020-25683", "CVE-2020-25684", "CVE-2020-25685", "CVE-2020-25686", "CVE-2020-25687"]),
    named("SambaCry", &["CVE-2017-7494"]),
    named("EternalRed", &["CVE-2017-7494"]),
    // Encryption in transit.
    named("Heartbleed", &["CVE-2014-0160"]),
    word("POODLE", &["CVE-2014-3566"]),
    word("BEAST", &["CVE-2011-3389"]),
    word("CRIME", &["CVE-2012-4929"]),
    word("FREAK", &["CVE-2015-0204"]),
    named("Logjam", &["CVE-2015-4000"]),
    word("DROWN", &["CVE-2016-0800"]),
    named("Sweet32", &["CVE-2016-2183"]),
    word("Terrapin", &["CVE-2023-48795"]),
    named("regreSSHion", &["CVE-2024-6387"]),
    // Unix and Linux.
    named("Shellshock", &["CVE-2014-6271", "CVE-2014-6277", "CVE-2014-6278", "CVE-2014-7169", "CVE-2014-7186", "CVE-2014-7187"]),
    named("Bashdoor", &["CVE-2014-6271", "CVE-2014-6277", "CVE-2014-6278", "CVE-2014-7169", "CVE-2014-7186", "CVE-2014-7187"]),
    word("GHOST", &["CVE-2015-0235"]),
    named("Looney Tunables", &["CVE-2023-4911"]),
    named("Dirty COW", &["CVE-2016-5195"]),
    named("Dirty Pipe", &["CVE-2022-0847"]),
    named("StackRot", &["CVE-2023-3269"]),
    named("SACK Panic", &["CVE-2019-11477"]),
    word("Sequoia", &["CVE-2021-33909"]),
    named("PwnKit", &["CVE-2021-4034"]),
    named("Baron Samedit", &["CVE-2021-3156"]),
    named("BootHole", &["CVE-2020-10713"]),
    // Windows.
    named("EternalBlue", &["CVE-2017-0144"]),
    named("WannaCry", &["CVE-2017-0144"]),
    named("MS17-010", &["CVE-2017-0143", "CVE-2017-0144", "CVE-2017-0145", "CVE-2017-0146", "CVE-2017-0147", "CVE-2017-0148"]),
    named("BlueKeep", &["CVE-2019-0708"]),
    named("DejaBlue", &["CVE-2019-1181", "CVE-2019-1182"]),
    named("SMBGhost", &["CVE-2020-0796"]),
    named("SIGRed", &["CVE-2020-1350"]),
    named("Zerologon", &["CVE-2020-1472"]),
    named("PrintNightmare", &["CVE-2021-34527"]),
    named("HiveNightmare", &["CVE-2021-36934"]),
    named("SeriousSAM", &["CVE-2021-36934"]),
    named("PetitPotam", &["CVE-2021-36942"]),
    named("ProxyLogon", &["CVE-2021-26855", "CVE-2021-26857", "CVE-2021-26858", "CVE-2021-27065"]),
    named("ProxyShell", &["CVE-2021-31207", "CVE-2021-34473", "CVE-2021-34523"]),
    named("ProxyNotShell", &["CVE-2022-41040", "CVE-2022-41082"]),
    named("Follina", &["CVE-2022-30190"]),
    named("ToolShell", &["CVE-2025-53770", "CVE-2025-53771"]),
    // Boxes at the edge.
    named("Citrix Bleed", &["CVE-2023-4966"]),
    named("Citrix Bleed 2", &["CVE-2025-5777"]),
    // Processors.
    word("Spectre", &["CVE-2017-5715", "CVE-2017-5753"]),
    word("Meltdown", &["CVE-2017-5754"]),
    word("Foreshadow", &["CVE-2018-3615", "CVE-2018-3620", "CVE-2018-3646"]),
    named("Zenbleed", &["CVE-2023-20593"]),
    word("Downfall", &["CVE-2022-40982"]),
    named("Retbleed", &["CVE-2022-29900", "CVE-2022-29901"]),
    // Radio.
    word("KRACK", &["CVE-2017-13077", "CVE-2017-13078", "CVE-2017-13079", "CVE-2017-13080", "CVE-2017-13081", "CVE-2017-13082", "CVE-2017-13084", "CVE-2017-13086", "CVE-2017-13087", "CVE-2017-13088"]),
    named("Kr00k", &["CVE-2019-15126"]),
    named("FragAttacks", &["CVE-2020-24586", "CVE-2020-24587", "CVE-2020-24588", "CVE-2020-26139", "CVE-2020-26140", "CVE-2020-26141", "CVE-2020-26142", "CVE-2020-26143", "CVE-2020-26144", "CVE-2020-26145", "CVE-2020-26146", "CVE-2020-26147"]),
    named("BlueBorne", &["CVE-2017-0781", "CVE-2017-0782", "CVE-2017-0783", "CVE-2017-0785", "CVE-2017-8628", "CVE-2017-14315", "CVE-2017-1000250", "CVE-2017-1000251"]),
    named("BleedingTooth", &["CVE-2020-12351", "CVE-2020-12352", "CVE-2020-24490"]),
    named("BLURtooth", &["CVE-2020-15802"]),
    named("SweynTooth", &["CVE-2019-16336", "CVE-2019-17060", "CVE-2019-17061", "CVE-2019-17517", "CVE-2019-17518", "CVE-2019-17519", "CVE-2019-17520", "CVE-2019-19192", "CVE-2019-19193", "CVE-2019-19194", "CVE-2019-19195", "CVE-2019-19196"]),
    // Network stacks and systems inside devices.
    named("Ripple20", RIPPLE20),
    word("Treck", RIPPLE20),
    named("URGENT/11", &["CVE-2019-12255", "CVE-2019-12256", "CVE-2019-12257", "CVE-2019-12258", "CVE-2019-12259", "CVE-2019-12260", "CVE-2019-12261", "CVE-2019-12262", "CVE-2019-12263", "CVE-2019-12264", "CVE-2019-12265"]),
    named("AMNESIA:33", &[
        "CVE-2020-13984", "CVE-2020-13985", "CVE-2020-13986", "CVE-2020-13987", "CVE-2020-13988", "CVE-2020-17437", "CVE-2020-17438",
        "CVE-2020-17439", "CVE-2020-17440", "CVE-2020-17441", "CVE-2020-17442", "CVE-2020-17443", "CVE-2020-17444", "CVE-2020-17445",
        "CVE-2020-17467", "CVE-2020-17468", "CVE-2020-17469", "CVE-2020-17470", "CVE-2020-24334", "CVE-2020-24335", "CVE-2020-24336",
        "CVE-2020-24337", "CVE-2020-24338", "CVE-2020-24339", "CVE-2020-24340", "CVE-2020-24341", "CVE-2020-24383", "CVE-2020-25107",
        "CVE-2020-25108", "CVE-2020-25109", "CVE-2020-25110", "CVE-2020-25111", "CVE-2020-25112",
    ]),
    named("NUMBER:JACK", &["CVE-2020-27213", "CVE-2020-27630", "CVE-2020-27631", "CVE-2020-27632", "CVE-2020-27633", "CVE-2020-27634", "CVE-2020-27635", "CVE-2020-27636", "CVE-2020-28388"]),
    among("NAME:WRECK", &["CVE-2016-20009", "CVE-2020-7461", "CVE-2020-15795", "CVE-2020-27009", "CVE-2020-27736", "CVE-2020-27737", "CVE-2020-27738", "CVE-2021-25677"]),
    named("INFRA:HALT", &["CVE-2020-25767", "CVE-2020-25926", "CVE-2020-25927", "CVE-2020-25928", "CVE-2020-35683", "CVE-2020-35684", "CVE-2020-35685", "CVE-2021-27565", "CVE-2021-31226", "CVE-2021-31227", "CVE-2021-31228", "CVE-2021-31400", "CVE-2021-31401", "CVE-2021-36762"]),
    named("NUCLEUS:13", &["CVE-2021-31344", "CVE-2021-31345", "CVE-2021-31346", "CVE-2021-31881", "CVE-2021-31882", "CVE-2021-31883", "CVE-2021-31884", "CVE-2021-31885", "CVE-2021-31886", "CVE-2021-31887", "CVE-2021-31888", "CVE-2021-31889", "CVE-2021-31890"]),
    among("BadAlloc", &[
        "CVE-2020-13603", "CVE-2020-28895", "CVE-2020-35198", "CVE-2021-3420", "CVE-2021-22156", "CVE-2021-22636", "CVE-2021-22680",
        "CVE-2021-22684", "CVE-2021-26461", "CVE-2021-26706", "CVE-2021-27411", "CVE-2021-27417", "CVE-2021-27419", "CVE-2021-27421",
        "CVE-2021-27425", "CVE-2021-27427", "CVE-2021-27429", "CVE-2021-27431", "CVE-2021-27433", "CVE-2021-27435", "CVE-2021-27439",
        "CVE-2021-27502", "CVE-2021-27504", "CVE-2021-30636", "CVE-2021-31571", "CVE-2021-31572",
    ]),
    named("PixieFail", &["CVE-2023-45229", "CVE-2023-45230", "CVE-2023-45231", "CVE-2023-45232", "CVE-2023-45233", "CVE-2023-45234", "CVE-2023-45235", "CVE-2023-45236", "CVE-2023-45237"]),
    // Medical devices and what stands beside them.
    named("Access:7", &["CVE-2022-25246", "CVE-2022-25247", "CVE-2022-25248", "CVE-2022-25249", "CVE-2022-25250", "CVE-2022-25251", "CVE-2022-25252"]),
    named("PwnedPiper", &["CVE-2021-37160", "CVE-2021-37161", "CVE-2021-37162", "CVE-2021-37163", "CVE-2021-37164", "CVE-2021-37165", "CVE-2021-37166", "CVE-2021-37167"]),
    named("MDhex", &["CVE-2020-6961", "CVE-2020-6962", "CVE-2020-6963", "CVE-2020-6964", "CVE-2020-6965", "CVE-2020-6966"]),
    named("MDhex-Ray", &["CVE-2020-25175", "CVE-2020-25179"]),
    named("JekyllBot:5", &["CVE-2022-1059", "CVE-2022-1066", "CVE-2022-1070", "CVE-2022-26423", "CVE-2022-27494"]),
    named("TLStorm", &["CVE-2022-0715", "CVE-2022-22805", "CVE-2022-22806"]),
];

/// Words that say nothing beside a name: "are we affected by the Log4Shell vulnerability?"
#[rustfmt::skip]
const FILLERS: &[&str] = &[
    "a", "affected", "am", "any", "are", "attack", "attacks", "bug", "bugs", "by", "cve", "exploit", "flaw", "flaws", "have", "i", "is",
    "malware", "my", "of", "our", "ransomware", "the", "to", "vulnerabilities", "vulnerability", "vulnerable", "we", "weakness",
    "weaknesses", "worm",
];

/// Words of the longest name.
const WORDS: usize = 3;

impl Nickname {
    /// Whether it is an ordinary word or the name of a product as well.
    pub(crate) const fn ordinary(&self) -> bool {
        self.ordinary
    }

    /// "Log4Shell is CVE-2021-44228."
    pub fn sentence(&self) -> String {
        let ids = match self.ids {
            [rest @ .., last] if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
            ids => ids.concat(),
        };
        let also = if self.more { ", and others" } else { "" };
        format!("{} is {ids}{also}.", self.name)
    }
}

/// The nickname that a text is, whatever its case and punctuation, with or without words such as "the … bug".
pub(crate) fn whole(text: &str) -> Option<&'static Nickname> {
    if text.len() > 200 {
        return None;
    }
    let said = |words: &mut dyn Iterator<Item = &str>| BY_LETTERS.get(&words.collect::<String>()).copied();
    let words: Vec<String> = text.split_whitespace().map(letters).collect();
    said(&mut words.iter().map(String::as_str))
        .or_else(|| said(&mut words.iter().map(String::as_str).filter(|word| !FILLERS.contains(word))))
}

/// The nicknames in a longer text, in its order, each once; ordinary words do not count there.
pub(crate) fn within(text: &str) -> Vec<&'static Nickname> {
    let words: Vec<String> =
        text.split([' ', '\t', '\n', '\r', ',', ';', '(', ')', '\u{a0}']).map(letters).collect();
    let mut found: Vec<&'static Nickname> = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let longest_first = (1..=WORDS.min(words.len() - at)).rev();
        let met = longest_first
            .filter(|count| !words[at].is_empty() && !words[at + count - 1].is_empty())
            .find_map(|count| {
                let nickname = BY_LETTERS.get(&words[at..at + count].concat())?;
                (!nickname.ordinary).then_some((count, *nickname))
            });
        if let Some((_, nickname)) = met
            && !found.contains(&nickname)
        {
            found.push(nickname);
        }
        at += met.map_or(1, |(count, _)| count);
    }
    found
}

/// A name by its letters and digits alone, in lower case.
fn letters(text: &str) -> String {
    text.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

static BY_LETTERS: LazyLock<HashMap<String, &'static Nickname>> =
    LazyLock::new(|| NICKNAMES.iter().map(|nickname| (letters(nickname.name), nickname)).collect());

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_met_whatever_their_case_and_punctuation() {
        for (text, name) in [
            ("log4shell", "Log4Shell"),
            ("Log4Shell!", "Log4Shell"),
            ("urgent 11", "URGENT/11"),
            ("access7", "Access:7"),
            ("dirty-pipe", "Dirty Pipe"),
            ("are we affected by the Heartbleed bug?", "Heartbleed"),
            ("wannacry ransomware", "WannaCry"),
            ("CVE REGRESSHION", "regreSSHion"),
            ("ghost", "GHOST"),
            ("xz backdoor", "XZ backdoor"),
            ("Citrix Bleed 2", "Citrix Bleed 2"),
        ] {
            assert_eq!(whole(text).map(|nickname| nickname.name), Some(name), "{text}");
        }
        for text in ["log4j", "ghostscript", "", "the bug", "heartbleed and openssl"] {
            assert_eq!(whole(text), None, "{text}");
        }
    }

    #[test]
    fn a_letter_names_several_and_ordinary_words_do_not_count_in_it() {
        let text = "Dear all,\nafter Log4Shell (and Dirty Pipe) the spectre of URGENT/11 haunts us; Log4Shell again. A ghost.";
        let names: Vec<&str> = within(text).iter().map(|nickname| nickname.name).collect();
        assert_eq!(names, ["Log4Shell", "Dirty Pipe", "URGENT/11"]);
    }

    #[test]
    fn the_table_holds_each_name_once_and_only_well_formed_ids() {
        assert_eq!(BY_LETTERS.len(), NICKNAMES.len());
        for nickname in NICKNAMES {
            assert!(nickname.name.split([' ', '-']).count() <= WORDS, "{}", nickname.name);
            let mut sorted = nickname.ids.to_vec();
            sorted.dedup();
            assert!(sorted.len() == nickname.ids.len() && !sorted.is_empty(), "{}", nickname.name);
            for id in nickname.ids {
                let found = super::super::ids::all(id);
                assert!(found.len() == 1 && found[0].id == *id && found[0].typed.is_none(), "{id}");
            }
        }
    }
}

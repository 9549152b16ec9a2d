//! The words of the pages, one file for each language. A language is a value of [`Texts`]: one that lacks a key does not
//! compile. Templates take their words from here as `frame.t`; a test finds visible words in a template that do not
//! come from here (see [`MOVED`]). Sentences that grammar runs through are functions of their values.

mod english;

pub(crate) use english::ENGLISH;

/// Declares a group of texts: the keys, and nothing else.
macro_rules! keys {
    ($($(#[$doc:meta])+ $name:ident { $($key:ident)+ })+) => {
        $($(#[$doc])+ #[derive(Debug)] pub(crate) struct $name { $(pub(crate) $key: &'static str,)+ })+
    };
}

keys! {
    /// The frame around every page.
    Frame {
        skip places notices_new dark light work_in go_over sign_out keys_button
    }

    /// The names of the places in the rail.
    Places {
        today affected devices releases advisories data notices people jobs audit
    }

    /// Words that many pages share.
    Common {
        previous next pages_of_list why copy_text begin_now stop remove_channel as_a_table
    }

    /// The box for the main question.
    Ask {
        label placeholder ask
    }

    /// The search.
    Search {
        label placeholder suggestions title help_title help_devices help_devices_what help_weaknesses
        help_weaknesses_what help_components help_components_what help_makers help_makers_what help_people
        help_people_what nothing_yet empty_more empty_devices see_all
        devices weaknesses components makers releases people name detail
        no_bill touches_nothing
    }

    /// The page templates of `advisories`.
    AdvisoriesPage {
        ask_all blind_releases list one_line only_as_good only_ours such_as
    }

    /// The page templates of `affected`.
    AffectedPage {
        a_component a_maker a_maker_what a_package a_weakness an_advisory an_advisory_what ask_text can_ask
        cannot_tell each empty empty_what grouped heard heard_such_as how_bad no_match other other_names paste
        question records text_of the_devices
        settle within would_settle now
    }

    /// The page templates of `data`.
    DataPage {
        ages credits credits_of fetch here how internet mirror nothing other sources speaks state there
    }

    /// The page templates of `device`.
    DevicePage {
        blind facts from_where how_many inside no_past none past sheet some_blind the_way way_down weaknesses
        what_reaches what_to_do where_in which
    }

    /// The page templates of `devices`.
    DevicesPage {
        all blind grid how_sure import no_match oldest only past_support see_blind seen such_as support_ended whereabouts with
        without
    }

    /// The page templates of `release`.
    ReleasePage {
        add add_newer back component document find inside letter letter_about quality read_letter see_inside
        such_as whole
        from_reading and_more
    }

    /// The page templates of `releases`.
    ReleasesPage {
        add list no_match none such_as what
    }

    /// The page templates of `today`.
    TodayPage {
        affected affected_outside cannot_tell clocks do_first exploited look_through nothing_found
        nothing_waits reach what_reaches
        cisa_date
    }

    /// Words of headings and buttons that several pages share.
    Words {
        affected affected_devices age answer_and_reason as_of cannot_tell clear_filters clear_them component
        components data_status device devices export_csv exposure facing_outside fetched filter fixed_in
        no_bill nothing_found owner place prepare_csv records releases remark severity site source state support
        text_to_look_for today ward weakness what what_it_is whereabouts why
    }

    /// The page templates of `advisory`.
    AdvisoryPage {
        also_called about see_devices ask_again distributions advisory says counted package versions
        more_packages text outside
    }

    /// The page templates of `branch`.
    BranchPage {
        made_of more back
    }

    /// The page templates of `audit`.
    AuditPage {
        what_it_is check export such_as action from to no_match nothing entries number when who subject detail
        from_address before after check_title holds back
    }

    /// The window that shows the keys.
    Keys {
        title search move_rows open why this close choose
    }

    /// The state of a device in the search.
    Field {
        asset_tag serial udi address host_name
    }
}

/// All texts of a language.
#[derive(Debug)]
pub(crate) struct Texts {
    /// The language as HTML names it (BCP 47).
    pub(crate) language: &'static str,
    /// The frame around every page.
    pub(crate) frame: Frame,
    /// The names of the places.
    pub(crate) places: Places,
    /// Words that many pages share.
    pub(crate) common: Common,
    /// The box for the main question.
    pub(crate) ask: Ask,
    /// The search.
    pub(crate) search: Search,
    /// The window that shows the keys.
    pub(crate) keys: Keys,
    /// What a fact of a device is called in the middle of a sentence.
    pub(crate) field: Field,
    /// The page templates of `advisories`.
    pub(crate) advisories: AdvisoriesPage,
    /// The page templates of `affected`.
    pub(crate) affected: AffectedPage,
    /// The page templates of `data`.
    pub(crate) data: DataPage,
    /// The page templates of `device`.
    pub(crate) device: DevicePage,
    /// The page templates of `devices`.
    pub(crate) devices: DevicesPage,
    /// The page templates of `release`.
    pub(crate) release: ReleasePage,
    /// The page templates of `releases`.
    pub(crate) releases: ReleasesPage,
    /// The page templates of `today`.
    pub(crate) today: TodayPage,
    /// Words of headings and buttons that several pages share.
    pub(crate) words: Words,
    /// The page templates of `advisory`.
    pub(crate) advisory: AdvisoryPage,
    /// The page templates of `branch`.
    pub(crate) branch: BranchPage,
    /// The page templates of `audit`.
    pub(crate) audit: AuditPage,
    /// "“flow” is in the names of 12 devices, 2 components and 1 maker."
    pub(crate) found: fn(text: &str, counts: &[String]) -> String,
    /// "Nothing here is called “flow”."
    pub(crate) found_nothing: fn(text: &str) -> String,
    /// "Which devices are affected by “flow”?"
    pub(crate) ask_about: fn(text: &str) -> String,
    /// "Everything that bears “flow”".
    pub(crate) everything: fn(text: &str) -> String,
}

/// Templates whose visible words all come from here.
#[cfg(test)]
const MOVED: &[&str] = &[
    "advisories.html",
    "advisory.html",
    "affected.html",
    "affected_empty.html",
    "audit.html",
    "audit_check.html",
    "base.html",
    "branch.html",
    "data.html",
    "device.html",
    "devices.html",
    "findings_table.html",
    "parts.html",
    "release.html",
    "releases.html",
    "search.html",
    "suggestions.html",
    "today.html",
];

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::MOVED;

    /// Attributes that people read or hear.
    const READ: &[&str] = &["aria-label", "placeholder", "title", "alt", "data-label", "label"];

    /// The visible words of a template that stand in it: text between tags, and what is read of their attributes.
    fn words_in(template: &str) -> Vec<String> {
        let mut plain = String::new();
        let mut rest = template;
        // What the template engine replaces is no word of the template.
        while let Some(at) = rest.find(['{']) {
            let (before, from) = rest.split_at(at);
            plain.push_str(before);
            let ends = [("{{", "}}"), ("{%", "%}"), ("{#", "#}")];
            let end = ends.iter().find(|(begin, _)| from.starts_with(begin));
            rest = match end.and_then(|(_, end)| from.find(end).map(|at| &from[at + 2..])) {
                Some(after) => after,
                None => &from[1..],
            };
        }
        plain.push_str(rest);
        let mut words = Vec::new();
        for piece in plain.split('<') {
            let (tag, text) = piece.split_once('>').unwrap_or(("", piece));
            // Commands and keys are the same in every language.
            let text = if ["code", "kbd"].contains(&tag) { "" } else { text };
            let entities = ["&nbsp;", "&amp;", "&middot;", "&lt;", "&gt;"];
            let text = entities.iter().fold(text.to_owned(), |text, entity| text.replace(entity, ""));
            words.push(text.trim().to_owned());
            for name in READ {
                let value =
                    tag.split(&format!(" {name}=\"")).nth(1).and_then(|value| value.split('"').next());
                words.extend(value.map(str::to_owned));
            }
        }
        words
            .retain(|word| word.chars().any(char::is_alphabetic) && word != "Bedrail" && word != "· Bedrail");
        words
    }

    #[test]
    fn moved_templates_have_no_words_of_their_own() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
        for name in MOVED {
            let template = std::fs::read_to_string(folder.join(name)).unwrap();
            let words = words_in(&template);
            assert!(words.is_empty(), "{name}: move these to web/texts: {words:?}");
        }
    }

    #[test]
    fn words_of_a_template_are_found_wherever_they_stand() {
        let template =
            "<p title=\"A tip\">{{ t.a }} and {% if x %}<b aria-label=\"{{ t.b }}\">so</b>{% endif %}</p>";
        assert_eq!(words_in(template), ["and", "A tip", "so"]);
    }
}

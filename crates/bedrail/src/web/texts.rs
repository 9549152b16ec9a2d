//! The words of the pages, one file for each language. A language is a value of [`Texts`]: one that lacks a key does not
//! compile. Templates take their words from here as `frame.t`, those without a frame as `t`; a test finds visible words in a
//! template that do not come from here. Sentences with values are functions of them, so that each language has its grammar.

mod english;
pub(crate) mod keys;

pub(crate) use english::ENGLISH;
pub(crate) use keys::Places;
use keys::{
    AccountPage, ActionsPage, AdvisoriesPage, AdvisoryPage, AffectedPage, AlertsPage, Ask, AttestationsPage,
    AuditPage, BillPage, BranchPage, BreakfastPage, CampaignsPage, ClientsPage, Common, Counts,
    DataNoteTexts, DataPage, DecisionsPage, DeskPage, DevicePage, DeviceSheet, DevicesPage, ErrorPage,
    ExposurePage, FactorPage, FactsPage, Field, FirewallPage, Frame, GrantForm, GuidePage, ImportPage,
    IncidentsPage, InvitationPage, InvitePage, JobsPage, Keys, LinkPage, MeanwhilePage, MedicalPage, Moments,
    NamesPage, NoticesPage, OrganisationPage, OwnPage, PasswordPage, PeoplePage, PersonPage, PoliciesPage,
    PrioritiesPage, ProgrammePage, RegistersPage, ReleasePage, ReleasesPage, ReportsPage, ResponsePage,
    RiskPage, RosterPage, ScanReport, Search, SelfAssessmentPage, SignInPage, SignOnPage, TodayPage,
    TokensPage, TrainingPage, UnknownsPage, UploadPage, VendorsPage, VexPage, WhyTexts, Words,
};

/// Which text of a group a row of a table shows.
pub(crate) type TextOf<Group> = fn(&Group) -> &'static str;

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
    /// The page templates of `advisories`.
    pub(crate) advisories: AdvisoriesPage,
    /// The page templates of `medical`.
    pub(crate) medical: MedicalPage,
    /// Names of components.
    pub(crate) names: NamesPage,
    /// Decisions on weaknesses.
    pub(crate) decisions: DecisionsPage,
    /// The answer by breakfast.
    pub(crate) breakfast: BreakfastPage,
    /// What to act on first.
    pub(crate) priorities: PrioritiesPage,
    /// What is done about them.
    pub(crate) actions: ActionsPage,
    /// Alerts.
    pub(crate) alerts: AlertsPage,
    /// The desk of alerts.
    pub(crate) desk: DeskPage,
    /// Firewalls in front of devices.
    pub(crate) firewall: FirewallPage,
    /// Incidents and breaches.
    pub(crate) incidents: IncidentsPage,
    /// The roster.
    pub(crate) roster: RosterPage,
    /// Policies.
    pub(crate) policies: PoliciesPage,
    /// Courses.
    pub(crate) training: TrainingPage,
    /// What people were asked to sign.
    pub(crate) attestations: AttestationsPage,
    /// What is asked of oneself.
    pub(crate) own: OwnPage,
    /// Everything that is done about one weakness.
    pub(crate) campaigns: CampaignsPage,
    /// What is not known.
    pub(crate) unknowns: UnknownsPage,
    /// The page template of `self_assessment`.
    pub(crate) self_assessment: SelfAssessmentPage,
    /// The page template of `facts`.
    pub(crate) facts: FactsPage,
    /// The page templates of `programme` and of one requirement.
    pub(crate) programme: ProgrammePage,
    /// The page template of `risk_analysis`.
    pub(crate) risk: RiskPage,
    /// The page template of `response`.
    pub(crate) response: ResponsePage,
    /// The page templates of `reports`.
    pub(crate) reports: ReportsPage,
    /// The page templates of `vendors`.
    pub(crate) vendors: VendorsPage,
    /// The page templates of `registers`.
    pub(crate) registers: RegistersPage,
    /// The page template of `guide`.
    pub(crate) guide: GuidePage,
    /// The page templates of `clients`.
    pub(crate) clients: ClientsPage,
    /// The page template of `exposure`.
    pub(crate) exposure: ExposurePage,
    /// The page template of `vex`.
    pub(crate) vex: VexPage,
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
    /// What a bill of materials lacks, and what changed from one to another.
    pub(crate) bill: BillPage,
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
    /// The window that shows the keys.
    pub(crate) keys: Keys,
    /// What a fact of a device is called in the middle of a sentence.
    pub(crate) field: Field,
    /// The visitor's own account.
    pub(crate) account: AccountPage,
    /// Tokens for programs.
    pub(crate) tokens: TokensPage,
    /// The second factor, its codes and how it is asked for.
    pub(crate) factor: FactorPage,
    /// The door: signing in.
    pub(crate) sign_in: SignInPage,
    /// The change of a password.
    pub(crate) password: PasswordPage,
    /// What could not be done.
    pub(crate) error: ErrorPage,
    /// An invitation that is taken up.
    pub(crate) invitation: InvitationPage,
    /// The link between an account and an identity at a provider.
    pub(crate) link: LinkPage,
    /// The members and the open invitations.
    pub(crate) people: PeoplePage,
    /// One member.
    pub(crate) person: PersonPage,
    /// What somebody may do, and until when.
    pub(crate) grant: GrantForm,
    /// A new invitation.
    pub(crate) invite: InvitePage,
    /// The settings of the organisation.
    pub(crate) organisation: OrganisationPage,
    /// The settings of single sign-on.
    pub(crate) sign_on: SignOnPage,
    /// Background jobs, and one of them.
    pub(crate) jobs: JobsPage,
    /// Notices, and how they leave the house.
    pub(crate) notices: NoticesPage,
    /// Somebody else changed the same.
    pub(crate) meanwhile: MeanwhilePage,
    /// The sheet of a device for the ward.
    pub(crate) sheet: DeviceSheet,
    /// A device list that comes in.
    pub(crate) import: ImportPage,
    /// A bill of materials that comes in.
    pub(crate) upload: UploadPage,
    /// The report of a scan as a page of its own.
    pub(crate) scan_report: ScanReport,
    /// Numbers with what they count.
    pub(crate) counts: Counts,
    /// How far away a moment is.
    pub(crate) moments: Moments,
    /// How old and how whole the data behind a page is.
    pub(crate) data_note: DataNoteTexts,
    /// The chain from the record to the answer.
    pub(crate) why: WhyTexts,
    /// "“flow” is in the names of 12 devices, 2 components and 1 maker."
    pub(crate) found: fn(text: &str, counts: &[String]) -> String,
    /// "Nothing here is called “flow”."
    pub(crate) found_nothing: fn(text: &str) -> String,
    /// "Which devices are affected by “flow”?"
    pub(crate) ask_about: fn(text: &str) -> String,
    /// "Everything that bears “flow”".
    pub(crate) everything: fn(text: &str) -> String,
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    /// What is the same in every language.
    const NAMES: &[&str] = &["Bedrail", "· Bedrail", "SHA-256"];

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
            // Commands, keys and style sheets are the same in every language.
            let text = if ["code", "kbd", "style"].contains(&tag) { "" } else { text };
            let entities = ["&nbsp;", "&amp;", "&middot;", "&lt;", "&gt;"];
            let text = entities.iter().fold(text.to_owned(), |text, entity| text.replace(entity, ""));
            words.push(text.trim().to_owned());
            for name in READ {
                let value =
                    tag.split(&format!(" {name}=\"")).nth(1).and_then(|value| value.split('"').next());
                words.extend(value.map(str::to_owned));
            }
        }
        words.retain(|word| word.chars().any(char::is_alphabetic) && !NAMES.contains(&word.as_str()));
        words
    }

    #[test]
    fn no_template_has_words_of_its_own() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
        let (mut templates, mut found) = (0, Vec::new());
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let words = words_in(&std::fs::read_to_string(&path).unwrap());
            found.extend(words.into_iter().map(|word| format!("{}: {word}", path.display())));
            templates += 1;
        }
        assert!(found.is_empty(), "move these to web/texts:\n{}", found.join("\n"));
        assert!(templates > 30, "{templates}");
    }

    /// Literals that are no words of a page: classes, scopes, the nouns that English bends, a line of the log.
    const NO_WORDS: &[&str] = &[
        "strong mid",
        "way calm",
        "way maybe",
        "soft mid",
        "soft end",
        "profile email",
        "bill of materials",
        "bills of materials",
        "somebody did not come in by single sign-on",
    ];

    /// Literals of two or more words in the sources that make pages. Errors have English words so far, as those of use cases.
    fn sentences_in(source: &str) -> Vec<String> {
        let code = source.split("#[cfg(test)]").next().unwrap_or_default();
        let errors = ["Error::", "message: ", "hint: "];
        let lines = code.lines().filter(|line| {
            let line = line.trim_start();
            !line.starts_with("//")
                && !line.starts_with('#')
                && !errors.iter().any(|error| line.contains(error))
        });
        let literals = lines.flat_map(|line| line.split('"').skip(1).step_by(2)).map(str::trim);
        let worded = |text: &&str| {
            let plain = |part: &str| {
                let part = part.trim_matches([',', '.', ';', ':']);
                part.len() > 1 && part.chars().all(char::is_alphabetic)
            };
            let mut parts = text.split(' ');
            parts.by_ref().any(plain) && parts.any(plain) && !text.contains(['<', '=', '/'])
        };
        literals.filter(worded).filter(|text| !NO_WORDS.contains(text)).map(str::to_owned).collect()
    }

    #[test]
    fn no_page_has_sentences_of_its_own() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web");
        let files = ["parts.rs", "found.rs", "words.rs", "frame.rs", "meanwhile.rs", "draw.rs"]
            .map(|name| folder.join(name));
        let folders =
            ["pages", "pages/incidents", "draw"].map(|name| std::fs::read_dir(folder.join(name)).unwrap());
        let more = folders.into_iter().flatten().map(|entry| entry.unwrap().path());
        let mut found = Vec::new();
        let more = more.filter(|path| !path.is_dir() && !path.ends_with("pages/tests.rs"));
        for path in files.into_iter().chain(more) {
            let source = std::fs::read_to_string(&path).unwrap();
            found.extend(sentences_in(&source).into_iter().map(|text| format!("{}: {text}", path.display())));
        }
        assert!(found.is_empty(), "move these to web/texts:\n{}", found.join("\n"));
        assert_eq!(sentences_in("let a = \"nothing was lost\"; \n"), ["nothing was lost"]);
    }

    #[test]
    fn words_of_a_template_are_found_wherever_they_stand() {
        let template =
            "<p title=\"A tip\">{{ t.a }} and {% if x %}<b aria-label=\"{{ t.b }}\">so</b>{% endif %}</p>";
        assert_eq!(words_in(template), ["and", "A tip", "so"]);
    }
}

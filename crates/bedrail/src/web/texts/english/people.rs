//! English: members and invitations.

use crate::web::texts::keys::{GrantForm, InvitePage, PeoplePage, PersonPage};
use crate::web::words;

pub(super) const PEOPLE: PeoplePage = PeoplePage {
    erase: "Erase somebody who never joined",
    erase_named: "Name or address, as in the invitation or in the audit log",
    erase_what: "Open invitations of theirs are taken back, and the audit log, which holds together as before, says “(erased)” where it named them. Nobody can bring it back.",
    erased: |values, invitations| {
        let taken = match invitations {
            0 => String::new(),
            some => format!(", and took {} back", words::count(some, "open invitation")),
        };
        format!("Erased {} from the audit log{taken}.", words::count(values, "value"))
    },
    erase_none: "Nobody was invited under this name or address, or whoever was has an account: erase it on its page.",
    title: "People",
    what: "Who may do what here, and until when. Whoever is taken off the list is out with the next click.",
    invite: "Invite somebody",
    settings: |organisation| format!("{organisation}: settings"),
    members: "Members",
    roles: "Roles",
    last_sign_in: "Last sign-in",
    second_factor: "Second factor",
    open: "Open invitations",
    none_open: "None. An invitation stands here until it is taken up or taken back.",
    who: "Who",
    invited_by: "Invited by",
    stands: "Stands",
    take_back: "Take back",
    all_with_factor: |members| format!("{}, each with a second factor.", words::count(members, "member")),
    some_without: |members, bare| {
        format!("{}; {} without a second factor.", words::count(members, "member"), words::number(bare))
    },
    never: "never",
    yes: "yes",
    no: "no",
    closed: |when| format!("closed {when}"),
    in_emergency: "has emergency access",
    ended: |when| format!("ended {when}"),
    until: |day| format!("until {day}"),
    for_makers: |makers| format!(" for {makers}"),
    nameless: "somebody without a name",
    expired: "expired",
    the_person: "the person",
};

pub(super) const PERSON: PersonPage = PersonPage {
    unlink: "Unlink the identity",
    unlink_what: "Whoever signs in with it at the provider does not come in as this account any more; sessions and tokens end. Who has no password then needs a one-time password.",
    one_time: "The one-time password, shown this once:",
    one_time_what: "It must be changed at the next sign-in. All sessions and tokens of the account have ended.",
    what_may_do: |name| format!("What {name} may do"),
    leaving: "Leaving",
    end: "End the membership",
    end_what: |organisation, name| {
        format!(
            "Out of {organisation} at once, sessions and tokens included. A new invitation brings {name} back."
        )
    },
    open_again: "Open the account again",
    close: "Close the account",
    close_what: "It opens nothing any more, here and in every other organisation, from the next click on.",
    lost: "Lost password or phone",
    give_one_time: "Give a one-time password",
    remove_factor: "Take the second factor away",
    remove_factor_what: "Make sure who asks before you do. Sessions and tokens end, and the audit log says so.",
    erasing: "Erasing the person",
    erase_confirm: |name| format!("Type {name} to say that you mean it"),
    erase: "Erase for good",
    erase_what: "Name, addresses and everything else that tells who this is go from here, from every other organisation and from the audit log, which holds together as before and says “(erased)”. Nobody can bring it back. Keep people whose deeds must be proved; close their account instead.",
    elsewhere: "The account is looked after by another organisation: its password and second factor are reset there.",
    this_organisation: "this organisation",
    other_organisation: "another organisation",
    since: "Member since",
    signs_in: "Signs in",
    looked_after_by: "Account looked after by",
    with_factor: "with a second factor",
    without_factor: "without a second factor",
    headline: |name, roles, factor| format!("{name} works here as {roles}, {factor}."),
    headline_and: |name, roles, factor, state| format!("{name} works here as {roles}, {factor}; {state}."),
    by_both: "by single sign-on or a password",
    by_provider: "by single sign-on",
    by_password: "by a password",
    by_nothing: "not any more: no password, and no identity is linked",
};

pub(super) const GRANT: GrantForm = GrantForm {
    roles: "Roles",
    makers: "Makers that a supplier speaks for, one a line",
    last_day: "Last day of the membership",
    last_day_what: "Needed for auditors; empty for a membership without an end.",
    audit_from: "An auditor sees the audit log from",
    audit_to: "to (the whole day)",
    requirements: "An auditor looks at these requirements, one a line",
    requirements_what: "By id, or a whole catalogue, such as hipaa-security-rule; empty for all. The binder of the engagement has just that.",
    sites: "An auditor looks at these sites, one a line; empty for all",
};

pub(super) const INVITE: InvitePage = InvitePage {
    title: "Invite somebody",
    ask: "Whom do you invite, and as what?",
    what: "You get a code and a link that work once, for a week. Hand them over in person, on paper or by mail.",
    full_name: "Name of the person",
    mail: "Address for mail",
    mail_what: "May be empty: the code works without mail.",
    make: "Make the invitation",
    made_title: "Invitation",
    ready: |who| format!("The invitation for {who} is ready"),
    ready_what: |days| {
        format!(
            "It is shown this once; print this page or copy the link. It works once, within {days} days. Under People it can be taken back."
        )
    },
    letter: |organisation| format!("You are invited to work with {organisation} in Bedrail."),
    letter_open: |address| format!("Open {address} and type this code:"),
    letter_camera: "Or point the camera of your phone here:",
    copy: "Copy the link",
    back: "Back to People",
};

//! English: the visitor's own account.

use crate::web::texts::keys::{AccountPage, FactorPage, TokensPage};
use crate::web::words;

pub(super) const ACCOUNT: AccountPage = AccountPage {
    title: "Your account",
    works_as: |organisation, roles| format!("In {organisation} you work as {roles}."),
    set_up_factor: "Set up a second factor",
    change_password: "Change the password",
    tokens: "API tokens",
    where_signed_in: "Where you are signed in",
    sessions: "Sessions",
    browser: "Browser",
    address: "Address",
    since: "Since",
    last_seen: "Last seen",
    end: "End",
    this_one: "this one",
    end_others: "End all others",
    sign_on_with: |provider| format!("Single sign-on with {provider}"),
    linked_as: |how| format!("Your account is {how}."),
    unlink: "Unlink it",
    only_way: "It is the only way into your account, which has no password.",
    not_linked: "Your account is not linked to it: you sign in with your password.",
    link: |provider| format!("Link {provider}"),
    times: "Times",
    written_in: "Times are written in",
    zone_what: "Mails tell their times in this zone too; where none is chosen, in UTC.",
    zone_of_browser: "the zone of this browser (UTC where no script runs)",
    second_factor: "Second factor",
    codes_left: |codes| format!("{codes} recovery codes are left."),
    code_from_app: "Code from your app",
    new_codes: "New recovery codes",
    remove_factor: "Take the second factor away",
    emergency: "Emergency access",
    emergency_lasts: |until| {
        format!("You have an analyst's rights until {until}. Everybody here sees that you do.")
    },
    emergency_end: "End it now",
    emergency_what: |hours| {
        format!(
            "When no analyst can be reached: an analyst's rights for {hours} hours. Every page of the organisation shows who took it and why, and the audit log keeps it."
        )
    },
    emergency_reason: "What happened, and what do you need to do?",
    emergency_take: "Take emergency access",
    never_used: "never used",
    last_used: |when| format!("last used {when}"),
    linked_since: |day, used| format!("linked since {day}, {used}"),
    unknown_address: "unknown address",
    headline: |name, places, factor| {
        format!("You are {name}, signed in at {}, {factor}.", words::count(places, "place"))
    },
};

pub(super) const TOKENS: TokensPage = TokensPage {
    title: "API tokens",
    what: "A program sends a token as `Authorization: Bearer …`. It can do what you chose, and never more than you may yourself; it ends with your membership.",
    made: "The new token, shown this once:",
    copy: "Copy the token",
    none: "There are none yet.",
    tokens: "Tokens",
    may: "May",
    until: "Until",
    last_used: "Last used",
    end: "End",
    new: "A new token",
    what_for: "What is it for?",
    may_what: "What may it do?",
    days: "Days until it expires",
    make: "Make the token",
    expired: "expired",
    never: "never",
    used_from: |when, from| format!("{when} from {from}"),
    headline: |tokens, organisation| {
        format!("{} of yours can act in {organisation}.", words::count(tokens, "token"))
    },
};

pub(super) const FACTOR: FactorPage = FactorPage {
    title: "Second factor",
    set_up: "Set up your second factor",
    forced: "Your organisation asks every member for one, before anything else.",
    step_open: "Open an authenticator app on your phone, any that does time-based codes.",
    step_scan: "Scan this picture, or type the key.",
    step_type: "Type the six digits that the app shows.",
    key: "Key:",
    six_digits: "Six digits",
    confirm: "Confirm",
    codes_title: "Recovery codes",
    codes_keep: "Keep these recovery codes",
    codes_what: "They are shown this once. When the phone is lost, each of them opens the door one time. Print them, or keep them where you keep passwords; not on the phone.",
    codes_kept: "I have them",
    ask_title: "Your second factor",
    ask: "Type the code from your app",
    code: "Code",
    code_what: "Six digits; or one of your recovery codes, which is then used up.",
    lost: "Lost both? An administrator of your organisation can take the second factor away.",
    again: "Begin again",
    not_now: "This is not the code of now. Type the one that the app shows.",
    wrong: "The code is wrong, or was used already. Wait for the next one.",
};

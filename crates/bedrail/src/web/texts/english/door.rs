//! English: signing in, invitations, errors.

use crate::web::texts::keys::{ErrorPage, InvitationPage, LinkPage, PasswordPage, SignInPage};

pub(super) const SIGN_IN: SignInPage = SignInPage {
    title: "Sign in",
    sign_in_to: |organisation| format!("Sign in to {organisation}"),
    sign_in_with: |provider| format!("Sign in with {provider}"),
    or_password: "Or with a password:",
    administrators: "Administrators can use a password",
    first_time: "The first time, the name is `admin` and the one-time password is the one that `bedrail serve` printed when it started.",
    password: "Password",
    not_in_title: "Not signed in",
    not_in: "You are not signed in",
    back: "Back to the sign-in page",
    word_for_help: "Whoever helps you may ask for this word:",
    not_ours: "This form was not ours, or it is too old. Please try again.",
    no_password: "Your organisation takes no password here. Sign in as it does:",
    wrong: "Name or password is wrong.",
};

pub(super) const PASSWORD: PasswordPage = PasswordPage {
    title: "Change the password",
    choose: "Choose your own password",
    forced: "The one-time password has done its work. Choose one of your own, at least 12 characters; a sentence is easy to remember.",
    one_time: "One-time password",
    present: "Present password",
    new: "New password",
    again: "The new password again",
    change: "Change it",
    back: "Back to Today",
    wrong: "The present password is wrong.",
};

pub(super) const INVITATION: InvitationPage = InvitationPage {
    title: "Invitation",
    invites: |organisation| format!("{organisation} invites you"),
    as_what: |roles| format!("You will work there as {roles}."),
    accept_as: |account| format!("Accept as {account}"),
    not_you: |account| format!("Not {account}? Sign out first, then open the link again."),
    accept_with: |provider| format!("Accept with {provider}"),
    or_password: "Or choose a password here:",
    choose_name: "Choose a sign-in name",
    choose_password: "Choose a password",
    password_what: "At least 12 characters; a sentence is easy to remember.",
    again: "The password again",
    accept: "Accept",
    have_account: "Have an account here already?",
    sign_in: "Sign in",
    and_accept: "and accept with it.",
    type_code: "Type the code of your invitation",
    opens_nothing: "This code opens nothing: it is mistyped, older than a week, taken back, or used already.",
};

pub(super) const LINK: LinkPage = LinkPage {
    title: "Link an identity",
    ask: |identity, account| format!("Link {identity} to your account {account}?"),
    back: "Back to your account",
    what: |identity, account| {
        format!(
            "Whoever signs in there as {identity} then comes in here as {account}. Say yes only if that is you."
        )
    },
    yes: "Yes, link it",
    no: "No",
};

pub(super) const ERROR: ErrorPage = ErrorPage {
    status_of: |status, request| format!("Status {status}, request `{request}`"),
    typed: "Going back in the browser may still show what you typed; opening the page again does not.",
    to_form: "Open the page of the form again",
};

//! English: an organisation's settings.

use crate::web::texts::keys::{OrganisationPage, SignOnPage};
use crate::web::words;

pub(super) const ORGANISATION: OrganisationPage = OrganisationPage {
    currency: "Costs are counted in",
    currency_what: "Three letters, such as USD or EUR (ISO 4217). Amounts that are put down already stay as they are.",
    title: "Organisation",
    what: "These settings are for everybody in the organisation.",
    kind: "What the law calls it",
    second_factor: "Ask every member for a second factor",
    second_factor_what: "Whoever has none is led to set it up before anything else, you included.",
    sign_on: "Single sign-on",
    asks_factor: "asks every member for a second factor",
    leaves_factor: "leaves the second factor to each member",
    headline: |name, kind, factor| format!("{name} is a {kind} and {factor}."),
};

pub(super) const SIGN_ON: SignOnPage = SignOnPage {
    title: "Single sign-on",
    what: "By OpenID Connect: Entra ID, Keycloak, Okta and others. What the provider says of roles counts anew at every sign-in.",
    provider_such_as: "Entra ID",
    issuer_such_as: "https://login.hospital.example/realms/staff",
    slug_such_as: "lindenhof",
    mapping_such_as: "it-security = analyst, compliance",
    all_settings: "All settings",
    no_address: "The server does not know the address that people reach it by, so no provider can send them back: start it with `--public-url`.",
    sign_in_page: "Sign-in page",
    redirect: "Redirect address",
    redirect_what: "Enter the redirect address at the provider, exactly so.",
    check: "Ask the provider whether it answers",
    who_which: "Who gets which role",
    by_value: "Roles by value",
    has: "Whoever has",
    is_here: "is here",
    has_none: "Whoever has none of these is not let in.",
    provider: "The provider",
    in_use: "In use",
    provider_name: "Its name: the button says “Sign in with …”",
    issuer: "Issuer",
    client_id: "Client id",
    client_secret: "Client secret",
    slug: "Word in the address of your sign-in page",
    slug_what: "Whoever knows or guesses it sees your organisation's name there.",
    scopes: "Scopes to ask for, parted by blanks",
    who_comes: "Who comes in, and as what",
    claim: "Claim that names groups or roles",
    claim_what: "Its name, or a path with dots: `realm_access.roles`",
    mapping: "Its values and the roles they give, one a line",
    mapping_what: "Empty: roles are given by hand, here. Auditors and suppliers always are.",
    givable: "Roles that can be given",
    newcomers: "Somebody new, whom a value gives a role",
    newcomers_invited: "needs an invitation too",
    newcomers_welcome: "gets an account at the first sign-in",
    what_else: "What else opens the door",
    passwords: "Members may sign in with a password too",
    passwords_what: "Administrators always may, so that nobody locks the house out; one with a password is kept.",
    factors: "Values of `acr` or `amr` that count as a second factor, parted by blanks",
    factors_what: "Empty: whoever has a second factor here is asked for it as well.",
    remove: "Take single sign-on away",
    not_set_up: |organisation| {
        format!("People of {organisation} sign in with a password: single sign-on is not set up.")
    },
    is_off: |provider, organisation| {
        format!("Single sign-on with {provider} is off: people of {organisation} sign in with a password.")
    },
    or_password: |organisation, provider| {
        format!("People of {organisation} sign in with {provider} or a password.")
    },
    only_provider: |organisation, provider| {
        format!("People of {organisation} sign in with {provider}; only administrators may use a password.")
    },
    answers: |keys, address| {
        format!("It answers, publishes {}, and asks people at {address}.", words::count(keys, "key"))
    },
};

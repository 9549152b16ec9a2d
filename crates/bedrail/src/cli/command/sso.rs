//! `bedrail organisation sso`: single sign-on from the machine's own terminal, also for the day that nobody can sign in.

use std::io::{self, BufWriter, Read as _, Write};
use std::path::Path;

use bedrail_app::clock::Clock;
use bedrail_app::seen::Seen;
use bedrail_app::single_sign_on::{self, House, MappedValue, Newcomers, Settings};
use bedrail_app::{Actor, Context, Error};
use bedrail_model::text::harmless;

use super::session;
use crate::cli::args::{Database, Place, TextOrJson};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::sso_args::{NewcomersWord, OnOff, Providers, SsoCommand, SsoSet};
use crate::single_sign_on::{SingleSignOnBody, row_as_typed, typed_row};

pub(crate) async fn run(place: &Place, command: &SsoCommand) -> Result<Exit, Failure> {
    match command {
        SsoCommand::Set(wanted) => set(place, wanted).await,
        SsoCommand::Show { format, database } => show(place, *format, database).await,
        SsoCommand::Off { database } => {
            let (ctx, actor) = open(place, database).await?;
            single_sign_on::turn_off(&ctx, &actor).await?;
            say("Single sign-on is off: everybody signs in by their passwords.")
        }
        SsoCommand::Check { providers, database } => check(place, providers, database).await,
    }
}

async fn open(place: &Place, database: &Database) -> Result<(Context, Actor), Failure> {
    Ok(session::open(session::settings(place, database, Clock::System), database).await?)
}

fn say(sentence: &str) -> Result<Exit, Failure> {
    let mut out = io::stdout().lock();
    writeln!(out, "{sentence}")?;
    out.flush()?;
    Ok(Exit::Success)
}

async fn set(place: &Place, wanted: &SsoSet) -> Result<Exit, Failure> {
    let (ctx, actor) = open(place, &wanted.database).await?;
    let (settings, secret) = match &wanted.file {
        Some(file) => {
            let body: SingleSignOnBody = serde_json::from_str(&read(file)?).map_err(|error| {
                Failure::because(&format!("{} cannot be read", file.display()), &error)
                    .hint("take the form that `bedrail organisation sso show --format json` writes")
            })?;
            body.settings()?
        }
        None => {
            let held = single_sign_on::present(&ctx, &actor).await?;
            (Settings { active: true, ..held.unwrap_or_else(blank) }, None)
        }
    };
    let settings = changed(settings, wanted)?;
    let given = wanted.secret_file.as_deref().map(read).transpose()?;
    let secret = given.or(secret);
    let (name, slug) = (settings.name.clone(), settings.slug.clone());
    single_sign_on::set(&ctx, &actor, &Seen::Whatever, settings, secret.as_deref()).await?;
    say(&format!("Set: people sign in with {} at /sign-in/{}", harmless(&name), harmless(&slug)))
}

/// What is set where nothing was: passwords stay open and newcomers need an invitation until somebody says otherwise.
fn blank() -> Settings {
    Settings {
        active: true,
        slug: String::new(),
        name: String::new(),
        issuer: String::new(),
        client_id: String::new(),
        scopes: vec!["profile".into(), "email".into()],
        claim: "groups".into(),
        mapping: Vec::new(),
        newcomers: Newcomers::Invited,
        passwords: true,
        factors: Vec::new(),
    }
}

/// The settings with what was typed in the place of what was there.
fn changed(held: Settings, wanted: &SsoSet) -> Result<Settings, Error> {
    let text = |typed: &Option<String>, held: String| typed.clone().unwrap_or(held);
    let list = |typed: &[String], held: Vec<String>| if typed.is_empty() { held } else { typed.to_vec() };
    let typed: Vec<MappedValue> =
        wanted.mapping.iter().map(|row| typed_row(row)).collect::<Result<_, _>>()?;
    let mapping = match (wanted.no_map, typed.is_empty()) {
        (true, _) => Vec::new(),
        (false, true) => held.mapping,
        (false, false) => typed,
    };
    Ok(Settings {
        active: held.active,
        slug: text(&wanted.slug, held.slug),
        name: text(&wanted.name, held.name),
        issuer: text(&wanted.issuer, held.issuer),
        client_id: text(&wanted.client_id, held.client_id),
        scopes: list(&wanted.scopes, held.scopes),
        claim: text(&wanted.claim, held.claim),
        mapping,
        newcomers: wanted.newcomers.map_or(held.newcomers, |word| match word {
            NewcomersWord::Invited => Newcomers::Invited,
            NewcomersWord::Welcome => Newcomers::Welcome,
        }),
        passwords: wanted.passwords.map_or(held.passwords, |when| when == OnOff::On),
        factors: list(&wanted.factors, held.factors),
    })
}

fn read(file: &Path) -> Result<String, Failure> {
    let read = if file == Path::new("-") {
        let mut text = String::new();
        io::stdin().read_to_string(&mut text).map(|_| text)
    } else {
        std::fs::read_to_string(file)
    };
    read.map_err(|error| Failure::because(&format!("cannot read {}", file.display()), &error))
}

async fn present(ctx: &Context, actor: &Actor) -> Result<Settings, Error> {
    let found = single_sign_on::present(ctx, actor).await?;
    found.ok_or_else(|| Error::not_found("single sign-on of this organisation"))
}

async fn show(place: &Place, format: TextOrJson, database: &Database) -> Result<Exit, Failure> {
    let (ctx, actor) = open(place, database).await?;
    let settings = present(&ctx, &actor).await?;
    let mut out = BufWriter::new(io::stdout().lock());
    if format == TextOrJson::Json {
        let json = serde_json::to_string_pretty(&SingleSignOnBody::from(settings));
        let json = json.map_err(|error| Failure::because("cannot write the settings", &error))?;
        writeln!(out, "{json}")?;
    } else {
        for (what, value) in lines(&settings) {
            writeln!(out, "{what:<14} {}", harmless(&value))?;
        }
    }
    out.flush()?;
    Ok(Exit::Success)
}

fn lines(settings: &Settings) -> Vec<(&'static str, String)> {
    let mut lines = vec![
        ("In use", if settings.active { "yes" } else { "no" }.to_owned()),
        ("Provider", settings.name.clone()),
        ("Issuer", settings.issuer.clone()),
        ("Client id", settings.client_id.clone()),
        ("Sign-in page", format!("/sign-in/{}", settings.slug)),
        ("Redirect to", format!("/sign-in/{}/return", settings.slug)),
        ("Scopes", settings.scopes.join(" ")),
        (
            "Passwords",
            if settings.passwords { "for everybody" } else { "for administrators only" }.to_owned(),
        ),
        (
            "Newcomers",
            if settings.newcomers == Newcomers::Welcome { "welcome" } else { "by invitation" }.to_owned(),
        ),
        (
            "Second factor",
            if settings.factors.is_empty() { "ours".to_owned() } else { settings.factors.join(" ") },
        ),
        ("Roles by", if settings.mapping.is_empty() { "hand".to_owned() } else { settings.claim.clone() }),
    ];
    lines.extend(settings.mapping.iter().map(|row| ("", row_as_typed(row))));
    lines
}

async fn check(place: &Place, providers: &Providers, database: &Database) -> Result<Exit, Failure> {
    let (ctx, actor) = open(place, database).await?;
    let house = House { public_url: None, providers: providers.allow_provider.clone() };
    match single_sign_on::look(&ctx, &actor, &house).await {
        Ok(found) => say(&format!(
            "It answers, publishes {} keys, and asks people at {}",
            found.keys,
            harmless(&found.authorization)
        )),
        Err(single_sign_on::Failed::Other(error)) => Err(error.into()),
        Err(failed) => Err(Failure::new(failed.to_string()).hint(
            "check the issuer, the network and --allow-provider; `bedrail organisation sso off` opens passwords again",
        )),
    }
}

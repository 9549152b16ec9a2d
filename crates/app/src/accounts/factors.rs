//! The second factor: time-based one-time passwords (RFC 6238: SHA-1, six digits, 30 seconds, as every authenticator
//! app reads them) and recovery codes for the day that the phone is lost.

use bedrail_model::ids::AccountId;
use bedrail_store::Change;
use bedrail_store::factors as rows;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

use super::{code_tries, password, sessions, too_many, tries};
use crate::rights::Right;
use crate::{Actor, Context, Error};

/// Seconds that a code stands (RFC 6238 §5.2).
const STEP_SECONDS: i64 = 30;
/// Steps before and after the present one whose codes are taken too: clocks differ, people type slowly.
const DRIFT: i64 = 1;
/// Bytes of a secret: as many as SHA-1 puts out (RFC 4226 §4, R6).
const SECRET_BYTES: usize = 20;
/// Recovery codes that are given out.
const RECOVERY_CODES: usize = 10;

/// What an authenticator app is told.
#[derive(Clone, PartialEq, Eq)]
pub struct Setup {
    /// The secret in base32, in groups of four, to be typed where no camera is.
    pub secret: String,
    /// The address that the QR code holds.
    pub uri: String,
}

impl std::fmt::Debug for Setup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Setup(<secret>)")
    }
}

/// What was taken as second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Taken {
    Code,
    RecoveryCode,
}

impl Taken {
    /// What the audit log says.
    pub(super) fn words(self) -> &'static str {
        match self {
            Taken::Code => "with a code",
            Taken::RecoveryCode => "with a recovery code, which is used up",
        }
    }
}

/// Begins to set the actor's second factor up, or goes on with what was begun.
///
/// # Errors
/// [`Error::Conflict`] where there is a second factor already.
pub async fn begin(ctx: &Context, actor: &Actor) -> Result<Setup, Error> {
    let (id, _) = sessions::owner(ctx, actor).await?;
    let secret = match rows::secret(&ctx.inner.store, id).await? {
        Some((_, true)) => return Err(there_already()),
        Some((sealed, false)) => ctx.inner.secrets.open(&about(id), &sealed)?,
        None => {
            let secret = rand::random::<[u8; SECRET_BYTES]>();
            rows::begin(&ctx.inner.store, id, &ctx.inner.secrets.seal(&about(id), &secret)?).await?;
            secret.to_vec()
        }
    };
    let name = super::own(ctx, id).await?.name;
    Ok(setup(&name, &secret))
}

fn setup(name: &str, secret: &[u8]) -> Setup {
    let plain = base32(secret);
    let name: String = name.bytes().map(percent_encoded).collect();
    let uri = format!(
        "otpauth://totp/Bedrail:{name}?secret={plain}&issuer=Bedrail&algorithm=SHA1&digits=6&period=30"
    );
    let groups: Vec<&str> =
        plain.as_bytes().chunks(4).filter_map(|group| std::str::from_utf8(group).ok()).collect();
    Setup { secret: groups.join(" "), uri }
}

fn percent_encoded(byte: u8) -> String {
    match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    }
}

/// Confirms the second factor with its first code. Returns the recovery codes, which are shown this once.
///
/// # Errors
/// [`Error::Denied`] for a wrong code, [`Error::Conflict`] where there is a second factor already.
pub async fn confirm(ctx: &Context, actor: &Actor, code: &str) -> Result<Vec<String>, Error> {
    let (id, home) = sessions::owner(ctx, actor).await?;
    brake(ctx, actor, id).await?;
    let (sealed, confirmed) = rows::secret(&ctx.inner.store, id)
        .await?
        .ok_or_else(|| Error::not_found("a second factor to confirm"))?;
    if confirmed {
        return Err(there_already());
    }
    let secret = ctx.inner.secrets.open(&about(id), &sealed)?;
    let change = ctx.change(&home, Right::OwnAccount, "account.second_factor").await?;
    let step = step_of(&secret, code, change.at().as_second()).ok_or_else(|| wrong_code(actor))?;
    if !rows::confirm(&change, id, step).await? {
        return Err(there_already());
    }
    let codes = give_codes(&change, id).await?;
    let subject = change.actor_mark().await?;
    change.commit(&subject, "set up").await?;
    tries::forget(ctx, &code_tries(id), actor.address).await?;
    Ok(codes)
}

/// Gives new recovery codes for a right code; the old ones open nothing any more.
///
/// # Errors
/// [`Error::Denied`] for a wrong code.
pub async fn renew_codes(ctx: &Context, actor: &Actor, code: &str) -> Result<Vec<String>, Error> {
    let (id, change) = with_code(ctx, actor, "account.recovery_codes", code).await?;
    let codes = give_codes(&change, id).await?;
    let subject = change.actor_mark().await?;
    change.commit(&subject, "new recovery codes").await?;
    Ok(codes)
}

/// Takes the actor's own second factor away, for a right code.
///
/// # Errors
/// [`Error::Denied`] for a wrong code.
pub async fn remove(ctx: &Context, actor: &Actor, code: &str) -> Result<(), Error> {
    let (id, change) = with_code(ctx, actor, "account.remove_second_factor", code).await?;
    rows::remove(&change, id).await?;
    let subject = change.actor_mark().await?;
    Ok(change.commit(&subject, "").await?)
}

/// Takes an account's second factor away, whoever has it.
pub(super) async fn take_away(change: &Change, id: AccountId) -> Result<(), Error> {
    rows::remove(change, id).await?;
    Ok(())
}

/// Recovery codes that the actor has left.
///
/// # Errors
/// When the database cannot be used.
pub async fn codes_left(ctx: &Context, actor: &Actor) -> Result<u64, Error> {
    let (id, _) = sessions::reader(ctx, actor).await?;
    Ok(u64::try_from(rows::codes_left(&ctx.inner.store, id).await?).unwrap_or_default())
}

async fn with_code(
    ctx: &Context,
    actor: &Actor,
    action: &'static str,
    code: &str,
) -> Result<(AccountId, Change), Error> {
    let (id, home) = sessions::owner(ctx, actor).await?;
    brake(ctx, actor, id).await?;
    let secret = secret(ctx, id).await?;
    let change = ctx.change(&home, Right::OwnAccount, action).await?;
    take(&change, id, secret.as_deref(), code).await?.ok_or_else(|| wrong_code(actor))?;
    // Only here: the change holds a connection, and to wait for another one with it in hand could be for ever.
    ctx.inner.tries.forget(&code_tries(id), actor.address);
    Ok((id, change))
}

async fn brake(ctx: &Context, actor: &Actor, id: AccountId) -> Result<(), Error> {
    if tries::take(ctx, &code_tries(id), actor.address).await? { Ok(()) } else { Err(too_many()) }
}

/// The secret of an account's confirmed second factor.
pub(super) async fn secret(ctx: &Context, id: AccountId) -> Result<Option<Vec<u8>>, Error> {
    match rows::secret(&ctx.inner.store, id).await? {
        Some((sealed, true)) => Ok(Some(ctx.inner.secrets.open(&about(id), &sealed)?)),
        _ => Ok(None),
    }
}

/// Takes a code of the second factor, or a recovery code: each once, whatever process asks. `None` for a wrong one.
pub(super) async fn take(
    change: &Change,
    id: AccountId,
    secret: Option<&[u8]>,
    code: &str,
) -> Result<Option<Taken>, Error> {
    let now = change.at().as_second();
    if let Some(step) = secret.and_then(|secret| step_of(secret, code, now)) {
        return Ok(rows::take_step(change, id, step).await?.then_some(Taken::Code));
    }
    let used = rows::use_code(change, id, &digest(id, code)).await?;
    Ok(used.then_some(Taken::RecoveryCode))
}

async fn give_codes(change: &Change, id: AccountId) -> Result<Vec<String>, Error> {
    let codes: Vec<String> = std::iter::repeat_with(password::recovery_code).take(RECOVERY_CODES).collect();
    let digests: Vec<[u8; 32]> = codes.iter().map(|code| digest(id, code)).collect();
    rows::set_codes(change, id, &digests).await?;
    Ok(codes)
}

/// What the database holds of a recovery code: 60 random bits per code need no slow hash.
fn digest(id: AccountId, code: &str) -> [u8; 32] {
    Sha256::digest(format!("{id} {}", password::as_drawn(code))).into()
}

fn about(id: AccountId) -> String {
    format!("second factor {id}")
}

fn there_already() -> Error {
    Error::Conflict { message: "there is a second factor already".into() }
}

fn wrong_code(actor: &Actor) -> Error {
    Error::Denied { actor: actor.name.clone(), action: "go on with this code".into() }
}

/// The step whose code this is, among the present one and its neighbours.
fn step_of(secret: &[u8], code: &str, now: i64) -> Option<i64> {
    let digits: String = code.chars().filter(|letter| !letter.is_whitespace()).collect();
    if digits.len() != 6 || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let wanted: u32 = digits.parse().ok()?;
    let present = now.div_euclid(STEP_SECONDS);
    (present - DRIFT..=present + DRIFT).rev().find(|step| code_at(secret, *step) == Some(wanted))
}

/// The code of a step (RFC 4226 §5.3 with RFC 6238 §4.2).
fn code_at(secret: &[u8], step: i64) -> Option<u32> {
    let mut mac = Hmac::<Sha1>::new_from_slice(secret).ok()?;
    mac.update(&u64::try_from(step).ok()?.to_be_bytes());
    let hash = mac.finalize().into_bytes();
    let from = usize::from(hash[19] & 0xf);
    let word: [u8; 4] = hash[from..from + 4].try_into().ok()?;
    Some((u32::from_be_bytes(word) & 0x7fff_ffff) % 1_000_000)
}

/// RFC 4648 §6, without padding.
fn base32(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let (mut text, mut held, mut bits) = (String::new(), 0_u32, 0);
    for byte in bytes {
        held = held << 8 | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(char::from(LETTERS[(held >> bits & 31) as usize]));
        }
    }
    if bits > 0 {
        text.push(char::from(LETTERS[(held << (5 - bits) & 31) as usize]));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B: the last six digits of its eight, for SHA-1.
    #[test]
    fn codes_are_those_of_the_standard() {
        for (seconds, code) in [
            (59, 287_082),
            (1_111_111_109, 81_804),
            (1_111_111_111, 50_471),
            (1_234_567_890, 5_924),
            (2_000_000_000, 279_037),
            (20_000_000_000, 353_130),
        ] {
            assert_eq!(code_at(b"12345678901234567890", seconds / 30), Some(code), "{seconds}");
        }
    }

    #[test]
    fn a_code_is_taken_one_step_early_and_late_and_no_more() {
        let secret = b"12345678901234567890";
        for (now, taken) in [(-1, false), (29, true), (30, true), (59, true), (89, true), (90, false)] {
            assert_eq!(step_of(secret, "287 082", now), taken.then_some(1), "{now}");
        }
        for wrong in ["", "28708", "2870820", "28708a", "٢٨٧٠٨٢", "-87082", "+87082"] {
            assert_eq!(step_of(secret, wrong, 59), None, "{wrong}");
        }
    }

    /// RFC 4648 §10.
    #[test]
    fn base32_is_that_of_the_standard() {
        for (plain, coded) in
            [("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foobar", "MZXW6YTBOI")]
        {
            assert_eq!(base32(plain.as_bytes()), coded);
        }
    }

    #[test]
    fn the_address_for_the_app_holds_no_foreign_sign() {
        let setup = setup("ann@clinic.example&secret=X", b"12345678901234567890");
        assert!(
            setup.uri.starts_with("otpauth://totp/Bedrail:ann%40clinic.example%26secret%3DX?secret=GEZDGNBV")
        );
        assert!(setup.secret.starts_with("GEZD GNBV "));
        assert_eq!(format!("{setup:?}"), "Setup(<secret>)");
    }
}

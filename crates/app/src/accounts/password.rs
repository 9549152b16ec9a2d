//! Passwords: which are refused, how they are kept, how the first one is made.

use std::sync::{Arc, OnceLock};

use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

use crate::Error;

/// Letters of a password at least (NIST SP 800-63B-4 asks for 15 without, 8 with a second factor; we stand between
/// until the second factor is there).
const SHORTEST: usize = 12;
/// Bytes of a password at most, so that hashing one stays cheap to start.
const LONGEST: usize = 1024;

/// Words that people build long but common passwords from; digits and signs around them do not help.
const COMMON_WORDS: &[&str] = &[
    "abcdefghijkl",
    "abcdefghijklmnopqrstuvwxyz",
    "admin",
    "administrator",
    "adminadmin",
    "bedrail",
    "changeme",
    "changemeplease",
    "default",
    "defaultpassword",
    "doctor",
    "football",
    "hospital",
    "iloveyou",
    "letmein",
    "letmeinplease",
    "monkey",
    "nurse",
    "passphrase",
    "password",
    "passwordpassword",
    "passwort",
    "princess",
    "qwerty",
    "qwertyuiop",
    "qwertyuiopasdfgh",
    "qwertyqwerty",
    "qwertzuiop",
    "secret",
    "secretpassword",
    "security",
    "sunshine",
    "superman",
    "supersecret",
    "test",
    "testtest",
    "trustno",
    "trustnoone",
    "welcome",
    "welcomewelcome",
    "asdfghjkl",
    "asdfghjklzxcvbnm",
    "zxcvbnm",
    "correcthorsebatterystaple",
    "mypassword",
    "thisismypassword",
    "iloveyouforever",
    "ihatepasswords",
    "nopassword",
    "temporary",
    "temporarypassword",
];

/// Says why a new password is refused.
pub(super) fn refuse(name: &str, password: &str) -> Option<&'static str> {
    if password.chars().count() < SHORTEST {
        return Some("the new password is shorter than 12 letters");
    }
    if password.len() > LONGEST {
        return Some("the new password is longer than 1,024 bytes");
    }
    let lower = password.to_lowercase();
    let letters = |text: &str| text.chars().filter(|c| c.is_alphabetic()).collect::<String>();
    // "P@ssw0rd!!!!": signs at the ends are decoration, signs inside stand for letters.
    let core = lower.trim_matches(|c: char| !c.is_alphabetic());
    let common = [letters(&lower), letters(&plain(&lower)), letters(&plain(core))]
        .iter()
        .any(|word| word.len() < 4 || COMMON_WORDS.contains(&word.as_str()) || *word == name.to_lowercase());
    let mut signs: Vec<char> = lower.chars().collect();
    signs.sort_unstable();
    signs.dedup();
    (common || signs.len() < 5).then_some("the new password is one of those that are tried first")
}

/// The letters that signs and digits are often written for.
fn plain(text: &str) -> String {
    let text = text.replace('0', "o").replace(['1', '!'], "i").replace('3', "e").replace(['@', '4'], "a");
    text.replace(['5', '$'], "s")
}

/// 20 letters of 32: 100 bits.
pub(super) fn one_time() -> String {
    drawn(rand::random::<[u8; 20]>())
}

/// The same from bytes that are as good as drawn at random.
pub(super) fn one_time_of(derived: &[u8; 32]) -> String {
    drawn::<20>(std::array::from_fn(|at| derived[at]))
}

/// 12 letters of 32: 60 bits.
pub(super) fn recovery_code() -> String {
    drawn(rand::random::<[u8; 12]>())
}

/// A code that was drawn, as it was: people type capitals, blanks, and leave the signs between groups out.
pub(super) fn as_drawn(typed: &str) -> String {
    let letters: Vec<char> =
        typed.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect();
    grouped(&letters)
}

/// Letters drawn at random, without those that look alike, in groups that can be read out.
fn drawn<const LENGTH: usize>(random: [u8; LENGTH]) -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    grouped(&random.map(|byte| char::from(LETTERS[usize::from(byte % 32)])))
}

fn grouped(letters: &[char]) -> String {
    letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

/// Argon2id with 19 MiB, two passes, one lane: OWASP's first choice of parameters.
fn argon2() -> Argon2<'static> {
    let params = Params::new(19_456, 2, 1, None).unwrap_or(Params::DEFAULT);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn hash_now(password: &str) -> Result<String, Error> {
    let hash = argon2().hash_password(password.as_bytes());
    Ok(hash.map_err(|error| Error::Internal(error.to_string().into()))?.to_string())
}

async fn run<T: Send + 'static>(
    limit: &Arc<Semaphore>,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Error> {
    let permit = limit.clone().acquire_owned().await.map_err(|error| Error::Internal(Box::new(error)))?;
    let work = move || {
        let _permit = permit;
        work()
    };
    tokio::task::spawn_blocking(work).await.map_err(|error| Error::Internal(Box::new(error)))
}

/// The hash to keep, in PHC form.
pub(super) async fn hash(limit: &Arc<Semaphore>, password: &str) -> Result<String, Error> {
    let password = password.to_owned();
    run(limit, move || hash_now(&password)).await?
}

/// Whether the password is the one behind the hash. Without a hash the same work is done on a made-up one.
pub(super) async fn check(
    limit: &Arc<Semaphore>,
    hash: Option<String>,
    password: &str,
) -> Result<bool, Error> {
    static NOBODY: OnceLock<String> = OnceLock::new();
    let password = password.to_owned();
    run(limit, move || {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| {
            NOBODY.get_or_init(|| hash_now("a password that nobody has").unwrap_or_default()).clone()
        });
        argon2().verify_password(password.as_bytes(), hash.as_str()).is_ok() && known
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_and_common_passwords_are_refused() {
        for (password, refused) in [
            ("short", true),
            ("password12345", true),
            ("P@ssw0rd!!!!!!", true),
            ("administrator1", true),
            ("aaaaaaaaaaaaaaaa", true),
            ("123456789012", true),
            ("1234567890abc", true),
            ("hospital2026!", true),
            ("drei rote Lampen", false),
            ("tVx8-kq2p-Yw5n", false),
        ] {
            assert_eq!(refuse("admin", password).is_some(), refused, "{password}");
        }
    }

    #[test]
    fn one_time_passwords_differ_and_read_well() {
        let (one, two) = (one_time(), one_time());
        assert_ne!(one, two);
        assert_eq!(one.len(), 24);
        assert_eq!(one.split('-').count(), 5);
        assert_eq!(refuse("admin", &one), None);
        let typed = one.replace('-', " ").to_uppercase();
        assert_eq!(as_drawn(&typed), one);
    }
}

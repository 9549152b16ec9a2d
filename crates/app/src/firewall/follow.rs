//! What firewalls of ours say of their rule sets comes into the audit log, each sentence once, with how far it was taken in the same
//! transaction.

use bedrail_formats::firewall::ReportWord;
use bedrail_model::firewall::{Firewall, Word};
use bedrail_store::firewalls as rows;

use super::files;
use crate::rights::Right;
use crate::{Actor, Context, Error};

/// Sentences taken at one look; the rest follows with the next.
const AT_ONCE: usize = 100;
/// Characters kept of a sentence.
const LONGEST: usize = 2_000;

/// Takes what the firewalls of an organisation said since it was looked at last. Answers how many sentences. A report that cannot be
/// read hinders no other; the page says what is wrong with it.
///
/// # Errors
/// When the database cannot be used.
pub async fn follow_all(ctx: &Context, actor: &Actor) -> Result<u64, Error> {
    let view = ctx.view(actor, Right::HandleAlerts).await?;
    let all = rows::all(&view).await?;
    drop(view);
    let mut taken = 0;
    for firewall in all.iter().filter(|it| it.withdrawn.is_none()) {
        let Some((folder, _)) = &firewall.files else { continue };
        if let Ok(report) = files::report(folder).await {
            taken += follow(ctx, actor, firewall, &report.words).await?;
        }
    }
    Ok(taken)
}

async fn follow(ctx: &Context, actor: &Actor, row: &Firewall, words: &[ReportWord]) -> Result<u64, Error> {
    let last = words.last().map_or(0, |word| word.number);
    // Its log was begun anew, as after the folder was cleared: what stands there now was not taken yet.
    let mut at = row.taken;
    let anew = last < at && last > 0;
    let mut count = 0;
    let new = words.iter().filter(|word| anew || word.number > at).take(AT_ONCE);
    for word in new.collect::<Vec<_>>() {
        let change = ctx.change(actor, Right::HandleAlerts, "firewall.rules").await?;
        if !rows::take(&change, row.id, at, word.number).await? {
            // Another process takes the same words.
            return Ok(count);
        }
        let text: String = word.text.chars().filter(|c| !c.is_control()).take(LONGEST).collect();
        let kept = Word {
            firewall: row.id,
            number: word.number,
            at: word.at,
            text: text.clone(),
            alert: word.alert,
        };
        rows::add_word(&change, &kept).await?;
        let gap = if !anew && word.number > at + 1 && at > 0 {
            format!("; words {} to {} were not seen", at + 1, word.number - 1)
        } else {
            String::new()
        };
        let alert = if word.alert { "to be looked at: " } else { "" };
        change.commit(&row.name, &format!("{alert}{text} ({:.0}){gap}", word.at)).await?;
        at = word.number;
        count += 1;
    }
    Ok(count)
}

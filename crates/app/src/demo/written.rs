//! Physical and media facts of the sample: drills, a review that is late, media, visits, a vendor who worked alone.

use jiff::ToSpan as _;

use crate::written::{self, New};
use crate::{Actor, Context, Error};

/// Days ago, kind, system, fields.
type Row = (i64, &'static str, &'static str, &'static [(&'static str, &'static str)]);

const ROWS: &[Row] = &[
    (
        200,
        "downtime_drill",
        "Quillhaven Main Hospital",
        &[
            ("by", "Nursing lead, intensive care (sample)"),
            ("learned", "Paper charts for pumps were in the wrong drawer."),
            ("participants", "23"),
            ("follow_ups", "A box with charts stands at each ward desk."),
        ],
    ),
    (
        150,
        "contingency_test",
        "Quillhaven Hospitals",
        &[("by", "IT operations (sample)"), ("learned", "The call list was two people short.")],
    ),
    (
        120,
        "access_review",
        "Record system",
        &[
            ("by", "Compliance office (sample)"),
            ("scope", "All accounts with access to charts"),
            ("result", "Four accounts of people who changed wards."),
            ("removed", "4"),
        ],
    ),
    (
        20,
        "custody",
        "SN-RET-0417",
        &[
            ("purpose", "retired"),
            ("from", "Radiology"),
            ("to", "Store of clinical engineering"),
            ("handed_by", "Clinical engineering (sample)"),
            ("ephi", "yes"),
            ("copy", "yes"),
        ],
    ),
    (
        12,
        "disposal",
        "SN-RET-0417",
        &[
            ("item", "device"),
            ("method", "destroy"),
            ("by", "Recycling company (sample)"),
            ("certificate", "C-2026-88"),
        ],
    ),
    (
        6,
        "vendor_session",
        "Lumenwave Imaging (sample)",
        &[
            ("device", "CT console 2"),
            ("way", "remote"),
            ("in", "09:10"),
            ("out", "09:55"),
            ("what", "Updated the reconstruction software."),
        ],
    ),
    (
        2,
        "visitor",
        "Quillhaven Main Hospital",
        &[
            ("who", "Lift company (sample)"),
            ("in", "08:00"),
            ("out", "08:40"),
            ("escorted_by", "Porter"),
            ("where", "Server room corridor"),
        ],
    ),
    (1, "no_visitors", "Quillhaven Main Hospital", &[("by", "Porter")]),
];

/// Writes them down, once.
pub(super) async fn take(ctx: &Context, actor: &Actor) -> Result<(), Error> {
    if written::list(ctx, actor, &written::Filter::default()).await?.total > 0 {
        return Ok(());
    }
    for (days, kind, system, fields) in ROWS {
        let day = ctx.clock.today().saturating_sub(days.days());
        let fields = fields.iter().map(|(code, value)| ((*code).to_owned(), (*value).to_owned())).collect();
        let new = New { day: day.to_string(), system: (*system).to_owned(), fields };
        written::write(ctx, actor, kind, &new).await?;
    }
    Ok(())
}

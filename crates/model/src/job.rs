//! How a background job stands.

/// How a background job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JobState {
    /// Its time has not come, or no worker took it yet.
    Waiting,
    /// A worker holds its lease.
    Running,
    /// It did what it was for.
    Done,
    /// It was tried as often as its kind allows.
    Failed,
    /// A person stopped it.
    Cancelled,
}

impl JobState {
    /// All states, in the order they are shown.
    pub const ALL: [JobState; 5] =
        [JobState::Waiting, JobState::Running, JobState::Done, JobState::Failed, JobState::Cancelled];

    /// The stable code used in JSON, URLs and the database.
    pub const fn code(self) -> &'static str {
        match self {
            JobState::Waiting => "waiting",
            JobState::Running => "running",
            JobState::Done => "done",
            JobState::Failed => "failed",
            JobState::Cancelled => "cancelled",
        }
    }

    /// The state that a stable code names.
    pub fn from_code(code: &str) -> Option<JobState> {
        JobState::ALL.into_iter().find(|state| state.code() == code)
    }

    /// Whether nothing more comes of it by itself.
    pub const fn is_over(self) -> bool {
        matches!(self, JobState::Done | JobState::Failed | JobState::Cancelled)
    }
}

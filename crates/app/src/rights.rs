//! Who may do what: roles, rights, and the table that joins them. Every use case names the right it needs, and the
//! door for a change ([`crate::Context`]) asks for it; pages hide what the table refuses.

/// What a person does here. A member of an organisation has one or several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Runs the installation for the organisation: people, settings, data.
    Administrator,
    /// Judges weaknesses and sees to it that something is done.
    Analyst,
    /// Looks after the devices themselves.
    Engineer,
    /// Answers for the programme that the law asks for.
    Compliance,
    /// Looks at an engagement's period, changes nothing, leaves at its end.
    Auditor,
    /// Advises the organisation in law; sees what is privileged.
    Counsel,
    /// Works for the organisation from outside, often for several.
    Adviser,
    /// Speaks for makers: sees and fills the releases of those makers only.
    Supplier,
}

/// A row of the list of roles.
#[derive(Debug, Clone, Copy)]
pub struct RoleRow {
    /// Which.
    pub role: Role,
    /// The stable code used in JSON, URLs and the database.
    pub code: &'static str,
    /// Its name for people.
    pub name: &'static str,
    /// What it is for, in a sentence.
    pub purpose: &'static str,
}

/// All roles, in the order they are offered.
pub const ROLES: &[RoleRow] = &[
    RoleRow {
        role: Role::Administrator,
        code: "administrator",
        name: "administrator",
        purpose: "Invites people, gives roles, sets the organisation up, and may do what an analyst may.",
    },
    RoleRow {
        role: Role::Analyst,
        code: "analyst",
        name: "security analyst",
        purpose: "Asks which devices are affected, adds bills of materials, keeps the data current.",
    },
    RoleRow {
        role: Role::Engineer,
        code: "engineer",
        name: "clinical engineer",
        purpose: "Keeps the list of devices and their software.",
    },
    RoleRow {
        role: Role::Compliance,
        code: "compliance",
        name: "compliance officer",
        purpose: "Sees everything that proves the programme, the audit log and the people included; assesses breaches.",
    },
    RoleRow {
        role: Role::Auditor,
        code: "auditor",
        name: "auditor",
        purpose: "Looks, changes nothing; sees the audit log of the engagement's period; ends by itself.",
    },
    RoleRow {
        role: Role::Counsel,
        code: "counsel",
        name: "counsel",
        purpose: "Sees privileged records, assesses breaches, and writes the letters.",
    },
    RoleRow {
        role: Role::Adviser,
        code: "adviser",
        name: "adviser",
        purpose: "Does an analyst's and an engineer's work for the organisation from outside.",
    },
    RoleRow {
        role: Role::Supplier,
        code: "supplier",
        name: "supplier",
        purpose: "Sees and fills the releases of its own makers, nothing else.",
    },
];

impl Role {
    fn row(self) -> &'static RoleRow {
        // The test below sees to it that every role has its row.
        ROLES.iter().find(|row| row.role == self).unwrap_or(&ROLES[0])
    }

    /// The stable code.
    pub fn code(self) -> &'static str {
        self.row().code
    }

    /// The name for people.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// The role that a stable code names.
    pub fn from_code(code: &str) -> Option<Role> {
        ROLES.iter().find(|row| row.code == code).map(|row| row.role)
    }
}

/// What may be done. One right guards one kind of use case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Right {
    /// Sign in, change one's own password, see one's own sessions.
    OwnAccount,
    /// Devices, answers, advisories, today.
    SeeFleet,
    /// Releases and their bills of materials; a supplier's own makers only.
    SeeReleases,
    /// Import and change devices.
    ChangeDevices,
    /// Add bills of materials.
    ChangeReleases,
    /// Say whether two names of products are one.
    DecideNames,
    /// Decide on weaknesses, and say what is done about them.
    Decide,
    /// Take in what others state of weaknesses (VEX), and say whose word counts.
    TakeStatements,
    /// Fetch vulnerability data.
    UpdateData,
    /// See background jobs.
    SeeJobs,
    /// Start and cancel background jobs.
    ManageJobs,
    /// Read the audit log.
    SeeAudit,
    /// See who is a member.
    SeePeople,
    /// Invite people, give and take roles, end memberships.
    ManagePeople,
    /// Change the organisation's own settings.
    ManageOrganisation,
    /// Make tokens for programs that act in one's name.
    UseTokens,
    /// Take an analyst's rights for a few hours, with a reason that everybody sees.
    TakeEmergency,
    /// Erase everything that names a person, for good.
    ErasePeople,
    /// Record what somebody was asked and answered.
    RecordFacts,
    /// Take alerts in, take and close the work that they make.
    HandleAlerts,
    /// Read the calendar of actions: what a link in a calendar program has, and no more.
    ReadCalendar,
    /// Open incidents, keep their timelines, close them.
    HandleIncidents,
    /// See what is privileged, and write it: drafts of assessments and letters, notes of counsel, penalties.
    SeePrivileged,
    /// Bring documents that show requirements of the programme, and decide on addressable ones.
    KeepProgramme,
    /// See the roster, and who has signed and learned what.
    SeeWorkforce,
    /// Keep the roster, write policies, ask people to sign and to learn.
    KeepWorkforce,
    /// Approve versions of policies.
    ApprovePolicies,
    /// Keep the roster by a directory (SCIM): what its token has, and no more.
    ProvisionRoster,
    /// Keep the registers of the Privacy Rule: they name patients and staff.
    KeepRegisters,
    /// Write notes, tasks and sign-offs down with a client.
    AdviseClients,
    /// Name single readers of what is privileged in one incident.
    NameReaders,
}

/// A row of the table of rights.
#[derive(Debug, Clone, Copy)]
pub struct RightRow {
    /// Which.
    pub right: Right,
    /// The stable code, as tokens name it.
    pub code: &'static str,
    /// What it allows, after "may": "import and change devices".
    pub words: &'static str,
    /// Who has it.
    pub roles: &'static [Role],
}

const ALL: &[Role] = &[
    Role::Administrator,
    Role::Analyst,
    Role::Engineer,
    Role::Compliance,
    Role::Auditor,
    Role::Counsel,
    Role::Adviser,
    Role::Supplier,
];
const MEMBERS: &[Role] = &[
    Role::Administrator,
    Role::Analyst,
    Role::Engineer,
    Role::Compliance,
    Role::Auditor,
    Role::Counsel,
    Role::Adviser,
];
const WORKERS: &[Role] = &[Role::Administrator, Role::Analyst, Role::Engineer, Role::Adviser];
const OVERSEERS: &[Role] = &[Role::Administrator, Role::Compliance, Role::Auditor, Role::Counsel];
const HEADS: &[Role] = &[Role::Administrator];

/// The table of rights.
pub const RIGHTS: &[RightRow] = &[
    row(Right::OwnAccount, "own_account", "look after their own account", ALL),
    row(Right::SeeFleet, "fleet.see", "see devices and answers", MEMBERS),
    row(Right::SeeReleases, "releases.see", "see releases and bills of materials", ALL),
    row(Right::ChangeDevices, "devices.change", "import and change devices", WORKERS),
    row(
        Right::ChangeReleases,
        "releases.change",
        "add bills of materials",
        &[Role::Administrator, Role::Analyst, Role::Engineer, Role::Adviser, Role::Supplier],
    ),
    row(Right::DecideNames, "names.decide", "say which names in advisories are ours", WORKERS),
    row(Right::Decide, "weaknesses.decide", "decide on weaknesses and say what is done about them", WORKERS),
    row(
        Right::TakeStatements,
        "statements.take",
        "take in statements on weaknesses (VEX) and say whose word counts",
        &[Role::Administrator, Role::Analyst, Role::Adviser],
    ),
    row(Right::UpdateData, "data.update", "fetch vulnerability data", &[Role::Administrator, Role::Analyst]),
    row(Right::SeeJobs, "jobs.see", "see background jobs", WORKERS),
    row(
        Right::ManageJobs,
        "jobs.manage",
        "start and cancel background jobs",
        &[Role::Administrator, Role::Analyst],
    ),
    row(Right::SeeAudit, "audit.see", "read the audit log", OVERSEERS),
    row(Right::SeePeople, "people.see", "see who is a member", OVERSEERS),
    row(Right::ManagePeople, "people.manage", "invite people and give roles", HEADS),
    row(Right::ManageOrganisation, "organisation.manage", "change the organisation's settings", HEADS),
    row(
        Right::UseTokens,
        "tokens.use",
        "make tokens for programs",
        &[Role::Administrator, Role::Analyst, Role::Engineer, Role::Adviser, Role::Supplier],
    ),
    row(
        Right::TakeEmergency,
        "emergency.take",
        "take emergency access",
        &[Role::Engineer, Role::Compliance, Role::Adviser],
    ),
    row(Right::ErasePeople, "people.erase", "erase what names a person", HEADS),
    row(Right::RecordFacts, "facts.record", "record what somebody was asked and answered", WORKERS),
    row(
        Right::HandleAlerts,
        "alerts.handle",
        "take alerts in, take and close the work that they make",
        WORKERS,
    ),
    row(Right::ReadCalendar, "actions.calendar", "read the calendar of actions", MEMBERS),
    row(
        Right::HandleIncidents,
        "incidents.handle",
        "open incidents and keep their timelines",
        &[Role::Administrator, Role::Analyst, Role::Engineer, Role::Compliance, Role::Counsel, Role::Adviser],
    ),
    row(
        Right::SeePrivileged,
        "privileged.see",
        "see privileged records, assess breaches, and write the letters",
        &[Role::Compliance, Role::Counsel],
    ),
    row(
        Right::KeepProgramme,
        "programme.keep",
        "bring proof for the programme and decide on addressable specifications",
        &[Role::Administrator, Role::Compliance],
    ),
    row(
        Right::SeeWorkforce,
        "workforce.see",
        "see the roster, and who has signed and learned what",
        OVERSEERS,
    ),
    row(
        Right::KeepWorkforce,
        "workforce.keep",
        "keep the roster, write policies, ask people to sign and to learn",
        &[Role::Administrator, Role::Compliance],
    ),
    row(
        Right::ApprovePolicies,
        "policies.approve",
        "approve versions of policies",
        &[Role::Administrator, Role::Compliance],
    ),
    row(Right::ProvisionRoster, "roster.provision", "keep the roster by a directory (SCIM)", HEADS),
    row(
        Right::KeepRegisters,
        "registers.keep",
        "keep the registers of requests, complaints and sanctions, which name people",
        &[Role::Administrator, Role::Compliance, Role::Counsel],
    ),
    row(
        Right::AdviseClients,
        "clients.advise",
        "write notes, tasks and sign-offs down as an adviser",
        &[Role::Administrator, Role::Compliance, Role::Adviser],
    ),
    row(
        Right::NameReaders,
        "privileged.name_readers",
        "name single readers of one privileged record",
        &[Role::Counsel],
    ),
];

const fn row(right: Right, code: &'static str, words: &'static str, roles: &'static [Role]) -> RightRow {
    RightRow { right, code, words, roles }
}

impl Right {
    fn row(self) -> &'static RightRow {
        // The test below sees to it that every right has its row.
        RIGHTS.iter().find(|row| row.right == self).unwrap_or(&RIGHTS[0])
    }

    /// The stable code.
    pub fn code(self) -> &'static str {
        self.row().code
    }

    /// What it allows, after "may".
    pub fn words(self) -> &'static str {
        self.row().words
    }

    /// The right that a stable code names.
    pub fn from_code(code: &str) -> Option<Right> {
        RIGHTS.iter().find(|row| row.code == code).map(|row| row.right)
    }
}

/// A set of rights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rights(u64);

impl Rights {
    /// Every right: the program itself, and who has the data folder in hand.
    pub const EVERY: Rights = Rights(u64::MAX);

    /// The rights that roles give together.
    pub fn of_roles(roles: &[Role]) -> Rights {
        RIGHTS
            .iter()
            .filter(|row| row.roles.iter().any(|role| roles.contains(role)))
            .map(|row| row.right)
            .collect()
    }

    /// Whether a right is among them.
    pub fn has(self, right: Right) -> bool {
        self.0 & (1 << right as u64) != 0
    }

    /// The rights that are in both sets: a token never gives more than its owner has.
    #[must_use]
    pub fn and(self, other: Rights) -> Rights {
        Rights(self.0 & other.0)
    }

    /// The rights that are in one of the sets.
    #[must_use]
    pub fn or(self, other: Rights) -> Rights {
        Rights(self.0 | other.0)
    }

    /// Each right of the set, in the table's order.
    pub fn iter(self) -> impl Iterator<Item = Right> {
        RIGHTS.iter().map(|row| row.right).filter(move |right| self.has(*right))
    }
}

impl FromIterator<Right> for Rights {
    fn from_iter<T: IntoIterator<Item = Right>>(rights: T) -> Rights {
        Rights(rights.into_iter().fold(0, |set, right| set | 1 << right as u64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_and_right_has_one_row_and_its_own_code() {
        for (index, row) in ROLES.iter().enumerate() {
            assert_eq!(row.role as usize, index, "{}", row.code);
            assert_eq!(Role::from_code(row.code), Some(row.role));
        }
        for (index, row) in RIGHTS.iter().enumerate() {
            assert_eq!(row.right as usize, index, "{}", row.code);
            assert_eq!(Right::from_code(row.code), Some(row.right));
        }
        assert_eq!(ALL.len(), ROLES.len());
    }

    #[test]
    fn an_auditor_changes_nothing() {
        let rights = Rights::of_roles(&[Role::Auditor]);
        for right in [
            Right::ChangeDevices,
            Right::ChangeReleases,
            Right::DecideNames,
            Right::Decide,
            Right::TakeStatements,
            Right::UpdateData,
            Right::ManageJobs,
            Right::ManagePeople,
            Right::ManageOrganisation,
            Right::UseTokens,
            Right::RecordFacts,
            Right::HandleAlerts,
            Right::HandleIncidents,
            Right::SeePrivileged,
            Right::NameReaders,
            Right::KeepWorkforce,
            Right::ApprovePolicies,
            Right::ProvisionRoster,
        ] {
            assert!(!rights.has(right), "{}", right.code());
        }
    }

    #[test]
    fn roles_add_up_and_tokens_only_narrow() {
        let both = Rights::of_roles(&[Role::Engineer, Role::Compliance]);
        assert!(
            both.has(Right::ChangeDevices) && both.has(Right::SeeAudit) && !both.has(Right::ManagePeople)
        );
        let token: Rights = [Right::SeeFleet, Right::ManagePeople].into_iter().collect();
        assert_eq!(both.and(token).iter().collect::<Vec<_>>(), [Right::SeeFleet]);
    }
}

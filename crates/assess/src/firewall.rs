//! What our firewall told of, counted: by rule, by class of path, the rules that hit ordinary clients, and what an exclusion would
//! have let through.
//!
//! A proposal is a count of what was seen, nothing more: that requests look ordinary is for a person to say.

use std::collections::{BTreeMap, BTreeSet};

use bedrail_model::alert::PathClass;
use bedrail_model::firewall::{Fired, Told};

/// A client that set off at most so many different rules is ordinary: a scanner sets off many.
pub const ORDINARY_RULES: usize = 3;
/// Ordinary clients that a candidate needs.
pub const CLIENTS: usize = 2;
/// Requests of ordinary clients that a candidate needs.
pub const REQUESTS: u64 = 10;
/// Of a hundred requests that a rule hit, so many come from ordinary clients, or it is no candidate.
pub const SHARE: u64 = 80;
/// Paths named of a candidate or a preview.
const NAMED: usize = 10;

/// How often something was refused, and how often it would have been.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    /// Refused.
    pub blocked: u64,
    /// Passed, since the site only detects.
    pub would_block: u64,
}

impl Count {
    /// Both.
    pub const fn all(self) -> u64 {
        self.blocked + self.would_block
    }

    fn add(&mut self, told: &Told) {
        self.blocked += u64::from(told.blocked);
        self.would_block += u64::from(told.would_block);
    }
}

/// A rule, counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleCount {
    /// Its id.
    pub rule: u32,
    /// What it says.
    pub message: String,
    /// Requests.
    pub count: Count,
    /// Clients.
    pub clients: u64,
}

/// A class of paths, counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathCount {
    /// The class: numbers and names of the path are left out.
    pub class: String,
    /// Requests.
    pub count: Count,
}

/// A rule that hits many requests of ordinary clients at one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suspect {
    /// The rule.
    pub rule: u32,
    /// What it says.
    pub message: String,
    /// The one place where it looked: `ARGS:note`.
    pub place: String,
    /// The path, where it was always the same.
    pub path: Option<String>,
    /// The method, where it was always the same.
    pub method: Option<String>,
    /// Requests of ordinary clients.
    pub requests: u64,
    /// Requests of others.
    pub others: u64,
    /// Ordinary clients.
    pub clients: u64,
}

/// What an exclusion would have done to what is kept.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Preview {
    /// Requests that nothing else objected to: they would have passed.
    pub through: u64,
    /// Of these, those of clients that are not ordinary.
    pub through_of_others: u64,
    /// Requests that other rules fired at, too: some of them may pass.
    pub perhaps: u64,
    /// Classes of the paths of those that would have passed, the most frequent first.
    pub paths: Vec<(String, u64)>,
}

/// Whether a rule looks for something, and may be excluded: those of the Core Rule Set that do not set up or add up.
pub fn finds(rule: u32) -> bool {
    matches!(rule, 910_000..=999_999) && !matches!(rule / 1_000, 949 | 959 | 980)
}

fn objected(told: &Told) -> bool {
    told.blocked || told.would_block
}

/// Rules that fired at requests that were refused or would have been, the most frequent first. Those that add up are left out.
pub fn by_rule(told: &[Told]) -> Vec<RuleCount> {
    let mut found: BTreeMap<u32, (RuleCount, BTreeSet<&str>)> = BTreeMap::new();
    for one in told.iter().filter(|one| objected(one)) {
        let mut rules: BTreeMap<u32, &Fired> = BTreeMap::new();
        for fired in one.fired.iter().filter(|it| !matches!(it.rule / 1_000, 949 | 959 | 980)) {
            rules.entry(fired.rule).or_insert(fired);
        }
        for (rule, fired) in rules {
            let new = || {
                let message = fired.message.clone();
                (RuleCount { rule, message, count: Count::default(), clients: 0 }, BTreeSet::new())
            };
            let (row, clients) = found.entry(rule).or_insert_with(new);
            row.count.add(one);
            clients.insert(&one.client);
        }
    }
    let row =
        |(row, clients): (RuleCount, BTreeSet<&str>)| RuleCount { clients: clients.len() as u64, ..row };
    let mut rows: Vec<RuleCount> = found.into_values().map(row).collect();
    rows.sort_by(|a, b| b.count.all().cmp(&a.count.all()).then(a.rule.cmp(&b.rule)));
    rows
}

/// Classes of paths of requests that were refused or would have been, the most frequent first.
pub fn by_path(told: &[Told]) -> Vec<PathCount> {
    let mut found: BTreeMap<String, Count> = BTreeMap::new();
    for one in told.iter().filter(|one| objected(one)) {
        found.entry(PathClass::of(&one.path).as_str().to_owned()).or_default().add(one);
    }
    let mut rows: Vec<PathCount> =
        found.into_iter().map(|(class, count)| PathCount { class, count }).collect();
    rows.sort_by(|a, b| b.count.all().cmp(&a.count.all()).then_with(|| a.class.cmp(&b.class)));
    rows
}

/// Clients that set off few different rules.
fn ordinary(told: &[Told]) -> BTreeSet<&str> {
    let mut rules: BTreeMap<&str, BTreeSet<u32>> = BTreeMap::new();
    for one in told {
        let all = rules.entry(&one.client).or_default();
        all.extend(
            one.fired.iter().map(|it| it.rule).filter(|rule| !matches!(rule / 1_000, 949 | 959 | 980)),
        );
    }
    let few = rules.into_iter().filter(|(_, rules)| (1..=ORDINARY_RULES).contains(&rules.len()));
    few.map(|(client, _)| client).collect()
}

/// Rules that hit many requests of ordinary clients, the most frequent first. `told` is of one site.
pub fn suspects(told: &[Told]) -> Vec<Suspect> {
    struct Seen<'t> {
        message: &'t str,
        paths: BTreeSet<&'t str>,
        methods: BTreeSet<&'t str>,
        clients: BTreeSet<&'t str>,
        requests: u64,
        others: u64,
    }
    let ordinary = ordinary(told);
    let mut found: BTreeMap<(u32, &str), Seen<'_>> = BTreeMap::new();
    for one in told.iter().filter(|one| objected(one)) {
        let places: BTreeMap<(u32, &str), &Fired> = one
            .fired
            .iter()
            .filter(|it| finds(it.rule) && it.place.contains(':'))
            .map(|it| ((it.rule, it.place.as_str()), it))
            .collect();
        for (key, fired) in places {
            let seen = found.entry(key).or_insert_with(|| Seen {
                message: &fired.message,
                paths: BTreeSet::new(),
                methods: BTreeSet::new(),
                clients: BTreeSet::new(),
                requests: 0,
                others: 0,
            });
            if ordinary.contains(one.client.as_str()) {
                seen.requests += 1;
                seen.paths.insert(&one.path);
                seen.methods.insert(&one.method);
                seen.clients.insert(&one.client);
            } else {
                seen.others += 1;
            }
        }
    }
    let only = |all: &BTreeSet<&str>| all.first().filter(|_| all.len() == 1).map(|it| (*it).to_owned());
    let many = |seen: &Seen<'_>| {
        seen.requests >= REQUESTS
            && seen.clients.len() >= CLIENTS
            && seen.requests * 100 >= (seen.requests + seen.others) * SHARE
    };
    let mut rows: Vec<Suspect> = found
        .into_iter()
        .filter(|(_, seen)| many(seen))
        .map(|((rule, place), seen)| Suspect {
            rule,
            message: seen.message.to_owned(),
            place: place.to_owned(),
            path: only(&seen.paths),
            method: only(&seen.methods),
            requests: seen.requests,
            others: seen.others,
            clients: seen.clients.len() as u64,
        })
        .collect();
    rows.sort_by(|a, b| {
        b.requests.cmp(&a.requests).then_with(|| (a.rule, &a.place).cmp(&(b.rule, &b.place)))
    });
    rows
}

/// What would have become of requests of one site, had a rule not looked at a place (at a path and with a method, where they are
/// given).
pub fn preview(told: &[Told], rule: u32, place: &str, path: Option<&str>, method: Option<&str>) -> Preview {
    let ordinary = ordinary(told);
    let mut paths: BTreeMap<String, u64> = BTreeMap::new();
    let mut preview = Preview::default();
    let met = |one: &&Told| {
        objected(one)
            && path.is_none_or(|path| one.path == path)
            && method.is_none_or(|method| one.method == method)
            && one.fired.iter().any(|it| it.rule == rule && it.place == place)
    };
    for one in told.iter().filter(met) {
        let adds_up = |it: &Fired| matches!(it.rule / 1_000, 949 | 959 | 980);
        let other = |it: &Fired| !adds_up(it) && (it.rule, it.place.as_str()) != (rule, place);
        if one.fired.iter().any(other) {
            preview.perhaps += 1;
            continue;
        }
        preview.through += 1;
        preview.through_of_others += u64::from(!ordinary.contains(one.client.as_str()));
        *paths.entry(PathClass::of(&one.path).as_str().to_owned()).or_default() += 1;
    }
    preview.paths = paths.into_iter().collect();
    preview.paths.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    preview.paths.truncate(NAMED);
    preview
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(client: &str, path: &str, fired: &[(u32, &str)]) -> Told {
        let one = |(rule, place): &(u32, &str)| {
            let (rule, place) = (*rule, (*place).to_owned());
            Fired { rule, message: format!("rule {rule}"), place }
        };
        Told {
            at: None,
            site: "ehr".into(),
            client: client.into(),
            method: "POST".into(),
            path: path.into(),
            blocked: false,
            would_block: true,
            fired: fired.iter().map(one).collect(),
        }
    }

    /// Two nurses and a scanner: the rule on notes is a candidate, what the scanner alone sets off is none.
    #[test]
    fn a_rule_that_hits_ordinary_clients_is_told_from_a_scan() {
        let note = [(942_100, "ARGS:note"), (949_110, "TX:score")];
        let mut all: Vec<Told> =
            (0..12).map(|it| told(["10.0.0.1", "10.0.0.2"][it % 2], "/notes/save", &note)).collect();
        let scan = [(930_100, "ARGS:a"), (932_100, "ARGS:a"), (941_100, "ARGS:a"), (944_150, "ARGS:a")];
        all.extend((0..40).map(|it| told("203.0.113.5", &format!("/{it}"), &scan)));
        all.push(told("203.0.113.5", "/notes/save", &[(942_100, "ARGS:note")]));
        all.push(told("10.0.0.1", "/notes/save", &[(942_100, "ARGS:note"), (920_100, "REQUEST_LINE")]));
        let found = suspects(&all);
        let [one] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!((one.rule, one.place.as_str()), (942_100, "ARGS:note"));
        assert_eq!((one.requests, one.others, one.clients), (13, 1, 2));
        assert_eq!((one.path.as_deref(), one.method.as_deref()), (Some("/notes/save"), Some("POST")));
        let seen = preview(&all, one.rule, &one.place, one.path.as_deref(), None);
        assert_eq!((seen.through, seen.through_of_others, seen.perhaps), (13, 1, 1));
        assert_eq!(seen.paths, [("/notes/save".to_owned(), 13)]);
        assert_eq!(preview(&all, one.rule, "ARGS:other", None, None), Preview::default());
        let rules = by_rule(&all);
        assert_eq!((rules[0].rule, rules[0].count.all(), rules[0].clients), (930_100, 40, 1));
        assert!(rules.iter().all(|it| it.rule != 949_110), "it adds up");
        assert_eq!(by_path(&all).iter().map(|it| it.count.all()).sum::<u64>(), all.len() as u64);
    }

    #[test]
    fn few_requests_one_client_or_a_scan_make_no_candidate() {
        let note: &[(u32, &str)] = &[(942_100, "ARGS:note")];
        let many = |clients: &[&str], count: usize| -> Vec<Told> {
            (0..count).map(|it| told(clients[it % clients.len()], "/a", note)).collect()
        };
        assert!(suspects(&many(&["10.0.0.1", "10.0.0.2"], 9)).is_empty());
        assert!(suspects(&many(&["10.0.0.1"], 90)).is_empty());
        let mut own = many(&["10.0.0.1", "10.0.0.2"], 40);
        own.iter_mut().for_each(|it| it.fired[0].rule = 78_100);
        assert!(suspects(&own).is_empty(), "a virtual patch is never excluded");
        assert_eq!((by_rule(&[]), by_path(&[])), (vec![], vec![]));
        // What passed for good objects to nothing; what was refused counts as that.
        let mut passed = told("10.0.0.1", "/a", note);
        passed.would_block = false;
        assert!(by_rule(&[passed.clone()]).is_empty() && by_path(&[passed.clone()]).is_empty());
        passed.blocked = true;
        assert_eq!(by_path(&[passed])[0].count, Count { blocked: 1, would_block: 0 });
    }

    /// Requests of ordinary clients are at least four fifths of those that a rule hits.
    #[test]
    fn a_candidate_hits_ordinary_clients_above_all() {
        let note: &[(u32, &str)] = &[(942_100, "ARGS:note")];
        let scan: &[(u32, &str)] =
            &[(942_100, "ARGS:note"), (932_100, "ARGS:a"), (941_100, "ARGS:a"), (944_150, "ARGS:a")];
        let all = |ordinary: usize, others: usize| -> Vec<Told> {
            let nurses = (0..ordinary).map(|it| told(["10.0.0.1", "10.0.0.2"][it % 2], "/a", note));
            nurses.chain((0..others).map(|_| told("203.0.113.5", "/a", scan))).collect()
        };
        for (ordinary, others, expected) in [(10, 0, 1), (12, 3, 1), (12, 4, 0), (9, 0, 0)] {
            assert_eq!(suspects(&all(ordinary, others)).len(), expected, "{ordinary} and {others}");
        }
        let through = |method| preview(&all(12, 0), 942_100, "ARGS:note", None, Some(method)).through;
        assert_eq!((through("POST"), through("GET")), (12, 0));
    }
}

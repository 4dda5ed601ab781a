//! Precedence: for every two statuses that can apply to one event, a generated case shows which
//! wins.
//!
//! For each status there are ways to make an event deserve it. Each two are composed, for each
//! kind of transfer, until the model finds both wrong with the event, and nothing that goes before
//! them; then the ledger core must answer with the one that goes first. Pairs that cannot be
//! composed are excluded, with the reason; an exclusion that is not needed is a failure, as is one
//! that is missing.

#![allow(
    unreachable_pub,
    reason = "the modules are shared between test programs"
)]

mod books;
mod core_books;
mod defects;
mod journal_in_memory;
mod model;

use std::collections::BTreeMap;
use std::fmt::Write;

use defects::{
    ACCOUNT_DEFECTS, ACCOUNT_EXCLUSIONS, AccountSituation, Defect, Exclusion, FENCED_ID, KINDS,
    Situation, TRANSFER_EXCLUSIONS, never_applies, transfer_defects,
};
use ledger_core::{AccountStatus, TransferStatus};
use model::{ACCOUNT_RULES, Kind, Rule, TRANSFER_RULES};

#[test]
fn the_rules_of_the_model_are_in_the_order_of_the_statuses() {
    let transfers: Vec<TransferStatus> = TRANSFER_RULES
        .iter()
        .filter(|rule| rule.place.is_empty())
        .map(|rule| rule.status)
        .collect();
    let not_yet = |status: &&TransferStatus| {
        let later = [
            TransferStatus::Created,
            TransferStatus::Fenced,
            TransferStatus::GroupAlreadyPosted,
            TransferStatus::GroupAlreadyVoided,
            TransferStatus::RejectedByControl,
        ];
        !later.contains(status)
    };
    let ordered: Vec<TransferStatus> = TransferStatus::ALL
        .iter()
        .filter(not_yet)
        .copied()
        .collect();
    assert_eq!(transfers, ordered);

    let accounts: Vec<AccountStatus> = ACCOUNT_RULES.iter().map(|(status, _)| *status).collect();
    let refusals: Vec<AccountStatus> = AccountStatus::ALL
        .iter()
        .filter(|&&status| status != AccountStatus::Created)
        .copied()
        .collect();
    assert_eq!(accounts, refusals);

    let places = |status, place: &str| format!("{status} {place}");
    let generators: Vec<String> = transfer_defects()
        .map(|defect| places(defect.status, defect.place))
        .collect();
    let rules: Vec<String> = TRANSFER_RULES
        .iter()
        .map(|rule| places(rule.status, rule.place))
        .collect();
    assert_eq!(generators, rules, "there is a generator for every rule");
    let generators: Vec<AccountStatus> =
        ACCOUNT_DEFECTS.iter().map(|defect| defect.status).collect();
    assert_eq!(generators, accounts, "there is a generator for every rule");
}

fn number(status: TransferStatus, place: &str) -> u16 {
    if place.is_empty() {
        u16::from(status.number())
    } else {
        FENCED_ID
    }
}

fn name(number: u16) -> String {
    if number == FENCED_ID {
        return "34 of a fenced id".to_owned();
    }
    let status = u8::try_from(number)
        .ok()
        .and_then(TransferStatus::from_number);
    format!("{number} {}", status.expect("the number of a status"))
}

/// The defects of an event that two generators made, in order of precedence, or nothing if it does
/// not show which of the two wins.
fn shown(rules: &[&'static Rule], a: &Defect, b: &Defect) -> Option<TransferStatus> {
    let is =
        |rule: &Rule, defect: &Defect| rule.status == defect.status && rule.place == defect.place;
    let has = |defect| rules.iter().any(|rule| is(rule, defect));
    let first = rules.first()?;
    let decides = is(first, a) || is(first, b);
    (has(a) && has(b) && decides).then_some(first.status)
}

/// An event that has both defects and nothing that goes before them.
fn compose(kind: Kind, a: &Defect, b: &Defect) -> Option<(Situation, TransferStatus)> {
    for way_a in a.ways {
        for way_b in b.ways {
            for (one, two) in [(way_a, way_b), (way_b, way_a)] {
                let mut situation = Situation::of(kind);
                one(&mut situation);
                two(&mut situation);
                if let Some(first) = shown(&situation.defects(), a, b) {
                    return Some((situation, first));
                }
            }
        }
    }
    None
}

/// Which exclusions cover a pair, and how often each is the only one that does.
struct Exclusions {
    rules: &'static [Exclusion],
    needed: Vec<usize>,
}

impl Exclusions {
    fn new(rules: &'static [Exclusion]) -> Self {
        Self {
            rules,
            needed: vec![0; rules.len()],
        }
    }

    fn cover(&mut self, kind: Option<Kind>, a: u16, b: u16) -> bool {
        let covering: Vec<usize> = (0..self.rules.len())
            .filter(|&index| self.rules[index].covers(kind, a, b))
            .collect();
        if let [only] = covering[..] {
            self.needed[only] += 1;
        }
        !covering.is_empty()
    }

    fn add(&mut self, others: &Self) {
        for (needed, more) in self.needed.iter_mut().zip(&others.needed) {
            *needed += more;
        }
    }

    fn report_unneeded(&self, report: &mut String) {
        for (rule, needed) in self.rules.iter().zip(&self.needed) {
            if *needed == 0 {
                writeln!(report, "not needed: {}", rule.why).expect("a string takes it");
            }
        }
    }
}

#[test]
fn each_status_of_a_transfer_applies_alone_or_first() {
    let mut report = String::new();
    for kind in KINDS {
        let situation = Situation::of(kind);
        assert!(
            situation.defects().is_empty(),
            "nothing is wrong with a {kind:?} at first"
        );
        assert_eq!(situation.answered_by_core(), TransferStatus::Created);
        for defect in transfer_defects().filter(|defect| !never_applies(defect, kind)) {
            let shows = defect.ways.iter().any(|way| {
                let mut situation = Situation::of(kind);
                way(&mut situation);
                let first = shown(&situation.defects(), defect, defect);
                first.is_some_and(|first| situation.answered_by_core() == first)
            });
            if !shows {
                let name = name(number(defect.status, defect.place));
                writeln!(report, "{kind:?}: no case of {name}").expect("a string takes it");
            }
        }
    }
    assert!(report.is_empty(), "\n{report}");
}

/// All pairs of one kind: how many are shown, and what is wrong.
fn compare_pairs(kind: Kind, exclusions: &mut Exclusions) -> (usize, String) {
    let mut report = String::new();
    let mut missing: BTreeMap<u16, Vec<u16>> = BTreeMap::new();
    let mut shown = 0;
    let defects: Vec<&Defect> = transfer_defects()
        .filter(|defect| !never_applies(defect, kind))
        .collect();
    for (index, a) in defects.iter().enumerate() {
        for b in &defects[index + 1..] {
            let (one, two) = (number(a.status, a.place), number(b.status, b.place));
            let excluded = exclusions.cover(Some(kind), one, two);
            let pair = || format!("{kind:?}: {} and {}", name(one), name(two));
            match compose(kind, a, b) {
                Some(_) if excluded => {
                    writeln!(report, "excluded, but shown: {}", pair()).expect("fits");
                }
                Some((situation, first)) => {
                    shown += 1;
                    assert_eq!(first, a.status, "{}, by the model", pair());
                    let answered = situation.answered_by_core();
                    if answered != a.status {
                        writeln!(report, "{}: answered {answered}", pair()).expect("fits");
                    }
                }
                None if excluded => {}
                None => missing.entry(one).or_default().push(two),
            }
        }
    }
    for (one, others) in missing {
        writeln!(
            report,
            "neither shown nor excluded: {kind:?}: {} and {others:?}",
            name(one)
        )
        .expect("fits");
    }
    (shown, report)
}

#[test]
fn of_two_statuses_of_a_transfer_the_one_that_goes_first_wins() {
    let mut exclusions = Exclusions::new(TRANSFER_EXCLUSIONS);
    let mut report = String::new();
    let mut shown = 0;
    std::thread::scope(|scope| {
        let kinds = KINDS.map(|kind| {
            scope.spawn(move || {
                let mut exclusions = Exclusions::new(TRANSFER_EXCLUSIONS);
                let (shown, report) = compare_pairs(kind, &mut exclusions);
                (shown, report, exclusions)
            })
        });
        for kind in kinds {
            let (shown_of_kind, report_of_kind, exclusions_of_kind) =
                kind.join().expect("no pair panics");
            shown += shown_of_kind;
            report += &report_of_kind;
            exclusions.add(&exclusions_of_kind);
        }
    });
    exclusions.report_unneeded(&mut report);
    assert!(report.is_empty(), "{shown} pairs are shown, but\n{report}");
}

#[test]
fn of_two_statuses_of_an_account_the_one_that_goes_first_wins() {
    assert!(AccountSituation::in_order().defects().is_empty());
    assert_eq!(
        AccountSituation::in_order().answered_by_core(),
        AccountStatus::Created
    );
    let mut exclusions = Exclusions::new(ACCOUNT_EXCLUSIONS);
    let mut report = String::new();
    for (index, a) in ACCOUNT_DEFECTS.iter().enumerate() {
        for b in &ACCOUNT_DEFECTS[index + 1..] {
            let (one, two) = (u16::from(a.status.number()), u16::from(b.status.number()));
            let excluded = exclusions.cover(None, one, two);
            let pair = || format!("{one} {} and {two} {}", a.status, b.status);
            let ways = a
                .ways
                .iter()
                .flat_map(|way| b.ways.iter().map(move |other| (way, other)));
            let composed = ways
                .flat_map(|(one, two)| [(one, two), (two, one)])
                .find_map(|(one, two)| {
                    let mut situation = AccountSituation::in_order();
                    one(&mut situation);
                    two(&mut situation);
                    let defects = situation.defects();
                    let both = defects.contains(&a.status) && defects.contains(&b.status);
                    (both && defects[0] == a.status).then_some(situation)
                });
            match composed {
                Some(_) if excluded => {
                    writeln!(report, "excluded, but shown: {}", pair()).expect("fits");
                }
                Some(situation) => {
                    let answered = situation.answered_by_core();
                    if answered != a.status {
                        writeln!(report, "{}: answered {answered}", pair()).expect("fits");
                    }
                }
                None if excluded => {}
                None => {
                    writeln!(report, "neither shown nor excluded: {}", pair()).expect("fits");
                }
            }
        }
    }
    exclusions.report_unneeded(&mut report);
    assert!(report.is_empty(), "\n{report}");
}

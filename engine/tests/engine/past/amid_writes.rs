//! Lists with random filters, while the journal grows and the engine restarts.

use super::asking::Compared;
use super::filters;
use super::histories::History;
use super::naive::Naive;

/// How many of the lists that were compared were not empty and had several pages.
#[derive(Default, Debug)]
struct Seen {
    transfers: usize,
    accounts: usize,
    balances: usize,
    /// Between how many pages of one list runs were merged.
    merges: usize,
}

impl Seen {
    fn note(&mut self, lists: fn(&mut Self) -> &mut usize, compared: Compared) {
        *lists(self) += usize::from(compared.is_long);
        self.merges += compared.merges;
    }
}

fn play(seed: u64, rounds: u64, seen: &mut Seen) {
    let mut history = History::new(seed);
    for _ in 0..rounds {
        let requests = history.random.within(20, 120);
        history.write(requests);
        if history.random.one_in(4) {
            history.restart();
        }
        let as_of = history.teller.engine.status().durable;
        let naive = Naive::at(history.events(as_of), as_of);
        if naive.transfers.is_empty() {
            continue;
        }
        for _ in 0..6 {
            let now = history.now();
            let filter = filters::of_transfers(&mut history.random, &naive, now);
            seen.note(|seen| &mut seen.transfers, history.check_transfers(&filter));
        }
        for _ in 0..2 {
            let filter = filters::of_accounts(&mut history.random, &naive);
            seen.note(|seen| &mut seen.accounts, history.check_accounts(&filter));
            let filter = filters::of_balances(&mut history.random, &naive);
            seen.note(|seen| &mut seen.balances, history.check_balances(&filter));
        }
    }
}

#[test]
fn every_list_is_what_a_look_through_all_events_finds() {
    let mut seen = Seen::default();
    let (first, seeds) = seeds();
    for seed in first..first + seeds {
        println!("seed {seed}");
        play(seed, 12, &mut seen);
    }
    assert!(
        seen.transfers > 20 && seen.accounts > 5 && seen.balances > 5 && seen.merges > 3,
        "hardly anything is found: {seen:?}"
    );
}

/// The seeds to play: a few, or as many as `PACIOLI_SEEDS=FIRST,COUNT` says.
pub(crate) fn seeds() -> (u64, u64) {
    let asked = std::env::var("PACIOLI_SEEDS").ok();
    let parsed = asked.as_deref().and_then(|text| {
        let (first, count) = text.split_once(',')?;
        Some((first.parse().ok()?, count.parse().ok()?))
    });
    parsed.unwrap_or((1, 4))
}

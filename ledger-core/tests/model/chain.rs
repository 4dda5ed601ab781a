//! Requests: a list of events, some tied together in chains.

use ledger_core::Timestamp;

use super::World;

/// Where an event stands in its request.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// Whether the first event of the request is imported.
    pub first_imported: bool,
    /// Whether it is linked and the last of the request.
    pub leaves_chain_open: bool,
    /// Whether an earlier member of its chain was refused.
    pub chain_broken: bool,
}

/// An event that may be tied to the next.
pub trait Chained: Sized {
    type Answer: Clone;

    fn is_linked(&self) -> bool;
    fn is_imported(&self) -> bool;
    /// Does what is due before the chain of this event is judged.
    fn prepare(&self, world: &mut World, now: Timestamp);
    fn judge(&self, world: &World, now: Timestamp, place: Place) -> Self::Answer;
    /// Lets it take effect, after [`Chained::judge`] has answered with success.
    fn post(&self, world: &mut World, now: Timestamp, answer: &Self::Answer);
    fn is_success(answer: &Self::Answer) -> bool;
    fn is_exists(answer: &Self::Answer) -> bool;
    fn failed_with_its_chain() -> Self::Answer;
    /// Uses its id up where the refusal says so.
    fn use_up(&self, world: &mut World, now: Timestamp, answer: &mut Self::Answer);
}

/// Decides a request, chain by chain; an event that is tied to no other is a chain of one.
pub fn decide<E: Chained>(world: &mut World, now: Timestamp, events: &[E]) -> Vec<E::Answer> {
    let first_imported = events.first().is_some_and(E::is_imported);
    let mut answers = Vec::new();
    let mut start = 0;
    while start < events.len() {
        let mut end = start + 1;
        while end < events.len() && events[end - 1].is_linked() {
            end += 1;
        }
        answers.extend(decide_chain(
            world,
            now,
            &events[start..end],
            first_imported,
        ));
        start = end;
    }
    answers
}

fn decide_chain<E: Chained>(
    world: &mut World,
    now: Timestamp,
    chain: &[E],
    first_imported: bool,
) -> Vec<E::Answer> {
    let place = |index: usize, chain_broken: bool| Place {
        first_imported,
        // Only the last chain of a request can end with a linked event.
        leaves_chain_open: index + 1 == chain.len() && chain[index].is_linked(),
        chain_broken,
    };

    for event in chain {
        event.prepare(world, now);
    }

    // A retry of a chain that took effect gets a clean answer.
    if chain.len() > 1 {
        let unchanged: Vec<E::Answer> = (0..chain.len())
            .map(|index| chain[index].judge(world, now, place(index, false)))
            .collect();
        if unchanged.iter().all(E::is_exists) {
            return unchanged;
        }
    }

    // A chain of one leaves nothing behind when it is refused.
    let before = (chain.len() > 1).then(|| world.clone());
    let mut answers: Vec<E::Answer> = Vec::new();
    let mut broken = false;
    for (index, event) in chain.iter().enumerate() {
        let mut answer = event.judge(world, now, place(index, broken));
        if E::is_success(&answer) {
            event.post(world, now, &answer);
            let last = world.history.last_mut().expect("it was recorded");
            last.chained = index + 1 < chain.len();
        } else if !broken {
            broken = true;
            if let Some(before) = &before {
                *world = before.clone();
            }
            answers.fill(E::failed_with_its_chain());
            event.use_up(world, now, &mut answer);
        }
        answers.push(answer);
    }
    answers
}

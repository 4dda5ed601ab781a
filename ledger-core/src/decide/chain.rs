//! Chains: events of a request that take effect whole or not at all. Accounts and transfers are
//! tied together in the same way.

use alloc::vec::Vec;

use crate::{Journal, State, Unreadable};

/// One kind of event that can be linked to the next.
pub(super) trait Linkable<J: Journal> {
    type Item;
    type Answer: Clone;

    fn is_linked(item: &Self::Item) -> bool;

    fn is_success(answer: &Self::Answer) -> bool;

    /// The answer to a member of a broken chain that did not break it.
    fn linked_event_failed() -> Self::Answer;

    /// The answer to the last event of a request if it is linked to nothing.
    fn linked_event_chain_open() -> Self::Answer;

    /// Does what is due before these events are judged.
    fn prepare(&mut self, state: &mut State, journal: &mut J, members: &[Self::Item]);

    /// The answer `exists`, if the item was created before with the same fields.
    fn known(
        &self,
        state: &State,
        journal: &J,
        item: &Self::Item,
    ) -> Result<Option<Self::Answer>, Unreadable>;

    /// Judges the item at a position of the request; posts and records it if it is allowed, and
    /// changes nothing if it is not.
    fn decide(
        &mut self,
        state: &mut State,
        journal: &mut J,
        items: &[Self::Item],
        position: usize,
    ) -> Result<Self::Answer, Unreadable>;

    /// Records what a refusal leaves behind that stands by itself.
    fn refuse(
        &mut self,
        state: &mut State,
        journal: &mut J,
        item: &Self::Item,
        answer: &mut Self::Answer,
    );
}

/// Decides the items of a request in order, chain by chain.
pub(super) fn decide_linked<J: Journal, L: Linkable<J>>(
    rules: &mut L,
    state: &mut State,
    journal: &mut J,
    items: &[L::Item],
) -> Result<Vec<L::Answer>, Unreadable> {
    let mut answers = Vec::with_capacity(items.len());
    while let Some(item) = items.get(answers.len()) {
        let position = answers.len();
        if L::is_linked(item) {
            decide_chain(rules, state, journal, items, &mut answers)?;
            continue;
        }
        rules.prepare(state, journal, &items[position..=position]);
        let mut answer = rules.decide(state, journal, items, position)?;
        if !L::is_success(&answer) {
            rules.refuse(state, journal, item, &mut answer);
        }
        answers.push(answer);
    }
    Ok(answers)
}

/// Decides the chain that begins behind what is answered.
fn decide_chain<J: Journal, L: Linkable<J>>(
    rules: &mut L,
    state: &mut State,
    journal: &mut J,
    items: &[L::Item],
    answers: &mut Vec<L::Answer>,
) -> Result<(), Unreadable> {
    let first = answers.len();
    let closed_by = (first..items.len()).find(|&position| !L::is_linked(&items[position]));
    let end = closed_by.map_or(items.len(), |last| last + 1);
    let members = &items[first..end];

    rules.prepare(state, journal, members);
    if closed_by.is_some()
        && let Some(known) = known_chain(rules, state, journal, members)?
    {
        answers.extend(known);
        return Ok(());
    }
    let savepoint = state.savepoint(journal);
    let mut broken_by = None;
    for position in first..end {
        let answer = if closed_by.is_none() && position + 1 == end {
            L::linked_event_chain_open()
        } else if broken_by.is_some() {
            L::linked_event_failed()
        } else {
            rules.decide(state, journal, items, position)?
        };
        if broken_by.is_none() && !L::is_success(&answer) {
            broken_by = Some(position);
        }
        answers.push(answer);
    }
    let Some(breaker) = broken_by else {
        state.release(savepoint);
        return Ok(());
    };
    state.roll_back(savepoint, journal);
    answers[first..breaker].fill(L::linked_event_failed());
    rules.refuse(state, journal, &items[breaker], &mut answers[breaker]);
    Ok(())
}

/// The answers to a chain that was committed before: a retry gets a clean answer.
fn known_chain<J: Journal, L: Linkable<J>>(
    rules: &L,
    state: &State,
    journal: &J,
    members: &[L::Item],
) -> Result<Option<Vec<L::Answer>>, Unreadable> {
    let mut answers = Vec::new();
    for item in members {
        match rules.known(state, journal, item)? {
            Some(answer) => answers.push(answer),
            None => return Ok(None),
        }
    }
    Ok(Some(answers))
}

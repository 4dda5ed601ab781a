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

    /// Brings what the next items will look at into the caches; it changes nothing.
    fn warm(&self, state: &State, ahead: &[Self::Item]);

    /// Does what is due before these events are judged.
    fn prepare(&mut self, state: &mut State, journal: &mut J, members: &[Self::Item]);

    /// The answer `exists`, if the item was created before with the same fields.
    fn known(
        &self,
        state: &State,
        journal: &J,
        item: &Self::Item,
    ) -> Result<Option<Self::Answer>, Unreadable>;

    /// Judges an item; posts and records it if it is allowed, and changes nothing if it is not.
    fn decide(
        &mut self,
        state: &mut State,
        journal: &mut J,
        item: &Self::Item,
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

/// How many items are looked at ahead of being judged: few enough to stay in the nearest cache.
const LOOK_AHEAD: usize = 32;

/// Decides the items of a request in order, chain by chain.
pub(super) fn decide_linked<J: Journal, L: Linkable<J>>(
    rules: &mut L,
    state: &mut State,
    journal: &mut J,
    items: &[L::Item],
) -> Result<Vec<L::Answer>, Unreadable> {
    let mut answers = Vec::with_capacity(items.len());
    let mut rest = items;
    let mut warm = 0;
    while let Some(first) = rest.first() {
        if answers.len() >= warm {
            rules.warm(state, &rest[..rest.len().min(LOOK_AHEAD)]);
            warm = answers.len() + LOOK_AHEAD;
        }
        if !L::is_linked(first) {
            rules.prepare(state, journal, &rest[..1]);
            let mut answer = rules.decide(state, journal, first)?;
            if !L::is_success(&answer) {
                rules.refuse(state, journal, first, &mut answer);
            }
            answers.push(answer);
            rest = &rest[1..];
            continue;
        }
        let end = rest.iter().position(|item| !L::is_linked(item));
        let (members, behind) = rest.split_at(end.map_or(rest.len(), |last| last + 1));
        decide_chain(rules, state, journal, members, end.is_none(), &mut answers)?;
        rest = behind;
    }
    Ok(answers)
}

fn decide_chain<J: Journal, L: Linkable<J>>(
    rules: &mut L,
    state: &mut State,
    journal: &mut J,
    members: &[L::Item],
    open: bool,
    answers: &mut Vec<L::Answer>,
) -> Result<(), Unreadable> {
    rules.prepare(state, journal, members);
    if !open && let Some(known) = known_chain(rules, state, journal, members)? {
        answers.extend(known);
        return Ok(());
    }
    let first = answers.len();
    let savepoint = state.savepoint(journal);
    let mut broken_by = None;
    for (position, item) in members.iter().enumerate() {
        let answer = if open && position + 1 == members.len() {
            L::linked_event_chain_open()
        } else if broken_by.is_some() {
            L::linked_event_failed()
        } else {
            rules.decide(state, journal, item)?
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
    answers[first..first + breaker].fill(L::linked_event_failed());
    rules.refuse(
        state,
        journal,
        &members[breaker],
        &mut answers[first + breaker],
    );
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

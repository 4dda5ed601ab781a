//! Takes a transaction of many debits and credits apart into transfers between two accounts.

/// How much of one commodity moves from where to where.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Leg<A> {
    /// The account that is debited.
    pub(crate) debit: A,
    /// The account that is credited.
    pub(crate) credit: A,
    /// The units that move.
    pub(crate) units: u128,
}

/// Takes changes of one commodity apart; a positive change is a debit, and all of them add up to
/// nothing.
///
/// Changes of the same account count as one, since a transfer needs two accounts. Debits and
/// credits are matched in their order, so that `n` changes come to fewer than `n` legs, and the
/// same changes always to the same legs.
///
/// # Panics
/// If the changes do not add up to nothing.
pub(crate) fn decompose<A: Copy + PartialEq>(changes: &[(A, i128)]) -> Vec<Leg<A>> {
    let mut net: Vec<(A, i128)> = Vec::with_capacity(changes.len());
    for &(account, units) in changes {
        match net.iter_mut().find(|(other, _)| *other == account) {
            Some((_, sum)) => *sum += units,
            None => net.push((account, units)),
        }
    }
    let side = |sign: i128| {
        let on_side = net.iter().filter(move |(_, units)| units.signum() == sign);
        on_side.map(|&(account, units)| (account, units.unsigned_abs()))
    };
    let mut credits = side(-1);
    let mut credit = credits.next();
    let mut legs = Vec::new();
    for (account, mut owed) in side(1) {
        while owed > 0 {
            let (from, left) = credit.expect("credits are as large as debits");
            let units = owed.min(left);
            legs.push(Leg {
                debit: account,
                credit: from,
                units,
            });
            owed -= units;
            credit = if left == units {
                credits.next()
            } else {
                Some((from, left - units))
            };
        }
    }
    assert!(credit.is_none(), "debits are as large as credits");
    legs
}

#[cfg(test)]
mod tests;

//! Whether the books add up: debits equal credits, and both grew by what was acknowledged.

use ledger_client::{Client, LedgerProof};
use ledger_core::{Amount, LedgerId, Sum, Totals};

use crate::BenchError;
use crate::load::Acknowledged;

#[cfg(test)]
mod tests;

/// The sums of a ledger over all its accounts.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) struct Books {
    debits_pending: Sum,
    debits_posted: Sum,
    credits_pending: Sum,
    credits_posted: Sum,
}

impl Books {
    /// What the server says of the ledger.
    pub(crate) async fn told(client: &Client, ledger: LedgerId) -> Result<Self, BenchError> {
        let ledgers = client.list_ledgers().await?.value;
        let found = ledgers.into_iter().find(|it| it.id == ledger);
        Ok(found.map_or_else(Self::default, |it| Self {
            debits_pending: it.debits_pending,
            debits_posted: it.debits_posted,
            credits_pending: it.credits_pending,
            credits_posted: it.credits_posted,
        }))
    }

    /// Adds the totals of an account.
    fn add(&mut self, totals: &Totals) {
        self.debits_pending.add(totals.debits_pending);
        self.debits_posted.add(totals.debits_posted);
        self.credits_pending.add(totals.credits_pending);
        self.credits_posted.add(totals.credits_posted);
    }

    /// These books after so much was moved and reserved.
    fn after(mut self, acknowledged: Acknowledged) -> Self {
        let (posted, pending) = (
            Amount::new(acknowledged.posted),
            Amount::new(acknowledged.pending),
        );
        self.add(&Totals {
            debits_pending: pending,
            debits_posted: posted,
            credits_pending: pending,
            credits_posted: posted,
        });
        self
    }

    fn equals(&self, expected: &Self) -> Result<(), BenchError> {
        for (side, told, expected) in [
            (
                "debits_pending",
                self.debits_pending,
                expected.debits_pending,
            ),
            ("debits_posted", self.debits_posted, expected.debits_posted),
            (
                "credits_pending",
                self.credits_pending,
                expected.credits_pending,
            ),
            (
                "credits_posted",
                self.credits_posted,
                expected.credits_posted,
            ),
        ] {
            if told != expected {
                return Err(BenchError::Books {
                    side,
                    told,
                    expected,
                });
            }
        }
        Ok(())
    }
}

impl From<&LedgerProof> for Books {
    fn from(proof: &LedgerProof) -> Self {
        Self {
            debits_pending: proof.debits_pending,
            debits_posted: proof.debits_posted,
            credits_pending: proof.credits_pending,
            credits_posted: proof.credits_posted,
        }
    }
}

/// Adds up all accounts of the ledger, and holds the sums, and those that the server keeps by
/// itself, against what was there before and what was acknowledged since.
pub(crate) async fn balanced(
    client: &Client,
    ledger: LedgerId,
    before: Books,
    acknowledged: Acknowledged,
) -> Result<(), BenchError> {
    let expected = before.after(acknowledged);
    let whole = client.trial_balance(&[ledger]).await?.value;
    let mut summed = Books::default();
    for account in &whole.accounts {
        summed.add(&account.totals);
    }
    summed.equals(&expected)?;
    whole
        .proofs
        .iter()
        .try_for_each(|proof| Books::from(proof).equals(&expected))?;
    Books::told(client, ledger).await?.equals(&expected)
}

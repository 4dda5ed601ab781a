//! What the auditor finds, with amounts and ids as people know them.

use ledger_core::{Amount, LedgerId, Totals};
use ledger_engine::verify::{Finding, LedgerProof, Problem, Rule};

use crate::amount_text::amount_text;
use crate::id_text::ShownId;

/// A finding with where it is.
pub(crate) fn finding_text(finding: &Finding, ledgers: &[LedgerProof]) -> String {
    format!(
        "{}, byte {}, event {}: {}",
        finding.file.display(),
        finding.offset,
        finding.sequence,
        problem_text(finding, ledgers)
    )
}

/// What was found, with the decimals of its ledger.
pub(crate) fn problem_text(finding: &Finding, ledgers: &[LedgerProof]) -> String {
    match &finding.problem {
        Problem::Rule(rule) => rule_text(rule, finding.ledger, ledgers),
        Problem::SnapshotAccount(id) => format!(
            "account {} of the snapshot does not follow from the events",
            ShownId(id.get())
        ),
        Problem::SnapshotHold(id) => format!(
            "reservation {} of the snapshot does not follow from the events",
            ShownId(id.get())
        ),
        Problem::DirectoryName(id) => format!(
            "the directory does not have the name of account {} that the events gave",
            ShownId(id.get())
        ),
        Problem::Unbalanced(id) => {
            format!("debits and credits of {} differ", unit_text(*id, ledgers))
        }
        other => other.to_string(),
    }
}

fn rule_text(rule: &Rule, ledger: Option<LedgerId>, ledgers: &[LedgerProof]) -> String {
    let Some(id) = ledger else {
        return rule.to_string();
    };
    let scale = registered(id, ledgers).map_or(0, |ledger| ledger.scale);
    let amount = |amount: &Amount| amount_text(*amount, scale);
    let unit = unit_text(id, ledgers);
    match rule {
        Rule::DebitTotals { expected, found } => format!(
            "the totals of the debit account after it are {} {unit}; {} follow",
            totals_text(found, scale),
            totals_text(expected, scale)
        ),
        Rule::CreditTotals { expected, found } => format!(
            "the totals of the credit account after it are {} {unit}; {} follow",
            totals_text(found, scale),
            totals_text(expected, scale)
        ),
        Rule::HoldAmount { found, left } => format!(
            "it takes {} {unit} of the reservation, of which {} is left",
            amount(found),
            amount(left)
        ),
        Rule::ReversalAmount {
            found,
            amount: whole,
        } => format!(
            "the reversals add up to {} {unit}, of a transfer of {}",
            amount(found),
            amount(whole)
        ),
        Rule::ReversalOutcome { expected } => format!(
            "what it says was reversed so far does not follow; {} {unit} does",
            amount(expected)
        ),
        other => other.to_string(),
    }
}

fn totals_text(totals: &Totals, scale: u32) -> String {
    let amount = |amount| amount_text(amount, scale);
    format!(
        "debits {} and {} pending, credits {} and {} pending",
        amount(totals.debits_posted),
        amount(totals.debits_pending),
        amount(totals.credits_posted),
        amount(totals.credits_pending)
    )
}

/// What stands behind an amount: the code of its ledger, or where it has none its number.
fn unit_text(id: LedgerId, ledgers: &[LedgerProof]) -> String {
    match registered(id, ledgers) {
        Some(ledger) if !ledger.code.is_empty() => ledger.code.to_string(),
        _ => format!("(ledger {id})"),
    }
}

fn registered(id: LedgerId, ledgers: &[LedgerProof]) -> Option<&LedgerProof> {
    ledgers.iter().find(|ledger| ledger.ledger == id)
}

#[cfg(test)]
mod tests;

//! What an import will ask of the ledger: which ledgers, which accounts, which transfers. A plan
//! is made whole, or everything that is wrong is told and nothing is asked.

use std::collections::{BTreeMap, BTreeSet};

use ledger_core::{AccountId, Amount, LedgerId, NewAccount, NewLedger, Transfer, TransferFlags};

use crate::books::decomposition::decompose;
use crate::books::identity::{Identities, Identity, account_id, ledger_id};
use crate::books::problem::{Fault, Place, Problem, Problems};
use crate::books::transaction::{Posting, Transaction};

/// The most transfers that one request holds, and so the most that one transaction may take.
pub(crate) const CHAIN_TRANSFERS_MAX: usize = 8192;

/// The code of a transfer between accounts of the books.
pub(crate) const BOOKED: u16 = 1;
/// The code of a transfer from or to `Equity:Conversions`.
pub(crate) const CONVERTED: u16 = 2;

/// A ledger that the server has. One without a code is in use without being registered.
#[derive(Clone, Debug)]
pub(crate) struct KnownLedger {
    /// Its number.
    pub(crate) id: LedgerId,
    /// Its code.
    pub(crate) code: Box<str>,
    /// Its decimals.
    pub(crate) scale: u32,
}

/// What an import will ask for, in this order.
#[derive(Debug)]
pub(crate) struct Plan {
    /// The ledgers that are not there yet.
    pub(crate) ledgers: Vec<NewLedger>,
    /// All accounts of the books, those that may be there already included.
    pub(crate) accounts: Vec<NewAccount>,
    /// The transactions that move something.
    pub(crate) chains: Vec<Chain>,
    /// How many transactions were exchanges.
    pub(crate) conversions: usize,
}

/// A transaction as transfers that take effect together.
#[derive(Debug)]
pub(crate) struct Chain {
    /// Where it is written.
    pub(crate) place: Place,
    /// Its transfers, all but the last linked.
    pub(crate) transfers: Vec<Transfer>,
}

/// Plans the import of `transactions` into a server that has the ledgers `known`.
pub(crate) fn plan(transactions: &[Transaction], known: &[KnownLedger]) -> Result<Plan, Problems> {
    let mut planner = Planner::default();
    planner.choose_ledgers(transactions, known);
    let mut identities = Identities::default();
    for transaction in transactions {
        let identity = identities.next(transaction);
        planner.add(transaction, identity);
    }
    planner.finish()
}

#[derive(Default)]
struct Planner {
    new_ledgers: Vec<NewLedger>,
    ledgers: BTreeMap<String, (LedgerId, u32)>,
    accounts: Vec<NewAccount>,
    planned: BTreeSet<AccountId>,
    chains: Vec<Chain>,
    conversions: usize,
    problems: Vec<Problem>,
}

impl Planner {
    /// Finds the ledger of every commodity, or makes one with the decimals that its amounts are
    /// written with.
    fn choose_ledgers(&mut self, transactions: &[Transaction], known: &[KnownLedger]) {
        let mut written: BTreeMap<&str, (u32, &Place)> = BTreeMap::new();
        for posting in transactions.iter().flat_map(|one| &one.postings) {
            let decimals = posting.quantity.decimals_written();
            let (most, _) = written
                .entry(&posting.commodity)
                .or_insert((0, &posting.place));
            *most = decimals.max(*most);
        }
        let mut taken: BTreeSet<LedgerId> = known.iter().map(|ledger| ledger.id).collect();
        for (commodity, (decimals, place)) in written {
            if let Some(ledger) = known.iter().find(|ledger| &*ledger.code == commodity) {
                let chosen = (ledger.id, ledger.scale);
                self.ledgers.insert(commodity.to_owned(), chosen);
                continue;
            }
            let max = NewLedger::CODE_BYTES_MAX;
            if commodity.len() > max || commodity.chars().any(char::is_control) {
                let commodity = commodity.to_owned();
                self.report(place, Fault::CommodityInvalid { commodity, max });
            }
            let id = ledger_id(commodity, |id| taken.contains(&id));
            let scale = decimals.min(NewLedger::SCALE_MAX);
            taken.insert(id);
            self.ledgers.insert(commodity.to_owned(), (id, scale));
            self.new_ledgers.push(NewLedger {
                id,
                code: commodity.into(),
                scale,
            });
        }
    }

    fn report(&mut self, place: &Place, fault: Fault) {
        let place = place.clone();
        self.problems.push(Problem { place, fault });
    }

    fn add(&mut self, transaction: &Transaction, identity: Identity) {
        // By commodity, in the order in which the transaction names them.
        let mut commodities: Vec<(&str, Vec<(AccountId, i128)>)> = Vec::new();
        for posting in &transaction.postings {
            let Some(units) = self.units(posting) else {
                continue;
            };
            let account = self.account(&posting.account, posting);
            let commodity = posting.commodity.as_str();
            match commodities.iter_mut().find(|(name, _)| *name == commodity) {
                Some((_, changes)) => changes.push((account, units)),
                None => commodities.push((commodity, vec![(account, units)])),
            }
        }
        let mut transfers = Vec::new();
        let mut converts = false;
        for (commodity, mut changes) in commodities {
            let (ledger, scale) = self.ledgers[commodity];
            let posting = transaction
                .postings
                .iter()
                .find(|one| one.commodity == commodity);
            let posting = posting.expect("a commodity comes from a posting");
            // Debits and credits each must fit, whatever their difference is.
            let sum_of = |sign: i128| {
                let mut side = changes.iter().filter(|(_, units)| units.signum() == sign);
                let sum = side.try_fold(0i128, |sum, (_, units)| sum.checked_add(*units));
                sum.filter(|sum| *sum != i128::MIN)
            };
            let Some((debits, credits)) = sum_of(1).zip(sum_of(-1)) else {
                self.report(&posting.place, too_large(posting, scale));
                continue;
            };
            let left = debits + credits;
            let mut conversions = None;
            if left != 0 {
                let account = self.account(&format!("Equity:Conversions:{commodity}"), posting);
                changes.push((account, -left));
                conversions = Some(account);
                converts = true;
            }
            for leg in decompose(&changes) {
                let is_conversion = [leg.debit, leg.credit].map(Some).contains(&conversions);
                transfers.push(Transfer {
                    id: identity.transfer_id(transfers.len()),
                    debit_account_id: leg.debit,
                    credit_account_id: leg.credit,
                    amount: Amount::new(leg.units),
                    group_id: identity.group_id(),
                    user_data_64: u64::from(transaction.date.yyyymmdd()),
                    reference: reference(&transaction.description),
                    ledger,
                    code: if is_conversion { CONVERTED } else { BOOKED },
                    flags: TransferFlags::LINKED,
                    ..Transfer::default()
                });
            }
        }
        self.conversions += usize::from(converts);
        if transfers.len() > CHAIN_TRANSFERS_MAX {
            let fault = Fault::TransactionTooLong {
                transfers: transfers.len(),
                max: CHAIN_TRANSFERS_MAX,
            };
            return self.report(&transaction.place, fault);
        }
        if let Some(last) = transfers.last_mut() {
            last.flags = TransferFlags::NONE;
            self.chains.push(Chain {
                place: transaction.place.clone(),
                transfers,
            });
        }
    }

    /// The posting's units, or a report of why there are none.
    fn units(&mut self, posting: &Posting) -> Option<i128> {
        let (_, scale) = self.ledgers[&posting.commodity];
        let units = posting.quantity.units(scale);
        if units.is_none() {
            let needed = posting.quantity.decimals_needed();
            let fault = if needed > scale {
                Fault::TooManyDecimals {
                    quantity: posting.quantity.clone(),
                    commodity: posting.commodity.clone(),
                    needed,
                    scale,
                }
            } else {
                too_large(posting, scale)
            };
            self.report(&posting.place, fault);
        }
        units
    }

    /// The id of an account of the books in the posting's commodity; plans it when it is new.
    fn account(&mut self, name: &str, posting: &Posting) -> AccountId {
        let id = account_id(name, &posting.commodity);
        if self.planned.insert(id) {
            if name.len() > NewAccount::NAME_BYTES_MAX {
                let fault = Fault::AccountNameTooLong {
                    bytes: name.len(),
                    max: NewAccount::NAME_BYTES_MAX,
                };
                self.report(&posting.place, fault);
            }
            let (ledger, _) = self.ledgers[&posting.commodity];
            self.accounts.push(NewAccount {
                id,
                ledger,
                code: account_code(name),
                name: name.into(),
                ..NewAccount::default()
            });
        }
        id
    }

    fn finish(mut self) -> Result<Plan, Problems> {
        if !self.problems.is_empty() {
            self.problems
                .sort_by(|one, other| one.place.cmp(&other.place));
            return Err(Problems(self.problems));
        }
        Ok(Plan {
            ledgers: self.new_ledgers,
            accounts: self.accounts,
            chains: self.chains,
            conversions: self.conversions,
        })
    }
}

fn too_large(posting: &Posting, scale: u32) -> Fault {
    Fault::TooLarge {
        quantity: posting.quantity.clone(),
        commodity: posting.commodity.clone(),
        scale,
    }
}

/// The kind of an account, by the first part of its name.
fn account_code(name: &str) -> u16 {
    let root = name.split(':').next().unwrap_or_default();
    match root.to_ascii_lowercase().as_str() {
        "assets" => 1,
        "liabilities" => 2,
        "equity" => 3,
        "income" | "revenues" => 4,
        "expenses" => 5,
        _ => 9,
    }
}

/// As much of a description as a reference holds, cut between two characters.
fn reference(description: &str) -> Box<str> {
    let end = (0..=Transfer::REFERENCE_BYTES_MAX.min(description.len()))
        .rev()
        .find(|&end| description.is_char_boundary(end))
        .expect("a text begins between two characters");
    description[..end].into()
}

#[cfg(test)]
mod tests;

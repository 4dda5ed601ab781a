//! The ledgers of the server: what amounts are read and written with.

use std::convert::Infallible;
use std::str::FromStr;

use ledger_client::{Client, ClientError};
use ledger_core::{Amount, Ledger, LedgerId};

use crate::amount_text::parse_amount;
use crate::command_error::CommandError;

/// A ledger as it may be given at the terminal: by its code or its number.
#[derive(Clone, Debug)]
pub(crate) struct LedgerText(String);

impl FromStr for LedgerText {
    type Err = Infallible;
    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.to_owned()))
    }
}

/// All ledgers of a server.
pub(crate) struct Ledgers(Vec<Ledger>);

impl Ledgers {
    /// Asks for them.
    pub(crate) async fn ask(client: &Client) -> Result<Self, ClientError> {
        Ok(Self(client.list_ledgers().await?.value))
    }

    /// All of them, by number.
    pub(crate) fn entries(&self) -> &[Ledger] {
        &self.0
    }

    /// The number of a ledger that was given by code or number. A number need not be registered.
    pub(crate) fn find(&self, text: &LedgerText) -> Result<LedgerId, CommandError> {
        let by_code = self.0.iter().find(|ledger| *ledger.code == *text.0);
        match by_code {
            Some(ledger) => Ok(ledger.id),
            None => text
                .0
                .parse()
                .map(LedgerId::new)
                .map_err(|_| CommandError::LedgerUnknown {
                    code: text.0.clone(),
                }),
        }
    }

    /// The numbers of ledgers that were given.
    pub(crate) fn find_all(&self, texts: &[LedgerText]) -> Result<Vec<LedgerId>, CommandError> {
        texts.iter().map(|text| self.find(text)).collect()
    }

    /// The decimals of a ledger; none if it is not registered.
    pub(crate) fn scale(&self, id: LedgerId) -> u32 {
        self.entry(id).map_or(0, |ledger| ledger.scale)
    }

    /// The code of a ledger, or its number.
    pub(crate) fn shown(&self, id: LedgerId) -> String {
        match self.entry(id) {
            Some(ledger) if !ledger.code.is_empty() => ledger.code.to_string(),
            _ => id.to_string(),
        }
    }

    /// Reads an amount of a ledger that was given to `option`.
    pub(crate) fn amount(
        &self,
        text: &str,
        ledger: LedgerId,
        option: &'static str,
    ) -> Result<Amount, CommandError> {
        parse_amount(text, self.scale(ledger))
            .map_err(|source| CommandError::Amount { option, source })
    }

    fn entry(&self, id: LedgerId) -> Option<&Ledger> {
        self.0.iter().find(|ledger| ledger.id == id)
    }
}

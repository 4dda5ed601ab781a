//! The pairs of transfer statuses that no event can show side by side, by number. Either the two
//! defects rule each other out, or wherever both are, a third that goes before both is as well;
//! then its number is in the reason.

use super::exclusion::{Exclusion, FENCED_ID};
use crate::model::Kind::{Pending, Post, Reversal, Single, Void};

pub const TRANSFER_EXCLUSIONS: &[Exclusion] = &[
    // Imported or not.
    Exclusion {
        kinds: &[],
        these: &[3],
        those: &[57, 58, 59, 60, 61, 62, 63],
        why: "3 is told to an event that is not imported, the others to one that is",
    },
    Exclusion {
        kinds: &[],
        these: &[56],
        those: &[57, 58, 59, 60, 61, 62, 63],
        why: "56 is told to an event that is not imported, the others to one that is",
    },
    Exclusion {
        kinds: &[],
        these: &[59],
        those: &[60, 61, 62],
        why: "everything there is lies in the past, so what is no newer does as well",
    },
    // What an id stands for.
    Exclusion {
        kinds: &[],
        these: &[5],
        those: &[6],
        why: "an id is not zero and the maximum at once",
    },
    Exclusion {
        kinds: &[],
        these: &[5, 6],
        those: &[
            36, 40, 44, 37, 38, 39, 41, 42, 43, 67, 45, 102, 103, 104, 46, 68, FENCED_ID,
        ],
        why: "these ids were never accepted, used up or fenced",
    },
    Exclusion {
        kinds: &[],
        these: &[46],
        those: &[36, 40, 44, 37, 38, 39, 41, 42, 43, 67, 45, 102, 103, 104],
        why: "an event is the same as the earlier one, or a field differs",
    },
    Exclusion {
        kinds: &[],
        these: &[68, FENCED_ID],
        those: &[
            36, 40, 44, 37, 38, 39, 41, 42, 43, 67, 45, 102, 103, 104, 46,
        ],
        why: "an id that was used up or fenced was never created",
    },
    // Faults in the fields of an event cannot be in the earlier one, which was accepted.
    Exclusion {
        kinds: &[],
        these: &[4, 105],
        those: &[46],
        why: "the earlier event had no reserved flag and no long reference, so this one differs",
    },
    Exclusion {
        kinds: &[],
        these: &[7],
        those: &[103, 104, 46],
        why: "the earlier event's flags did not exclude each other, so flags differ (36), or one \
              of the two reverses something (102)",
    },
    Exclusion {
        kinds: &[Single],
        these: &[64],
        those: &[40, 44, 37, 38, 39, 41, 42, 43, 67, 45, 102, 103, 104, 46],
        why: "the earlier event did not close without being pending: flags differ (36)",
    },
    Exclusion {
        kinds: &[Single, Pending, Reversal],
        these: &[13],
        those: &[44, 37, 38, 39, 41, 42, 43, 67, 45, 102, 103, 104, 46],
        why: "the earlier event, of the same flags, had no pending_id: it differs (40)",
    },
    Exclusion {
        kinds: &[Single, Reversal, Post, Void],
        these: &[17],
        those: &[37, 38, 39, 41, 42, 43, 67, 45, 102, 103, 104, 46],
        why: "the earlier event, of the same flags, had no timeout: it differs (44)",
    },
    Exclusion {
        kinds: &[Pending],
        these: &[63],
        those: &[37, 38, 39, 41, 42, 43, 67, 45, 102, 103, 104, 46],
        why: "the earlier event, imported as well, had no timeout: it differs (44)",
    },
    Exclusion {
        kinds: &[Pending],
        these: &[8, 9, 21],
        those: &[38, 39, 41, 42, 43, 67, 45, 102, 103, 104, 46],
        why: "the earlier event's debit account was there: it differs (37)",
    },
    Exclusion {
        kinds: &[Pending],
        these: &[10, 11, 12, 22],
        those: &[39, 41, 42, 43, 67, 45, 102, 103, 104, 46],
        why: "the earlier event's credit account was there, and not the debit account: one of \
              them differs (37, 38)",
    },
    Exclusion {
        kinds: &[Single],
        these: &[9],
        those: &[38, 39, 41, 42, 43, 67, 45, 102, 103, 104, 46],
        why: "the earlier event's debit account was there: it differs (37)",
    },
    Exclusion {
        kinds: &[Single],
        these: &[11],
        those: &[39, 41, 42, 43, 67, 45, 102, 103, 104, 46],
        why: "the earlier event's credit account was there: it differs (38)",
    },
    Exclusion {
        kinds: &[Single],
        these: &[8, 10, 12, 21, 22],
        those: &[103, 104, 46],
        why: "an account that is not there is only the same as the earlier event's where that one \
              was a reversal that filled it in, and this is none (102)",
    },
    Exclusion {
        kinds: &[Single, Pending],
        these: &[23],
        those: &[39, 41, 42, 43, 67, 45, 102, 103, 104, 46],
        why: "the earlier event's accounts were of one ledger: one of them differs (37, 38)",
    },
    Exclusion {
        kinds: &[Pending],
        these: &[19, 24],
        those: &[45, 102, 103, 104, 46],
        why: "the earlier event's ledger was that of its accounts: an account or the ledger \
              differs (37, 38, 67)",
    },
    Exclusion {
        kinds: &[Single],
        these: &[19, 24],
        those: &[103, 104, 46],
        why: "another ledger than the accounts' is only the same as the earlier event's where \
              that one was a reversal that filled it in, and this is none (102)",
    },
    Exclusion {
        kinds: &[Single, Pending, Reversal],
        these: &[20],
        those: &[102, 103, 104, 46],
        why: "the earlier event had a code: it differs (45)",
    },
    Exclusion {
        kinds: &[Pending],
        these: &[102],
        those: &[61, 62, 65, 66, 124, 47, 48, 49, 50, 51, 52, 53, 54, 55, 117],
        why: "a pending transfer with a reverses_id is no event of either kind (7), so that the \
              rules of neither look at its accounts",
    },
    // The reservation of a post or void, and that of the earlier one.
    Exclusion {
        kinds: &[Post, Void],
        these: &[14, 15, 16, 25, 26],
        those: &[44, 37, 38, 39, 41, 42, 43, 67, 45, 102, 103, 104, 46],
        why: "the earlier event named a reservation that was there: pending_id differs (40)",
    },
    Exclusion {
        kinds: &[Post, Void],
        these: &[27],
        those: &[38, 39, 41, 42, 43, 67, 45, 102, 103, 104, 46],
        why: "the earlier event's debit account was the reservation's: it differs (37)",
    },
    Exclusion {
        kinds: &[Post, Void],
        these: &[28],
        those: &[39, 41, 42, 43, 67, 45, 102, 103, 104, 46],
        why: "the earlier event's credit account was the reservation's: it differs (38)",
    },
    Exclusion {
        kinds: &[Post, Void],
        these: &[31],
        those: &[41, 42, 43, 67, 45, 102, 103, 104, 46],
        why: "the earlier event's amount was at most the reservation's: it differs (39)",
    },
    Exclusion {
        kinds: &[Post, Void],
        these: &[29],
        those: &[45, 102, 103, 104, 46],
        why: "the earlier event's ledger was the reservation's: it differs (67)",
    },
    Exclusion {
        kinds: &[Post, Void],
        these: &[30],
        those: &[102, 103, 104, 46],
        why: "the earlier event's code was the reservation's: it differs (45)",
    },
    Exclusion {
        kinds: &[Post, Void],
        these: &[123],
        those: &[104, 46],
        why: "the earlier event's group was the reservation's: it differs (103)",
    },
    Exclusion {
        kinds: &[Void],
        these: &[33, 35],
        those: &[44, 37, 38, 39, 41, 42, 43, 67, 45, 102, 103, 104, 46],
        why: "the earlier event, of the same flags and pending_id, resolved the reservation as a \
              void does",
    },
    // The transfer of a reversal, and that of the earlier one.
    Exclusion {
        kinds: &[Reversal],
        these: &[110, 111, 112],
        those: &[103, 104, 46],
        why: "the earlier event named a transfer that was there: reverses_id differs (102)",
    },
    Exclusion {
        kinds: &[Reversal],
        these: &[114, 115, 120],
        those: &[103, 104, 46],
        why: "the earlier event's accounts and ledger were those of its target: they differ (37, \
              38, 67), or the target does (102)",
    },
    // Fields that exclude each other.
    Exclusion {
        kinds: &[Single, Pending],
        these: &[8],
        those: &[9],
        why: "a debit account id is not zero and the maximum at once",
    },
    Exclusion {
        kinds: &[Single, Pending],
        these: &[10],
        those: &[11],
        why: "a credit account id is not zero and the maximum at once",
    },
    Exclusion {
        kinds: &[Single, Pending],
        these: &[12],
        those: &[10, 11],
        why: "the debit account id is the same, and told before (8, 9)",
    },
    Exclusion {
        kinds: &[Post, Void],
        these: &[14],
        those: &[15, 16],
        why: "a pending_id of zero is not the maximum, nor the event's own id but where that is \
              zero (5)",
    },
    Exclusion {
        kinds: &[Post, Void],
        these: &[15],
        those: &[16],
        why: "a pending_id at the maximum is the event's own only where that is (6)",
    },
    Exclusion {
        kinds: &[Reversal],
        these: &[110],
        those: &[111],
        why: "a reverses_id at the maximum is the event's own only where that is (6)",
    },
    Exclusion {
        kinds: &[Reversal],
        these: &[5],
        those: &[111],
        why: "a reverses_id of zero is none",
    },
    Exclusion {
        kinds: &[Void],
        these: &[31],
        those: &[32],
        why: "an amount is not more and less than the reservation's at once",
    },
    // What is not there cannot be compared.
    Exclusion {
        kinds: &[Single, Pending],
        these: &[8, 9, 21],
        those: &[23, 61, 65, 47, 49, 51, 54],
        why: "there is no debit account that could have a ledger, a time, a state or totals",
    },
    Exclusion {
        kinds: &[Single, Pending],
        these: &[10, 11, 22],
        those: &[23, 62, 66, 48, 50, 52, 55],
        why: "there is no credit account that could have a ledger, a time, a state or totals",
    },
    Exclusion {
        kinds: &[Single, Pending],
        these: &[12],
        those: &[23],
        why: "one account is of one ledger",
    },
    Exclusion {
        kinds: &[Post, Void],
        these: &[14, 15, 16, 25],
        those: &[26, 27, 28, 29, 30, 123, 31, 32, 33, 34, 35, 119, 65, 66],
        why: "the named transfer is not there; the event's own id is not a target, or one of 36 \
              to 34 says what it stands for",
    },
    Exclusion {
        kinds: &[Post, Void],
        these: &[26],
        those: &[27, 28, 29, 30, 123, 31, 32, 33, 34, 35, 119, 65, 66],
        why: "the named transfer is not a reservation",
    },
    Exclusion {
        kinds: &[Post, Void],
        these: &[33, 34, 35],
        those: &[33, 34, 35],
        why: "a reservation ends once",
    },
    Exclusion {
        kinds: &[Reversal],
        these: &[110, 111, 112],
        those: &[113, 114, 115, 120, 116, 65, 66, 49, 50, 51, 52, 54, 55, 117],
        why: "the named transfer is not there; the event's own id is not a target, or one of 36 \
              to 34 says what it stands for",
    },
    Exclusion {
        kinds: &[Reversal],
        these: &[113],
        those: &[114, 115, 120, 116, 65, 66, 49, 50, 51, 52, 54, 55, 117],
        why: "the named transfer moved nothing that could be given back",
    },
    // The ledger of a fence.
    Exclusion {
        kinds: &[Reversal, Void],
        these: &[19],
        those: &[25, 112],
        why: "19 is told to a fence, and a fence may name what is not there",
    },
    Exclusion {
        kinds: &[Reversal, Void],
        these: &[19],
        those: &[29, 120],
        why: "a ledger that is not given cannot differ",
    },
    Exclusion {
        kinds: &[Reversal, Void],
        these: &[19],
        those: &[60],
        why: "19 is told to a fence, and a fence cannot be imported (7)",
    },
    // The times of imported events.
    Exclusion {
        kinds: &[Single, Pending],
        these: &[61],
        those: &[47, 49, 51],
        why: "what filled the debit account's totals is newer than the account (60)",
    },
    Exclusion {
        kinds: &[Single, Pending],
        these: &[62],
        those: &[48, 50, 52],
        why: "what filled the credit account's totals is newer than the account (60)",
    },
];

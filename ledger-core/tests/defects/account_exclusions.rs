//! The pairs of account statuses that no new account can show side by side, by number; see
//! [`super::TRANSFER_EXCLUSIONS`].

use super::exclusion::Exclusion;

pub const ACCOUNT_EXCLUSIONS: &[Exclusion] = &[
    Exclusion {
        kinds: &[],
        these: &[3, 22],
        those: &[23, 24, 25, 26],
        why: "3 and 22 are told to an account that is not imported, the others to one that is",
    },
    Exclusion {
        kinds: &[],
        these: &[25],
        those: &[26],
        why: "everything there is lies in the past, so what is no newer does as well",
    },
    Exclusion {
        kinds: &[],
        these: &[6],
        those: &[7],
        why: "an id is not zero and the maximum at once",
    },
    Exclusion {
        kinds: &[],
        these: &[6, 7],
        those: &[15, 16, 17, 18, 19, 20, 101, 102, 103, 21],
        why: "no account ever had these ids",
    },
    Exclusion {
        kinds: &[],
        these: &[21],
        those: &[15, 16, 17, 18, 19, 20, 101, 102, 103],
        why: "an account is the same as the earlier one, or a field differs",
    },
    Exclusion {
        kinds: &[],
        these: &[5, 104],
        those: &[21],
        why: "the earlier account had no reserved flag and no long name, so this one differs",
    },
    Exclusion {
        kinds: &[],
        these: &[8],
        those: &[16, 17, 18, 19, 20, 101, 102, 103, 21],
        why: "the earlier account's flags did not exclude each other: they differ (15)",
    },
    Exclusion {
        kinds: &[],
        these: &[13],
        those: &[20, 101, 102, 103, 21],
        why: "the earlier account had a ledger: it differs (19)",
    },
    Exclusion {
        kinds: &[],
        these: &[14],
        those: &[101, 102, 103, 21],
        why: "the earlier account had a code: it differs (20)",
    },
];

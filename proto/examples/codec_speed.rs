//! How long it takes to encode and decode a transfer and its answer: by the hand-written codecs,
//! and by the generated messages. Run it with `cargo run --release -p ledger-proto --example
//! codec_speed`.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use ledger_core::{
    AccountId, Amount, LedgerId, Sequence, Timestamp, Transfer, TransferId, TransferStatus,
};
use ledger_proto::{Receipt, TransferBatch, TransferBatchAnswer, TransferResult, v1};
use prost::Message;

const TRANSFERS: usize = 8190;
const ROUNDS: u32 = 200;

fn main() {
    let transfers: Vec<_> = (1..=TRANSFERS as u128)
        .map(|number| Transfer {
            id: TransferId::new((0x0193_0000_0000_7000 << 64) | (number * 0x9e37_79b9_7f4a_7c15)),
            debit_account_id: AccountId::new(1 + number % 9973),
            credit_account_id: AccountId::new(1 + number * 7 % 9967),
            amount: Amount::new(number % 100_000),
            ledger: LedgerId::new(1),
            code: 1,
            ..Transfer::default()
        })
        .collect();
    let batch = TransferBatch {
        transfers,
        ..TransferBatch::default()
    };
    let generated = v1::CreateTransfersRequest {
        transfers: batch.transfers.iter().map(Into::into).collect(),
        ..Default::default()
    };
    let result = |number| TransferResult {
        status: TransferStatus::Created,
        timestamp: Timestamp::new(1_800_000_000_000_000_000 + number as u64),
        amount: None,
        original_status: None,
    };
    let answer = TransferBatchAnswer {
        receipt: Receipt {
            epoch: 7,
            sequence: Sequence::new(9),
            ..Receipt::default()
        },
        results: (0..TRANSFERS).map(result).collect(),
        balances: Vec::new(),
    };
    let mut bytes = Vec::new();
    batch.encode(&mut bytes);
    let mut answer_bytes = Vec::new();
    answer.encode(&mut answer_bytes);
    println!(
        "a request takes {} bytes a transfer, an answer {}",
        bytes.len() / TRANSFERS,
        answer_bytes.len() / TRANSFERS
    );

    report("request, encode", || {
        let mut buffer = Vec::with_capacity(bytes.len());
        batch.encode(&mut buffer);
        buffer
    });
    report("request, encode, generated", || generated.encode_to_vec());
    report("request, decode", || TransferBatch::decode(&bytes));
    report("request, decode, generated", || {
        v1::CreateTransfersRequest::decode(&bytes[..])
    });
    report("answer, encode", || {
        let mut buffer = Vec::with_capacity(answer_bytes.len());
        answer.encode(&mut buffer);
        buffer
    });
    report("answer, decode", || {
        TransferBatchAnswer::decode(&answer_bytes)
    });
    report("answer, decode, generated", || {
        v1::CreateTransfersResponse::decode(&answer_bytes[..])
    });
}

/// Prints the shortest time that one transfer took; what is shorter than that is the machine.
fn report<T>(what: &str, mut work: impl FnMut() -> T) {
    let mut shortest = Duration::MAX;
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        let made = black_box(work());
        shortest = shortest.min(begun.elapsed());
        drop(made);
    }
    let nanoseconds = shortest.as_secs_f64() * 1e9 / TRANSFERS as f64;
    println!("{what:28} {nanoseconds:6.1} ns a transfer");
}

use proptest::prelude::*;

use super::*;
use crate::oracle;

proptest! {
    #[test]
    fn both_ways_from_the_core_to_bytes_give_the_same_bytes(wire in oracle::transfer()) {
        let at = FieldPath::item("transfers", 0);
        if let Ok(transfer) = wire.read(at) {
            let mut by_hand = Vec::new();
            encode(1, &transfer, &mut TransferPiece::new(), &mut by_hand);
            let list = v1::CreateTransfersRequest {
                transfers: vec![(&transfer).into()],
                ..Default::default()
            };
            prop_assert_eq!(prost::Message::encode_to_vec(&list), by_hand);
        }
    }
}

/// A UUID is two halves, each big-endian: the vectors that the documents give to other languages.
#[test]
fn ids_are_written_as_documented() {
    let uuid = u128::from_be_bytes([
        0x01, 0x8f, 0x3c, 0x2e, 0x7b, 0x4a, 0x70, 0x00, 0x8a, 0x1b, 0x2c, 0x3d, 0x4e, 0x5f, 0x60,
        0x71,
    ]);
    let wire = v1::Uint128::from(uuid);
    assert_eq!(wire.high, 0x018f_3c2e_7b4a_7000);
    assert_eq!(wire.low, 0x8a1b_2c3d_4e5f_6071);
    assert_eq!(u128::from(wire), uuid);
    assert_eq!(u128::from(v1::Uint128 { high: 1, low: 0 }), 1 << 64);
    assert_eq!(present(0), None);
    assert_eq!(number(None), 0);
}

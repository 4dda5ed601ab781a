use proptest::prelude::*;

use super::*;

fn encoded(value: u128) -> Vec<u8> {
    let mut bytes = [0xaa; 64];
    let mut at = 0;
    put_integer(&mut bytes, &mut at, value);
    bytes[..at].to_vec()
}

#[test]
fn edges() {
    assert_eq!(encoded(0), [0]);
    assert_eq!(encoded(1), [1, 1]);
    assert_eq!(encoded(255), [1, 255]);
    assert_eq!(encoded(256), [2, 0, 1]);
    let mut longest = vec![16];
    longest.extend([255; 16]);
    assert_eq!(encoded(u128::MAX), longest);
    assert_eq!(longest.len(), INTEGER_BYTES_MAX);
}

#[test]
fn a_second_form_of_a_number_is_refused() {
    for bytes in [&[1, 0][..], &[2, 5, 0], &[17; 20], &[255; 20]] {
        let read = Cursor::new(bytes).integer();
        assert_eq!(read, Err(DecodeError::NotCanonical), "{bytes:?}");
    }
    assert_eq!(Cursor::new(&[2, 5]).integer(), Err(DecodeError::Truncated));
    assert_eq!(Cursor::new(&[]).integer(), Err(DecodeError::Truncated));
}

proptest! {
    #[test]
    fn every_number_reads_back(value: u128, shift in 0u32..128, after in 0usize..20) {
        let value = value >> shift;
        let mut bytes = encoded(value);
        bytes.extend(vec![0xff; after]);
        let mut cursor = Cursor::new(&bytes);
        prop_assert_eq!(cursor.integer(), Ok(value));
        prop_assert_eq!(cursor.remaining(), after);
    }

    #[test]
    fn what_reads_is_what_would_be_written(bytes: Vec<u8>) {
        let mut cursor = Cursor::new(&bytes);
        if let Ok(value) = cursor.integer() {
            let read = bytes.len() - cursor.remaining();
            prop_assert_eq!(encoded(value), &bytes[..read]);
        }
    }
}

//! Ids from somebody else's names of things.

#[cfg(test)]
mod tests;

/// The id of what a provider or another system calls `text`.
///
/// The same payment reported twice, by two processes or on two days, then has one id, and the
/// ledger's own idempotency keeps it from being posted twice. `namespace` keeps the references of
/// different providers, and of different kinds of things, apart: `"stripe/charge"`.
///
/// The id is the first 128 bits of BLAKE3(`namespace` ‖ 0 ‖ `text`), both in UTF-8, read like a
/// UUID: the first eight bytes are the upper half, big-endian, and the next eight the lower one.
/// In other languages:
///
/// | namespace | text | id in hexadecimal |
/// | --- | --- | --- |
/// | (empty) | (empty) | `2d3adedff11b61f14c886e35afa03673` |
/// | `stripe` | `ch_3NQ5xk2eZvKYlo2C1` | `174a5d849ac9a3d137e752dfea13bc4a` |
/// | `orders` | `2026-11-0001` | `11604810e24196ba17930c1b48dbf9f9` |
/// | `orders` | `Zahlung für Müller` | `9049d1c7e7d2f93154dc37cc859c31e4` |
///
/// ```
/// let id = ledger_client::id_from_reference("orders", "2026-11-0001");
/// assert_eq!(id, 0x1160_4810_e241_96ba_1793_0c1b_48db_f9f9);
/// ```
///
/// # Panics
/// If `namespace` holds a zero byte: `("a\0b", "c")` and `("a", "b\0c")` would be one id.
#[must_use]
pub fn id_from_reference(namespace: &str, text: &str) -> u128 {
    assert!(
        !namespace.as_bytes().contains(&0),
        "the namespace of a reference holds no zero byte, which separates it from the text"
    );
    let mut hasher = blake3::Hasher::new();
    hasher.update(namespace.as_bytes());
    hasher.update(&[0]);
    hasher.update(text.as_bytes());
    let mut first = [0; 16];
    hasher.finalize_xof().fill(&mut first);
    u128::from_be_bytes(first)
}

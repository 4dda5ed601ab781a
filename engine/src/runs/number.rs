//! Numbers in base 128, lowest digit first: the highest bit of a byte says that another digit
//! follows. Nearly all of those in a run have two or three digits, in no order that a processor
//! could guess, so that both ways go over all digits of a number at once.

use super::block::Malformed;

/// No number takes more.
pub(super) const NUMBER_BYTES_MAX: usize = 10;

const GOES_ON: u64 = 0x8080_8080_8080_8080;
/// How many digits are handled at once, and in how many bits of the number they are.
const AT_ONCE: usize = 8;
const BITS_AT_ONCE: u32 = 7 * AT_ONCE as u32;

/// Writes a number at `*at`, which moves on. Bytes behind it are overwritten too, as long as there
/// are any: at most seven.
#[inline]
pub(super) fn put(bytes: &mut [u8], at: &mut usize, mut value: u64) {
    if value >> BITS_AT_ONCE == 0
        && let Some(room) = bytes[*at..].first_chunk_mut::<AT_ONCE>()
    {
        let digits = (u64::BITS - (value | 1).leading_zeros()).div_ceil(7);
        let all_but_last = (1 << (8 * (digits - 1))) - 1;
        *room = (spread(value) | GOES_ON & all_but_last).to_le_bytes();
        *at += digits as usize;
        return;
    }
    while value >= 0x80 {
        bytes[*at] = value.to_le_bytes()[0] | 0x80;
        *at += 1;
        value >>= 7;
    }
    bytes[*at] = value.to_le_bytes()[0];
    *at += 1;
}

/// Reads the number at `*at`, which moves on.
#[inline]
pub(super) fn read(bytes: &[u8], at: &mut usize) -> Result<u64, Malformed> {
    if let Some(next) = bytes.get(*at..).and_then(<[u8]>::first_chunk::<AT_ONCE>) {
        let digits = u64::from_le_bytes(*next);
        let ends = !digits & GOES_ON;
        if ends != 0 {
            *at += (ends.trailing_zeros() / 8) as usize + 1;
            // All bits up to the end of the last digit.
            return Ok(gathered(digits & (ends ^ (ends - 1)) & !GOES_ON));
        }
    }
    read_digit_by_digit(bytes, at)
}

#[cold]
fn read_digit_by_digit(bytes: &[u8], at: &mut usize) -> Result<u64, Malformed> {
    let mut value = 0;
    let mut shift = 0;
    loop {
        let &digit = bytes.get(*at).ok_or(Malformed)?;
        *at += 1;
        if shift == 63 && digit > 1 {
            return Err(Malformed);
        }
        value |= u64::from(digit & 0x7f) << shift;
        if digit < 0x80 {
            return Ok(value);
        }
        shift += 7;
    }
}

/// Puts each seven bits into a byte of their own: halves, then quarters, then eighths move apart.
const fn spread(value: u64) -> u64 {
    let value = value & 0x0fff_ffff | (value & 0x00ff_ffff_f000_0000) << 4;
    let value = value & 0x0000_3fff_0000_3fff | (value & 0x0fff_c000_0fff_c000) << 2;
    value & 0x007f_007f_007f_007f | (value & 0x3f80_3f80_3f80_3f80) << 1
}

/// Undoes [`spread`].
const fn gathered(digits: u64) -> u64 {
    let value = digits & 0x007f_007f_007f_007f | (digits & 0x7f00_7f00_7f00_7f00) >> 1;
    let value = value & 0x0000_3fff_0000_3fff | (value & 0x3fff_0000_3fff_0000) >> 2;
    value & 0x0fff_ffff | (value & 0x0fff_ffff_0000_0000) >> 4
}

#[cfg(test)]
mod tests;

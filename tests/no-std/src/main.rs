//! A program without the standard library that keeps a small set of books.
//!
//! A target without an operating system proves that a crate needs none, but has to be installed.
//! This proves the same on any host: a program may have one panic handler, and this one brings its
//! own. If anything that it links, however far down, brought in `std`, there would be two, and the
//! compiler would refuse ("found duplicate lang item `panic_impl`"). The program also runs, so what
//! is linked is what decides, posts, replays and digests.
//!
//! `check` builds and runs it, and shows that it does not build once `std` is reached.
#![no_std]
#![no_main]

extern crate alloc;
#[cfg(feature = "reach-std")]
extern crate std;

mod books;
mod heap;

use core::ffi::c_int;
use core::panic::PanicInfo;

#[expect(
    unsafe_code,
    reason = "functions of other languages are declared in an unsafe block"
)]
#[link(name = "c")]
unsafe extern "C" {
    /// Of the C library, which starts and ends the program on this host.
    safe fn abort() -> !;
}

/// What the C library starts.
#[expect(
    unsafe_code,
    reason = "the C library finds the program's start by this name"
)]
#[unsafe(no_mangle)]
extern "C" fn main() -> c_int {
    books::keep();
    0
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    abort()
}

//! The memory of the program: a fixed piece, handed out from the front and never taken back.

use core::alloc::{GlobalAlloc, Layout};
use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicUsize, Ordering};

const BYTES: usize = 64 << 20;

#[global_allocator]
static HEAP: Heap = Heap {
    memory: UnsafeCell::new([0; BYTES]),
    used: AtomicUsize::new(0),
};

#[repr(align(4096))]
struct Heap {
    memory: UnsafeCell<[u8; BYTES]>,
    used: AtomicUsize,
}

// A collection needs an allocator, std's is out of reach here, and there is no way to write one
// without unsafe code: its very trait is unsafe. Nothing outside this file is.

#[expect(unsafe_code, reason = "an allocator is shared by all threads")]
// SAFETY: each byte of the memory is handed out at most once, since `used` only grows, so no two
// users of it ever share one.
unsafe impl Sync for Heap {}

#[expect(unsafe_code, reason = "the trait of allocators is unsafe")]
// SAFETY: what is handed out lies inside the memory, is aligned as asked for (the memory itself is
// to 4096 bytes, and nothing is asked for that is wider), and is never handed out again.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.align() > 4096 {
            return core::ptr::null_mut();
        }
        let mut begin = 0;
        let claimed = self
            .used
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |used| {
                begin = used.checked_next_multiple_of(layout.align())?;
                begin.checked_add(layout.size()).filter(|&end| end <= BYTES)
            });
        match claimed {
            Ok(_) => self.memory.get().cast::<u8>().wrapping_add(begin),
            Err(_) => core::ptr::null_mut(),
        }
    }

    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}
}

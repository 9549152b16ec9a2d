//! When memory goes back to the operating system: soon in programs that run for months, not at all at the end of one.

/// `mi_option_purge_delay` of mimalloc 3 (`mi_option_t` in its `mimalloc.h`); the binding names the stable options only.
const PURGE_DELAY: libmimalloc_sys::mi_option_t = 15;
/// Milliseconds, of which the allocator waits ten times as many; as many as mimalloc 2 does.
const SOON: std::ffi::c_long = 10;

/// What is let go goes back to the operating system within a tenth of a second, not after ten: a server that worked something out for
/// everybody, a document or a fleet read anew, stays as small as what it holds. For a program that ends soon it is not worth the calls.
pub(crate) fn give_back_soon() {
    #[expect(unsafe_code, reason = "sets a number of the allocator, before any thread but this one runs")]
    unsafe {
        libmimalloc_sys::mi_option_set(PURGE_DELAY, SOON);
    }
}

/// At the end of a program the operating system takes all memory at once; giving it back piece by piece before that took longer than
/// many a command.
pub(crate) fn give_back_no_more() {
    #[expect(unsafe_code, reason = "sets a number of the allocator, which any thread may do")]
    unsafe {
        libmimalloc_sys::mi_option_set(PURGE_DELAY, -1);
    }
}

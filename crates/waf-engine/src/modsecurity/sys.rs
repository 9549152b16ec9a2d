//! The functions of `shim.cc`. The one file of this crate with `unsafe` declarations; their callers are in `modsecurity.rs`.

use std::ffi::{c_char, c_int};

/// A library instance with its rules.
#[repr(C)]
pub(super) struct Engine {
    _opaque: [u8; 0],
}

/// A transaction with what fired.
#[repr(C)]
pub(super) struct Work {
    _opaque: [u8; 0],
}

/// A rule that fired; texts belong to the transaction.
#[repr(C)]
pub(super) struct View {
    pub(super) id: c_int,
    pub(super) phase: c_int,
    pub(super) severity: c_int,
    pub(super) disruptive: c_int,
    pub(super) message: *const c_char,
    pub(super) message_length: usize,
    pub(super) matched: *const c_char,
    pub(super) matched_length: usize,
    pub(super) tags: *const c_char,
    pub(super) tags_length: usize,
}

unsafe extern "C" {
    pub(super) fn bw_same_version() -> c_int;
    pub(super) fn bw_engine_new() -> *mut Engine;
    pub(super) fn bw_engine_free(engine: *mut Engine);
    pub(super) fn bw_engine_name(engine: *mut Engine, name: *mut c_char, length: usize);
    pub(super) fn bw_load_file(
        engine: *mut Engine,
        path: *const c_char,
        error: *mut c_char,
        length: usize,
    ) -> c_int;
    pub(super) fn bw_load_text(
        engine: *mut Engine,
        text: *const c_char,
        name: *const c_char,
        error: *mut c_char,
        length: usize,
    ) -> c_int;
    pub(super) fn bw_work_new(engine: *mut Engine) -> *mut Work;
    pub(super) fn bw_work_free(work: *mut Work);
    pub(super) fn bw_set(
        work: *mut Work,
        name: *const c_char,
        name_length: usize,
        value: *const c_char,
        value_length: usize,
    ) -> c_int;
    pub(super) fn bw_number(work: *mut Work, name: *const c_char, length: usize) -> i64;
    pub(super) fn bw_connection(
        work: *mut Work,
        client: *const c_char,
        client_port: c_int,
        server: *const c_char,
        server_port: c_int,
    ) -> c_int;
    pub(super) fn bw_line(
        work: *mut Work,
        target: *const c_char,
        method: *const c_char,
        version: *const c_char,
    ) -> c_int;
    pub(super) fn bw_request_header(
        work: *mut Work,
        name: *const c_char,
        name_length: usize,
        value: *const c_char,
        value_length: usize,
    ) -> c_int;
    pub(super) fn bw_request_head(work: *mut Work) -> c_int;
    pub(super) fn bw_request_body(work: *mut Work, body: *const c_char, length: usize) -> c_int;
    pub(super) fn bw_answer_header(
        work: *mut Work,
        name: *const c_char,
        name_length: usize,
        value: *const c_char,
        value_length: usize,
    ) -> c_int;
    pub(super) fn bw_answer_head(work: *mut Work, status: c_int, protocol: *const c_char) -> c_int;
    pub(super) fn bw_answer_body(work: *mut Work, body: *const c_char, length: usize) -> c_int;
    pub(super) fn bw_logging(work: *mut Work) -> c_int;
    pub(super) fn bw_fired(work: *mut Work) -> i64;
    pub(super) fn bw_more(work: *const Work) -> usize;
    pub(super) fn bw_fired_at(work: *const Work, at: usize, view: *mut View) -> c_int;
}

//! Fuzz target: a base of several files.
//!
//! What is demanded of it is in `readers::base`, which `tests/fuzz.rs` calls, too.

#![no_main]

use edgegen_fuzz::mutate::{self, Care};
use edgegen_fuzz::readers;
use libfuzzer_sys::{Corpus, fuzz_mutator, fuzz_target, fuzzer_mutate};

fuzz_mutator!(|data: &mut [u8], size: usize, max: usize, seed: u32| {
    mutate::mutate(data, size, max, seed, Care::Rough, fuzzer_mutate)
});

fuzz_target!(|data: &[u8]| -> Corpus {
    if readers::base(data) {
        Corpus::Keep
    } else {
        Corpus::Reject
    }
});

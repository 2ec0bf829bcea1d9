//! Fuzz target: documents and a base, compiled for targets.
//!
//! What is demanded of it is in `readers::whole`, which `tests/fuzz.rs` calls, too.

#![no_main]

use edgegen_fuzz::{mutate, readers};
use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};

fuzz_mutator!(|data: &mut [u8], size: usize, max: usize, seed: u32| {
    mutate::mutate(data, size, max, seed, fuzzer_mutate)
});

fuzz_target!(|data: &[u8]| readers::whole(data));
